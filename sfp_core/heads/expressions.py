"""Named faces by facial action: FLSC's seven expressions at three strengths, lip shapes of speech, lids and gaze.

What belongs to an expression follows the action units of FACS (Ekman, Friesen and Hager, 2002), drawn with a
cartoonist's hand: each is told by brows, lids and mouth together, so that any two of the three are enough to read it.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ACTIONS

Strength = Literal["slight", "clear", "extreme"]
Side = Literal["Left", "Right"]
STRENGTHS: tuple[Strength, ...] = get_args(Strength)

# By expression: action -> its strength when the expression is slight, clear, extreme. A name that is no action of its
# own, or ends in a star, stands for its left and its right one. In brackets the action units.
_FACES: dict[str, dict[str, tuple[float, float, float]]] = {
    "neutral": {},
    "sad": {
        "browInnerUp": (0.55, 0.95, 1.0),  # [1]
        "browInnerUp*": (0.0, 0.25, 0.60),
        "browSqueeze": (0.15, 0.35, 0.60),  # [4]
        "browOuterDown": (0.20, 0.60, 1.0),
        "eyeBlink": (0.10, 0.17, 0.24),  # upper lids droop
        "mouthFrown": (0.50, 0.90, 1.0),  # [15]
        "mouthShrugLower": (0.15, 0.45, 0.80),  # [17]
        "mouthLowerOut": (0.0, 0.20, 0.40),
        "mouthNarrow": (0.05, 0.12, 0.0),
        "mouthStretch": (0.0, 0.0, 0.25),
    },
    "surprise": {
        "browInnerUp": (0.45, 0.90, 1.0),  # [1]
        "browMiddleUp": (0.30, 0.70, 1.0),
        "browOuterUp": (0.45, 0.90, 1.0),  # [2]
        "eyeWide": (0.40, 0.90, 1.0),  # [5]
        "eyeLowerDown": (0.10, 0.40, 0.70),
        "jawOpen": (0.20, 0.55, 1.0),  # [27]
        "mouthFunnel": (0.10, 0.30, 0.35),
        "mouthNarrow": (0.15, 0.40, 0.35),
    },
    "happy": {
        "mouthSmile": (0.50, 0.90, 1.0),  # [12]
        "mouthStretch": (0.10, 0.30, 0.60),
        "mouthDimple": (0.20, 0.40, 0.60),
        "mouthUpperUp": (0.0, 0.25, 0.35),  # [25]
        "jawOpen": (0.0, 0.18, 0.70),  # [26]
        "cheekSquint": (0.30, 0.70, 1.0),  # [6]
        "eyeSquint": (0.10, 0.30, 0.60),
        "eyeBlink": (0.0, 0.06, 0.20),
        "browOuterUp": (0.05, 0.15, 0.30),
    },
    "angry": {
        "browDown": (0.50, 1.0, 1.0),  # [4]
        "browInnerDown": (0.20, 0.60, 1.0),
        "browSqueeze": (0.30, 0.70, 1.0),
        "browOuterUp": (0.0, 0.20, 0.45),
        "eyeBlink": (0.05, 0.10, 0.10),
        "eyeSquint": (0.20, 0.45, 0.60),  # [7]
        "noseSneer": (0.05, 0.30, 0.80),
        "mouthPress": (0.40, 0.70, 0.0),  # [24], until the teeth are bared
        "mouthFrown": (0.25, 0.55, 0.50),
        "mouthShrugLower": (0.05, 0.15, 0.0),
        "mouthUpperUp": (0.0, 0.0, 0.60),  # [10]
        "mouthLowerDown": (0.0, 0.0, 0.75),  # [16]
        "mouthStretch": (0.0, 0.10, 0.55),
        "jawOpen": (0.0, 0.0, 0.22),
        "jawForward": (0.20, 0.40, 0.60),
    },
    "disgust": {
        "noseSneer": (0.50, 0.95, 1.0),  # [9]
        "mouthUpperUp": (0.25, 0.65, 0.80),  # [10]
        "cheekSquint": (0.30, 0.70, 1.0),
        "eyeSquint": (0.35, 0.70, 1.0),
        "eyeBlink": (0.10, 0.22, 0.32),
        "browDown": (0.20, 0.45, 0.60),
        "browSqueeze": (0.20, 0.40, 0.60),
        "mouthFrown": (0.30, 0.65, 0.80),  # [15]
        "mouthShrugLower": (0.15, 0.30, 0.0),
        "mouthLowerOut": (0.10, 0.30, 0.50),
        "mouthLowerDown": (0.0, 0.0, 0.50),
        "jawOpen": (0.0, 0.0, 0.30),
        "tongueOut": (0.0, 0.0, 0.75),  # [19]
    },
    "afraid": {
        "browInnerUp": (0.60, 1.0, 1.0),  # [1]
        "browInnerUp*": (0.0, 0.20, 0.50),
        "browMiddleUp": (0.15, 0.40, 0.60),
        "browSqueeze": (0.25, 0.60, 1.0),  # [4]
        "eyeWide": (0.40, 0.90, 1.0),  # [5]
        "eyeSquint": (0.0, 0.10, 0.15),
        "mouthStretch": (0.40, 0.85, 1.0),  # [20]
        "mouthFrown": (0.15, 0.45, 0.55),
        "mouthLowerDown": (0.15, 0.50, 0.90),
        "mouthUpperUp": (0.0, 0.10, 0.25),
        "jawOpen": (0.05, 0.16, 0.42),  # [26]
    },
}

EXPRESSION_NAMES: tuple[str, ...] = tuple(_FACES)

# Lip shapes of speech. The first 15 carry the names of Oculus' viseme set (silence ... ou); the rest are our own.
_VISEMES: dict[str, dict[str, float]] = {
    "sil": {},
    "PP": {"mouthPress": 0.6, "mouthRollLower": 0.35, "mouthRollUpper": 0.35},
    "FF": {"jawOpen": 0.16, "mouthRollLower": 1.0, "mouthLowerUp": 0.3, "mouthUpperUp": 0.70},
    "TH": {"jawOpen": 0.20, "tongueOut": 0.45, "mouthLowerDown": 0.2, "mouthUpperUp": 0.2},
    "DD": {"jawOpen": 0.16, "mouthLowerDown": 0.35, "mouthUpperUp": 0.15, "tongueUp": 0.9},
    "kk": {"jawOpen": 0.24, "mouthLowerDown": 0.25, "mouthUpperUp": 0.1, "mouthStretch": 0.1},
    "CH": {"jawOpen": 0.08, "mouthFunnel": 0.75, "mouthNarrow": 0.2, "mouthLowerDown": 0.2},
    "SS": {"jawOpen": 0.05, "mouthStretch": 0.35, "mouthLowerDown": 0.5, "mouthUpperUp": 0.35},
    "nn": {"jawOpen": 0.12, "mouthLowerDown": 0.25, "mouthUpperUp": 0.12, "tongueUp": 0.8, "mouthStretch": 0.15},
    "RR": {"jawOpen": 0.15, "mouthFunnel": 0.4, "mouthNarrow": 0.35, "tongueUp": 0.4},
    "aa": {"jawOpen": 0.80, "mouthLowerDown": 0.2},
    "E": {"jawOpen": 0.38, "mouthStretch": 0.45, "mouthLowerDown": 0.25, "mouthUpperUp": 0.15},
    "ih": {"jawOpen": 0.22, "mouthStretch": 0.55, "mouthLowerDown": 0.3, "mouthUpperUp": 0.2},
    "oh": {"jawOpen": 0.50, "mouthFunnel": 0.6, "mouthNarrow": 0.3},
    "ou": {"jawOpen": 0.14, "mouthPucker": 0.9},
    "ae": {"jawOpen": 0.60, "mouthStretch": 0.5, "mouthUpperUp": 0.2, "mouthLowerDown": 0.2},
    "ee": {"jawOpen": 0.12, "mouthStretch": 0.8, "mouthSmile": 0.2, "mouthLowerDown": 0.4, "mouthUpperUp": 0.25},
    "er": {"jawOpen": 0.25, "mouthFunnel": 0.35, "mouthShrugUpper": 0.2},
    "ll": {"jawOpen": 0.30, "mouthLowerDown": 0.15, "tongueUp": 1.0},
    "ww": {"jawOpen": 0.04, "mouthPucker": 1.0, "mouthFunnel": 0.15},
}

# Mouths that are neither speech nor one of the seven: very wide ones with and without teeth, the tongue, a few turns.
_MOUTHS: dict[str, dict[str, float]] = {
    "shout": {"jawOpen": 1.0, "mouthStretch": 0.6, "mouthLowerDown": 0.6, "mouthUpperUp": 0.6},
    "laugh": {"jawOpen": 0.95, "mouthSmile": 0.9, "mouthStretch": 0.5, "mouthUpperUp": 0.45, "cheekSquint": 0.8},
    "yawn": {"jawOpen": 1.0, "mouthFunnel": 0.35, "mouthUpperDown": 0.5, "mouthNarrow": 0.3},
    "hollow": {
        "jawOpen": 0.9,
        "mouthRollUpper": 0.9,
        "mouthRollLower": 0.9,
        "mouthUpperDown": 0.8,
        "mouthLowerUp": 0.5,
    },
    "grit": {"mouthUpperUp": 0.8, "mouthLowerDown": 0.9, "mouthStretch": 0.7},
    "grin": {"mouthSmile": 1.0, "mouthStretch": 0.8, "mouthUpperUp": 0.55, "mouthLowerDown": 0.3},
    "kiss": {"mouthPucker": 1.0},
    "pout": {"mouthLowerOut": 1.0, "mouthShrugLower": 0.7, "mouthFrown": 0.35},
    "bite": {"mouthRollLower": 1.0, "mouthUpperUp": 0.5, "jawOpen": 0.05, "mouthSmile": 0.2},
    "puff": {"cheekPuff*": 1.0, "mouthPress": 0.4},
    "tongue_out": {"jawOpen": 0.45, "tongueOut": 1.0, "mouthLowerDown": 0.3},
    "tongue_up": {"jawOpen": 0.60, "tongueUp": 1.0},
    "tongue_tip": {"jawOpen": 0.14, "tongueOut": 0.55, "mouthSmile": 0.3},
    "aside": {"mouthLeft": 0.9, "jawLeft": 0.3, "mouthPucker": 0.2},
    "jaw_aside": {"jawLeft": 1.0, "jawOpen": 0.25},
    "underbite": {"jawForward": 1.0, "mouthLowerUp": 0.7, "mouthLowerOut": 0.4},
}

# What lids can do by themselves.
_LIDS: dict[str, dict[str, float]] = {
    "blink": {"eyeBlink": 1.0},
    "half": {"eyeBlink": 0.45},
    "wink_left": {"eyeBlinkLeft": 1.0, "cheekSquintLeft": 0.6, "mouthSmileLeft": 0.3},
    "wink_right": {"eyeBlinkRight": 1.0, "cheekSquintRight": 0.6, "mouthSmileRight": 0.3},
    "squint": {"eyeSquint": 1.0, "eyeBlink": 0.2},
    "wide": {"eyeWide": 1.0, "eyeLowerDown": 0.5},
}

_KNOWN = frozenset(ACTIONS)


def _sides(name: str) -> tuple[str, ...]:
    """The actions that a name of the tables stands for."""
    return (name,) if name in _KNOWN else tuple(name.removesuffix("*") + side for side in get_args(Side))


def _spread(face: Mapping[str, float]) -> dict[str, float]:
    return {action: value for name, value in face.items() for action in _sides(name) if value}


def expression(name: str, strength: Strength = "clear") -> dict[str, float]:
    """Action strengths of one of the seven expressions; a copy. Raises SfpError for a name or strength there is not."""
    if name not in _FACES:
        raise SfpError(f"expression {name!r} is unknown; expected one of {', '.join(_FACES)}")
    if strength not in STRENGTHS:
        raise SfpError(f"strength {strength!r} is unknown; expected one of {', '.join(STRENGTHS)}")
    column = STRENGTHS.index(strength)
    return _spread({action: values[column] for action, values in _FACES[name].items()})


EXPRESSIONS: dict[str, dict[str, float]] = {name: expression(name) for name in _FACES}
VISEMES: dict[str, dict[str, float]] = {name: _spread(face) for name, face in _VISEMES.items()}
MOUTHS: dict[str, dict[str, float]] = {name: _spread(face) for name, face in _MOUTHS.items()}
LIDS: dict[str, dict[str, float]] = {name: _spread(face) for name, face in _LIDS.items()}


def blended(parts: Iterable[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Faces added up, each with its weight; no action goes beyond 1."""
    total: dict[str, float] = {}
    for face, weight in parts:
        for name, value in face.items():
            total[name] = min(total.get(name, 0.0) + weight * value, 1.0)
    return {name: value for name, value in total.items() if value > 0.0}


def spoken(feeling: Mapping[str, float], viseme: Mapping[str, float], *, strength: float = 1.0) -> dict[str, float]:
    """A lip shape said with a feeling: lips and jaw give way to speech, brows, lids and corners keep the feeling.

    Parameters
    ----------
    feeling, viseme : mapping of action to strength
    strength : float
        0 leaves the feeling as it is, 1 lets the viseme shape the lips.
    """
    kept = ("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch")

    def share(name: str) -> float:
        if not name.startswith(("mouth", "jaw", "tongue")):
            return 1.0
        return 1.0 - strength * (0.35 if name.startswith(kept) else 0.85)

    return blended([({name: value * share(name) for name, value in feeling.items()}, 1.0), (viseme, strength)])


def one_sided(face: Mapping[str, float], side: Side, *, other: float = 0.25) -> dict[str, float]:
    """The face with the side that is not `side` (the character's) held back to the share `other`; the middle stays."""
    weak = "Right" if side == "Left" else "Left"
    return {
        name: value * other if name.endswith(weak) and name not in _WHOLE_MOVES else value
        for name, value in face.items()
    }


def mirrored(face: Mapping[str, float]) -> dict[str, float]:
    """The face as a mirror shows it: left and right change places."""
    return {mirror_name(name): value for name, value in face.items()}


def mirror_name(action: str) -> str:
    """The action of the other side; a middle action is its own."""
    for own, other in (("Left", "Right"), ("Right", "Left")):
        if action.endswith(own):
            return action.removesuffix(own) + other
    return action


_WHOLE_MOVES = frozenset(f"{part}{side}" for part in ("jaw", "mouth") for side in get_args(Side))


def gaze(across: float, up: float) -> dict[str, float]:
    """Both eyes to one side; the lids follow by themselves.

    Parameters
    ----------
    across : float
        -1 to the viewer's left, 1 to the viewer's right (the character's left).
    up : float
        -1 down, 1 up.
    """
    across, up = float(np.clip(across, -1.0, 1.0)), float(np.clip(up, -1.0, 1.0))
    left, right = ("Out", "In") if across > 0 else ("In", "Out")
    turn = "eyeLookUp" if up > 0 else "eyeLookDown"
    strengths = {f"eyeLook{left}Left": abs(across), f"eyeLook{right}Right": abs(across)}
    strengths |= {f"{turn}Left": abs(up), f"{turn}Right": abs(up)}
    return {name: value for name, value in strengths.items() if value}
