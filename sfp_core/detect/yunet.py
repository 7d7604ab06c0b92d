"""Finding face boxes with YuNet, where the user has its file: `cv2.FaceDetectorYN` behind the same call as `Finder`.

YuNet (Wu, Peng & Yu, Machine Intelligence Research 2023) is MIT-licensed and no part of this package; OpenCV's zoo has
it as `face_detection_yunet_*.onnx`. It was trained on photographs, so it knows people and what is drawn like them.
"""

from pathlib import Path

import cv2
import numpy as np

from sfp_core.detect.crop import checked_picture
from sfp_core.detect.finder import FoundFace, letterboxed, without_repeats
from sfp_core.errors import SfpError

# Longer side of the picture and of the canvas around it, pixels: a close-up wants a border, small faces want pixels.
# It was trained for faces of about 10 to 300 px, so a larger picture is made smaller (opencv_zoo, issue 290).
SIZES_PX = ((256, 320), (640, 640))
THRESHOLD = 0.7  # of its score; OpenCV's default is 0.9, made for photographs
_OVERLAP, _MOST = 0.3, 5000  # of its own suppression; OpenCV's defaults

# Its boxes hold the forehead, ours begin at the brows: they lie above the eyes by this share of the way from the eyes
# to the mouth (the median of 60 generated faces; 0.3 to 0.85).
_BROWS = 0.51


class YuNet:
    """Finds the faces of a picture with the user's YuNet file."""

    def __init__(self, path: Path) -> None:
        """Load it and try it once.

        Raises
        ------
        SfpError
            No such file, or no YuNet model that this OpenCV can run.
        """
        path = Path(path)
        if not path.is_file():
            raise SfpError(f"{path}: no such file; expected YuNet's .onnx, e.g. face_detection_yunet_2023mar.onnx")
        try:
            self._network = cv2.FaceDetectorYN.create(str(path), "", (320, 320), THRESHOLD, _OVERLAP, _MOST)
            self._rows(np.zeros((320, 320, 3), np.uint8))
        except AttributeError as error:
            raise SfpError(
                f"{path}: OpenCV {cv2.__version__} has no FaceDetectorYN; expected 4.5.4 or newer"
            ) from error
        except (cv2.error, SfpError) as error:
            reason = " ".join(str(error).split())[:160]
            raise SfpError(
                f"{path}: is no YuNet model that OpenCV {cv2.__version__} can run ({reason}); "
                "expected face_detection_yunet_*.onnx of OpenCV's model zoo"
            ) from error

    def find(self, picture: np.ndarray) -> list[FoundFace]:
        """Faces of a picture (H, W, 3) uint8 RGB, the most certain first; empty when there is none."""
        picture = checked_picture(picture)
        height, width = picture.shape[:2]
        faces = []
        for long_px, canvas_px in SIZES_PX:
            canvas, scale, origin = letterboxed(picture, long_px=long_px, canvas_px=canvas_px)
            for face in faces_of(self._rows(canvas), scale=scale, origin=origin):
                x0, y0, x1, y1 = face.box
                if x0 < width - 1 and y0 < height - 1 and x1 > 1 and y1 > 1:
                    faces.append(face)
        return without_repeats(faces)

    def _rows(self, canvas: np.ndarray) -> np.ndarray:
        """Its answer for a canvas (H, W, 3) uint8 RGB: (n, 15) float."""
        self._network.setInputSize((canvas.shape[1], canvas.shape[0]))
        rows = self._network.detect(cv2.cvtColor(canvas, cv2.COLOR_RGB2BGR))[1]
        rows = np.empty((0, 15)) if rows is None else np.asarray(rows, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != 15:
            raise SfpError(f"its answer has shape {rows.shape}; expected (n, 15)")
        return rows


def faces_of(rows: np.ndarray, *, scale: float, origin: tuple[float, float]) -> list[FoundFace]:
    """YuNet's answer as our boxes in image space.

    Parameters
    ----------
    rows : (n, 15) float
        x, y, width, height; eyes, nose tip and mouth corners as five (x, y); score. Canvas pixels.
    scale : float
        Canvas pixels per picture pixel.
    origin : (x, y)
        The picture's corner on the canvas, pixels.
    """
    faces = []
    for row in np.asarray(rows, dtype=np.float64):
        if not np.isfinite(row).all() or row[2] < 1 or row[3] < 1:
            continue
        (x0, y0), points = (row[:2] - origin) / scale, (row[4:14].reshape(5, 2) - origin) / scale
        x1, y1 = x0 + row[2] / scale, y0 + row[3] / scale
        eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
        across, down = np.abs(mouth - eyes)
        if mouth[1] > eyes[1] and down > across:  # upright enough that the forehead is the box's upper part
            y0 = float(np.clip(eyes[1] - _BROWS * np.hypot(across, down), y0, y1 - 1))
        faces.append(FoundFace((float(x0), float(y0), float(x1), float(y1)), float(np.clip(row[14], 0, 1))))
    return faces
