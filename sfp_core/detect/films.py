"""The pictures of a film file, one at a time: memory does not grow with the film's length."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from sfp_core.errors import SfpError

_SPARE = 2  # containers may promise so many frames more than there are


@dataclass(frozen=True)
class Film:
    """What a film says of itself.

    Attributes
    ----------
    path : Path
    fps : Fraction
        Frames a second, the mean where the rate is uneven.
    frames : int
        How many there should be; 0 where the container does not tell.
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
            fps = stream.average_rate or stream.guessed_rate
            if not fps or fps <= 0:
                raise SfpError(f"{path}: tells no frame rate; expected a film with one")
            return cls(path, Fraction(fps), int(stream.frames), bool(container.streams.audio))

    def pictures(self) -> Iterator[np.ndarray]:
        """Its pictures in order, (H, W, 3) uint8 RGB, turned as the file says.

        Raises
        ------
        SfpError
            The film is broken or cut short; the message names the frame.
        """
        count = 0
        with _opened(self.path) as container:
            try:
                for frame in container.decode(video=0):
                    picture = frame.to_ndarray(format="rgb24")
                    turns = round(getattr(frame, "rotation", 0) / 90) % 4  # counter-clockwise, as rot90
                    yield np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture
                    count += 1
            except av.FFmpegError as error:
                raise SfpError(f"{self.path}: frame {count}: the film is broken there ({error.strerror})") from error
        if count == 0 or count < self.frames - _SPARE:
            raise SfpError(f"{self.path}: ends after {count} of {self.frames or 'its'} frames; the file is cut short")


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
