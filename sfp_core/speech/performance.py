"""What a speaker does beside the words: blinks, brows, glances and the head; seeded, and each to be switched off.

Rates: people blink 26 times a minute in conversation and 17 at rest, at log-normal intervals (Bentivoglio 1997;
Doughty 2001), at phrase ends and with stress; opening takes twice as long as closing. The head moves below 2 Hz and
with the voice (Munhall 2004).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sfp_core.landmarks import Event
from sfp_core.speech.articulators import Style
from sfp_core.speech.cascade import Heard
from sfp_core.speech.closures import closeness, on_frames
from sfp_core.speech.phones import VOWELS
from sfp_core.timing import frame_count, frame_nearest, frame_seconds

_BLINK_SECONDS = {True: 3.0, False: 4.0}  # mean interval when speaking, and at rest
_BLINK_SPREAD = 0.45  # standard deviation of the logarithm of the interval
_BLINK_SNAP, _BLINK_APART = 0.5, 0.8
_BLINK_CLOSE, _BLINK_OPEN, _BLINK_SHUT = 0.08, 0.16, 0.024
_EDGE_SECONDS = 0.3  # no blink so near the ends
_PHRASE_PAUSE = 0.12
_BROW_APART, _NOD_APART = 1.4, 0.6
_SWAY_DEG = np.array([0.7, 1.5, 0.8])  # pitch, yaw, roll: root mean square of the slow sway when speaking
_SWAY_WAVES = 5
_BREATH_HZ, _BREATH_DEG = 0.23, 0.35
_GAZE_SECONDS, _DART_SECONDS = 2.4, 0.07


@dataclass(frozen=True)
class Moves:
    """Lids (T,), brows (T,), gaze (T, 2) as in `mouth.Expression`, and head (T, 3) degrees: pitch, yaw, roll."""

    lids: np.ndarray
    brows: np.ndarray
    gaze: np.ndarray
    head_deg: np.ndarray


@dataclass(frozen=True)
class Performance:
    """A planned performance; short lists of what happens when, evaluated where it is asked for.

    Attributes
    ----------
    blinks : tuple of Event
        When the lids are shut; each contains the time of a frame.
    brows, nods : (E, 2) float64
        Time (seconds) and size of each brow raise (share of reach) and nod (degrees).
    glances : (G, 3) float64
        Time (seconds) and the direction looked to from then on (shares of the eye's width).
    sway : (3, W, 3) float64
        For each axis, W waves of frequency (Hz), phase (radians) and amplitude (degrees).
    activity : (A,) float64
        At 10 Hz: how much the speaker is speaking, in [0, 1].
    """

    blinks: tuple[Event, ...]
    brows: np.ndarray
    nods: np.ndarray
    glances: np.ndarray
    sway: np.ndarray
    activity: np.ndarray

    def at(self, seconds: np.ndarray) -> Moves:
        """Everything at rising times (T,)."""
        times = np.asarray(seconds, dtype=np.float64)
        lids = closeness(self.blinks, times, coming=_BLINK_CLOSE, going=_BLINK_OPEN)
        brows = np.clip(_bumps(self.brows, times, rise=0.10, fall=0.22), 0.0, 1.0)
        return Moves(lids, brows, self._gaze(times), self._head(times))

    def _gaze(self, times: np.ndarray) -> np.ndarray:
        if not len(self.glances):
            return np.zeros((len(times), 2))
        starts = self.glances[:, 0]
        knots = np.stack([starts, starts + _DART_SECONDS], axis=1).reshape(-1)
        columns = []
        for column in (1, 2):
            values = self.glances[:, column]
            before = np.concatenate([[0.0], values[:-1]])
            columns.append(np.interp(times, knots, np.stack([before, values], axis=1).reshape(-1)))
        return np.stack(columns, axis=1)

    def _head(self, times: np.ndarray) -> np.ndarray:
        active = np.interp(times, np.arange(len(self.activity)) / 10, self.activity)
        head = np.empty((len(times), 3))
        for axis in range(3):
            frequency, phase, amplitude = self.sway[axis].T
            waves = amplitude * np.sin(2 * np.pi * frequency * times[:, None] + phase)
            head[:, axis] = waves.sum(axis=1) * (0.4 + 0.6 * active)
        breath = self.sway[0, 0, 2] > 0  # a head held still does not breathe either
        head[:, 0] += breath * _BREATH_DEG * np.sin(2 * np.pi * _BREATH_HZ * times + self.sway[0, 0, 1])
        head[:, 0] += _bumps(self.nods, times, rise=0.13, fall=0.26)
        return head


def plan(heard: Heard, fps: Fraction, *, seed: int, style: Style | None = None) -> Performance:
    """Plan a performance for what was heard. The same seed gives the same; each part has its own random stream."""
    style = style or Style()
    seconds = float(heard.seconds)
    streams = {
        name: np.random.default_rng((seed, place)) for place, name in enumerate(("blink", "brow", "gaze", "head"))
    }
    stressed = _stressed(heard)
    activity = _activity(heard)
    blinks = _blinks(heard, fps, stressed, streams["blink"]) if style.blinks else ()
    brows = _spaced(stressed, 0.9, _BROW_APART)
    nods = _spaced(stressed, 0.3, _NOD_APART)
    brows[:, 1] = np.clip(brows[:, 1] * streams["brow"].uniform(0.18, 0.34, len(brows)), 0.0, 0.7) * style.brows
    nods[:, 1] = np.clip(nods[:, 1], 0.3, 1.6) * streams["head"].uniform(0.7, 1.7, len(nods)) * style.head
    frequency = streams["head"].uniform(0.07, 0.55, (3, _SWAY_WAVES))
    phase = streams["head"].uniform(0, 2 * np.pi, (3, _SWAY_WAVES))
    size = np.sqrt(2 / _SWAY_WAVES) * np.broadcast_to(_SWAY_DEG[:, None], frequency.shape) * style.head
    return Performance(
        blinks=blinks,
        brows=brows,
        nods=nods,
        glances=_glances(seconds, style.gaze, streams["gaze"]),
        sway=np.stack([frequency, phase, size], axis=2),
        activity=activity,
    )


def _stressed(heard: Heard) -> np.ndarray:
    """Vowels louder than most: time (seconds) and standard deviations above the mean, (E, 2)."""
    vowels = [phone for phone in heard.track.phones if phone.symbol in VOWELS]
    if not vowels:
        return np.zeros((0, 2))
    middles = np.array([0.5 * (phone.start_seconds + phone.end_seconds) for phone in vowels])
    levels = heard.loudness.level_at(middles)
    lengths = np.array([phone.seconds for phone in vowels])
    loud = (levels - levels.mean()) / max(float(levels.std()), 0.05)
    long = (lengths - lengths.mean()) / max(float(lengths.std()), 0.02)  # stress is length as much as loudness
    score = (loud + long) / np.sqrt(2)
    starts = np.array([phone.start_seconds for phone in vowels])
    return np.asarray(np.stack([starts, score], axis=1)[score > 0.3])


def _spaced(moments: np.ndarray, least: float, apart: float) -> np.ndarray:
    """The strongest moments of at least this score that keep this distance, in time order; a copy."""
    kept: list[int] = []
    for index in np.argsort(-moments[:, 1], kind="stable"):
        time, score = moments[index]
        if score >= least and all(abs(time - moments[other, 0]) >= apart for other in kept[-64:]):
            kept.append(int(index))
    return moments[sorted(kept)].copy()


def _activity(heard: Heard) -> np.ndarray:
    level = np.asarray(heard.loudness.level, dtype=np.float64)
    coarse = np.pad(level, (0, -len(level) % 10)).reshape(-1, 10).mean(axis=1) if len(level) else np.zeros(1)
    kernel = np.exp(-0.5 * (np.arange(-20, 21) / 6.0) ** 2)  # 0.6 s
    smooth = np.convolve(np.pad(coarse, 20), kernel / kernel.sum(), "valid")
    return np.asarray(np.clip(1.6 * smooth, 0.0, 1.0))


def _blinks(heard: Heard, fps: Fraction, stressed: np.ndarray, random: np.random.Generator) -> tuple[Event, ...]:
    seconds = float(heard.seconds)
    phones = heard.track.phones
    starts = np.array([phone.start_seconds for phone in phones])
    pauses = [phone.start_seconds for phone in phones if not phone.symbol and phone.seconds > _PHRASE_PAUSE]
    moments = np.sort(np.concatenate([np.array(pauses), stressed[:, 0]]))
    shut: list[float] = []
    time = random.uniform(0.2, 1.0) * _BLINK_SECONDS[False]
    while time < seconds - _EDGE_SECONDS:
        near = moments[np.abs(moments - time) < _BLINK_SNAP]
        near = near[(near > (shut[-1] + _BLINK_APART if shut else _EDGE_SECONDS)) & (near < seconds - _EDGE_SECONDS)]
        shut.append(float(near[np.argmin(np.abs(near - time))]) if len(near) else time)
        speaking = bool(phones[int(np.searchsorted(starts, time, side="right")) - 1].symbol)
        mean = _BLINK_SECONDS[speaking]
        interval = random.lognormal(np.log(mean) - _BLINK_SPREAD**2 / 2, _BLINK_SPREAD)
        time = max(time + interval, shut[-1] + _BLINK_APART)
    if not shut and seconds >= 2 * _EDGE_SECONDS + 0.4:  # a short clip is not a stare
        shut = [random.uniform(_EDGE_SECONDS, seconds - _EDGE_SECONDS)]
    frames = frame_count(heard.seconds, fps)
    events = []
    for moment in shut:
        on = frame_seconds(min(frame_nearest(moment, fps), frames - 1), fps)
        events.append(Event("blink", max(on - _BLINK_SHUT / 2, 0.0), on + _BLINK_SHUT / 2))
    return on_frames(events, fps, frames)


def _glances(seconds: float, size: float, random: np.random.Generator) -> np.ndarray:
    glances = []
    time = random.uniform(0.5, 2.0)
    away = False
    while time < seconds:
        away = not away and random.random() < 0.55
        direction = random.normal(0, (0.06, 0.03)) if away else random.normal(0, (0.012, 0.01))
        glances.append((time, *np.clip(direction * size, -0.12, 0.12)))
        time += random.lognormal(np.log(_GAZE_SECONDS * (0.5 if away else 1.0)), 0.5) + _DART_SECONDS
    return np.array(glances).reshape(-1, 3)


def _bumps(events: np.ndarray, times: np.ndarray, *, rise: float, fall: float) -> np.ndarray:
    """Sum of soft bumps of (time, size) rows; `rise` and `fall` are standard deviations in seconds."""
    total = np.zeros(len(times))
    near = (
        events[(events[:, 0] > times[0] - 5 * fall) & (events[:, 0] < times[-1] + 5 * rise)] if len(times) else events
    )
    for centre, size in near:
        first, last = np.searchsorted(times, (centre - 5 * rise, centre + 5 * fall))
        since = times[first:last] - centre
        total[first:last] += size * np.exp(-0.5 * (since / np.where(since < 0, rise, fall)) ** 2)
    return total
