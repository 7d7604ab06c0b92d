"""Faces of pictures as lines of WFLW's lists (`list_98pt_rect_attr_*.txt`): what `sfp detect -o FILE.txt` writes.

One face a line, 207 tokens with a space between: 196 coordinates x0 y0 x1 y1 ..., the box x_min y_min x_max y_max, six
flags (pose, expression, illumination, make-up, occlusion, blur), and the picture's name, which may hold spaces.

WFLW counts pixel centres as whole numbers, where ours are at halves; so 0.5 px is taken off every number here, and
readers of such lists put it back (`python -m training.evaluate --pixel-centres`). Confidences are lost, and a
picture without a face has no line.
"""

from collections.abc import Mapping, Sequence

from sfp_core.errors import SfpError
from sfp_core.formats.detections_json import BoxedFace
from sfp_core.layout import WFLW_98

FROM_OURS_PX = -0.5  # to WFLW's whole numbers at pixel centres

_FLAGS = "0 0 0 0 0 0"  # nothing is known of them


def as_text(pictures: Mapping[str, Sequence[BoxedFace]]) -> str:
    """The list, in the order of `pictures`; 1/1000 px is kept.

    Raises
    ------
    SfpError
        A face of another layout than WFLW's 98 points, or a name with a line break.
    """
    return "".join(_line(name, face) for name, faces in pictures.items() for face in faces)


def _line(name: str, face: BoxedFace) -> str:
    if face.landmarks.layout is not WFLW_98:
        raise SfpError(f"{name}: has landmarks of {face.landmarks.layout.name}; a WFLW list takes {WFLW_98.name} only")
    if name != name.strip() or len(name.splitlines()) != 1:
        raise SfpError(f"{name!r}: a WFLW list has no way to write this name; write .json, or rename the picture")
    numbers = [*face.landmarks.points.ravel(), *face.box]
    return " ".join(f"{number + FROM_OURS_PX:.3f}" for number in numbers) + f" {_FLAGS} {name}\n"
