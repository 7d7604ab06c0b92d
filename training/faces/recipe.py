"""How often what is seen: the probabilities from which a picture of the data set is drawn."""

from dataclasses import dataclass, replace

import numpy as np

from sfp_core.errors import SfpError
from training.faces.poses import Kind, Pose, sample_pose


@dataclass(frozen=True)
class Recipe:
    """What pictures look like. Shares are per picture.

    Attributes
    ----------
    name : str
        As given to `--recipe`.
    drawn : float
        Share of pictures in a drawn or painted look.
    others : tuple of float
        Shares of pictures with 0, 1, 2 ... more faces.
    cut : float
        Share in which the frame cuts the main face.
    occluded : float
        Share with something before the main face.
    bust : float
        Share of heads without clothes of their own that stand on shoulders.
    degraded : bool
        Whether lens, sensor and JPEG leave traces.
    grey : float
        Share without colour.
    staged : bool
        Whether lights and backgrounds are the full set (low, coloured, back light; rooms, textures), or the plain one.
    yaw_sigma_deg, yaw_limit_deg : float
        Spread and bound of the main face's yaw.
    kinds : tuple of (kind, share)
        Of poses, instead of the usual shares (`poses.SHARES`).
    """

    name: str
    drawn: float = 0.3
    others: tuple[float, ...] = (0.76, 0.13, 0.07, 0.04)
    cut: float = 0.10
    occluded: float = 0.15
    bust: float = 0.75
    degraded: bool = True
    grey: float = 0.05
    staged: bool = True
    yaw_sigma_deg: float = 28.0
    yaw_limit_deg: float = 75.0
    kinds: tuple[tuple[Kind, float], ...] = ()

    def pose(self, rng: np.random.Generator) -> Pose:
        """A pose as often as this recipe has its kind."""
        if not self.kinds:
            return sample_pose(rng)
        names, shares = zip(*self.kinds, strict=True)
        return sample_pose(rng, names[int(rng.choice(len(names), p=shares))])


DEFAULT = Recipe("default")
PLAIN = Recipe(
    "plain",
    drawn=0.0,
    others=(1.0,),
    cut=0.0,
    occluded=0.0,
    bust=0.0,
    degraded=False,
    grey=0.0,
    staged=False,
    yaw_sigma_deg=24.0,
    yaw_limit_deg=70.0,
)
RIGS = replace(
    PLAIN,
    name="rigs",  # as a rig is pictured when it becomes a character: from the front, in poses that no face makes
    drawn=0.1,
    bust=0.4,
    yaw_sigma_deg=6.0,
    yaw_limit_deg=20.0,
    kinds=(("crowd", 0.5), ("dense", 0.3), ("sparse", 0.2)),
)
RECIPES = {recipe.name: recipe for recipe in (DEFAULT, PLAIN, RIGS)}


def recipe_named(name: str) -> Recipe:
    """The recipe of this name. Raises SfpError listing those there are."""
    if name not in RECIPES:
        raise SfpError(f"recipe {name!r} is unknown; expected one of {', '.join(RECIPES)}")
    return RECIPES[name]
