import dataclasses

import numpy as np
import pytest

from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.layers import NO_PART, render_layers
from sfp_core.render.light import Effects
from sfp_core.render.mesh import Part, merged
from sfp_core.render.shade import render_with_mask

CAMERA = Camera(np.zeros(3), np.eye(3), 30, 5)


@pytest.fixture
def two_parts(sphere):
    return merged([sphere(part=Part.SKIN), sphere(0.4, (0.0, 0.3, 0.9), (0.1, 0.2, 0.9), part=Part.EYE)])


@pytest.mark.parametrize("supersample", [1, 2, 3])
@pytest.mark.parametrize("style", ["soft", "toon", "viewport"])
def test_layers_hold_the_picture_and_the_mask_of_render(two_parts, style, supersample):
    options = {"width": 80, "height": 72, "supersample": supersample, "style": style}
    layers = render_layers(two_parts, CAMERA, **options)
    picture, mask = render_with_mask(two_parts, CAMERA, **options)
    np.testing.assert_array_equal(layers.picture, picture)
    np.testing.assert_array_equal(layers.cover, mask)
    np.testing.assert_array_equal(layers.background[mask == 0], picture[mask == 0])
    assert ((layers.part != NO_PART) == (layers.inverse_depth > 0)).all()
    # One sample of a pixel is seen or not; it is seen where all are, and not where none is.
    assert (layers.part[mask == 255] != NO_PART).all() and (layers.part[mask == 0] == NO_PART).all()


def test_the_part_where_the_centre_of_a_face_falls_is_the_part_of_the_face(two_parts):
    mesh = two_parts
    layers = render_layers(mesh, CAMERA, width=200, height=200, supersample=2)
    centres = mesh.vertices[mesh.faces].mean(axis=1)
    points, near = CAMERA.project(centres, 200, 200)
    column, row = np.clip(points.astype(int), 0, 199).T
    seen = np.abs(layers.inverse_depth[row, column] / near - 1) < 5e-4
    assert seen.sum() > 500
    # Where the two spheres cut each other the pixel may belong to the other one: a ring of few faces.
    assert (layers.part[row, column] == mesh.parts)[seen].mean() > 0.98


def test_normals_have_length_one_look_at_the_viewer_and_are_those_of_the_sphere(sphere):
    camera = Camera(np.zeros(3), rotation_from_degrees(10, 30, 5), 30, 5)
    layers = render_layers(sphere(count=96), camera, width=120, height=120, supersample=1)
    seen = layers.part != NO_PART
    np.testing.assert_allclose(np.linalg.norm(layers.normal[seen], axis=1), 1, atol=1e-6)
    assert (layers.normal[seen][:, 2] >= 0).all() and not layers.normal[~seen].any()
    y, x = np.mgrid[:120, :120] + 0.5 - 60
    depth = 1 / np.where(seen, layers.inverse_depth, 1)
    points = np.stack([x, -y, np.zeros_like(x)], -1) * (depth / camera.focal_px(120, 120))[..., None]
    points[..., 2] = camera.distance - depth
    # Grazing points may lie half a face, 0.03 rad, off.
    inner = seen & (layers.normal[..., 2] > 0.4)
    np.testing.assert_allclose(layers.normal[inner], points[inner], atol=0.02)


def test_albedo_is_the_colour_without_light(sphere):
    layers = render_layers(sphere(colour=(0.2, 0.5, 0.9)), CAMERA, width=64, height=64, style="toon")
    seen = layers.part != NO_PART
    np.testing.assert_allclose(layers.albedo[seen], np.broadcast_to((0.2, 0.5, 0.9), (seen.sum(), 3)), atol=1e-6)


def test_effects_reach_the_layers_picture(sphere, plane):
    mesh = merged([sphere(), plane()])
    plain, rich = (
        render_layers(mesh, CAMERA, width=64, height=64, effects=effects) for effects in (Effects(), Effects(1.0))
    )
    assert (plain.picture != rich.picture).any()
    for field in dataclasses.fields(plain):
        if field.name != "picture":
            np.testing.assert_array_equal(getattr(plain, field.name), getattr(rich, field.name))
