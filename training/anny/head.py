"""A head of this family: one person with the stylising warp, posed by facial actions into a mesh with landmarks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ACTIONS, ARKIT_52
from sfp_core.heads.contour import outline
from sfp_core.heads.fitting import Fitting
from sfp_core.render.mesh import Mesh, Part
from training.anny import looks
from training.anny.anchors import Riders
from training.anny.dress import dressed, fitting_of
from training.anny.lids import LidRings, eyeballs, gaze_rotations
from training.anny.lips import LipRings
from training.anny.person import Person, Style, grown
from training.anny.points98 import BrowLine, brow_landmarks, inner_riders
from training.anny.store import HeadStore, Region, the_store
from training.anny.style import Skeleton, Stylised, stylise
from training.anny.table98 import CHIN, CROWN

_LEAST_STRETCH = 0.08  # of the warp anywhere on the skin: below it space nearly folds
_PROBE = 3  # every third vertex of the skin is looked at
_SOFTER = 0.85  # a style that folds is drawn with this share of its strength, again and again
_TRIES = 12
_PAINTED = 0.40  # lips redder than the skin by this share are painted
# The finer actions of our own vocabulary that ARKit's can stand in for.
_STAND_INS: dict[str, tuple[tuple[str, float], ...]] = {
    "mouthUpperUpMiddle": (("mouthUpperUpLeft", 0.5), ("mouthUpperUpRight", 0.5)),
    "mouthLowerDownMiddle": (("mouthLowerDownLeft", 0.5), ("mouthLowerDownRight", 0.5)),
    "mouthUpperOut": (("mouthFunnel", 0.35),),
    "mouthLowerOut": (("mouthFunnel", 0.35),),
    "mouthUp": (("mouthShrugUpper", 0.5), ("mouthShrugLower", 0.5)),
    "mouthLowerUpMiddle": (("mouthShrugLower", 0.6),),
    **{f"mouthLowerUp{side}": (("mouthShrugLower", 0.3),) for side in ("Left", "Right")},
    **{f"mouthNarrow{side}": (("mouthPucker", 0.4),) for side in ("Left", "Right")},
    **{f"browInnerUp{side}": (("browInnerUp", 0.5),) for side in ("Left", "Right")},
    **{f"browMiddleUp{side}": ((f"browOuterUp{side}", 0.6),) for side in ("Left", "Right")},
    **{f"browMiddleDown{side}": ((f"browDown{side}", 0.6),) for side in ("Left", "Right")},
    **{f"browInnerDown{side}": ((f"browDown{side}", 0.6),) for side in ("Left", "Right")},
    **{f"browSqueeze{side}": ((f"browDown{side}", 0.4),) for side in ("Left", "Right")},
    **{f"cheekPuff{side}": (("cheekPuff", 0.5),) for side in ("Left", "Right")},
}


def arkit_strengths(strengths: Mapping[str, float]) -> dict[str, float]:
    """Strengths of ARKit's 52 actions; finer actions are approximated or dropped.

    `mouthClose` closes only what `jawOpen` opens, and the two gazes of one eye cancel.

    Raises
    ------
    SfpError
        A name that is no action.
    """
    unknown = sorted(set(strengths) - set(ACTIONS))
    if unknown:
        raise SfpError(f"facial actions {', '.join(unknown)} are unknown; expected ARKit's 52 names or finer ones")
    out = {name: float(strengths[name]) for name in ARKIT_52 if strengths.get(name)}
    for name, parts in _STAND_INS.items():
        for other, share in parts if strengths.get(name) else ():
            out[other] = min(out.get(other, 0.0) + share * float(strengths[name]), 1.0)
    if "mouthClose" in out:
        out["mouthClose"] = min(out["mouthClose"], out.get("jawOpen", 0.0))
    return out


@dataclass(frozen=True, eq=False)
class Anatomy:
    """What is found once on the mean head of a store."""

    store: HeadStore
    lids: LidRings
    lips: LipRings
    skeleton: Skeleton
    numbers: np.ndarray
    inner: Riders
    brows: tuple[Riders, Riders]
    skin: np.ndarray

    @classmethod
    def of(cls, store: HeadStore) -> "Anatomy":
        """Some 30 ms."""
        skin = np.unique(store.quads[store.regions == Region.SKIN])
        numbers, inner = inner_riders(store)
        brows = store.brows, store.brows.mirrored(store.mirror)
        skeleton = Skeleton.on(store.mean, skin, store.mirror)
        return cls(store, LidRings.of(store), LipRings.of(store), skeleton, numbers, inner, brows, skin)


@cache
def the_anatomy() -> Anatomy:
    """Of the heads of `store.default_path`."""
    return Anatomy.of(the_store())


class AnnyHead:
    """One person, ready to be posed. Family `anny` when it has a style, else `human`.

    Raises
    ------
    SfpError
        The file of heads is not there, or the person names a feature that it does not have.
    """

    def __init__(self, person: Person, anatomy: Anatomy | None = None) -> None:
        self.person = person
        self.anatomy = anatomy or the_anatomy()
        store = self.anatomy.store
        self.human = grown(store, person)
        self.anatomy.lips.seal(self.human)
        self.centres, self.radii = eyeballs(store, self.human)
        self.brow_line = BrowLine(person.brow_thickness, person.brow_rise)
        self.stylised: Stylised | None = None
        self.style: Style | None = None
        if person.style is not None:
            self._stylise(person.style)
        self.faces, self.gloss, self.parts = looks.drawn_faces(store, lashes=person.wear.lashes > 0)
        self.eyeball = looks.eyeball(person.look)
        self.colours = looks.skin_colours(store, person.look, self.anatomy.lids)
        self.neutral = self.pose({})

    @cached_property
    def fitting(self) -> Fitting:
        """What hair, hats, glasses and clothes need to know of this head."""
        return fitting_of(self)

    @cached_property
    def dress(self) -> Mesh:
        """Hair, hat, glasses, ear-rings and clothes; they hold still."""
        return dressed(self.fitting, self.person.look, self.person.wear)

    @property
    def family(self) -> str:
        """`anny` or `human`."""
        return "human" if self.person.style is None else "anny"

    @property
    def make_up(self) -> bool:
        """Whether eyes are lined or lips painted."""
        look = self.person.look
        redness = (look.lips[0] - look.lips[1]) / max(look.lips[0], 0.1)
        plain = (look.skin[0] - look.skin[1]) / max(look.skin[0], 0.1)
        return look.eyeliner > 0 or look.eyeshadow > 0.3 or redness - plain > _PAINTED

    def inner_landmarks(self, vertices: np.ndarray) -> np.ndarray:
        """(98, 3): those that the table holds, 0 elsewhere."""
        points = np.zeros((98, 3))
        points[self.anatomy.numbers] = self.anatomy.inner(vertices)
        return points

    def _stylise(self, style: Style) -> None:
        """Draw the style as strongly as space allows without a fold."""
        landmarks = self.inner_landmarks(self.human)
        stations, across = np.array([0.0, 4.0, 8.0]), np.zeros(3)
        brows = np.stack([self.brow_line.places(r(self.human), stations, across) for r in self.anatomy.brows])
        probe = self.human[self.anatomy.skin[::_PROBE]]
        neutral, strength = Style(), 1.0
        for _ in range(_TRIES):
            softer = replace(
                neutral,
                **{name: start + strength * (getattr(style, name) - start) for name, start in vars(neutral).items()},
            )
            stylised = stylise(softer, self.human, landmarks, brows, self.centres, self.radii, self.anatomy.skeleton)
            if stylised.warp.stretch(probe).min() > _LEAST_STRETCH:
                break
            strength *= _SOFTER
        self.stylised, self.style = stylised, softer
        self.centres, self.radii = stylised.centres, stylised.radii

    def pose(self, strengths: Mapping[str, float]) -> "AnnyPosed":
        """Pose by action strengths (names of `sfp_core.heads.actions.ACTIONS`; names left out are 0)."""
        store, lids = self.anatomy.store, self.anatomy.lids
        actions = arkit_strengths(strengths)
        vertices = self.human.copy()
        for name, strength in actions.items():
            index, delta = store.actions[name]
            vertices[index] += strength * delta
        lids.close(vertices, (actions.get("eyeBlinkLeft", 0.0), actions.get("eyeBlinkRight", 0.0)))
        if self.stylised is not None:
            vertices = self.stylised.warp(vertices)
        lids.clear(vertices, self.centres, self.radii)
        return AnnyPosed(self, vertices, gaze_rotations(actions))

    def frame(self) -> tuple[np.ndarray, float]:
        """Centre (3,) and height of the resting head with its hair, head units."""
        vertices, place = self.neutral.vertices, self.anatomy.store.place_of_id
        top, bottom = vertices[place[CROWN], 1], vertices[place[CHIN], 1]
        if self.person.wear.hair != "bald":
            top += 0.8 * self.person.wear.hair_volume
        return np.array([0.0, (top + bottom) / 2, 0.0]), float(top - bottom)

    def face_frame(self) -> tuple[np.ndarray, float]:
        """Centre (3,) and height of the resting face from the brows to the chin, head units."""
        points = self.neutral.landmarks98(np.eye(3))
        top, bottom = points[33:51, 1].max(), points[:33, 1].min()
        return np.array([0.0, (top + bottom) / 2, float(points[51:60, 2].mean()) - 0.5]), float(top - bottom)


@dataclass(frozen=True, eq=False)
class AnnyPosed:
    """A head in one pose.

    Attributes
    ----------
    vertices : (V, 3) float64
        Of the store's mesh, head units, without hair.
    gaze : (2, 3, 3) float64
        Rotations of the eyeballs, the character's left first.
    """

    head: AnnyHead
    vertices: np.ndarray = field(repr=False)
    gaze: np.ndarray = field(repr=False)

    def _brows(self) -> np.ndarray:
        return np.stack([riders(self.vertices) for riders in self.head.anatomy.brows])

    def mesh(self) -> Mesh:
        """Everything that can be seen, one mesh in head units, its faces marked with their `Part`."""
        head, person = self.head, self.head.person
        pieces = [(self.vertices, head.faces, head.colours, head.gloss, head.parts)]
        ball = head.eyeball
        for side in (0, 1):
            turned = ball.vertices @ self.gaze[side].T * head.radii[side] + head.centres[side]
            pieces.append((turned, ball.faces, ball.colours, ball.gloss, ball.parts))
        if person.wear.brows != "none":
            for side, patch in enumerate(self._brows()):
                ridge = looks.brow_vertices(head.brow_line, patch)
                faces = looks.BROW_FACES if side == 0 else looks.BROW_FACES[:, ::-1]
                colours = np.tile(person.look.brow, (len(ridge), 1))
                pieces.append((ridge, faces, colours, np.full(len(faces), 0.05), np.full(len(faces), Part.BROW)))
        dress = head.dress
        pieces.append((dress.vertices, dress.faces, dress.colours, dress.gloss, dress.parts))
        first = np.cumsum([0] + [len(piece[0]) for piece in pieces])
        return Mesh(
            np.concatenate([piece[0] for piece in pieces]),
            np.concatenate([piece[1] + start for piece, start in zip(pieces, first, strict=False)]),
            np.concatenate([piece[2] for piece in pieces]),
            np.concatenate([piece[3] for piece in pieces]),
            np.concatenate([piece[4] for piece in pieces]),
        )

    def landmarks98(self, rotation: np.ndarray) -> np.ndarray:
        """WFLW landmarks (98, 3) float64, head units; `rotation` is world to view, it decides where the contour is."""
        head = self.head
        points = head.inner_landmarks(self.vertices)
        points[:33] = outline(head.anatomy.store.contour(self.vertices), rotation)
        points[33:51] = brow_landmarks(head.brow_line, self._brows())
        for number, side in ((96, 1), (97, 0)):  # the image's left is the character's right
            points[number] = head.centres[side] + self.gaze[side] @ (0.0, 0.0, 1.0) * head.radii[side]
        return points
