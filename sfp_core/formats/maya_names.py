"""Maya's words: names that nodes and attributes may have, units of time, tangent codes, text and numbers in files."""

import re
from fractions import Fraction

from sfp_core.rig import TangentType

# Codes of `.tan`, `.kit` and `.kot` in .ma files; not those of the API's enumeration.
TANGENT_CODES: dict[TangentType, int] = {
    "fixed": 1,
    "linear": 2,
    "flat": 3,
    "step": 5,
    "spline": 9,
    "clamped": 10,
    "plateau": 16,
    "stepnext": 17,
    "auto": 18,
}

# `currentUnit -time` in Maya 2022 (units of MTime).
_NAMED_RATES: dict[Fraction, str] = {
    Fraction(15): "game",
    Fraction(24): "film",
    Fraction(25): "pal",
    Fraction(30): "ntsc",
    Fraction(48): "show",
    Fraction(50): "palf",
    Fraction(60): "ntscf",
    Fraction(24000, 1001): "23.976fps",
    Fraction(30000, 1001): "29.97fps",
    Fraction(48000, 1001): "47.952fps",
    Fraction(60000, 1001): "59.94fps",
}
_WHOLE_RATES = (
    *(2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 40, 75, 80, 90, 100, 120, 125, 150, 200, 240, 250, 300, 375, 400, 500, 600),
    *(750, 1200),
)
TIME_UNITS: dict[Fraction, str] = {**_NAMED_RATES, **{Fraction(rate): f"{rate}fps" for rate in _WHOLE_RATES}}

# Attributes that every transform has: long name, short name, type of animation curve.
TRANSFORM_ATTRIBUTES: dict[str, tuple[str, str]] = {
    short: (long + axis.upper(), curve)
    for letter, long, curve in (
        ("t", "translate", "animCurveTL"),
        ("r", "rotate", "animCurveTA"),
        ("s", "scale", "animCurveTU"),
    )
    for axis in "xyz"
    for short in (letter + axis,)
}
_SHORT = {long: short for short, (long, _) in TRANSFORM_ATTRIBUTES.items()}
# Nodes of every new scene; a controller of that name would be renamed by Maya without a word.
_TAKEN = ("persp", "top", "front", "side", "time1", "sequenceManager1", "hardwareRenderingGlobals", "lightLinker1")
# Attributes of a transform that are no numbers we could key, so that one of ours must not take the name.
_NATIVE = (
    " t translate r rotate s scale sh shear shxy shxz shyz shearXY shearXZ shearYZ v visibility m matrix im pm wm "
    " ro rotateOrder rp rotatePivot sp scalePivot ra rotateAxis msg message nds nodeState cch caching tmp template "
    " io intermediateObject lodv lodVisibility ovs overrideShading ovt ovp ovv ovc ovl dr drawOverride gh ghosting "
    " it inheritsTransform la displayLocalAxis dh displayHandle bb center c "
)
_NODE_PATH = re.compile(r"\|?[A-Za-z_]\w*([|][A-Za-z_]\w*)*", re.ASCII)
_ATTRIBUTE = re.compile(r"[A-Za-z_]\w*(\[\d+\])?([.][A-Za-z_]\w*(\[\d+\])?)*", re.ASCII)
_NAMESPACE = re.compile(r"[A-Za-z_]\w*(:[A-Za-z_]\w*)*", re.ASCII)


def time_unit(fps: Fraction) -> tuple[str, Fraction]:
    """Maya's time unit for a rate, and the rate it stands for: the next higher one where Maya has no word for it."""
    if fps in TIME_UNITS:
        return TIME_UNITS[fps], fps
    rate = min((known for known in TIME_UNITS if known > fps), default=max(TIME_UNITS))
    return TIME_UNITS[rate], rate


def short_attribute(name: str) -> str:
    """`translateX` as `tx`; other names as they are."""
    return _SHORT.get(name, name)


def own_attribute(name: str) -> str:
    """The name, or with `_` behind it where a transform has such an attribute that is no number to key."""
    return f"{name}_" if f" {name} " in _NATIVE else name


def long_attribute(name: str) -> str:
    """`tx` as `translateX`; other names as they are."""
    return TRANSFORM_ATTRIBUTES.get(name, (name, ""))[0]


def canonical_attribute(name: str) -> str:
    """The one spelling by which readers name an attribute: short for those that every transform has, else as it is.

    `translateX`, `tx`, `translate.translateX` and `t.tx` are `tx`; `visibility` is `v`.
    """
    leaf = short_attribute(name.rpartition(".")[2])
    if leaf in TRANSFORM_ATTRIBUTES:
        return leaf
    return "v" if name == "visibility" else name


def is_node_path(name: str) -> bool:
    """Whether this is a legal node name or path, without namespace."""
    return _NODE_PATH.fullmatch(name) is not None


def is_attribute(name: str) -> bool:
    """Whether this is a legal attribute name or path."""
    return _ATTRIBUTE.fullmatch(name) is not None


def is_namespace(name: str) -> bool:
    """Whether this is a legal namespace, nested ones with colons."""
    return _NAMESPACE.fullmatch(name) is not None


def legal_name(text: str) -> str:
    """A node or attribute name made of this text: ASCII letters, digits and `_`, not one of a new scene's nodes."""
    name = re.sub(r"\W", "_", text.rsplit("|", 1)[-1], flags=re.ASCII) or "_"
    name = name if not name[0].isdigit() else f"_{name}"
    return f"{name}_ctl" if name in _TAKEN else name


def quoted(text: str) -> str:
    """Text as a MEL string: nothing in it can end the string or start a command."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped.replace("\t", "\\t")) + '"'


def comment_text(text: str) -> str:
    """Text that may stand in a comment: nothing in it can end the line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def number(value: float) -> str:
    """The shortest digits that read back as the same number; whole numbers without a point."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
