"""The pictures of a film file, one at a time: memory does not grow with the film's length."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from sfp_core.errors import SfpError

SPARE_FRAMES = 2  # containers may promise so many frames more than there are

_LONGEST_GAP_SECONDS = 600  # a still that is held longer is taken for a broken clock
_FINEST_RATE = 120  # clocks that tick faster are the container's, not the camera's
_LEAST_SHARE = 4  # ... or that tick oftener than so many times a frame
_ONE = 1 << 16  # 1 in the 16.16 fixed point of a display matrix (ISO/IEC 14496-12, 8.3.2)


@dataclass(frozen=True)
class Film:
    """What a film says of itself.

    Attributes
    ----------
    path : Path
    fps : Fraction
        Frames a second. Where the rate is uneven: of the clock that the frames are taken from, if it is a camera's,
        else the mean.
    frames : int
        How many pictures at that rate there should be; 0 where the container does not tell. Within a frame or two of
        the truth where the rate is uneven.
    sound : bool
        Whether it has a sound track.
    """

    path: Path
    fps: Fraction
    frames: int
    sound: bool

    @classmethod
    def open(cls, path: Path) -> "Film":
        """Look at a film. Raises SfpError: no such file, no film, no pictures in it."""
        path = Path(path)
        with _opened(path) as container:
            stream = container.streams.video[0]
            mean, clock = stream.average_rate or stream.guessed_rate, stream.base_rate
            if not mean or mean <= 0:
                raise SfpError(f"{path}: tells no frame rate; expected a film with one")
            frames, fps = int(stream.frames), Fraction(mean)
            if clock and mean < clock <= min(_FINEST_RATE, _LEAST_SHARE * mean):
                fps = Fraction(clock)
                frames = round(stream.duration * stream.time_base * fps) if stream.duration else 0
            return cls(path, fps, frames, bool(container.streams.audio))

    def pictures(self) -> Iterator[np.ndarray]:
        """Its pictures in order, (H, W, 3) uint8 RGB, turned as the file says; picture i is the one shown at i / fps.

        Where the rate is uneven, a picture that is shown longer comes several times, and one that is shown for less
        than a frame may be left out. So what is found in them stays with the sound.

        Raises
        ------
        SfpError
            The film is broken or cut short; the message names the frame.
        """
        shown: np.ndarray | None = None
        given = 0
        for place, picture in self._decoded():
            if shown is not None:
                for _ in range(given, place):  # none where the next picture has the same place
                    yield shown
                given = max(given, place)
            shown = picture
        if shown is not None:
            yield shown

    def _decoded(self) -> Iterator[tuple[int, np.ndarray]]:
        """Every picture of the file and its place at the film's rate, from 0."""
        count, place, promised = 0, -1, 0
        start: float | None = None
        with _opened(self.path) as container:
            promised = int(container.streams.video[0].frames)
            try:
                for frame in container.decode(video=0):
                    if frame.time is None:
                        place += 1
                    else:
                        start = frame.time if start is None else start
                        before, place = place, max(place, round((frame.time - start) * float(self.fps)))
                        if place - before > _LONGEST_GAP_SECONDS * self.fps:
                            raise SfpError(
                                f"{self.path}: frame {count}: its time is {frame.time:.0f} s, over "
                                f"{_LONGEST_GAP_SECONDS} s after the frame before; the file's clock is broken"
                            )
                    yield place, _upright(frame)
                    count += 1
            except av.FFmpegError as error:
                raise SfpError(f"{self.path}: frame {count}: the film is broken there ({error.strerror})") from error
        if count == 0 or count < promised - SPARE_FRAMES:
            raise SfpError(f"{self.path}: ends after {count} of {promised or 'its'} frames; the file is cut short")


def _upright(frame: Any) -> np.ndarray:
    """A frame as it is to be shown: quarter turns and mirrorings of its display matrix are carried out.

    The matrix takes a point (x, y) of the stored picture, y down, to (a x + c y, b x + d y).
    """
    picture = frame.to_ndarray(format="rgb24")
    matrix = next((np.frombuffer(side, "=i4") for side in frame.side_data if side.type.name == "DISPLAYMATRIX"), None)
    if matrix is None or len(matrix) != 9:
        return np.asarray(picture)
    a, b, c, d = (round(int(number) / _ONE) for number in matrix[[0, 1, 3, 4]])
    if (abs(a), abs(b), abs(c), abs(d)) == (0, 1, 1, 0):
        picture, a, d = picture.swapaxes(0, 1), c, b
    elif (abs(a), abs(b), abs(c), abs(d)) != (1, 0, 0, 1):
        return np.asarray(picture)  # no quarter turn: players show it as it is stored
    return np.ascontiguousarray(picture[:: 1 if d > 0 else -1, :: 1 if a > 0 else -1])


def _opened(path: Path) -> Any:
    if not path.is_file():
        raise SfpError(f"{path}: no such film")
    try:
        container = av.open(f"file:{path}", metadata_errors="ignore")
    except (av.FFmpegError, OSError) as error:
        raise SfpError(f"{path}: cannot be opened as a film ({error.strerror})") from error
    if not container.streams.video:
        container.close()
        raise SfpError(f"{path}: holds no pictures; expected a film")
    return container
