"""The face panel: controllers in the manner of a Maya rig, each driving facial actions by sign.

`lf_` and `rg_` are the character's left and right. On paired controllers tx > 0 points away from the middle of the
face, ty > 0 up, so that both sides mirror by name alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sfp_core.rig import ControllerSpec, RigSpec

Drive = Mapping[str, float]


@dataclass(frozen=True)
class PanelController:
    """One controller: its limits, and the actions driven by its positive and its negative part (gain per unit)."""

    name: str
    minimum: float
    maximum: float
    positive: Drive
    negative: Drive


def _one(name: str, positive: Drive | None = None, negative: Drive | None = None) -> PanelController:
    return PanelController(name, -1.0 if negative else 0.0, 1.0 if positive else 0.0, positive or {}, negative or {})


def _pair(name: str, positive: str | None = None, negative: str | None = None) -> tuple[PanelController, ...]:
    """The two sides of a controller; action names get Left or Right."""
    return tuple(
        _one(prefix + name, {positive + side: 1.0} if positive else None, {negative + side: 1.0} if negative else None)
        for prefix, side in (("lf_", "Left"), ("rg_", "Right"))
    )


PANEL: tuple[PanelController, ...] = (
    _one("jaw.tx", {"jawLeft": 1.0}, {"jawRight": 1.0}),
    _one("jaw.ty", None, {"jawOpen": 1.0}),
    _one("jaw.tz", {"jawForward": 1.0}),
    _one("mouth.tx", {"mouthLeft": 1.0}, {"mouthRight": 1.0}),
    _one("mouth.ty", {"mouthUp": 1.0}, {"mouthDown": 1.0}),
    _one("mouth_pucker.ty", {"mouthPucker": 1.0}),
    _one("mouth_funnel.ty", {"mouthFunnel": 1.0}),
    _one("mouth_close.ty", {"mouthClose": 1.0}),
    *_pair("corner.tx", "mouthStretch", "mouthNarrow"),
    *_pair("corner.ty", "mouthSmile", "mouthFrown"),
    *_pair("lip_press.ty", "mouthPress"),
    *_pair("up_lip.ty", "mouthUpperUp", "mouthUpperDown"),
    _one("up_lip.ty", {"mouthUpperUpMiddle": 1.0}, {"mouthUpperDownMiddle": 1.0}),
    _one("up_lip_inout.ty", {"mouthUpperOut": 1.0}, {"mouthRollUpper": 1.0}),
    *_pair("lo_lip.ty", "mouthLowerUp", "mouthLowerDown"),
    _one("lo_lip.ty", {"mouthLowerUpMiddle": 1.0}, {"mouthLowerDownMiddle": 1.0}),
    _one("lo_lip_inout.ty", {"mouthLowerOut": 1.0}, {"mouthRollLower": 1.0}),
    _one("chin.ty", {"mouthShrugLower": 1.0, "mouthShrugUpper": 0.6}),
    *_pair("cheek.ty", "cheekSquint"),
    *_pair("cheek_puff.tx", "cheekPuff"),
    *_pair("nose.ty", "noseSneer"),
    *_pair("up_lid.ty", "eyeWide", "eyeBlink"),
    *_pair("lo_lid.ty", "eyeSquint", "eyeLowerDown"),
    *_pair("eye.tx", "eyeLookOut", "eyeLookIn"),
    *_pair("eye.ty", "eyeLookUp", "eyeLookDown"),
    *_pair("brow_in.ty", "browInnerUp", "browInnerDown"),
    *_pair("brow_in.tx", None, "browSqueeze"),
    *_pair("brow_mid.ty", "browMiddleUp", "browMiddleDown"),
    *_pair("brow_out.ty", "browOuterUp", "browOuterDown"),
    _one("tongue.ty", {"tongueUp": 1.0}),
    _one("tongue.tz", {"tongueOut": 1.0}),
)

HIDDEN = ("tongue.ty", "tongue.tz")  # they move no landmark, so landmarks cannot tell where they are

# What speech drives instead, at full strength, by the articulators of `sfp_core.speech.direct`.
DIRECT: Mapping[str, Drive] = MappingProxyType({"tongue_tip": {"tongue.ty": 1.0}, "tongue_out": {"tongue.tz": 0.22}})


def _mirror() -> dict[str, str]:
    swap = {"lf_": "rg_", "rg_": "lf_"}
    return {c.name: swap.get(c.name[:3], c.name[:3]) + c.name[3:] for c in PANEL}


def panel_rig(name: str) -> RigSpec:
    """The panel as a rig of this name; neutral is 0 everywhere."""
    specs = tuple(ControllerSpec(c.name, c.minimum, c.maximum, 0.0, "linear") for c in PANEL)
    return RigSpec(name, specs, _mirror())


def actions_of(values: np.ndarray) -> dict[str, float]:
    """Action strengths that panel values (K,) drive. Several controllers on one action add up."""
    strengths: dict[str, float] = {}
    for controller, value in zip(PANEL, values.tolist(), strict=True):
        drive = controller.positive if value > 0 else controller.negative if value < 0 else {}
        for action, gain in drive.items():
            strengths[action] = strengths.get(action, 0.0) + gain * abs(value)
    return strengths
