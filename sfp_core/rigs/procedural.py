"""Built-in characters: a procedural head under one of two layers of controllers, drawn by our own renderer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from sfp_core.heads.head import Head, PosedHead
from sfp_core.heads.identity import Identity
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.render.beauty import render_beauty
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.shade import DEFAULT_BACKGROUND, Background, Light, Style, render
from sfp_core.rig import RigSpec
from sfp_core.rigs import arkit, panel

Controls = Literal["panel", "arkit"]
CONTROLS: tuple[Controls, ...] = get_args(Controls)

FOV_DEG = 22.0
_MARGIN = 0.60  # half of the picture's height in head heights: room for hair and an open jaw
_EDGE = 0.08  # over hair and hats that reach higher, head units
_ASIDE = 0.85  # of half the width of hair must be in the picture


@dataclass(frozen=True)
class ControlLayer:
    """One way of posing every built-in character.

    Attributes
    ----------
    rig : callable
        The rig of a character's name.
    actions_of : callable
        Action strengths of controller values (K,).
    hidden : tuple of str
        Controllers that move no landmark.
    """

    rig: Callable[[str], RigSpec]
    actions_of: Callable[[np.ndarray], dict[str, float]]
    hidden: tuple[str, ...]


LAYERS: Mapping[Controls, ControlLayer] = MappingProxyType(
    {
        "panel": ControlLayer(panel.panel_rig, panel.actions_of, panel.HIDDEN),
        "arkit": ControlLayer(arkit.arkit_rig, arkit.actions_of, arkit.HIDDEN),
    }
)


def character_names() -> tuple[str, ...]:
    """Names of the built-in characters."""
    return tuple(
        sorted(entry.name.removesuffix(".json") for entry in _folder().iterdir() if entry.name.endswith(".json"))
    )


def controller_names() -> tuple[str, ...]:
    """Every controller of a built-in character, those of all layers one after the other."""
    return tuple(name for layer in LAYERS.values() for name in layer.rig("any").names)


def described(name: str) -> str:
    """What a built-in character is, in one line. Raises SfpError for an unknown name."""
    text = _content(name).get("description", "")
    return text if isinstance(text, str) else ""


def _folder() -> Path:
    return Path(str(resources.files("sfp_core"))) / "data" / "identities"


def _content(name: str) -> dict[str, Any]:
    if name not in character_names():
        raise SfpError(f"character {name!r} is not built in; expected one of {', '.join(character_names())}")
    return read_json(_folder() / f"{name}.json", format_name="sfp.identity", version=1)


class ProceduralCharacter:
    """A built-in character: posed by controller values, seen as pictures and as exact landmarks.

    Parameters
    ----------
    controls : "panel" or "arkit"
        The layer of controllers it is posed by: our panel, or ARKit's 52 names.
    """

    fov_deg = FOV_DEG
    source = "sfp"

    def __init__(self, name: str, identity: Identity, *, controls: Controls = "panel") -> None:
        if controls not in LAYERS:
            raise SfpError(f"controls {controls!r} are unknown; expected one of {', '.join(LAYERS)}")
        self.name = name
        self.identity = identity
        self.controls = controls
        self.rig: RigSpec = LAYERS[controls].rig(name)

    @classmethod
    def named(cls, name: str, *, controls: Controls = "panel") -> "ProceduralCharacter":
        """The built-in character of this name. Raises SfpError listing the names there are."""
        return cls(name, Identity.from_json(_content(name), where=f"{name}.json"), controls=controls)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Controllers that move no landmark."""
        return LAYERS[self.controls].hidden

    @cached_property
    def head(self) -> Head:
        """The head, made at first use."""
        return Head(self.identity)

    def pose(self, values: np.ndarray) -> PosedHead:
        """The head under controller values (K,)."""
        return self.head.pose(LAYERS[self.controls].actions_of(values))

    def camera(self, head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Camera:
        """The camera of `picture`: it frames the resting head and turns by pitch, yaw, roll in degrees."""
        centre, half = self._view
        distance = half / float(np.tan(np.deg2rad(FOV_DEG / 2)))
        return Camera(centre, rotation_from_degrees(*head_deg), FOV_DEG, distance)

    @cached_property
    def _view(self) -> tuple[np.ndarray, float]:
        """Middle (3,) of the picture and half its height, head units: the head, an open jaw, hair and hat fit in."""
        centre, height = self.head.frame()
        worn = self.head.pose({}).mesh().vertices
        hair = worn[worn[:, 1] > centre[1] - 0.3 * height]  # what hangs lower may be cut off, as clothes are
        low = centre[1] - _MARGIN * height
        high = max(centre[1] + _MARGIN * height, float(hair[:, 1].max()) + _EDGE)
        half = max((high - low) / 2, _ASIDE * float(np.abs(hair[:, 0]).max()))
        return np.array([0.0, max((low + high) / 2, high - half), centre[2]]), half

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

    def portrait(
        self,
        values: np.ndarray,
        *,
        size: int = 720,
        head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
        supersample: int = 2,
        outline: bool = False,
    ) -> np.ndarray:
        """The character as it is shown to people: as `picture`, with soft shadows and skin; (size, size, 3) uint8."""
        return render_beauty(
            self.pose(values).mesh(),
            self.camera(head_deg),
            width=size,
            height=size,
            supersample=supersample,
            outline=outline,
        )

    def landmarks(
        self, values: np.ndarray, *, size: int = 256, head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> np.ndarray:
        """Exact landmarks in the picture of the same arguments, (98, 2) float64, image space, pixels."""
        camera = self.camera(head_deg)
        points = landmarks98(self.pose(values), camera.rotation)
        return np.asarray(camera.project(points, size, size)[0], dtype=np.float64)
