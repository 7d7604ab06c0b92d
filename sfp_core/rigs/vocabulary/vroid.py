"""The shapes that VRoid Studio gives its heads: `Fcl_` + ALL, BRW, EYE, MTH, HA + what it shows.

Source: the 57 morph targets of models exported by VRoid Studio (older ones write `Face.M_F00_000_00_Fcl_EYE_Close_L`).
Left is the character's.
"""

from sfp_core.rigs.vocabulary.vocabulary import Drive, Vocabulary
from sfp_core.rigs.vocabulary.vrm import vowel_faces

_FEELINGS = ("Angry", "Fun", "Joy", "Sorrow", "Surprised")
_LIDS = ("Natural", "Close", "Close_R", "Close_L", "Joy_R", "Joy_L", "Spread", "Iris_Hide", "Highlight_Hide")
_MOUTHS = ("Close", "Up", "Down", "Small", "Large", "Neutral", "SkinFung", "SkinFung_R", "SkinFung_L", *"AIUEO")
_TEETH = ("Hide", *(tooth + part for tooth in ("Fung1", "Fung2", "Fung3", "Short") for part in ("", "_Low", "_Up")))


def _feeling(word: str) -> Drive:
    """Brows, eyes and mouth each by their own shape, so that the mouth can give way to speech."""
    return {f"Fcl_{part}_{word}": 1.0 for part in ("BRW", "EYE", "MTH")}


VROID = Vocabulary(
    "vroid",
    {f"Fcl_{part}_{word}": () for part in ("ALL", "BRW", "EYE", "MTH") for word in _FEELINGS}
    | {"Fcl_ALL_Neutral": ()}
    | {f"Fcl_EYE_{word}": () for word in _LIDS}
    | {f"Fcl_MTH_{word}": () for word in _MOUTHS}
    | {f"Fcl_HA_{word}": () for word in _TEETH},
    {
        "eyeBlinkLeft": {"Fcl_EYE_Close_L": 1.0},
        "eyeBlinkRight": {"Fcl_EYE_Close_R": 1.0},
        "eyeWideLeft": {"Fcl_EYE_Spread": 0.5},
        "eyeWideRight": {"Fcl_EYE_Spread": 0.5},
    },
    {
        **vowel_faces("Fcl_MTH_A", "Fcl_MTH_I", "Fcl_MTH_U", "Fcl_MTH_E", "Fcl_MTH_O"),
        "PP": {"Fcl_MTH_Close": 1.0},
        "FF": {"Fcl_MTH_Close": 0.5, "Fcl_MTH_I": 0.3},
        "happy": _feeling("Joy"),
        "angry": _feeling("Angry"),
        "sad": _feeling("Sorrow"),
        "surprise": _feeling("Surprised"),
        "wink_left": {"Fcl_EYE_Joy_L": 1.0},
        "wink_right": {"Fcl_EYE_Joy_R": 1.0},
    },
    lips=frozenset(f"Fcl_MTH_{word}" for word in _FEELINGS),
    core=(tuple(f"Fcl_MTH_{vowel}" for vowel in "AIUEO"), 3),
)
