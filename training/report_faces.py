"""Faces with their true and found landmarks, as pictures inside a page."""

import base64
import html

import cv2
import numpy as np

from sfp_core.detect.crop import CropRegion, tight_box
from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError
from sfp_core.layout import Layout
from training.evaluation import Evaluation
from training.measures import crop_sides

TILE_PX = 288
OFF_PX, OF_CROP_PX = 8.0, 256.0  # a point further off than this, in a crop of so many pixels, is shown in red
_MARGIN = 1.5
_QUALITY = 82
_TRUE, _FOUND, _OFF = (70, 235, 90), (70, 190, 255), (255, 45, 45)  # RGB
_SHIFT = 4  # OpenCV draws at 1/16 px
_CLOSED = ("left_eye", "right_eye", "outer_lip", "inner_lip")
_LINES = ("contour", "left_brow", "right_brow", "nose_bridge", "nose_base", *_CLOSED)
_CLOSED_98 = ("left_brow", "right_brow")  # WFLW goes around a brow, iBUG along it


def tile(picture: np.ndarray, true: np.ndarray, found: np.ndarray, off: np.ndarray, layout: Layout) -> np.ndarray:
    """A face (TILE_PX, TILE_PX, 3) uint8 with thin green lines along the truth and a dot for each found point.

    Parameters
    ----------
    picture : (H, W, 3) uint8
        RGB.
    true, found : (N, 2) float
        Image space.
    off : (N,) bool
        Points in red, with a line from where they should be.
    layout : Layout
    """
    region = CropRegion.of_box(tight_box(true), margin=_MARGIN)
    canvas = region.cut(picture, TILE_PX)
    true_at, found_at = (_fixed_point(region.to_crop(points, TILE_PX)) for points in (true, found))
    for name in _LINES:
        if name in layout.groups:
            closed = name in _CLOSED or (name in _CLOSED_98 and layout.count == 98)
            cv2.polylines(canvas, [true_at[layout.group(name)]], closed, _TRUE, 1, cv2.LINE_AA, _SHIFT)
    for index in np.flatnonzero(off):
        cv2.line(canvas, true_at[index].tolist(), found_at[index].tolist(), _OFF, 1, cv2.LINE_AA, _SHIFT)
    for at, wrong in zip(found_at.tolist(), off, strict=True):
        cv2.circle(canvas, at, round(1.7 * (1 << _SHIFT)), _OFF if wrong else _FOUND, -1, cv2.LINE_AA, _SHIFT)
    return canvas


def _fixed_point(points: np.ndarray) -> np.ndarray:
    """Our coordinates as OpenCV's: pixel centres whole, in 1/16 px, int32; far ones are brought near."""
    near = np.clip(points - 0.5, -TILE_PX, 2 * TILE_PX)
    return np.asarray((near * (1 << _SHIFT)).round().astype(np.int32))


def embedded_jpeg(picture: np.ndarray) -> str:
    """An RGB picture (H, W, 3) uint8 as a data address for an `img`."""
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise SfpError(f"a picture of {picture.shape} cannot be encoded as JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")


def points_off(found: np.ndarray, true: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Which found points (n, N) bool are off by more than `OFF_PX` of a crop of `OF_CROP_PX`.

    Parameters
    ----------
    found, true : (n, N, 2) float
        Image space.
    boxes : (n, 4) float
        The labelled ones: the crop of a face does not hang on a jitter.
    """
    return np.asarray(np.linalg.norm(found - true, axis=-1) * OF_CROP_PX > OFF_PX * crop_sides(boxes)[:, None])


def sheet(result: Evaluation, indices: list[int]) -> str:
    """Figures of HTML, one a face in this order, for a grid."""
    off, kinds = points_off(result.found, result.data.points, result.data.boxes), ("look", "style", "attribute")
    figures = []
    for rank, index in enumerate(indices, 1):
        path = result.data.pictures[index]
        picture = tile(
            read_picture(path), result.data.points[index], result.found[index], off[index], result.data.layout
        )
        groups = [g.name.replace("_", " ") for kind in kinds for g in result.data.groups if g.kind == kind]
        member = [g.members[index] for kind in kinds for g in result.data.groups if g.kind == kind]
        told = ", ".join(name for name, inside in zip(groups, member, strict=True) if inside)
        error, of_box = 100 * result.measures[result.main][index], 100 * result.box_error[index]
        name = html.escape(path.name)
        figures.append(
            f'<figure><img src="{embedded_jpeg(picture)}" alt="{name}" width="{TILE_PX}" height="{TILE_PX}">'
            f"<figcaption><b>{rank}. {error:.1f} %</b> <span>{of_box:.1f} % of the box, {int(off[index].sum())} points "
            f"off</span><br>{name}<br><span>{html.escape(told)}</span></figcaption></figure>"
        )
    return f'<div class="sheet">{"".join(figures)}</div>'
