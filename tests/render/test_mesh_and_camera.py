import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.mesh import Mesh, merged


def camera(rotation=None, fov_deg=30.0, distance=5.0):
    return Camera(np.array([0.1, -0.2, 0.3]), np.eye(3) if rotation is None else rotation, fov_deg, distance)


def triangle(shift=0.0):
    return Mesh(np.eye(3) + shift, np.array([[0, 1, 2]]), np.full((3, 3), 0.5), np.array([0.2]))


@pytest.mark.parametrize(
    ("angles", "point", "axis", "sign"),
    [
        ((10, 0, 0), (0, 0, 1), 1, 1),  # the nose goes down in the image, where y is down
        ((0, 10, 0), (0, 0, 1), 0, 1),  # the nose goes to the viewer's right
        ((0, 0, 10), (0, 1, 0), 0, 1),  # the top of the head goes to the viewer's right
        ((0, 0, 10), (1, 0, 0), 1, 1),  # and its right side down: clockwise to the eye
    ],
    ids=["pitch-looks-down", "yaw-turns-right", "roll-tips-right", "roll-is-clockwise"],
)
def test_head_angles_move_the_face_as_the_plan_says(angles, point, axis, sign):
    turned = Camera(np.zeros(3), rotation_from_degrees(*angles), 30, 5)
    before, _ = Camera(np.zeros(3), np.eye(3), 30, 5).project(np.array([point]), 100, 100)
    after, _ = turned.project(np.array([point]), 100, 100)
    assert sign * (after - before)[0, axis] > 2


def test_yaw_is_about_the_upright_axis_and_roll_about_the_own_nose():
    up, nose = np.array([0, 1, 0]), np.array([0, 0, 1])
    np.testing.assert_allclose(rotation_from_degrees(0, 40, 0) @ up, up, atol=1e-15)
    np.testing.assert_allclose(rotation_from_degrees(20, 40, 33) @ nose, rotation_from_degrees(20, 40, 0) @ nose)


def test_centre_is_in_the_middle_and_the_smaller_side_spans_the_field_of_view():
    view = camera()
    half = 5 * np.tan(np.deg2rad(15))
    corners = view.centre + np.array([[0, 0, 0], [0, half, 0], [half, 0, 0]])
    points, inverse_depth = view.project(corners, 300, 200)
    np.testing.assert_allclose(points, [[150, 100], [150, 0], [250, 100]], atol=1e-9)
    np.testing.assert_allclose(inverse_depth, 1 / 5)
    tall, _ = view.project(corners, 200, 300)
    np.testing.assert_allclose(tall, [[100, 150], [100, 50], [200, 150]], atol=1e-9)


def test_points_fall_on_the_line_from_the_eye():
    view = camera(rotation_from_degrees(12, -30, 7))
    vertices = np.random.default_rng(0).normal(size=(50, 3))
    points, inverse_depth = view.project(vertices, 320, 240)
    # Back again by the definition of a pinhole camera.
    depth = 1 / inverse_depth
    x = (points[:, 0] - 160) / view.focal_px(320, 240) * depth
    y = (120 - points[:, 1]) / view.focal_px(320, 240) * depth
    back = np.stack([x, y, view.distance - depth], axis=-1) @ view.rotation + view.centre
    np.testing.assert_allclose(back, vertices, atol=1e-12)


def test_a_vertex_behind_the_eye_has_no_pixel():
    points, inverse_depth = camera().project(np.array([[0.0, 0, 6.0], [0, 0, 5.3], [0, 0, 0]]), 100, 100)
    assert np.isnan(points[:2]).all() and np.isfinite(points[2]).all()
    assert (inverse_depth[:2] == 0).all() and inverse_depth[2] > 0


def test_camera_refuses_what_is_no_rotation_angle_or_distance():
    for bad in (np.diag([1.0, 1, -1]), 2 * np.eye(3), np.zeros((2, 2)), np.full((3, 3), np.nan)):
        with pytest.raises(SfpError, match="camera: rotation"):
            camera(bad)
    with pytest.raises(SfpError, match="field of view"):
        camera(fov_deg=180)
    with pytest.raises(SfpError, match="distance"):
        camera(distance=0)


def test_merged_keeps_every_triangle_where_it_was():
    parts = [triangle(), triangle(3.0), merged([]), triangle(-1.0)]
    whole = merged(parts)
    expected = np.concatenate([part.vertices[part.faces] for part in parts])
    np.testing.assert_array_equal(whole.vertices[whole.faces], expected)
    assert whole.faces.dtype == np.int32 and len(whole.gloss) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"faces": np.array([[0, 1, 3]])}, "0 to 3; expected 0 to 2"),
        ({"faces": np.array([[0, 1, -1]])}, "-1 to 1"),
        ({"vertices": np.zeros((3, 2))}, r"vertices has shape \(3, 2\)"),
        ({"colours": np.zeros((2, 3))}, "2 colours for 3 vertices"),
        ({"gloss": np.zeros(2)}, r"expected \(1,\)"),
    ],
    ids=["beyond", "negative", "flat", "colours", "gloss"],
)
def test_mesh_refuses_parts_that_do_not_fit(change, message):
    parts = {name: getattr(triangle(), name) for name in ("vertices", "faces", "colours", "gloss")}
    with pytest.raises(SfpError, match=message):
        Mesh(**{**parts, **change})
