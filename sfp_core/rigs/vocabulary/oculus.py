"""The 15 visemes of Oculus (Meta) lip sync.

Source: Meta's documentation of Oculus Lipsync, the viseme reference: sil PP FF TH DD kk CH SS nn RR aa E ih oh ou.
Files spell them `viseme_PP` (Ready Player Me, with I, O and U for the last three), `v_pp` (VRChat) or bare.
"""

from sfp_core.rigs.vocabulary.vocabulary import Vocabulary

_LETTERS = {"ih": "I", "oh": "O", "ou": "U"}
VISEME_WORDS = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")


def _spellings(word: str) -> tuple[str, ...]:
    names = (word, _LETTERS[word]) if word in _LETTERS else (word,)
    return tuple(prefix + name for prefix in ("viseme_", "v_") for name in names)


# Lip shapes of ours beyond the 15, by the nearest of them.
_NEAREST = {"ae": {"aa": 0.6, "E": 0.4}, "ee": {"ih": 1.0}, "er": {"RR": 1.0}, "ll": {"nn": 1.0}, "ww": {"ou": 1.0}}

OCULUS = Vocabulary(
    "oculus",
    {f"viseme_{word}": _spellings(word) for word in VISEME_WORDS},
    faces={word: {f"viseme_{word}": 1.0} for word in VISEME_WORDS}
    | {face: {f"viseme_{word}": s for word, s in shape.items()} for face, shape in _NEAREST.items()},
    least=10,
)

OCULUS_BARE = Vocabulary(
    "oculus_bare",
    {word: () for word in VISEME_WORDS},
    faces={word: {word: 1.0} for word in VISEME_WORDS} | _NEAREST,
    match="part",  # two letters: a prefix would make them of anything
    least=10,
)
