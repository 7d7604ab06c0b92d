"""The landmarks of one face through a film file."""

from collections.abc import Iterator, Sequence

import numpy as np

from sfp_core.detect.crop import Box
from sfp_core.detect.detector import Detection, Detector
from sfp_core.detect.films import Film
from sfp_core.detect.steady import without_gaps
from sfp_core.errors import SfpError
from sfp_core.landmarks import LandmarkSequence
from sfp_core.progress import Step


def followed(
    film: Film, detector: Detector, *, box: Box | None = None, steadied: bool = True, step: Step
) -> list[Detection | None]:
    """One face through a film, see `Detector.track`.

    Parameters
    ----------
    step : callable
        Told how many frames are done.

    Raises
    ------
    SfpError
        A film that is broken or cut short, or a box outside it; the message names the film.
    """

    def pictures() -> Iterator[np.ndarray]:
        for index, picture in enumerate(film.pictures()):
            yield picture
            step(index + 1)

    try:
        return detector.track(pictures(), box, fps=film.fps, steadied=steadied)
    except SfpError as error:
        if str(error).startswith(str(film.path)):
            raise
        raise SfpError(f"{film.path}: {error}") from error


def sequence_of(
    film: Film, faces: Sequence[Detection | None], detector: Detector, *, steadied: bool = True
) -> LandmarkSequence:
    """The landmarks of a followed face, at least one of it seen: frames without it are bridged, with confidence 0."""
    count = detector.layout.count
    points = np.stack([np.full((count, 2), np.nan) if face is None else face.landmarks.points for face in faces])
    confidence = np.stack([np.zeros(count) if face is None else face.landmarks.confidence for face in faces])
    info = {
        "source": film.path.name,
        "detector_sha256": detector.sha256,
        "filter": "steady" if steadied else "none",
    }
    bridged = without_gaps(points, np.arange(len(faces)) / float(film.fps))
    return LandmarkSequence(bridged, film.fps, detector.layout, "image", confidence, info=info)
