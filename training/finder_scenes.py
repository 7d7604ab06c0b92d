"""Scenes for the face finder: pictures of the data set pasted onto made-up backgrounds, and scenes without a face.

What is pasted must not give itself away by its border, so things that are no faces are pasted in the same ways.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from sfp_core.detect.crop import CropRegion, tight_box
from sfp_core.detect.finder import FILL, overlap
from training.augment import AugmentConfig, recoloured
from training.detector_data import FaceSet


@dataclass(frozen=True)
class SceneConfig:
    """What scenes look like.

    Attributes
    ----------
    size_px : int
        Side of a scene.
    smallest_px, largest_px : float
        Longer side of the face boxes.
    whole, empty : float
        Share of scenes that are one picture of the data set as it is, and of those without a face. The rest have
        one to `most_faces` pasted faces.
    most_faces : int
        In a scene.
    decoys : float
        How probable each of three decoys is: patches without a face, pasted as faces are.
    """

    size_px: int = 160
    smallest_px: float = 16.0
    largest_px: float = 140.0
    whole: float = 0.35
    empty: float = 0.2
    most_faces: int = 3
    decoys: float = 0.5


def make_scene(
    faces: FaceSet, *, config: SceneConfig, rng: np.random.Generator
) -> tuple[np.ndarray, list[tuple[float, float, float, float]]]:
    """A scene (size, size, 3) uint8 and the boxes of its faces in pixels."""
    kind = rng.random()
    scene = background(config.size_px, rng)
    if kind < config.whole:
        return _whole_picture(faces, config, rng)
    boxes: list[tuple[float, float, float, float]] = []
    for _ in range(3):
        if rng.random() < config.decoys:
            scene = _pasted(scene, _decoy(faces, rng), *_place(config, rng), rng)
    if kind >= config.whole + config.empty:
        for _ in range(rng.integers(1, config.most_faces + 1)):
            scene, boxes = _with_face(scene, boxes, faces, config, rng)
    return scene, boxes


def make_batch(
    faces: FaceSet, count: int, *, config: SceneConfig, augment: AugmentConfig, rng: np.random.Generator
) -> tuple[np.ndarray, list[list[tuple[float, float, float, float]]]]:
    """`count` scenes (count, size, size, 3) uint8, recoloured, and the boxes of each."""
    scenes, boxes = zip(*(make_scene(faces, config=config, rng=rng) for _ in range(count)), strict=True)
    stacked = np.stack([_blurred(scene, rng) if rng.random() < augment.blur else scene for scene in scenes])
    return recoloured(stacked, config=augment, rng=rng), list(boxes)


def _blurred(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(0.3, 1.2))))


def background(size: int, rng: np.random.Generator) -> np.ndarray:
    """A picture (size, size, 3) uint8 without a face: colours that flow, with shapes and lines on some."""
    coarse = int(rng.integers(1, 9))
    low = rng.integers(0, 256, (coarse, coarse, 3)).astype(np.uint8)
    method = cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_NEAREST
    scene = np.asarray(cv2.resize(low, (size, size), interpolation=method))
    if rng.random() < 0.5:
        grain = rng.normal(0, rng.uniform(3, 40), (size // int(rng.integers(1, 6)),) * 2).astype(np.float32)
        scene = np.clip(scene + cv2.resize(grain, (size, size))[..., None], 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        for _ in range(rng.integers(1, 14)):
            _draw_shape(scene, rng)
    return scene


def _draw_shape(scene: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a rectangle, an ellipse, a line or a disc with a disc in it (no eye is a face) into `scene`."""
    size = scene.shape[0]
    colour = tuple(int(value) for value in rng.integers(0, 256, 3))
    x, y = (int(value) for value in rng.integers(0, size, 2))
    a, b = (int(value) for value in rng.integers(3, size // 3, 2))
    thickness = -1 if rng.random() < 0.6 else int(rng.integers(1, 5))
    kind = rng.integers(0, 4)
    if kind == 0:
        cv2.rectangle(scene, (x, y), (x + a, y + b), colour, thickness)
    elif kind == 1:
        cv2.ellipse(scene, (x, y), (a, b), float(rng.uniform(0, 180)), 0, 360, colour, thickness, cv2.LINE_AA)
    elif kind == 2:
        cv2.line(scene, (x, y), (x + 2 * a - b, y + b), colour, max(thickness, 1), cv2.LINE_AA)
    else:
        cv2.circle(scene, (x, y), a // 2 + 2, (240, 240, 240), -1, cv2.LINE_AA)
        cv2.circle(scene, (x, y), a // 5 + 1, colour, -1, cv2.LINE_AA)


def _whole_picture(
    faces: FaceSet, config: SceneConfig, rng: np.random.Generator
) -> tuple[np.ndarray, list[tuple[float, float, float, float]]]:
    """A picture of the data set, moved and turned, sometimes with the grey bars of a letterbox; all its faces."""
    index = int(rng.integers(len(faces)))
    size, x0_y0_x1_y1 = config.size_px, tight_box(faces.points[index])
    longer = max(x0_y0_x1_y1[2] - x0_y0_x1_y1[0], x0_y0_x1_y1[3] - x0_y0_x1_y1[1])
    face_px = float(rng.uniform(0.3 * config.largest_px, config.largest_px))
    side = longer * size / face_px
    centred = CropRegion.of_box(x0_y0_x1_y1)
    slack = (side - longer) / 2 + 0.15 * longer  # the box may overhang by 15 %
    shift_x, shift_y = rng.uniform(-slack, slack, 2)
    turn = float(rng.normal(0, 10))
    region = CropRegion(centred.centre_x + shift_x, centred.centre_y + shift_y, side, turn)
    scene = region.cut(faces.pictures[index], size)
    boxes = [tight_box(region.to_crop(faces.points[one], size)) for one in _sharing(faces, index)]
    x0, y0, x1, y1 = tight_box(np.reshape(boxes, (-1, 2)))
    box = (x0, y0, x1, y1)
    if rng.random() < 0.4:  # keep what lies around the face, turn the rest into bars
        scene = scene.copy()
        bar = int(rng.uniform(0, 0.25) * size)
        axis = int(rng.integers(2))
        low, high = max(0, min(bar, int(box[1 - axis]))), min(size, max(size - bar, int(np.ceil(box[3 - axis]))))
        view = scene if axis == 0 else scene.transpose(1, 0, 2)
        view[:low], view[high:] = FILL, FILL
    return scene, [one for one in boxes if _in_sight(one, size)]


def _sharing(faces: FaceSet, index: int) -> list[int]:
    """All faces of the picture of this one, which lists name in a row; this one first."""
    picture, found = faces.pictures[index], [index]
    for step in (-1, 1):
        other = index + step
        while 0 <= other < len(faces) and faces.pictures[other] is picture:
            found.append(other)
            other += step
    return found


def _in_sight(box: tuple[float, float, float, float], size: int) -> bool:
    """Whether the middle of a face is in the scene."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return 0 <= x <= size and 0 <= y <= size


def _alone(faces: FaceSet, rng: np.random.Generator) -> int:
    """A face to be cut out, preferably one without another beside it that would be cut out unlabelled."""
    for _ in range(8):
        index = int(rng.integers(len(faces)))
        if len(_sharing(faces, index)) == 1:
            break
    return index


def _place(config: SceneConfig, rng: np.random.Generator) -> tuple[int, float, float]:
    """Side of a patch and its centre, pixels."""
    side = float(np.exp(rng.uniform(np.log(config.smallest_px), np.log(config.largest_px))))
    x, y = rng.uniform(0, config.size_px, 2)
    return max(8, round(side * 1.5)), float(x), float(y)


def _with_face(
    scene: np.ndarray,
    boxes: list[tuple[float, float, float, float]],
    faces: FaceSet,
    config: SceneConfig,
    rng: np.random.Generator,
) -> tuple[np.ndarray, list[tuple[float, float, float, float]]]:
    """`scene` with one more face, if a place without another was found, and all boxes."""
    index = _alone(faces, rng)
    points = faces.points[index]
    margin = float(rng.uniform(1.25, 1.8))
    region = CropRegion.of_box(tight_box(points), margin=margin)
    region = CropRegion(region.centre_x, region.centre_y, region.side, float(rng.normal(0, 12)))
    longer = float(np.exp(rng.uniform(np.log(config.smallest_px), np.log(config.largest_px))))
    size = max(8, round(longer * margin))
    placed = region.to_crop(points, size)
    for _ in range(8):
        x, y = rng.uniform(0.35 * longer, config.size_px - 0.35 * longer, 2)
        box = tight_box(placed + np.array([round(x - size / 2), round(y - size / 2)]))
        patch_box = (x - size / 2, y - size / 2, x + size / 2, y + size / 2)
        if all(overlap(patch_box, other) < 0.15 for other in boxes):  # what is pasted later lies on top
            patch = region.cut(faces.pictures[index], size)
            if rng.random() < 0.5:
                patch = np.ascontiguousarray(patch[:, ::-1])
                mirrored = placed * np.array([-1, 1]) + np.array([size, 0])
                box = tight_box(mirrored + np.array([round(x - size / 2), round(y - size / 2)]))
            return _pasted(scene, patch, size, float(x), float(y), rng), [*boxes, box]
    return scene, boxes


def _decoy(faces: FaceSet, rng: np.random.Generator) -> np.ndarray:
    """A patch without a face: a face cut into shuffled tiles, a corner of a picture, or a background."""
    kind = rng.integers(0, 3)
    picture = faces.pictures[int(rng.integers(len(faces)))]
    if kind == 0:
        count = int(rng.integers(3, 7))
        tile = min(picture.shape[:2]) // count
        tiles = [
            picture[r * tile : (r + 1) * tile, c * tile : (c + 1) * tile] for r in range(count) for c in range(count)
        ]
        order = rng.permutation(len(tiles))
        return np.vstack([np.hstack([tiles[order[r * count + c]] for c in range(count)]) for r in range(count)])
    if kind == 1:
        quarter = min(picture.shape[:2]) // 5
        return np.asarray(picture[:quarter, :quarter])
    return background(96, rng)


def _pasted(
    scene: np.ndarray, patch: np.ndarray, size: int, x: float, y: float, rng: np.random.Generator
) -> np.ndarray:
    """`scene` with a patch scaled to `size` pixels around (x, y), with a hard or soft, round or square border."""
    if patch.shape[:2] != (size, size):
        patch = np.asarray(cv2.resize(patch, (size, size), interpolation=cv2.INTER_AREA))
    mask = np.zeros((size, size), np.float32)
    if rng.random() < 0.6:
        axes = (max(1, round(size * rng.uniform(0.42, 0.5))), max(1, round(size * rng.uniform(0.46, 0.5))))
        cv2.ellipse(mask, (size // 2, size // 2), axes, 0, 0, 360, 1.0, -1)
    else:
        mask[:] = 1
    if rng.random() < 0.6:
        mask = cv2.GaussianBlur(
            mask, (0, 0), size * float(rng.uniform(0.01, 0.05)) + 0.3, borderType=cv2.BORDER_CONSTANT
        )
    left, top = round(x - size / 2), round(y - size / 2)
    height, width = scene.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size, width), min(top + size, height)
    if x0 >= x1 or y0 >= y1:
        return scene
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    alpha = mask[part][..., None]
    result = scene.copy()
    mixed = patch[part] * alpha + scene[y0:y1, x0:x1] * (1 - alpha)
    result[y0:y1, x0:x1] = mixed.round().astype(np.uint8)
    return result
