"""Built-in characters: a procedural head under the face panel, drawn by our own renderer."""

from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.heads.head import Head, PosedHead
from sfp_core.heads.identity import Identity
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.shade import DEFAULT_BACKGROUND, Background, Light, Style, render
from sfp_core.rig import RigSpec
from sfp_core.rigs.panel import actions_of, panel_rig

FOV_DEG = 22.0
_MARGIN = 0.60  # half of the picture's height in head heights: room for hair and an open jaw


def character_names() -> tuple[str, ...]:
    """Names of the built-in characters."""
    return tuple(
        sorted(entry.name.removesuffix(".json") for entry in _folder().iterdir() if entry.name.endswith(".json"))
    )


def _folder() -> Path:
    return Path(str(resources.files("sfp_core"))) / "data" / "identities"


class ProceduralCharacter:
    """A built-in character: posed by controller values, seen as pictures and as exact landmarks."""

    def __init__(self, name: str, identity: Identity) -> None:
        self.name = name
        self.identity = identity
        self.rig: RigSpec = panel_rig(name)

    @classmethod
    def named(cls, name: str) -> "ProceduralCharacter":
        """The built-in character of this name. Raises SfpError listing the names there are."""
        if name not in character_names():
            raise SfpError(f"character {name!r} is not built in; expected one of {', '.join(character_names())}")
        path = _folder() / f"{name}.json"
        content = read_json(path, format_name="sfp.identity", version=1)
        return cls(name, Identity.from_json(content, where=path.name))

    @cached_property
    def head(self) -> Head:
        """The head, made at first use."""
        return Head(self.identity)

    def pose(self, values: np.ndarray) -> PosedHead:
        """The head under controller values (K,)."""
        return self.head.pose(actions_of(values))

    def camera(self, head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Camera:
        """The camera of `picture`: it frames the resting head and turns by pitch, yaw, roll in degrees."""
        centre, height = self.head.frame()
        distance = height * _MARGIN / np.tan(np.deg2rad(FOV_DEG / 2))
        return Camera(centre, rotation_from_degrees(*head_deg), FOV_DEG, float(distance))

    def picture(
        self,
        values: np.ndarray,
        *,
        size: int = 256,
        head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
        supersample: int = 2,
        light: Light | None = None,
        style: Style = "soft",
        background: Background = DEFAULT_BACKGROUND,
    ) -> np.ndarray:
        """The character as (size, size, 3) uint8 RGB.

        Parameters
        ----------
        values : (K,) float
            Controller units.
        head_deg : pitch, yaw, roll
            Degrees, signs as in `LandmarkSequence.head_deg`.
        """
        return render(
            self.pose(values).mesh(),
            self.camera(head_deg),
            width=size,
            height=size,
            supersample=supersample,
            light=light or Light(),
            style=style,
            background=background,
        )

    def landmarks(
        self, values: np.ndarray, *, size: int = 256, head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> np.ndarray:
        """Exact landmarks in the picture of the same arguments, (98, 2) float64, image space, pixels."""
        camera = self.camera(head_deg)
        points = landmarks98(self.pose(values), camera.rotation)
        return np.asarray(camera.project(points, size, size)[0], dtype=np.float64)
