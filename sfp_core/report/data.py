"""A take as the page's script reads it: keys with the slopes they stand for, what is said, the sound's outline."""

import base64
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np

from sfp_core.curves.maya_curve import tangent_slopes
from sfp_core.curves.parts import held_by, part_of
from sfp_core.curves.take import Channel, Spoken, Take
from sfp_core.landmarks import EventKind
from sfp_core.report.waveform import Waveform
from sfp_core.rig import TangentType
from sfp_core.speech.closures import closures, on_frames
from sfp_core.speech.phones import VOWELS, Phone
from sfp_core.speech.visemes import SEALED, TUCKED

TANGENTS: tuple[str, ...] = get_args(TangentType)  # the page names a key's types by their places here

_CLOSING: tuple[tuple[frozenset[str], EventKind], ...] = ((SEALED, "lip_seal"), (TUCKED, "lip_tuck"))
_FIGURES = {
    "seconds": ("length", "{:.2f} s"),
    "engine": ("engine", "{}"),
    "rung": ("phones found by", "{}"),
    "speech_share": ("speech", "{:.0%} of the time"),
    "channels": ("channels", "{}"),
    "moving_channels": ("that move", "{}"),
    "keys": ("keys", "{}"),
    "worst_error": ("worst error of the keys", "{:.2%} of a range"),
    "startup_s": ("start of the program", "{:.2f} s"),
    "rtf": ("seconds of work a second", "{:.2f}"),
    "peak_mb": ("peak memory", "{:.0f} MB"),
}
_SHOWN_ELSEWHERE = {"fps", "frames", "warnings"}


def take_data(take: Take, waveform: Waveform | None = None) -> dict[str, Any]:
    """What the page draws; JSON numbers with the same bits as the take's.

    Times are seconds of the take, slopes units per second. `in_slopes` and `out_slopes` are those of all keys, not
    only of fixed ones, so that the script needs no rule of any tangent type but step's.
    """
    names = [channel.controller for channel in take.channels]
    held = held_by("lip_seal", names)
    spoken = take.spoken or Spoken()
    return {
        "rig": take.rig,
        "fps": str(take.fps),
        "rate": float(take.fps),
        "frames": take.frames,
        "tangents": TANGENTS,
        "layers": [[layer.name, layer.weight] for layer in take.layers],
        "channels": [_channel(one, take, held=bool(mark)) for one, mark in zip(take.channels, held, strict=True)],
        "words": [list(word) for word in spoken.words],
        "phones": [list(phone) for phone in spoken.phones],
        "closures": _closures(spoken, take),
        "sounds": {"vowel": sorted(VOWELS), **{kind: sorted(symbols) for symbols, kind in _CLOSING}},
        "sound_starts": take.sound.offset_seconds if take.sound is not None else 0.0,
        "waveform": None if waveform is None else _waveform(waveform),
    }


def figures(summary: Mapping[str, Any]) -> list[list[str]]:
    """(name, value) of what `summary.json` tells, as text; what this version does not know is shown as it is."""
    rows: list[list[str]] = []
    stages: list[list[str]] = []
    for name, value in summary.items():
        label, form = _FIGURES.get(name, (name.replace("_", " "), "{}"))
        if name in _SHOWN_ELSEWHERE or value in ("", [], {}, None):
            continue
        if name == "stage_seconds" and isinstance(value, dict):
            stages += [[f"stage {stage}", _formatted(spent, "{:.2f} s")] for stage, spent in value.items()]
        else:
            rows.append([label, ", ".join(map(str, value)) if isinstance(value, list) else _formatted(value, form)])
    return rows + stages


def _formatted(value: Any, form: str) -> str:
    try:
        return form.format(value)
    except (ValueError, TypeError):  # not the type that we write
        return str(value)


def _channel(channel: Channel, take: Take, *, held: bool) -> dict[str, Any]:
    keys = channel.keys
    in_slopes, out_slopes = tangent_slopes(keys, take.fps)
    return {
        "controller": channel.controller,
        "layer": channel.layer,
        "part": part_of(channel.controller),
        "held": held,
        "unit": channel.unit,
        "limits": _numbers(channel.limits),
        "neutral": channel.neutral,
        "worst_error": channel.worst_error,
        "edited": [_numbers(span) for span in channel.edited],
        "keys": {
            "frames": _numbers(keys.frames),
            "values": _numbers(keys.values),
            "in_slopes": _numbers(in_slopes),
            "out_slopes": _numbers(out_slopes),
            "in_types": [TANGENTS.index(kind) for kind in keys.in_types],
            "out_types": [TANGENTS.index(kind) for kind in keys.out_types],
        },
    }


def _closures(spoken: Spoken, take: Take) -> list[list[Any]]:
    """When lips meet (p b m) or the lower lip meets the teeth (f v), as the speech engine holds them on frames."""
    phones = [Phone(*phone) for phone in spoken.phones]
    found = [
        event
        for symbols, kind in _CLOSING
        for event in on_frames(closures(phones, symbols, kind), take.fps, take.frames)
    ]
    return [[e.start_seconds, e.end_seconds, e.kind] for e in sorted(found, key=lambda event: event.start_seconds)]


def _waveform(waveform: Waveform) -> dict[str, Any]:
    pairs = np.stack([waveform.low, waveform.high], axis=1).astype(np.int8)
    return {"rate": float(waveform.rate), "peaks": base64.b64encode(pairs.tobytes()).decode("ascii")}


def _numbers(values: Any) -> list[float | int]:
    """Python numbers with the same value; whole ones as int, which is shorter in JSON."""
    return [int(value) if value.is_integer() else value for value in np.asarray(values, dtype=np.float64).tolist()]
