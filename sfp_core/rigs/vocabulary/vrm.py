"""The preset expressions of VRM 1.0 and the blend shape presets of VRM 0.x.

Sources: the VRM consortium's specifications, VRMC_vrm-1.0 `expressions.md` (happy angry sad relaxed surprised; aa ih ou
ee oh; blink blinkLeft blinkRight; lookUp lookDown lookLeft lookRight; neutral) and VRM 0.x `blendshape` (neutral; a i u
e o; blink; joy angry sorrow fun; lookup lookdown lookleft lookright; blink_l blink_r). Left is the character's.
"""

from collections.abc import Mapping

from sfp_core.rigs.vocabulary.vocabulary import Drive, Vocabulary

_LIDS_AND_GAZE: Mapping[str, Drive] = {
    "eyeBlinkLeft": {"blinkLeft": 1.0},
    "eyeBlinkRight": {"blinkRight": 1.0},
    **{f"eyeLookUp{side}": {"lookUp": 0.5} for side in ("Left", "Right")},
    **{f"eyeLookDown{side}": {"lookDown": 0.5} for side in ("Left", "Right")},
    "eyeLookOutLeft": {"lookLeft": 0.5},
    "eyeLookInRight": {"lookLeft": 0.5},
    "eyeLookOutRight": {"lookRight": 0.5},
    "eyeLookInLeft": {"lookRight": 0.5},
}
_LIDS: Mapping[str, Drive] = {"blink": {"blink": 1.0}, "half": {"blink": 0.45}}
_COMMON = ("neutral", "angry", "blink", "lookUp", "lookDown", "lookLeft", "lookRight")


def vowel_faces(a: str, i: str, u: str, e: str, o: str) -> dict[str, Drive]:
    """Our lip shapes by five vowels. Closures are the vowels' absence, so they are left out."""
    return {
        "aa": {a: 1.0},
        "ae": {a: 0.5, e: 0.5},
        "E": {e: 1.0},
        "ih": {i: 0.8},
        "ee": {i: 1.0},
        "oh": {o: 1.0},
        "ou": {u: 1.0},
        "ww": {u: 1.0},
        "er": {u: 0.5, e: 0.3},
        "RR": {u: 0.5},
        "CH": {u: 0.6},
        "SS": {i: 0.6},
        "TH": {e: 0.4},
        "DD": {i: 0.4},
        "nn": {i: 0.3},
        "kk": {e: 0.3},
        "ll": {a: 0.35},
    }


VRM1 = Vocabulary(
    "vrm1",
    {word: () for word in (*_COMMON, "happy", "sad", "relaxed", "surprised", "aa", "ih", "ou", "ee", "oh")}
    | {"blinkLeft": (), "blinkRight": ()},
    _LIDS_AND_GAZE,
    {
        **vowel_faces("aa", "ih", "ou", "ee", "oh"),
        **_LIDS,
        "happy": {"happy": 1.0},
        "angry": {"angry": 1.0},
        "sad": {"sad": 1.0},
        "surprise": {"surprised": 1.0},
    },
    match="part",
    core=(("aa", "ih", "ou", "ee", "oh"), 4),
)

VRM0 = Vocabulary(
    "vrm0",
    {word: () for word in (*_COMMON, "joy", "sorrow", "fun", "a", "i", "u", "e", "o")}
    | {"blinkLeft": ("blink_l",), "blinkRight": ("blink_r",)},
    _LIDS_AND_GAZE,
    {
        **vowel_faces("a", "i", "u", "e", "o"),
        **_LIDS,
        "happy": {"joy": 1.0},
        "angry": {"angry": 1.0},
        "sad": {"sorrow": 1.0},
    },
    match="part",
    core=(("a", "i", "u", "e", "o"), 5),
)
