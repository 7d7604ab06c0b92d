"""ARKit's 52 blend shapes.

Source: Apple developer documentation, ARFaceAnchor.BlendShapeLocation; the names are in `sfp_core.heads.actions`. They
are what the actions are built on, so that each drives itself. Finer actions are given to the nearest of the 52.
"""

from sfp_core.heads.actions import ARKIT_52
from sfp_core.rigs.vocabulary.vocabulary import Drive, Vocabulary


def _finer() -> dict[str, Drive]:
    drives: dict[str, Drive] = {"mouthUpperUpMiddle": {"mouthUpperUpLeft": 0.5, "mouthUpperUpRight": 0.5}}
    drives["mouthLowerDownMiddle"] = {"mouthLowerDownLeft": 0.5, "mouthLowerDownRight": 0.5}
    drives["mouthUpperOut"] = drives["mouthLowerOut"] = {"mouthFunnel": 0.3}
    for side in ("Left", "Right"):
        drives["mouthNarrow" + side] = {"mouthPucker": 0.3}
        drives["mouthLowerUp" + side] = {"mouthShrugLower": 0.3}
        drives["mouthUpperDown" + side] = {"mouthRollUpper": 0.3}
        drives["browInnerUp" + side] = {"browInnerUp": 0.5}
        drives["browMiddleUp" + side] = {"browOuterUp" + side: 0.5}
        drives["browInnerDown" + side] = drives["browMiddleDown" + side] = {"browDown" + side: 0.5}
        drives["browSqueeze" + side] = {"browDown" + side: 0.4}
        drives["cheekPuff" + side] = {"cheekPuff": 0.5}
    return drives


ARKIT = Vocabulary(
    "arkit",
    {name: () for name in ARKIT_52},
    {name: {name: 1.0} for name in ARKIT_52} | _finer(),
    direct={"tongue_out": {"tongueOut": 0.45}},
)
