"""Film and sound as data URIs: what a page plays without any other file."""

import base64
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from sfp_core.detect.films import SPARE_FRAMES, Film
from sfp_core.errors import SfpError
from sfp_core.render.film import write_film

LARGEST_BYTES = 64 * 2**20  # browsers load pages of that size within seconds, and mail programs have long given up
_SOUND_RATE = 48000
_SOUND_BITS_PER_SECOND = 128_000


@dataclass(frozen=True)
class Media:
    """A film or a sound for a page.

    Attributes
    ----------
    uri : str
        `data:...;base64,...`
    sound : bool
        Whether it can be heard.
    """

    uri: str
    sound: bool


def film_media(
    path: Path, *, frames: int, fps: Fraction, size: int | None = None, progress: Callable[[int], None] | None = None
) -> tuple[Media, tuple[str, ...]]:
    """A film to be embedded, and what does not fit: another length or rate than the take's.

    Parameters
    ----------
    frames, fps : int, Fraction
        Of the take.
    size : int, optional
        Largest side of the picture, pixels; a larger film is made smaller. As it is where not given.
    progress : callable, optional
        Called with the number of pictures made smaller so far.

    Raises
    ------
    SfpError
        No film that can be read, or one of more than `LARGEST_BYTES`.
    """
    film = Film.open(path)
    warnings = []
    if film.fps != fps or (film.frames and abs(film.frames - frames) > SPARE_FRAMES):
        warnings.append(
            f"{path.name}: {film.frames} pictures at {film.fps} fps, but the take has {frames} frames at {fps}; "
            "it shows another take, or an older one"
        )
    if size is not None and max(_sides(path)) > size:
        with tempfile.TemporaryDirectory() as folder:
            small = write_film(
                Path(folder) / "small.mp4",
                _smaller(film.pictures(), size),
                fps=film.fps,
                sound=path if film.sound else None,
                progress=progress,
            )
            return Media(_uri(small, "video/mp4", named=path), film.sound), tuple(warnings)
    return Media(_uri(path, "video/mp4", named=path), film.sound), tuple(warnings)


def sound_media(path: Path) -> Media:
    """A sound to be embedded, as AAC, which every browser plays. Raises SfpError where it cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        coded = Path(folder) / "sound.m4a"
        try:
            with av.open(f"file:{path}", metadata_errors="ignore") as source, av.open(f"file:{coded}", "w") as target:
                _encode(source, target, path)
        except av.FFmpegError as error:
            raise SfpError(f"{path}: the sound cannot be put on the page ({error.strerror})") from error
        return Media(_uri(coded, "audio/mp4", named=path), sound=True)


def _encode(source: Any, target: Any, path: Path) -> None:
    """The first audio stream as AAC, its first sample at 0 s."""
    if not source.streams.audio:
        raise SfpError(f"{path}: there is no sound in this file; expected an audio stream")
    stream = source.streams.audio[0]
    layout = "mono" if stream.codec_context.channels == 1 else "stereo"
    coded = target.add_stream("aac", rate=_SOUND_RATE, layout=layout)
    coded.bit_rate = _SOUND_BITS_PER_SECOND
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=_SOUND_RATE)
    samples = 0
    for frame in (*_frames(source, stream), None):
        for block in resampler.resample(frame):
            block.pts, block.time_base = samples, Fraction(1, _SOUND_RATE)
            samples += block.samples
            target.mux(coded.encode(block))
    target.mux(coded.encode(None))


def _frames(source: Any, stream: Any) -> Iterator[Any]:
    for frame in source.decode(stream):
        frame.pts = None  # gaps in the file's clock are not samples, as in `speech.audio`
        yield frame


def _sides(path: Path) -> tuple[int, int]:
    with av.open(f"file:{path}", metadata_errors="ignore") as container:
        video = container.streams.video[0]
        return video.width, video.height


def _smaller(pictures: Iterator[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """The pictures with their larger side `size`; both sides even, as H.264 wants them."""
    for picture in pictures:
        height, width = picture.shape[:2]
        share = size / max(width, height)
        sides = tuple(max(2, round(side * share / 2) * 2) for side in (width, height))
        yield np.asarray(Image.fromarray(picture).resize(sides, Image.Resampling.LANCZOS))


def _uri(path: Path, kind: str, *, named: Path) -> str:
    """A file's bytes as a data URI. Raises SfpError, about the file `named`, when it is too large for a page."""
    length = path.stat().st_size
    if length > LARGEST_BYTES:
        raise SfpError(
            f"{named}: {length / 2**20:.0f} MB, too large for a page; expected at most {LARGEST_BYTES >> 20} MB"
        )
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
