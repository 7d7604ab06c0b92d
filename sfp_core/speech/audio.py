"""Sound of any file PyAV can open as blocks of 16 kHz mono, with flat memory and an exact length."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sfp_core.errors import SfpError

if TYPE_CHECKING:
    import av

SPEECH_HZ = 16000


class SoundReader:
    """One pass over a sound, block by block.

    Iterate once; afterwards `seconds` holds the exact length. The sound of a video file is its first audio stream,
    and its first sample is time 0.

    Attributes
    ----------
    expected_seconds : float or None
        What the file says of its length before it is decoded; for progress bars only.
    """

    def __init__(self, path: Path, *, block_seconds: float = 30) -> None:
        self.path = Path(path)
        self.expected_seconds: float | None = None
        self._block_samples = max(1, round(block_seconds * SPEECH_HZ))
        self._seconds: Fraction | None = None
        _refuse_unreadable(self.path)

    @property
    def seconds(self) -> Fraction:
        """Exact length: samples counted over the file's own rate. Known when all blocks have been read."""
        if self._seconds is None:
            raise RuntimeError(f"{self.path}: the length is known only after all blocks have been read")
        return self._seconds

    def __iter__(self) -> Iterator[np.ndarray]:
        """(n,) float32 mono blocks at 16 kHz, all but the last `block_seconds` long.

        Raises
        ------
        SfpError
            Not a sound, no audio stream, no samples, samples that are not finite, or a damaged file.
        """
        waiting: list[np.ndarray] = []
        held = 0
        for piece in self._resampled():
            waiting.append(piece)
            held += len(piece)
            while held >= self._block_samples:
                joined = np.concatenate(waiting)
                yield joined[: self._block_samples]
                waiting = [joined[self._block_samples :]]
                held = len(waiting[0])
        if held:
            yield np.concatenate(waiting)

    def _resampled(self) -> Iterator[np.ndarray]:
        seconds = Fraction(0)
        setup: tuple[str, str, int] | None = None
        resampler: Any = None
        for frame in self._frames():
            if setup != (found := (frame.format.name, frame.layout.name, frame.sample_rate)):
                if resampler is not None:  # a stream may change its rate half-way
                    yield from _samples(resampler.resample(None))
                resampler, setup = _new_resampler(), found
            self._refuse_not_finite(frame, seconds)
            seconds += Fraction(frame.samples, frame.sample_rate)
            frame.pts = None  # gaps in the file's clock are not samples
            yield from _samples(resampler.resample(frame))
        if resampler is None or seconds == 0:
            raise SfpError(f"{self.path}: the sound has a length of zero; expected at least one sample")
        yield from _samples(resampler.resample(None))
        self._seconds = seconds

    def _frames(self) -> Iterator["av.AudioFrame"]:
        import av
        from av.error import FFmpegError

        try:
            with av.open(f"file:{self.path}", metadata_errors="ignore") as container:
                if not container.streams.audio:
                    raise SfpError(f"{self.path}: there is no sound in this file; expected an audio stream")
                stream = container.streams.audio[0]
                if stream.duration is not None and stream.time_base is not None:
                    self.expected_seconds = float(stream.duration * stream.time_base)
                elif container.duration is not None:
                    self.expected_seconds = container.duration / 1e6  # ffmpeg's AV_TIME_BASE
                yield from container.decode(stream)
        except FFmpegError as error:
            raise SfpError(
                f"{self.path}: not a sound that can be read ({error.strerror}); expected WAV, FLAC, MP3, M4A, OGG, "
                "or a video with sound"
            ) from error

    def _refuse_not_finite(self, frame: "av.AudioFrame", seconds: Fraction) -> None:
        if not frame.format.name.startswith(("flt", "dbl")):
            return
        samples = frame.to_ndarray()
        finite = np.isfinite(samples)
        if not finite.all():
            bad = np.flatnonzero(~finite.all(axis=0))  # packed formats interleave their channels in one row
            first = int(bad[0]) // (1 if frame.format.is_planar else len(frame.layout.channels))
            at = float(seconds) + first / frame.sample_rate
            raise SfpError(
                f"{self.path}: the sound is not a number (NaN or infinite) at {at:.3f} s; expected finite samples, "
                "export it again"
            )


def read_blocks(path: Path, *, block_seconds: float = 30) -> Iterator[np.ndarray]:
    """(n,) float32 mono blocks at 16 kHz of any sound or video file; see `SoundReader`."""
    return iter(SoundReader(path, block_seconds=block_seconds))


def sound_seconds(path: Path) -> Fraction:
    """Exact length in seconds, samples counted over the file's own rate; decodes the whole file."""
    reader = SoundReader(path)
    for _ in reader:
        pass
    return reader.seconds


def _refuse_unreadable(path: Path) -> None:
    if not path.exists():
        raise SfpError(f"{path}: no such file")
    if path.is_dir():
        raise SfpError(f"{path}: is a folder; expected a sound file")
    if path.stat().st_size == 0:
        raise SfpError(f"{path}: the file is empty; expected a sound")


def _new_resampler() -> Any:
    from av import AudioResampler

    return AudioResampler(format="flt", layout="mono", rate=SPEECH_HZ)


def _samples(frames: list[Any]) -> Iterator[np.ndarray]:
    for frame in frames:
        if frame.samples:
            yield frame.to_ndarray().reshape(-1).astype(np.float32, copy=False)
