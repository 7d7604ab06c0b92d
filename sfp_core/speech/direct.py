"""Controllers that speech drives straight, because no landmark shows them: tongue, teeth, lips turned in and out.

A character's table says what each articulator asks of its controllers at full strength; what the articulators do comes
from the same phones and movements as the landmarks.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec
from sfp_core.speech.articulators import Articulation, Style, articulate
from sfp_core.speech.cascade import Heard
from sfp_core.speech.closures import SEAL_COMING_GOING, TUCK_COMING_GOING, on_frames
from sfp_core.speech.visemes import JAW, PROTRUDE, REST, TONGUE
from sfp_core.timing import frame_count

DIRECT_ARTICULATORS = (
    "tongue_tip",  # up, to the ridge behind the teeth: t d n l
    "tongue_back",  # up, to the soft palate: k g ng
    "tongue_out",  # between the teeth: th
    "protrude",  # the lips pushed forward: oo w sh
    "lip_in",  # the lower lip under the upper teeth: f v
    "lip_out",  # the lips turned out: sh ch oh er r
    "seal",  # the lips together: p b m
    "teeth",  # the teeth together: s z sh ch
)

_SPOKEN: Mapping[str, frozenset[str]] = {
    "tongue_back": frozenset(("K", "G", "NG")),
    "tongue_out": frozenset(("TH", "DH")),
    "lip_out": frozenset(("SH", "ZH", "CH", "JH", "OW", "OY", "AO", "ER", "R")),
    "teeth": frozenset(("S", "Z", "SH", "ZH", "CH", "JH")),
}
# Seconds of coming and going: a tongue is quick; lips close as they do for the landmarks.
_COMING_GOING: Mapping[str, tuple[float, float]] = {
    "tongue_back": (0.06, 0.06),
    "tongue_out": (0.07, 0.07),
    "lip_out": (0.12, 0.10),
    "teeth": (0.08, 0.08),
    "lip_in": TUCK_COMING_GOING,
    "seal": SEAL_COMING_GOING,
}
_TONGUE_ROOM = 0.12  # the jaw that lets the tongue out wholly


@dataclass(frozen=True)
class DirectArticulation:
    """What the articulators of `DIRECT_ARTICULATORS` do over a whole sound, computed where it is asked for.

    Attributes
    ----------
    articulation : Articulation
        The same movement that the landmarks follow.
    spans : mapping of articulator to (E, 2) float64
        From when to when it is at full strength, seconds; sorted, apart from each other.
    """

    articulation: Articulation
    spans: Mapping[str, np.ndarray]

    def at(self, seconds: np.ndarray) -> dict[str, np.ndarray]:
        """Each articulator (T,) float64 in [0, 1], 0 at rest, at rising times (T,); the same for any blocks."""
        times = np.asarray(seconds, dtype=np.float64)
        if not len(times):
            return {name: np.zeros(0) for name in DIRECT_ARTICULATORS}
        moved = self.articulation.at(times)
        resting = REST.values[TONGUE]
        strengths = {
            "tongue_tip": np.clip((moved[:, TONGUE] - resting) / (1 - resting), 0.0, 1.0),
            "protrude": np.clip(moved[:, PROTRUDE], 0.0, 1.0),
            **{name: _held(spans, times, *_COMING_GOING[name]) for name, spans in self.spans.items()},
        }
        room = np.clip(moved[:, JAW] / _TONGUE_ROOM, 0.0, 1.0) * (1 - strengths["seal"])
        strengths["tongue_out"] = strengths["tongue_out"] * room  # between lips that meet there is no way out
        strengths["tongue_tip"] = strengths["tongue_tip"] * (1 - strengths["tongue_out"])  # it is one tongue
        return {name: strengths[name] for name in DIRECT_ARTICULATORS}


def articulate_direct(heard: Heard, *, fps: Fraction, style: Style | None = None) -> DirectArticulation:
    """The articulators behind the landmarks for what was heard.

    Parameters
    ----------
    fps : Fraction
        Every closing of the lips is at full strength on at least one frame of this rate.
    """
    articulation = articulate(heard, style=style)
    frames = frame_count(heard.seconds, fps)
    phones = heard.track.phones
    spans = {
        name: _joined([(phone.start_seconds, phone.end_seconds) for phone in phones if phone.symbol in symbols])
        for name, symbols in _SPOKEN.items()
    }
    for name, events in (("lip_in", articulation.tucks), ("seal", articulation.seals)):
        spans[name] = _joined([(event.start_seconds, event.end_seconds) for event in on_frames(events, fps, frames)])
    return DirectArticulation(articulation, spans)


def driven(
    direct: Mapping[str, Mapping[str, float]],
    articulators: Mapping[str, np.ndarray],
    rig: RigSpec,
    *,
    only: Collection[str] | None = None,
) -> np.ndarray:
    """What the articulators add to the controllers of a rig.

    Parameters
    ----------
    direct : mapping of articulator to {controller: change from neutral at full strength}
        A character's table.
    articulators : mapping of articulator to (T,) float64
        In [0, 1], as `DirectArticulation.at` gives them.
    only : collection of str, optional
        Controllers that may be driven: those that no landmark shows. The others follow the landmarks already.

    Returns
    -------
    (T, K) float64
        Change from neutral, controller units; neutral + change is within the limits.

    Raises
    ------
    SfpError
        The table names an articulator or a controller that there is not.
    """
    unknown = sorted(set(direct) - set(articulators))
    if unknown:
        known = ", ".join(articulators)
        raise SfpError(f"direct table of {rig.name}: no articulator {', '.join(map(repr, unknown))}; expected {known}")
    frames = len(next(iter(articulators.values()))) if articulators else 0
    changes = np.zeros((frames, len(rig.names)))
    for articulator, drive in direct.items():
        for name, full in drive.items():
            place = rig.index(name)
            if only is None or name in only:
                changes[:, place] += full * articulators[articulator]
    return np.clip(changes, rig.minimum - rig.neutral, rig.maximum - rig.neutral)


def _joined(spans: Sequence[tuple[float, float]]) -> np.ndarray:
    """(E, 2) float64: sorted, those that touch as one."""
    joined: list[list[float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return np.array(joined, dtype=np.float64).reshape(-1, 2)


def _held(spans: np.ndarray, times: np.ndarray, coming: float, going: float) -> np.ndarray:
    """(T,) float64: 1 within every span, rising before it and falling behind it as half a cosine."""
    if not len(spans):
        return np.zeros(len(times))
    after = np.searchsorted(spans[:, 0], times, side="right")
    since = times - np.where(after > 0, spans[np.maximum(after - 1, 0), 1], -np.inf)
    until = np.where(after < len(spans), spans[np.minimum(after, len(spans) - 1), 0], np.inf) - times
    apart = np.minimum(np.clip(since / going, 0.0, 1.0), np.clip(until / coming, 0.0, 1.0))
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * apart))
