"""The audio front end: what MakeItTalk's networks are told of a sound.

16 kHz, one level, a high-pass, 80 mel bands and the pitch every 256 samples (62.5 frames a second), and the voice.
Frame i is centred on sample 256 i, at i / 62.5 s. Shapes: n samples, T mel frames.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.signal import butter, filtfilt, get_window

from makeittalk_bridge.autovc import MEL_BANDS
from makeittalk_bridge.folder import checked_voice
from makeittalk_bridge.pitch import HOP, log_f0, pitch_classes
from makeittalk_bridge.recurrent import WINDOW_FRAMES
from makeittalk_bridge.voice import measured_voice
from sfp_core.errors import SfpError
from sfp_core.speech.audio import SPEECH_HZ, read_blocks

FPS = Fraction(SPEECH_HZ, HOP)  # 62.5

_LEVEL_DB = -20.0  # dBFS
_FFT = 1024
_LOWEST_HZ, _HIGHEST_HZ = 90.0, 7600.0
_RUMBLE_HZ, _RUMBLE_ORDER = 30, 5
_HEADROOM = 0.95
_DITHER = 1e-6  # peak to peak
_FLOOR = 1e-5  # of a mel band; -100 dB
_BLOCK = 2048  # frames at once
_SAMPLE_MAX = 32768  # of 16 bits


@dataclass(frozen=True)
class Heard:
    """What the networks are told of one sound.

    Attributes
    ----------
    mel : (T, 80) float32
        About 0 (silence: -0.16) to 1.
    pitch : (T,) int64
        Class of pitch in 0..256; 0 is unvoiced.
    voice : (256,) float32
        As recorded, for the speaker-aware branch.
    levelled_voice : (256,) float32
        At -20 dBFS, for AutoVC; the same where the voice was supplied.
    """

    mel: np.ndarray
    pitch: np.ndarray
    voice: np.ndarray
    levelled_voice: np.ndarray

    @property
    def frames(self) -> int:
        """How many landmark frames there will be, T - 18: a landmark frame looks at the mel frames up to 17 later."""
        return len(self.mel) - WINDOW_FRAMES


def hear(path: Path, *, voice: np.ndarray | None = None, to_the_end: bool = False) -> Heard:
    """What the networks are told of a sound or video file; see `heard_in`."""
    return heard_in(np.concatenate(list(read_blocks(path))), voice=voice, to_the_end=to_the_end, where=str(path))


def heard_in(
    samples: np.ndarray, *, voice: np.ndarray | None = None, to_the_end: bool = False, where: str = "sound"
) -> Heard:
    """What the networks are told of a sound.

    Parameters
    ----------
    samples : (n,) float
        16 kHz, full scale 1.
    voice : (256,) float, optional
        Whose voice it is; left out: measured by Resemblyzer, if that is installed.
    to_the_end : bool
        Let 0.288 s of silence follow, so that landmarks reach the sound's end: then there are n // 256 + 1 landmark
        frames, one for every frame time in the sound. Otherwise, as in the original, they end 0.288 s before it.

    Raises
    ------
    SfpError
        Not 16 kHz mono samples, or too short for a landmark frame and not `to_the_end`; or a voice that cannot be
        measured, or that is not 256 numbers.
    """
    if np.ndim(samples) != 1 or not np.isfinite(samples).all() or not len(samples):
        raise SfpError(f"{where}: {np.shape(samples)} samples, or not finite ones; expected mono sound")
    have = len(samples) // HOP + 1
    if not to_the_end and have <= WINDOW_FRAMES:
        raise SfpError(
            f"{where}: {len(samples) / SPEECH_HZ:.3f} s, {have} mel frames; MakeItTalk needs at least "
            f"{WINDOW_FRAMES + 1} (from {WINDOW_FRAMES * HOP / SPEECH_HZ:.3f} s) to see a landmark frame; "
            "let silence follow the sound"
        )
    level = levelled(samples)
    if voice is None:
        own, levelled_voice = measured_voice(samples), measured_voice(level)
    else:
        own = levelled_voice = checked_voice(voice, where="the supplied voice")
    clean = cleaned(np.append(level, np.zeros(WINDOW_FRAMES * HOP)) if to_the_end else level)
    mel = mel_spectrogram(clean)
    return Heard(mel.astype(np.float32), pitch_classes(log_f0(clean)), own, levelled_voice)


def levelled(samples: np.ndarray) -> np.ndarray:
    """The sound at -20 dBFS, (n,) float64 in steps of 1/32768, cut off at full scale.

    The original works on 16-bit files: its level is a whole number and its samples are rounded down; both are kept,
    because in a quiet room the steps are louder than the floor of the mel bands. Silence stays silence.
    """
    steps = np.clip(np.round(np.asarray(samples, dtype=np.float64) * _SAMPLE_MAX), -_SAMPLE_MAX, _SAMPLE_MAX - 1)
    level = np.floor(np.sqrt(np.mean(steps**2)))
    if level > 0:
        gain = 10 ** (_LEVEL_DB / 20) * _SAMPLE_MAX / level
        steps = np.floor(np.clip(steps * gain, -_SAMPLE_MAX, _SAMPLE_MAX - 1))
    return np.asarray(steps / _SAMPLE_MAX)


def cleaned(samples: np.ndarray) -> np.ndarray:
    """Without rumble below 30 Hz (forward and backward, so nothing is delayed), a little softer, never quite silent.

    Parameters
    ----------
    samples : (n,) float64

    Returns
    -------
    (n,) float64, or n + 1 where n is a multiple of 256
        The original adds a sample there; for n // 256 + 1 frames it makes no difference.
    """
    if len(samples) % HOP == 0:
        samples = np.append(samples, 1e-6)
    numerator, denominator = butter(_RUMBLE_ORDER, _RUMBLE_HZ, btype="high", fs=SPEECH_HZ)
    steady = filtfilt(numerator, denominator, samples)
    dither = np.random.RandomState(0).random_sample(len(steady)) - 0.5  # the original's very numbers
    return np.asarray(steady * _HEADROOM + dither * _DITHER)


def mel_spectrogram(samples: np.ndarray) -> np.ndarray:
    """Loudness of the mel bands, (n // 256 + 1, 80) float64: (20 log10(max(1e-5, mel)) - 16 + 100) / 100.

    Parameters
    ----------
    samples : (n,) float64
        16 kHz; at its ends the sound is mirrored. `mel` is the magnitude spectrum of 1024 samples through triangles.
    """
    padded = np.pad(samples, _FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP]
    window, bank = get_window("hann", _FFT), mel_bank()
    blocks = [
        np.abs(np.fft.rfft(frames[first : first + _BLOCK] * window)) @ bank.T for first in range(0, len(frames), _BLOCK)
    ]
    decibels = 20 * np.log10(np.maximum(_FLOOR, np.concatenate(blocks))) - 16
    return np.asarray((decibels + 100) / 100)


def mel_bank() -> np.ndarray:
    """(80, 513) triangles from 90 to 7600 Hz, of equal area, evenly spaced on Slaney's mel scale."""
    corners = _hertz(np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), MEL_BANDS + 2))
    bins = np.linspace(0, SPEECH_HZ / 2, _FFT // 2 + 1)
    widths = np.diff(corners)[:, None]
    rising = (bins - corners[:-2, None]) / widths[:-1]
    falling = (corners[2:, None] - bins) / widths[1:]
    area = (corners[2:] - corners[:-2])[:, None] / 2
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) / area)


# Slaney's Auditory Toolbox (1998): 200/3 Hz a mel up to 1000 Hz, from there 27 mels for each factor 6.4.
_LINEAR_HZ, _BREAK_HZ = 200 / 3, 1000.0
_BREAK_MEL, _LOG_STEP = _BREAK_HZ / _LINEAR_HZ, np.log(6.4) / 27


def _mel(hertz: float) -> float:
    if hertz < _BREAK_HZ:
        return hertz / _LINEAR_HZ
    return float(_BREAK_MEL + np.log(hertz / _BREAK_HZ) / _LOG_STEP)


def _hertz(mels: np.ndarray) -> np.ndarray:
    return np.where(mels < _BREAK_MEL, mels * _LINEAR_HZ, _BREAK_HZ * np.exp((mels - _BREAK_MEL) * _LOG_STEP))
