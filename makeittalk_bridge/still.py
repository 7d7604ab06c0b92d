"""From a picture of a face to the template: our detector in the place of the original's."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from makeittalk_bridge.template import Template, TemplateOptions, template_of
from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError
from sfp_core.geometry import normalize
from sfp_core.layout import WFLW_98, ibug68_from_wflw98
from sfp_core.retarget.head_pose import turned_back

if TYPE_CHECKING:
    from sfp_core.detect.detector import Detector

_CERTAIN = 0.75  # mean confidence; faces have 0.95 and more, backgrounds and backs of heads 0.4 to 0.7
# How far a face may be turned: its yaw, and its nose's tip from the middle between the eyes in inter-ocular distances
# (in a profile the eye corners come together, and yaw is no longer to be told). Half-turned faces have 0.5.
_FARTHEST_DEG, _FARTHEST_NOSE = 35.0, 0.6
_NOSE_TIP = 54
_PASSES = 6  # a still is looked at once, so a box that was drawn badly gets time to settle


def template_from(
    path: Path,
    standard_face: np.ndarray,
    *,
    detector: "Detector | None" = None,
    options: TemplateOptions | None = None,
) -> Template:
    """The template of the face in a picture file.

    Parameters
    ----------
    standard_face : (68, 3) float
        MakeItTalk's own; only its depth is used.
    detector : Detector, optional
        The shipped one, where left out.

    Raises
    ------
    SfpError
        No picture; or not exactly one face in it, seen more or less from the front.
    """
    picture = read_picture(path)
    if detector is None:
        from sfp_core.detect.detector import Detector  # loads networks: not before the picture is known to be one

        detector = Detector.load()
    points = one_face(picture, detector, where=str(path))
    return template_of(ibug68_from_wflw98(points), standard_face, options=options, where=str(path))


def one_face(picture: np.ndarray, detector: "Detector", *, where: str) -> np.ndarray:
    """Landmarks (98, 2) float64, pixels, of the only face in a picture (H, W, 3) uint8 RGB.

    Raises
    ------
    SfpError
        No face, several, or one in profile.
    """
    faces = [face.landmarks for face in detector.detect(picture, passes=_PASSES)]
    faces = [face for face in faces if face.confidence.mean() >= _CERTAIN]
    if not faces:
        raise SfpError(f"{where}: no face found; expected a picture of one face, seen from the front")
    if len(faces) > 1:
        raise SfpError(f"{where}: {len(faces)} faces found; expected exactly one: cut the picture to one face")
    points = faces[0].points
    facing, _ = normalize(points, WFLW_98)
    turns, _ = turned_back(facing[None], fps=1.0)
    if abs(turns[0, 1]) > _FARTHEST_DEG or abs(facing[_NOSE_TIP, 0]) > _FARTHEST_NOSE:
        raise SfpError(f"{where}: the face is seen from the side; expected one seen from the front")
    return points
