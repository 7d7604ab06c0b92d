"""COCO-style JSON: `images` with `id` and `file_name`, `annotations` with `image_id` and `keypoints` x, y, v, x ...

The number of keypoints tells the set of landmarks: 98, 68, 29 (COFW) or 19 (AFLW). Flag v = 0 is "not labelled".
Coordinates count pixel centres as whole numbers, as WFLW's do.
"""

from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import read_json
from training.detector_data import PIXEL_CENTRE_OFFSET, LabelledFace
from training.problems import Problems
from training.readers.faces import inside, labelled_face, numbers


def read_coco(path: Path, *, pictures: Path) -> list[LabelledFace]:
    """All faces of a file. Raises SfpError with all malformed entries together."""
    content = read_json(path)
    images, annotations = content.get("images"), content.get("annotations")
    if not isinstance(images, list) or not isinstance(annotations, list):
        raise SfpError(f"{path}: expected the lists images and annotations; it has {', '.join(content)}")
    problems = Problems()
    names: dict[Any, Any] = {}
    for index, image in enumerate(images):
        if isinstance(image, dict) and isinstance(image.get("id"), int | str):
            names[image["id"]] = image.get("file_name")
        else:
            problems.add(f"{path}: images[{index}]", "expected an object with id and file_name")
    faces = []
    for index, annotation in enumerate(annotations):
        try:
            faces.append(_face(annotation, names, pictures))
        except ValueError as error:
            problems.add(f"{path}: annotations[{index}]", error)
    problems.refuse()
    return faces


def _face(annotation: Any, names: dict[Any, Any], pictures: Path) -> LabelledFace:
    if not isinstance(annotation, dict):
        raise ValueError(f"expected an object, got {type(annotation).__name__}")
    image = annotation.get("image_id")
    if not isinstance(image, int | str) or image not in names:
        raise ValueError(f"image_id {image!r} is none of the images")
    flat = numbers(annotation.get("keypoints"), "keypoints")
    if flat.ndim != 1 or not flat.size or flat.size % 3:
        raise ValueError(f"keypoints: {flat.size} numbers; expected x, y, v for each landmark")
    triples = flat.reshape(-1, 3)
    points = np.where(triples[:, 2:] > 0, triples[:, :2], np.nan) + PIXEL_CENTRE_OFFSET
    return labelled_face(inside(names[image], pictures), points)
