import sys
import time

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.render.beauty import render_beauty
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.mesh import Part, merged
from sfp_core.render.outline import line_strength
from sfp_core.render.shadow import key_light
from sfp_core.render.view import see, surfaces

CAMERA = Camera(np.zeros(3), np.eye(3), 30, 5)


def unshadowed(mesh, direction, camera=CAMERA, size=120):
    view = see(mesh, camera, width=size, height=size, supersample=2)
    return key_light(view, surfaces(view, step=2), camera, direction, strength=1.0)


def test_a_shadow_falls_away_from_the_light_where_the_ray_through_the_ball_meets_the_wall(sphere, plane):
    ball = np.array([0.0, 0.0, 0.5])
    scene = merged([sphere(0.15, ball), plane(count=8)])
    for direction in ((-0.6, 0.6, 0.6), (0.7, 0.2, 0.7), (0.1, -0.8, 0.9)):
        lost = 1 - unshadowed(scene, direction)
        hit = ball - np.array(direction) * (ball[2] / direction[2])  # the wall is z = 0
        expected = CAMERA.project(hit[None], 120, 120)[0][0]
        y, x = np.mgrid[:120, :120] + 0.5
        away = np.hypot(x - expected[0], y - expected[1])
        middle = away < 3
        assert lost[middle].mean() > 0.8
        assert lost[away > 40].max() == 0
        # Its centre of mass: the ball hides some of it, and the shadow is long where light is low.
        assert np.hypot((lost * x).sum() / lost.sum() - expected[0], (lost * y).sum() / lost.sum() - expected[1]) < 5


def test_nothing_shades_itself(sphere, plane):
    for mesh in (sphere(count=96), plane(count=8)):
        for angles in ((0, 0, 0), (20, -35, 0)):
            camera = Camera(np.zeros(3), rotation_from_degrees(*angles), 30, 5)
            view = see(mesh, camera, width=120, height=120, supersample=2)
            # Where the surface turns from the light its formula fades shadows out.
            lit = surfaces(view).normal @ np.array([-0.6, 0.6, 0.8]) > 0.3 * np.sqrt(1.36)
            assert lit.sum() > 1000
            assert unshadowed(mesh, (-0.6, 0.6, 0.8), camera)[lit].min() > 0.98


def test_the_edge_of_a_shadow_is_softer_the_further_the_thing_that_throws_it(sphere, plane):
    widths = []
    for height in (0.08, 1.2):
        scene = merged([sphere(0.08, (-0.5 * height - 0.1, 0, height)), plane(count=8)])
        row = 1 - unshadowed(scene, (-0.5, 0, 1.0), size=240)[120]
        edge = row[np.argmax(row) :]  # the far edge: the ball does not hide it
        widths.append(((edge > 0.1) & (edge < 0.9)).sum())
    assert widths[1] > 2 * widths[0] > 0


def test_a_line_is_drawn_where_depth_jumps_and_nowhere_on_a_plane(sphere, plane):
    for angles in ((0, 0, 0), (30, 40, 0)):
        camera = Camera(np.zeros(3), rotation_from_degrees(*angles), 30, 5)
        view = see(
            plane(corner=(-9, -9, 0), along=(18, 0, 0), up=(0, 18, 0)), camera, width=96, height=96, supersample=2
        )
        assert (view.raster.face >= 0).all()
        assert not line_strength(view, width_px=2).any()
    scene = merged([sphere(0.6, (0, 0, 0.7)), plane(corner=(-9, -9, 0), along=(18, 0, 0), up=(0, 18, 0))])
    strength = line_strength(see(scene, CAMERA, width=120, height=120, supersample=2), width_px=3)
    distance = 5 - 0.7
    radius = CAMERA.focal_px(120, 120) * 0.6 / np.sqrt(distance**2 - 0.6**2)
    y, x = np.mgrid[:120, :120] + 0.5 - 60
    away = np.abs(np.hypot(x, y) - radius)
    assert strength[away < 0.8].min() > 0.7
    assert strength[away > 3.5].max() == 0
    assert strength.sum() == pytest.approx(3 * 2 * np.pi * radius, rel=0.25)  # 3 px wide, marks lie on both sides
    assert len(np.unique(strength)) > 5  # smooth edges


def test_parts_that_touch_have_a_line_between_them_only_where_their_kinds_differ(sphere):
    for other, lined in ((Part.EYE, True), (Part.LIPS, False), (Part.SKIN, False)):
        mesh = sphere(count=48)
        parts = np.where(mesh.vertices[mesh.faces].mean(axis=1)[:, 0] > 0, int(other), int(Part.SKIN))
        mesh = type(mesh)(mesh.vertices, mesh.faces, mesh.colours, mesh.gloss, parts)
        strength = line_strength(see(mesh, CAMERA, width=96, height=96, supersample=2), width_px=2)
        assert (strength[40:56, 44:52].max() > 0.3) == lined


def scene(sphere, plane):
    return merged(
        [
            sphere(0.9, (0, -0.1, 0)),
            sphere(0.95, (0, 0.2, -0.2), (0.3, 0.15, 0.1), part=Part.HAIR),
            sphere(0.2, (0.3, 0.1, 0.85), (0.9, 0.9, 0.9), 0.9, part=Part.EYE),
            plane(corner=(-3, -3, -1.5)),
        ]
    )


@pytest.mark.parametrize(("width", "height"), [(96, 96), (75, 61)], ids=["even", "odd"])
def test_same_arguments_give_the_same_bytes(sphere, plane, width, height):
    options = {"width": width, "height": height, "outline": True}
    first = render_beauty(scene(sphere, plane), CAMERA, **options)
    assert first.shape == (height, width, 3) and first.dtype == np.uint8
    assert first.tobytes() == render_beauty(scene(sphere, plane), CAMERA, **options).tobytes()


def test_shadows_occlusion_and_lines_darken_and_can_be_left_out(sphere, plane):
    options = {"width": 96, "height": 96}
    plain = render_beauty(scene(sphere, plane), CAMERA, shadows=0, occlusion=0, **options).astype(int)
    for added in ({"shadows": 1.0}, {"occlusion": 1.0}, {"outline": 2.0}):
        rich = render_beauty(scene(sphere, plane), CAMERA, **{"shadows": 0, "occlusion": 0, **added}, **options)
        difference = (rich - plain).sum(axis=-1)
        assert difference.max() <= 6 and difference.min() < -20, added


def test_the_ground_stays_where_nothing_is_and_shows_no_rings():
    picture = render_beauty(merged([]), CAMERA, width=240, height=240).astype(float)
    # Means of 4 x 4 blocks, which the dither keeps true to a fraction of a step, fall steadily from the middle.
    blocks = picture.reshape(60, 4, 60, 4, 3).mean(axis=(1, 3))[26, 30:, 1]
    assert (np.diff(blocks) < 0.1).all() and blocks[0] - blocks[-1] > 20
    own = np.random.default_rng(0).integers(0, 256, size=(240, 240, 3), dtype=np.uint8)
    np.testing.assert_array_equal(render_beauty(merged([]), CAMERA, width=240, height=240, background=own), own)


def test_broken_vertices_do_no_harm(sphere):
    mesh = sphere()
    vertices = mesh.vertices.copy()
    vertices[600] = np.nan
    vertices[900] = 1e30
    broken = type(mesh)(vertices, mesh.faces, mesh.colours, mesh.gloss)
    assert render_beauty(broken, CAMERA, width=64, height=64, outline=True).shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shadows": 2}, "shadows is 2"),
        ({"occlusion": -0.5}, "occlusion is -0.5"),
        ({"outline": -1.0}, "outline is -1.0"),
        ({"background": ((0, 0, 2), (0, 0, 0))}, "two RGB colours"),
        ({"supersample": 9}, "supersample 9"),
    ],
    ids=["shadows", "occlusion", "outline", "ground", "samples"],
)
def test_beauty_refuses_what_does_not_fit(sphere, options, message):
    with pytest.raises(SfpError, match=message):
        render_beauty(sphere(), CAMERA, width=32, height=32, **options)


def test_milliseconds_of_a_frame(sphere, plane, capsys):
    mesh = merged([sphere(count=90), sphere(0.3, (0, 0, 0.9), count=60)])
    spent = []
    for _ in range(4):
        begin = time.perf_counter()
        render_beauty(mesh, CAMERA, width=720, height=720, outline=True)
        spent.append(time.perf_counter() - begin)
    with capsys.disabled():
        sys.stdout.write(f"\nbeauty 720 px, {len(mesh.faces)} triangles, all on: {1e3 * min(spent):.0f} ms\n")
