import re

import numpy as np
import pytest

from sfp_core.errors import SfpError
from training.anny import build
from training.anny.anchors import Riders, border_loop, cast_rays, ring_walk
from training.anny.head import arkit_strengths
from training.anny.store import FORMAT, HeadStore, Steps, read_store, write_store
from training.anny.warp import ThinPlate


def controls(seed: int, *, moved: float, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    source = rng.uniform(-1, 1, (count, 3))
    return source, source + moved * rng.normal(size=source.shape)


def test_a_warp_that_moves_nothing_is_the_identity():
    source, _ = controls(0, moved=0.0)
    points = np.random.default_rng(1).normal(size=(200, 3))
    warp = ThinPlate.between(source, source)
    assert np.abs(warp(points) - points).max() < 1e-10
    assert np.abs(warp.stretch(points) - 1).max() < 1e-9


def test_a_warp_takes_its_control_points_where_they_belong():
    source, target = controls(2, moved=0.1)
    assert np.abs(ThinPlate.between(source, target)(source) - target).max() < 1e-10


def test_an_affine_move_is_met_exactly_everywhere():
    source, _ = controls(3, moved=0.0)
    rng = np.random.default_rng(4)
    matrix, shift, points = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=(50, 3))
    warp = ThinPlate.between(source, source @ matrix.T + shift)
    assert np.abs(warp(points) - (points @ matrix.T + shift)).max() < 1e-9
    assert np.abs(warp.stretch(points) - np.linalg.det(matrix)).max() < 1e-8


def test_stretch_is_the_determinant_of_the_warps_derivative():
    source, target = controls(5, moved=0.05)
    warp, points, step = ThinPlate.between(source, target), np.random.default_rng(6).uniform(-1, 1, (40, 3)), 1e-5
    columns = [(warp(points + step * axis) - warp(points - step * axis)) / (2 * step) for axis in np.eye(3)]
    expected = np.linalg.det(np.stack(columns, axis=-1))
    assert np.abs(warp.stretch(points) - expected).max() < 1e-6  # second differences of 1e-5


def test_moderate_moves_do_not_fold_and_swapped_points_do():
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, 4)] * 3), axis=-1).reshape(-1, 3)
    inside = np.random.default_rng(7).uniform(-0.9, 0.9, (2000, 3))
    moderate = grid + 0.08 * np.random.default_rng(8).normal(size=grid.shape)
    assert ThinPlate.between(grid, moderate).stretch(inside).min() > 0
    swapped = grid.copy()
    swapped[[21, 22]] = swapped[[22, 21]]
    assert ThinPlate.between(grid, swapped).stretch(inside).min() < 0


@pytest.mark.parametrize("bad", [np.zeros((3, 3)), np.zeros((8, 2)), np.ones((8, 3))], ids=["few", "flat", "coincide"])
def test_a_warp_refuses_control_points_that_span_no_space(bad):
    with pytest.raises(SfpError, match="warp: control points"):
        ThinPlate.between(bad, bad)


def one_triangle() -> tuple[np.ndarray, np.ndarray]:
    return np.array([[0.0, 0, 1], [1, 0, 1], [0, 1, 1]]), np.array([[0, 1, 2]])


def test_a_ray_meets_a_triangle_where_its_weights_say():
    vertices, triangles = one_triangle()
    goals = np.array([[0.2, 0.3, 1.0], [0.5, 0.1, 1.0]])
    found = cast_rays(np.zeros((2, 3)), goals, vertices, triangles, last=True)
    assert found(vertices) == pytest.approx(goals)
    assert found.weight.sum(axis=1) == pytest.approx(1)


def test_rays_take_the_first_or_the_last_surface_and_a_miss_the_nearest_vertex():
    near, faces = one_triangle()
    vertices, triangles = np.concatenate([near, near * (1, 1, 2)]), np.concatenate([faces, faces + 3])
    origin, ahead = np.array([[0.2, 0.2, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    assert cast_rays(origin, ahead, vertices, triangles, last=False)(vertices)[0, 2] == pytest.approx(1)
    assert cast_rays(origin, ahead, vertices, triangles, last=True)(vertices)[0, 2] == pytest.approx(2)
    missed = cast_rays(np.array([[5.0, 0.1, 0.0]]), ahead, vertices, triangles, last=True)
    assert missed(vertices)[0] == pytest.approx(vertices[missed.index[0, 0]])
    assert missed(vertices)[0, 0] == pytest.approx(1)


def tube(rows: int, around: int) -> np.ndarray:
    """Quads of a tube; vertex row * around + column."""
    i, j = (grid.ravel() for grid in np.meshgrid(np.arange(rows - 1), np.arange(around), indexing="ij"))
    right = (j + 1) % around
    return np.stack([i * around + j, i * around + right, (i + 1) * around + right, (i + 1) * around + j], axis=-1)


def test_rings_are_walked_row_by_row_from_the_border():
    quads = tube(6, 5)
    border = border_loop(quads[10:], quads[:10])
    assert sorted(border.tolist()) == list(range(10, 15))
    rings = ring_walk(border, quads[10:], 4)
    assert np.array_equal(rings, border + 5 * np.arange(4)[:, None])


def tiny_store() -> HeadStore:
    rng = np.random.default_rng(0)
    count = 12
    steps = Steps.from_dense({"one": rng.normal(size=(count, 3)), "two": np.eye(count, 3)}, least=1e-3)
    riders = Riders(rng.integers(0, count, (2, 3, 3)), np.full((2, 3, 3), 1 / 3))
    return HeadStore(
        ids=np.arange(count) * 7, mean=rng.normal(size=(count, 3)).astype(np.float32), quads=tube(3, 4),
        regions=np.zeros(8, dtype=np.uint8), mirror=np.arange(count), lips=np.linspace(0, 1, count),
        lids=np.arange(8).reshape(2, 4), mouth=np.arange(8).reshape(2, 4), contour=riders, brows=riders,
        macros=steps, changes=steps, actions=steps,
    )  # fmt: skip


def test_a_store_is_read_back_as_it_was_written(tmp_path):
    store = tiny_store()
    again = read_store(write_store(store, tmp_path / "heads.npz"))
    assert np.array_equal(again.mean, store.mean) and np.array_equal(again.quads, store.quads)
    for name in ("one", "two"):
        index, delta = store.actions[name]
        read_index, read_delta = again.actions[name]
        assert np.array_equal(read_index, index)
        assert np.abs(read_delta - delta).max() <= np.abs(delta).max() / 32767 * 0.51  # half a step of 16 bits
    assert np.array_equal(again.place_of_id[store.ids], np.arange(12))
    assert again.contour(store.mean) == pytest.approx(store.contour(store.mean))


def test_steps_refuse_a_name_they_do_not_have():
    with pytest.raises(SfpError, match="no shape 'nose'"):
        tiny_store().changes["nose"]


def refusal(path) -> str:
    with pytest.raises(SfpError) as caught:
        read_store(path)
    message = str(caught.value)
    assert "\n" not in message and str(path) in message and "python -m training.anny.build" in message
    return message


def test_the_reader_says_how_to_build_a_file_that_is_not_there(tmp_path):
    assert "no such file" in refusal(tmp_path / "none.npz")


def test_the_reader_refuses_foreign_files(tmp_path):
    foreign, noise, other = tmp_path / "foreign.npz", tmp_path / "noise.npz", tmp_path / "other.npz"
    np.savez(foreign, points=np.zeros(3))
    noise.write_bytes(b"no archive")
    np.savez(other, format=np.array(FORMAT), version=np.array(99))
    assert "format is 'no format'" in refusal(foreign)
    assert "cannot be read as heads" in refusal(noise)
    assert "version 99" in refusal(other)


def test_the_reader_names_what_is_missing(tmp_path):
    path = tmp_path / "half.npz"
    np.savez(path, format=np.array(FORMAT), version=np.array(1))
    assert re.search(r"'ids' is missing", refusal(path))


def test_finer_actions_become_arkits_and_a_closed_jaw_needs_no_closing():
    assert arkit_strengths({"mouthClose": 0.8}) == {"mouthClose": 0.0}
    assert arkit_strengths({"mouthClose": 0.8, "jawOpen": 0.5})["mouthClose"] == 0.5
    assert arkit_strengths({"browInnerUpLeft": 1.0, "browInnerUpRight": 1.0}) == {"browInnerUp": 1.0}
    with pytest.raises(SfpError, match="jawWide"):
        arkit_strengths({"jawWide": 1.0})


def test_building_without_the_package_says_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "anny", None)
    assert build.main(["--out", str(tmp_path / "anny.npz")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "pip install stylized-face-point[anny]" in said
    assert not list(tmp_path.iterdir())
