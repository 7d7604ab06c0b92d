import dataclasses

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.mesh import Mesh, merged
from sfp_core.render.shade import DEFAULT_LIGHT, Light, render, render_with_mask
from sfp_core.render.view import vertex_normals

CAMERA = Camera(np.zeros(3), np.eye(3), 30, 5)
SKIN = (0.9, 0.7, 0.6)


def sphere(radius=1.0, centre=(0.0, 0.0, 0.0), colour=SKIN, gloss=0.0, count=48):
    """Rings from pole to pole, counter-clockwise from outside."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, count), 2 * np.pi * np.arange(count) / count, indexing="ij")
    unit = np.stack([np.sin(polar) * np.sin(around), np.cos(polar), np.sin(polar) * np.cos(around)], axis=-1)
    ring, step = np.meshgrid(np.arange(count - 1), np.arange(count), indexing="ij")
    here, beside = (ring * count + step).ravel(), (ring * count + (step + 1) % count).ravel()
    faces = np.concatenate(
        [np.stack([here, here + count, beside + count], 1), np.stack([here, beside + count, beside], 1)]
    )
    vertices = radius * unit.reshape(-1, 3) + np.array(centre)
    return Mesh(vertices, faces, np.tile(colour, (len(vertices), 1)), np.full(len(faces), gloss))


def mirrored(mesh):
    return Mesh(mesh.vertices * np.array([-1, 1, 1]), mesh.faces[:, ::-1], mesh.colours, mesh.gloss)


def picture(mesh=None, camera=CAMERA, size=96, **options):
    return render(sphere() if mesh is None else mesh, camera, width=size, height=size, **options)


def grey(image):
    return image.astype(np.float64).mean(axis=-1)


def test_normals_of_a_sphere_are_its_radii():
    mesh = sphere()
    rings = slice(48, -48)  # the poles' many vertices lie in one place
    # Flat faces 0.13 rad wide, next to the pole less than half as wide on one side: 0.011 off.
    np.testing.assert_allclose(vertex_normals(mesh.vertices, mesh.faces)[rings], mesh.vertices[rings], atol=0.015)
    lone = vertex_normals(np.eye(3, dtype=np.float32)[[0, 0, 1, 2]], np.array([[0, 1, 2]], dtype=np.int32))
    np.testing.assert_array_equal(lone, 0)


@pytest.mark.parametrize("supersample", [1, 2, 3, 4])
@pytest.mark.parametrize(("width", "height"), [(96, 96), (120, 64), (63, 90)], ids=["square", "wide", "tall"])
def test_mask_is_the_disc_that_a_sphere_throws_on_the_picture(width, height, supersample):
    _, mask = render_with_mask(sphere(count=96), CAMERA, width=width, height=height, supersample=supersample)
    share = mask / 255
    radius = CAMERA.focal_px(width, height) / np.sqrt(5**2 - 1)  # the outline of a sphere of radius 1 at distance 5
    assert share.sum() == pytest.approx(np.pi * radius**2, rel=0.01)  # a polygon of 96 corners loses 0.1 %
    y, x = np.mgrid[:height, :width] + 0.5
    assert (share * x).sum() / share.sum() == pytest.approx(width / 2, abs=0.05)
    assert (share * y).sum() / share.sum() == pytest.approx(height / 2, abs=0.05)


@pytest.mark.parametrize("style", ["soft", "toon", "viewport"])
def test_same_arguments_give_the_same_bytes_and_are_left_alone(style):
    background = np.random.default_rng(0).integers(0, 256, size=(96, 96, 3), dtype=np.uint8)
    before = background.copy()
    mesh = merged([sphere(gloss=0.3), sphere(0.3, (0.3, 0.3, 0.9), (0.1, 0.2, 0.9), 1.0)])
    first, mask = render_with_mask(mesh, CAMERA, width=96, height=96, style=style, background=background)
    second = picture(mesh, style=style, background=background)
    assert first.tobytes() == second.tobytes()
    assert first.dtype == np.uint8 and first.flags.c_contiguous
    np.testing.assert_array_equal(background, before)
    np.testing.assert_array_equal(first[mask == 0], before[mask == 0])
    assert 0.3 < (mask == 255).mean() < 0.8


def test_half_covered_pixels_lie_between_background_and_mesh():
    mesh = sphere(colour=(1, 1, 1))
    image, mask = render_with_mask(mesh, CAMERA, width=96, height=96, supersample=4, background=((0, 0, 0), (0, 0, 0)))
    edge = (mask > 0) & (mask < 255)
    assert (image[edge].max(axis=-1) <= mask[edge] + 1).all()
    assert edge.any()


@pytest.mark.parametrize("style", ["soft", "toon", "viewport"])
def test_mirrored_world_and_light_give_the_mirrored_picture(style):
    mesh = merged([sphere(gloss=0.2), sphere(0.3, (0.4, 0.3, 0.8), (0.2, 0.5, 0.3), 0.9)])
    light = Light()
    other = dataclasses.replace(
        light,
        direction=(-light.direction[0], *light.direction[1:]),
        fill_direction=(-light.fill_direction[0], *light.fill_direction[1:]),
    )
    one = picture(mesh, style=style, light=light)
    two = picture(mirrored(mesh), style=style, light=other)[:, ::-1]
    # Corners on the grid of 1/256 pixel may round the other way at an edge: a few pixels.
    assert (np.abs(one.astype(int) - two).max(axis=-1) > 2).mean() < 0.01


def test_the_key_light_comes_from_the_viewers_upper_left():
    image = grey(picture())
    assert image[30:66, 20:40].mean() > 1.1 * image[30:66, 56:76].mean()
    assert image[20:40, 30:66].mean() > 1.1 * image[56:76, 30:66].mean()


def test_a_surface_that_faces_the_light_shows_its_own_colour():
    light = dataclasses.replace(DEFAULT_LIGHT, direction=(0, 0, 1), fill_direction=(0, 0, 1), rim=0)
    middle = picture(light=light)[48, 48] / 255
    np.testing.assert_allclose(middle, SKIN, atol=0.06)  # warm and cool tints, and the bent tone curve


def test_more_of_every_light_is_brighter():
    for name in ("key", "fill", "ambient", "rim"):
        more = dataclasses.replace(DEFAULT_LIGHT, **{name: getattr(DEFAULT_LIGHT, name) + 0.2})
        difference = grey(picture(light=more)) - grey(picture())
        assert difference.min() >= -1 and difference.max() > 8, name


def test_gloss_makes_a_highlight_on_the_lights_side_only():
    dull, wet = (grey(picture(sphere(colour=(0.2, 0.3, 0.5), gloss=gloss))) for gloss in (0.0, 1.0))
    y, x = np.unravel_index(np.argmax(wet - dull), dull.shape)
    assert (wet - dull).max() > 80 and x < 48 and y < 48
    assert 0.002 < (wet - dull > 40).mean() < 0.05  # tight


def test_the_highlight_is_where_the_light_is_mirrored_into_the_eye():
    light = Light(direction=(-0.6, 0.5, 0.6), key=0, fill=0, ambient=0, rim=0)  # nothing but the highlight
    camera = Camera(np.zeros(3), np.eye(3), 90, 2)
    mesh = sphere(gloss=1.0, count=160)
    image = grey(picture(mesh, camera, size=200, light=light, background=((0, 0, 0), (0, 0, 0))))
    y, x = np.mgrid[:200, :200] + 0.5
    centre = np.array([(image * x).sum(), (image * y).sum()]) / image.sum()
    # The oracle: of all points of the sphere the one whose radius halves the angle between eye and light.
    to_eye = np.array([0, 0, 2]) - mesh.vertices
    half = to_eye / np.linalg.norm(to_eye, axis=1, keepdims=True) + np.array(light.direction) / np.linalg.norm(
        light.direction
    )
    best = np.argmax((mesh.vertices * half).sum(axis=1) / np.linalg.norm(half, axis=1))
    # Within a step of the mesh, 2 px here; with the eye taken to be far away it is 9 px off.
    np.testing.assert_allclose(centre, camera.project(mesh.vertices[best], 200, 200)[0], atol=2.5)


@pytest.mark.parametrize("style", ["soft", "viewport"])
def test_more_samples_change_edges_only(style):
    mesh = sphere(gloss=0.5)
    (coarse, mask), (fine, _) = (
        render_with_mask(mesh, CAMERA, width=96, height=96, style=style, supersample=n) for n in (1, 4)
    )
    y, x = np.mgrid[:96, :96] + 0.5 - 48
    inside = np.hypot(x, y) < 0.9 * np.sqrt(mask.astype(bool).sum() / np.pi)
    assert np.abs(coarse[inside].astype(int) - fine[inside]).max() <= 6


def test_viewport_ignores_the_light_and_is_brightest_in_the_middle():
    one = picture(style="viewport")
    np.testing.assert_array_equal(one, picture(style="viewport", light=Light(direction=(1, 0, 0), key=3.0)))
    assert grey(one)[44:52, 44:52].min() > grey(one)[24:30, 24:30].max()


def test_toon_has_at_most_three_bands():
    light = dataclasses.replace(DEFAULT_LIGHT, rim=0)
    image, mask = render_with_mask(sphere(), CAMERA, width=96, height=96, supersample=1, light=light, style="toon")
    assert len(np.unique(image[mask == 255], axis=0)) == 3


def test_the_inside_of_a_face_is_lit_as_a_surface_that_looks_at_the_viewer():
    corners = np.array([[-1.0, -1, 0], [1, -1, 0], [0, 1, 0]])
    camera = Camera(np.zeros(3), rotation_from_degrees(25, -30, 0), 30, 5)
    sides = [
        picture(Mesh(corners, np.array([order]), np.tile(SKIN, (3, 1)), np.zeros(1)), camera)
        for order in ([0, 1, 2], [2, 1, 0])
    ]
    np.testing.assert_array_equal(*sides)


def test_gradient_runs_from_the_first_colour_at_the_top_to_the_second():
    empty = merged([])
    image = picture(empty, background=((1, 0, 0.5), (0, 1, 0.5)), size=128)
    assert (image == image[:, :1]).all()
    expected = 255 * (1 - (np.arange(128) + 0.5) / 128)
    np.testing.assert_allclose(image[:, 0, 0], expected, atol=0.51)
    np.testing.assert_allclose(image[:, 0, 1], 255 - expected, atol=0.51)


def test_broken_vertices_and_colours_out_of_range_do_no_harm():
    mesh = sphere()
    vertices, colours = mesh.vertices.copy(), mesh.colours * 40 - 10
    vertices[600] = np.nan
    vertices[900] = 1e30
    assert picture(Mesh(vertices, mesh.faces, colours, mesh.gloss + 7)).shape == (96, 96, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"supersample": 5}, "supersample 5: expected 1 to 4"),
        ({"supersample": 0}, "supersample 0"),
        ({"style": "clay"}, "style 'clay': expected one of soft, toon, viewport"),
        ({"background": np.zeros((96, 95, 3), np.uint8)}, r"expected uint8 of shape \(96, 96, 3\)"),
        ({"background": np.zeros((96, 96, 3))}, "got float64"),
        ({"background": ((0, 0, 2), (0, 0, 0))}, "two RGB colours of 0 to 1"),
    ],
    ids=["fine", "none", "style", "size", "kind", "colour"],
)
def test_render_refuses_what_does_not_fit(options, message):
    with pytest.raises(SfpError, match=message):
        picture(**options)


def test_light_refuses_no_direction_and_negative_strength():
    with pytest.raises(SfpError, match="direction"):
        Light(direction=(0, 0, 0))
    with pytest.raises(SfpError, match="key is -1"):
        Light(key=-1)
