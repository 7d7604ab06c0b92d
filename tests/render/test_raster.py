import numpy as np
import pytest

from sfp_core.compiled import compiled
from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.raster import rasterise
from sfp_core.render.raster_reference import rasterise_reference


def assert_same(first, second):
    np.testing.assert_array_equal(first.face, second.face)
    np.testing.assert_array_equal(first.inverse_depth, second.inverse_depth)
    np.testing.assert_allclose(first.weights, second.weights, atol=1e-7)


def messy_triangles(seed, count=150):
    """Small and huge, thin, degenerate, outside, behind the eye, infinite: (V, 2), (V,), (F, 3)."""
    rng = np.random.default_rng(seed)
    huge = np.repeat(rng.random(count) < 0.1, 3)
    size = np.where(huge, 3000.0, np.repeat(rng.choice([1.0, 5, 15], size=count), 3))
    points = np.repeat(rng.uniform(-10, 90, size=(count, 2)), 3, axis=0) + size[:, None] * rng.normal(
        size=(3 * count, 2)
    )
    points[rng.random(3 * count) < 0.05] = points[0]  # corners that coincide: some faces are lines or dots
    points[:90] = np.rint(points[:90] * 2) / 2  # corners and edges exactly on pixel centres
    inverse_depth = np.where(huge, 0.01, 1.0) * rng.uniform(0.05, 1, size=3 * count)
    inverse_depth[rng.random(3 * count) < 0.05] = 0
    inverse_depth[rng.random(3 * count) < 0.02] = -1
    for bad in (np.nan, np.inf, -1e300):
        points[rng.integers(3 * count), 0] = bad
    inverse_depth[rng.integers(3 * count)] = np.nan
    inverse_depth[rng.integers(3 * count)] = np.inf
    faces = np.arange(3 * count, dtype=np.int32).reshape(-1, 3)
    faces[-5:] = rng.integers(0, 3 * count, size=(5, 3))
    faces[0] = faces[0, 0]
    return points, inverse_depth, faces


@pytest.mark.parametrize("seed", range(8))
def test_compiled_and_plain_rasters_find_the_same_faces(seed):
    triangles = messy_triangles(seed)
    raster = rasterise(*triangles, 80, 57)
    assert_same(raster, rasterise_reference(*triangles, 80, 57))
    assert len(np.unique(raster.face)) > 30


def test_same_input_gives_the_same_bytes_and_is_left_alone():
    triangles = messy_triangles(3)
    before = [array.tobytes() for array in triangles]
    first, second = rasterise(*triangles, 80, 57), rasterise(*triangles, 80, 57)
    for name in ("face", "weights", "inverse_depth"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
    assert [array.tobytes() for array in triangles] == before


@pytest.mark.parametrize("turned", [False, True], ids=["outside", "inside"])
def test_triangles_that_share_edges_leave_no_gap_and_need_no_overlap(turned):
    rng = np.random.default_rng(1)
    across, down = np.meshgrid(np.arange(-1, 30), np.arange(-1, 30))
    points = 3.0 * np.stack([across, down], axis=-1) + rng.uniform(-1, 1, size=(31, 31, 2))
    corner = (np.arange(30)[:, None] * 31 + np.arange(30)).ravel()
    faces = np.concatenate(
        [np.stack([corner, corner + 32, corner + 1], 1), np.stack([corner, corner + 31, corner + 32], 1)]
    )
    faces = faces[:, ::-1] if turned else faces
    raster = rasterise(points.reshape(-1, 2), np.full(31 * 31, 0.5), faces, 80, 80)
    assert (raster.face >= 0).all()
    # The weights lead back to the pixel centre: each pixel found the triangle that holds it (grid of 1/256 pixel).
    weights = np.concatenate([raster.weights, 1 - raster.weights.sum(axis=-1, keepdims=True)], axis=-1)
    found = (weights[..., None] * points.reshape(-1, 2)[faces[raster.face]]).sum(axis=2)
    centres = np.stack(np.meshgrid(np.arange(80) + 0.5, np.arange(80) + 0.5), axis=-1)
    np.testing.assert_allclose(found, centres, atol=1 / 256)
    assert weights.min() > -1e-6


def test_pixel_centres_on_an_edge_are_inside():
    points = np.array([[1.5, 1.5], [6.5, 1.5], [6.5, 6.5], [1.5, 6.5]])  # the diagonal too runs through centres
    raster = rasterise(points, np.ones(4), np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32), 8, 8)
    expected = np.zeros((8, 8), dtype=bool)
    expected[1:7, 1:7] = True
    np.testing.assert_array_equal(raster.face >= 0, expected)


def test_depth_and_weights_are_those_of_the_line_of_sight_through_a_tilted_plane():
    camera = Camera(np.zeros(3), rotation_from_degrees(25, 50, 10), 40, 4)
    corners = np.array([[-3.0, -3, 0], [3, -3, 0], [3, 3, 0], [-3, 3, 0]])
    faces = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
    points, inverse_depth = camera.project(corners, 64, 64)
    raster = rasterise(points, inverse_depth, faces, 64, 64)
    seen = raster.face >= 0
    assert seen.mean() > 0.5
    # The oracle: cut every line of sight with the plane z = 0 of the world.
    x, y = np.meshgrid(np.arange(64) + 0.5 - 32, np.arange(64) + 0.5 - 32)
    sight = np.stack([x, -y, np.full_like(x, -camera.focal_px(64, 64))], axis=-1) @ camera.rotation
    eye = np.array([0, 0, camera.distance]) @ camera.rotation
    hit = eye - sight * (eye[2] / sight[..., 2])[..., None]
    depth = camera.distance - camera.to_view(hit)[..., 2]
    weights = np.concatenate([raster.weights, 1 - raster.weights.sum(axis=-1, keepdims=True)], axis=-1)
    found = (weights[..., None] * corners[faces[raster.face]]).sum(axis=2)
    # A corner moves by up to 1/512 pixel on the grid: here below 0.002 units, while affine weights miss by 0.3.
    np.testing.assert_allclose(found[seen], hit[seen], atol=2e-3)
    np.testing.assert_allclose(raster.inverse_depth[seen], 1 / depth[seen], rtol=1e-3)


def test_the_nearer_of_two_is_seen_whatever_their_order():
    square = np.array([[0.0, 0], [8, 0], [0, 8]])
    points = np.concatenate([square, square])
    near = np.array([0.2] * 3 + [0.3] * 3)
    for faces, nearest in (([[0, 1, 2], [3, 4, 5]], 1), ([[3, 4, 5], [0, 1, 2]], 0)):
        face = rasterise(points, near, np.array(faces, dtype=np.int32), 8, 8).face
        assert set(np.unique(face)) == {-1, nearest}


def test_of_equally_near_faces_the_one_seen_from_outside_wins_then_the_first():
    points = np.array([[0.0, 0], [8, 0], [0, 8]])
    inside, outside = [0, 1, 2], [0, 2, 1]  # y is down
    faces = np.array([inside, outside, outside], dtype=np.int32)
    assert set(np.unique(rasterise(points, np.full(3, 0.5), faces, 8, 8).face)) == {-1, 1}


def test_a_triangle_that_reaches_behind_the_eye_is_left_out_and_not_wrapped():
    camera = Camera(np.zeros(3), np.eye(3), 60, 2)
    vertices = np.array([[-1.0, -1, 0], [1, -1, 0], [0, 0.5, 5]])
    points, inverse_depth = camera.project(vertices, 32, 32)
    assert (rasterise(points, inverse_depth, np.array([[0, 1, 2]], dtype=np.int32), 32, 32).face == -1).all()


def test_raster_refuses_a_face_whose_vertex_is_not_there():
    points, inverse_depth = np.zeros((3, 2)), np.ones(3)
    for faces in ([[0, 1, 3]], [[0, -1, 2]]):
        with pytest.raises(SfpError, match="expected 0 to 2"):
            rasterise(points, inverse_depth, np.array(faces, dtype=np.int32), 4, 4)
    with pytest.raises(SfpError, match="0 x 4 pixels"):
        rasterise(points, inverse_depth, np.zeros((0, 3), dtype=np.int32), 0, 4)
    with pytest.raises(SfpError, match="expected"):
        rasterise(points, np.ones(2), np.zeros((0, 3), dtype=np.int32), 4, 4)


def test_without_a_place_for_its_cache_a_function_is_compiled_all_the_same():
    scope: dict[str, object] = {}
    exec("def double(x):\n    return 2 * x", scope)  # Numba finds no file beside which to cache this
    double = compiled(scope["double"])
    assert double(21) == 42 and double.signatures
