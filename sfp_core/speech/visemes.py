"""What each phone asks of the mouth: targets of the articulators, and how strongly it insists.

The rules behind the numbers: JALI (Edwards et al., SIGGRAPH 2016, section 4.2): sibilants narrow the jaw greatly;
lip-heavy phones own the lips and start early; tongue-only consonants never touch them. Rhubarb Lip Sync: diphthongs
turn at 0.6 of their length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ARTICULATORS = ("jaw", "spread", "protrude", "upper_lip", "lower_lip", "tongue")
"""Columns of targets. `jaw` 0 closed to 1 wide open; `spread` -1 narrow to 1 wide; `protrude` 0 to 1 pushed forward;
`upper_lip` 0 to 1 raised and `lower_lip` 0 to 1 dropped, beyond what the jaw does; `tongue` 0 down to 1 up."""

JAW, SPREAD, PROTRUDE, UPPER_LIP, LOWER_LIP, TONGUE = range(6)

SEALED = frozenset(("P", "B", "M"))
TUCKED = frozenset(("F", "V"))
ROUNDED = frozenset(("UW", "OW", "OY", "W", "SH", "ZH", "CH", "JH", "UH", "AO"))

DIPHTHONG_TURN = 0.6  # share of the length; Rhubarb
ANTICIPATION_SECONDS = 0.08  # how much earlier lip-heavy phones round the lips; JALI: protrusion takes 150 ms


@dataclass(frozen=True)
class Target:
    """Targets of one phone in the order of `ARTICULATORS`, and strengths of jaw, lip shape and lip height."""

    values: tuple[float, float, float, float, float, float]
    jaw: float = 1.0
    shape: float = 1.0
    height: float = 1.0

    @property
    def strengths(self) -> tuple[float, float, float, float, float, float]:
        """One strength for each articulator."""
        return (self.jaw, self.shape, self.shape, self.height, self.height, 1.0)


_TONGUE_ONLY = {"jaw": 0.55, "shape": 0.08, "height": 0.25}
_THROAT = {"jaw": 0.3, "shape": 0.05, "height": 0.1}

_A = Target((0.8, 0.05, 0.0, 0.35, 0.45, 0.1))
_E = Target((0.56, 0.35, 0.0, 0.35, 0.5, 0.2))
_I = Target((0.34, 0.45, 0.0, 0.3, 0.45, 0.4))
_EE = Target((0.2, 0.85, 0.0, 0.35, 0.55, 0.5), shape=1.3)
_O = Target((0.6, -0.6, 0.6, 0.2, 0.35, 0.1), shape=1.5)
_U = Target((0.34, -0.6, 0.6, 0.2, 0.3, 0.1), shape=1.2)
_OO = Target((0.22, -1.0, 1.0, 0.15, 0.25, 0.1), jaw=1.2, shape=2.0)
_ALVEOLAR = Target((0.16, 0.1, 0.0, 0.2, 0.35, 0.9), **_TONGUE_ONLY)
_SIBILANT = Target((0.05, 0.3, 0.0, 0.35, 0.6, 0.7), jaw=1.6, shape=0.3, height=0.9)
_SHUSH = Target((0.08, -0.55, 0.75, 0.5, 0.6, 0.5), jaw=1.5, shape=1.6, height=1.2)
_BILABIAL = Target((0.06, 0.0, 0.0, 0.0, 0.0, 0.1), jaw=2.0, shape=0.15, height=1.6)
_LABIODENTAL = Target((0.1, 0.1, 0.0, 0.35, 0.0, 0.1), jaw=1.8, shape=0.3, height=1.2)

TARGETS: Mapping[str, tuple[Target, ...]] = MappingProxyType(
    {
        "AA": (_A,),
        "AE": (Target((0.72, 0.45, 0.0, 0.4, 0.5, 0.1)),),
        "AH": (Target((0.5, 0.05, 0.0, 0.25, 0.35, 0.2), shape=0.6),),
        "AO": (Target((0.72, -0.4, 0.45, 0.25, 0.4, 0.1), shape=1.3),),
        "AW": (_A, _U),
        "AY": (_A, _I),
        "EH": (_E,),
        "ER": (Target((0.3, -0.3, 0.4, 0.3, 0.35, 0.4), shape=1.1),),
        "EY": (_E, _EE),
        "IH": (_I,),
        "IY": (_EE,),
        "OW": (_O, _OO),
        "OY": (_O, _EE),
        "UH": (_U,),
        "UW": (_OO,),
        "P": (_BILABIAL,),
        "B": (_BILABIAL,),
        "M": (_BILABIAL,),
        "F": (_LABIODENTAL,),
        "V": (_LABIODENTAL,),
        "TH": (Target((0.2, 0.1, 0.0, 0.25, 0.4, 1.0), jaw=0.9, shape=0.2, height=0.6),),
        "DH": (Target((0.2, 0.1, 0.0, 0.25, 0.4, 1.0), jaw=0.7, shape=0.1, height=0.5),),
        "T": (_ALVEOLAR,),
        "D": (_ALVEOLAR,),
        "N": (_ALVEOLAR,),
        "L": (Target((0.28, 0.1, 0.0, 0.25, 0.4, 1.0), **_TONGUE_ONLY),),
        "S": (_SIBILANT,),
        "Z": (_SIBILANT,),
        "SH": (_SHUSH,),
        "ZH": (_SHUSH,),
        "CH": (_SHUSH,),
        "JH": (_SHUSH,),
        "K": (Target((0.24, 0.0, 0.0, 0.2, 0.3, 0.2), **_THROAT),),
        "G": (Target((0.24, 0.0, 0.0, 0.2, 0.3, 0.2), **_THROAT),),
        "NG": (Target((0.24, 0.0, 0.0, 0.2, 0.3, 0.2), **_THROAT),),
        "HH": (Target((0.4, 0.0, 0.0, 0.2, 0.3, 0.1), jaw=0.1, shape=0.02, height=0.05),),
        "R": (Target((0.2, -0.45, 0.55, 0.3, 0.35, 0.4), jaw=0.8, shape=1.1, height=0.8),),
        "W": (Target((0.12, -1.0, 1.0, 0.05, 0.1, 0.1), jaw=1.2, shape=2.0, height=1.2),),
        "Y": (Target((0.15, 0.7, 0.0, 0.3, 0.45, 0.6), jaw=0.8, shape=0.9, height=0.8),),
    }
)

REST = Target((0.0, 0.0, 0.0, 0.0, 0.0, 0.1), jaw=1.2, shape=0.8, height=1.2)
RELAXED = Target((0.1, 0.0, 0.0, 0.1, 0.15, 0.1), jaw=0.6, shape=0.4, height=0.6)
HELD = Target((0.1, 0.0, 0.0, 0.1, 0.15, 0.1), jaw=0.05, shape=0.02, height=0.05)
