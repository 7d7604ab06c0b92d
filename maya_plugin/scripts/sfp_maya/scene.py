"""Facts of the open scene: its rate, its units, its Maya. UI units throughout, as `cmds` takes and gives them."""

from __future__ import annotations

from fractions import Fraction

from maya import cmds

from .errors import SfpMayaError

# `currentUnit -time`; other rates are named by their number, as "12fps".
_NAMED_RATES = {
    "game": Fraction(15),
    "film": Fraction(24),
    "pal": Fraction(25),
    "ntsc": Fraction(30),
    "show": Fraction(48),
    "palf": Fraction(50),
    "ntscf": Fraction(60),
    "23.976fps": Fraction(24000, 1001),
    "29.97fps": Fraction(30000, 1001),
    "29.97df": Fraction(30000, 1001),
    "47.952fps": Fraction(48000, 1001),
    "59.94fps": Fraction(60000, 1001),
}
_CENTIMETRES = {"mm": 0.1, "cm": 1.0, "m": 100.0, "km": 1e5, "in": 2.54, "ft": 30.48, "yd": 91.44, "mi": 160934.4}


def frame_rate() -> Fraction:
    """Frames a second of the scene, exactly. It is never changed.

    Raises
    ------
    SfpMayaError
        The time unit is not frames, such as minutes.
    """
    unit = cmds.currentUnit(query=True, time=True)
    if unit in _NAMED_RATES:
        return _NAMED_RATES[unit]
    if unit.endswith("fps") and unit[:-3].isdigit():
        return Fraction(unit[:-3])
    raise SfpMayaError(
        f"scene: its time unit is {unit!r}; expected frames (Preferences > Settings > Working Units > Time)"
    )


def per_take_unit(curve_type: str) -> float:
    """By what a take's number is multiplied to be one of the scene: centimetres and degrees to the UI's units."""
    if curve_type == "animCurveTL":
        return 1.0 / _CENTIMETRES[cmds.currentUnit(query=True, linear=True)]
    if curve_type == "animCurveTA" and cmds.currentUnit(query=True, angle=True) == "rad":
        return 0.017453292519943295
    return 1.0


def current_frame() -> float:
    """The current time, in frames."""
    return float(cmds.currentTime(query=True))  # type: ignore[call-arg]  # the stubs lack its query mode


def in_batch() -> bool:
    """Whether this Maya has no window."""
    return bool(cmds.about(batch=True))


def maya_version() -> str:
    """As "2024"."""
    return str(cmds.about(version=True))
