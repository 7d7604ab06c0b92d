"""The vocabulary of facial actions: ARKit's 52 names, and finer ones of our own. Left is the character's.

Source of the 52 names: Apple developer documentation, ARFaceAnchor.BlendShapeLocation. Every action is 0 at rest
and 1 at full strength.
"""

from collections.abc import Mapping

from sfp_core.errors import SfpError


def _both(*names: str) -> tuple[str, ...]:
    return tuple(name + side for name in names for side in ("Left", "Right"))


ARKIT_52: tuple[str, ...] = (
    *_both("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide"),
    *("jawForward", "jawLeft", "jawRight", "jawOpen"),
    *("mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight"),
    *_both("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *_both("mouthPress", "mouthLowerDown", "mouthUpperUp"),
    *_both("browDown"),
    "browInnerUp",
    *_both("browOuterUp"),
    "cheekPuff",
    *_both("cheekSquint", "noseSneer"),
    "tongueOut",
)

FINER: tuple[str, ...] = (
    *_both("mouthNarrow"),  # one corner towards the middle
    *("mouthUp", "mouthDown"),  # the whole mouth
    *("mouthUpperUpMiddle", "mouthLowerDownMiddle"),
    *(*_both("mouthUpperDown"), "mouthUpperDownMiddle"),
    *(*_both("mouthLowerUp"), "mouthLowerUpMiddle"),
    *("mouthUpperOut", "mouthLowerOut"),  # the opposite of the rolls
    *_both("browInnerUp", "browInnerDown", "browMiddleUp", "browMiddleDown", "browOuterDown", "browSqueeze"),
    *_both("eyeLowerDown", "cheekPuff"),
    *("tongueUp",),
)

ACTIONS: tuple[str, ...] = (*ARKIT_52, *FINER)


class ActionState:
    """Strengths of all actions; names not given are 0.

    Raises SfpError for a name that is no action, so that a typing error never passes as "no motion".
    """

    def __init__(self, strengths: Mapping[str, float]) -> None:
        unknown = sorted(set(strengths) - set(ACTIONS))
        if unknown:
            raise SfpError(f"facial actions {', '.join(unknown)} are unknown; expected ARKit's 52 names or finer ones")
        self._strengths = dict(strengths)

    def __getitem__(self, name: str) -> float:
        if name in self._strengths:
            return self._strengths[name]
        if name not in _KNOWN:
            raise KeyError(name)
        return 0.0

    def sides(self, name: str) -> tuple[float, float]:
        """(left, right) strength of an action that has two sides."""
        return self[name + "Left"], self[name + "Right"]


_KNOWN = frozenset(ACTIONS)
