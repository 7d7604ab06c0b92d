"""Pictures and a sound to a film file, streamed: memory does not grow with the film's length."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import written_whole

_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov"}
_SOUND_RATE = 48000
_SOUND_BITS_PER_SECOND = 160_000
# Seconds by which the sound is written ahead of the pictures: enough that the muxer never waits with many pictures.
_AHEAD_SECONDS = 0.5
# crf 18 cannot be told from the source by eye. No B-frames: then no picture needs an edit list to be shown on time,
# which not every player honours.
_X264_OPTIONS = {"crf": "18", "preset": "medium", "bf": "0"}
_BT709 = 1  # ISO/IEC 23091-2, the same number for matrix, primaries and transfer
_LIMITED_RANGE = 1  # AVCOL_RANGE_MPEG


def write_film(
    path: Path,
    pictures: Iterable[np.ndarray],
    *,
    fps: Fraction,
    sound: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write a film that common players and browsers show: H.264 (yuv420p, BT.709) and AAC, ready to stream.

    Parameters
    ----------
    path : Path
        Ends in .mp4, .m4v or .mov. Replaced only when all went well.
    pictures : iterable of (H, W, 3) uint8
        sRGB, all of one size, H and W even. Taken one at a time; picture i is shown from i / fps.
    fps : Fraction
        Pictures a second, kept exactly (24000/1001 stays so).
    sound : Path, optional
        Any file with sound that FFmpeg reads. Its first sample is heard at time 0, and it is kept to its end even where
        the pictures end before. More than two channels are mixed to two.
    progress : callable, optional
        Called after every picture with the number of pictures written so far.

    Returns
    -------
    path : Path
        As given.

    Raises
    ------
    SfpError
        No pictures, pictures that do not fit, a sound that cannot be read, or a disk that refuses.
    """
    path = Path(path)
    if path.suffix.lower() not in _FORMATS:
        raise SfpError(f"{path}: expected a name that ends in {', '.join(_FORMATS)}")
    if not 0 < fps <= 1000:
        raise SfpError(f"{path}: frame rate {fps}; expected above 0 and up to 1000 frames a second")
    checked = _checked(pictures, path)
    first = next(checked, None)
    if first is None:
        raise SfpError(f"{path}: no pictures to write; expected at least one")
    with _sound_stream(sound) as source, written_whole(path) as temporary, _encoding(path):
        options = {"movflags": "+faststart"}
        with av.open(f"file:{temporary}", "w", format=_FORMATS[path.suffix.lower()], options=options) as film:
            _write(film, itertools.chain([first], checked), fps, source, progress)
    return path


def _write(
    film: Any,
    pictures: Iterator[np.ndarray],
    fps: Fraction,
    source: "_Sound | None",
    progress: Callable[[int], None] | None,
) -> None:
    first = next(pictures)
    video = film.add_stream("libx264", rate=fps, options=_X264_OPTIONS)
    video.height, video.width = first.shape[:2]
    video.pix_fmt = "yuv420p"
    context = video.codec_context
    context.time_base = 1 / fps
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = _LIMITED_RANGE
    audio: Any = None
    if source is not None:
        audio = film.add_stream("aac", rate=_SOUND_RATE, layout=source.layout)
        audio.bit_rate = _SOUND_BITS_PER_SECOND
    for index, picture in enumerate(itertools.chain([first], pictures)):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
            format="yuv420p", src_color_range="JPEG", dst_color_range="MPEG", dst_colorspace="ITU709"
        )
        frame.pts, frame.time_base = index, 1 / fps
        film.mux(video.encode(frame))
        if source is not None:
            for block in source.until(float((index + 1) / fps) + _AHEAD_SECONDS):
                film.mux(audio.encode(block))
        if progress is not None:
            progress(index + 1)
    film.mux(video.encode(None))
    if source is not None:
        for block in source.until(float("inf")):
            film.mux(audio.encode(block))
        film.mux(audio.encode(None))


def _checked(pictures: Iterable[np.ndarray], path: Path) -> Iterator[np.ndarray]:
    """The pictures, each looked at before it is handed on."""
    shape: tuple[int, ...] | None = None
    for index, picture in enumerate(pictures):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise SfpError(
                f"{path}: picture {index} is {picture.dtype} of shape {picture.shape}; expected uint8 (H, W, 3)"
            )
        if shape is None and (picture.shape[0] % 2 or picture.shape[1] % 2 or 0 in picture.shape):
            raise SfpError(
                f"{path}: pictures are {picture.shape[1]} x {picture.shape[0]} pixels; H.264 needs even sizes: "
                "render one pixel more or less"
            )
        if shape is not None and picture.shape != shape:
            raise SfpError(f"{path}: picture {index} has shape {picture.shape}; expected {shape} as the first one")
        shape = picture.shape
        yield np.ascontiguousarray(picture)


class _Sound:
    """The sound of an open file, in blocks of `_SOUND_RATE`, with time counted from its first sample."""

    def __init__(self, path: Path, container: Any) -> None:
        stream = container.streams.audio[0]
        self.layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        self._path = path
        self._decoded = container.decode(stream)
        self._resampler = av.AudioResampler(format="fltp", layout=self.layout, rate=_SOUND_RATE)
        self._samples = 0
        self._at_end = False

    def until(self, seconds: float) -> Iterator[Any]:
        """The blocks that begin before this time and were not handed out yet."""
        while not self._at_end and self._samples < seconds * _SOUND_RATE:
            try:
                decoded = next(self._decoded, None)
                self._at_end = decoded is None
                blocks = self._resampler.resample(decoded)
            except (
                av.FFmpegError,
                ValueError,
            ) as error:  # ValueError: PyAV, when the number of channels changes midway
                raise SfpError(f"{self._path}: the sound cannot be decoded ({error})") from error
            for block in blocks:  # counted anew: the file may say that its sound begins late
                block.pts, block.time_base = self._samples, Fraction(1, _SOUND_RATE)
                self._samples += block.samples
                yield block


@contextmanager
def _sound_stream(path: Path | None) -> Iterator[_Sound | None]:
    if path is None:
        yield None
        return
    try:
        container = av.open(f"file:{path}", metadata_errors="ignore")
    except (av.FFmpegError, OSError) as error:
        raise SfpError(f"{path}: cannot be opened as a sound ({error.strerror})") from error
    with container:
        if not container.streams.audio:
            raise SfpError(f"{path}: holds no sound; expected a file such as speech.wav")
        yield _Sound(path, container)


@contextmanager
def _encoding(path: Path) -> Iterator[None]:
    """Turns an encoder's complaint into ours."""
    try:
        yield
    except av.FFmpegError as error:
        raise SfpError(f"{path}: the film cannot be encoded ({error.strerror}); nothing was left there") from error
