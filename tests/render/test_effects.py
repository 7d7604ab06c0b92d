import dataclasses
import sys
import time

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.light import LIGHTS, NO_EFFECTS, Effects, Light
from sfp_core.render.mesh import Mesh, Part, merged
from sfp_core.render.occlusion import ambient_light
from sfp_core.render.shade import render, render_with_mask
from sfp_core.render.view import see, surfaces

CAMERA = Camera(np.zeros(3), np.eye(3), 30, 5)


def grey(image):
    return image.astype(np.float64).mean(axis=-1)


def unoccluded(mesh, camera=CAMERA, size=96, strength=1.0, radius=0.4):
    view = see(mesh, camera, width=size, height=size, supersample=2)
    return ambient_light(view, surfaces(view, step=2), strength=strength, radius=radius)


@pytest.mark.parametrize("angles", [(0, 0, 0), (30, 40, 10), (-50, 20, 0)], ids=["front", "tilted", "steep"])
def test_a_plane_is_not_occluded_however_it_lies(plane, angles):
    camera = Camera(np.zeros(3), rotation_from_degrees(*angles), 30, 5)
    assert (unoccluded(plane(), camera) == 1).all()


def test_a_sphere_is_hardly_occluded_by_itself(sphere):
    assert unoccluded(sphere(count=96)).min() > 0.97


CREASE_CAMERA = Camera(np.zeros(3), rotation_from_degrees(35, 0, 0), 30, 5)


@pytest.fixture
def crease(plane):
    """A floor and a wall that meet at y = -0.5, z = 0."""
    floor = plane(corner=(-3, -0.5, 3), along=(6, 0, 0), up=(0, 0, -3))
    return merged([floor, plane(corner=(-3, -0.5, 0), along=(6, 0, 0), up=(0, 3, 0))])


def test_a_crease_is_dark_at_its_bottom_and_open_beyond_the_radius(crease):
    open_ = unoccluded(crease, CREASE_CAMERA)
    bottom = CREASE_CAMERA.project(np.array([[0.0, -0.5, 0]]), 96, 96)[0][0].astype(int)[1]
    column = open_[:, 48]
    assert column[bottom - 2 : bottom + 3].min() < 0.75
    assert abs(int(np.argmin(column)) - bottom) <= 2
    far = CREASE_CAMERA.project(np.array([[0.0, 0.1, 0], [0, -0.5, 0.7]]), 96, 96)[0].astype(int)
    assert column[far[0, 1]] > 0.97 and column[far[1, 1]] > 0.97
    # No noise and no pattern of the taps is left: along the crease the light is the same.
    assert open_[bottom, 20:76].std() < 0.02


def test_what_is_far_behind_is_not_darkened_by_what_stands_before_it(sphere, plane):
    scene = merged([sphere(0.5, (0, 0, 1.5)), plane(corner=(-3, -3, -1))])
    assert unoccluded(scene).min() > 0.97  # no halo around the sphere


def test_strength_scales_what_is_lost(crease):
    full, half = (unoccluded(crease, CREASE_CAMERA, strength=strength) for strength in (1.0, 0.5))
    assert full.min() < 0.75
    np.testing.assert_allclose(1 - half, (1 - full) / 2, atol=1e-6)


def test_effects_of_strength_0_change_no_byte_and_drawn_styles_ignore_them(sphere):
    mesh = merged([sphere(part=Part.HAIR), sphere(0.4, (0.0, 0.3, 0.9), gloss=0.9, part=Part.EYE)])
    options = {"width": 80, "height": 80}
    np.testing.assert_array_equal(render(mesh, CAMERA, **options), render(mesh, CAMERA, effects=NO_EFFECTS, **options))
    for style in ("toon", "viewport"):
        np.testing.assert_array_equal(
            render(mesh, CAMERA, style=style, **options),
            render(mesh, CAMERA, style=style, effects=Effects(1, 0.3, 1, 1), **options),
        )


def test_the_window_is_mirrored_on_the_lights_side_of_an_eye_and_nowhere_else(sphere):
    light = Light(direction=(-0.6, 0.5, 0.7), key=0, fill=0, ambient=0, rim=0)
    black = ((0, 0, 0), (0, 0, 0))
    eye, skin = (
        grey(
            render(
                sphere(gloss=0.9, part=part, count=96),
                CAMERA,
                width=200,
                height=200,
                light=light,
                background=black,
                effects=Effects(eyes=1.0),
            )
        )
        for part in (Part.EYE, Part.LIPS)
    )
    pane = eye > 180
    y, x = np.nonzero(pane)
    assert 0.002 < pane.mean() < 0.05
    assert x.mean() < 90 and y.mean() < 90
    assert (pane[y.min() : y.max(), x.min() : x.max()]).mean() > 0.75  # a pane fills its box, a disc would not
    assert 5 < eye[110:170, 105:170].max() < 120  # the second, soft light across the eye
    assert (skin > 180).mean() < pane.mean()


def test_the_ring_of_hair_lies_across_the_strands_and_turns_with_the_head(sphere):
    # The poles' fans of thin faces stay out of the picture's middle; light from the eye puts the ring at the equator.
    light = Light(direction=(0, 0, 1), key=0.8, rim=0)
    for roll in (0, 90):
        camera = Camera(np.zeros(3), rotation_from_degrees(0, 0, roll), 30, 5)
        plain, ring = (
            grey(
                render(
                    sphere(colour=(0.3, 0.2, 0.1), part=Part.HAIR),
                    camera,
                    width=120,
                    height=120,
                    light=light,
                    effects=effects,
                )
            )
            for effects in (NO_EFFECTS, Effects(hair=1.0))
        )
        more = ring - plain if roll == 0 else (ring - plain).T
        assert more[60, 40:80].min() > 10 and more[60, 40:80].min() > 2 * more[30, 40:80].max()


def test_ready_made_lights_differ_and_the_low_one_is_dark(sphere):
    means = {}
    for name, light in LIGHTS.items():
        image, mask = render_with_mask(sphere(colour=(0.7, 0.7, 0.7)), CAMERA, width=64, height=64, light=light)
        means[name] = image[mask == 255].mean(axis=0)
    assert means["low"].mean() < 0.55 * means["studio"].mean()
    assert means["sunset"][0] > means["sunset"][2] + 20 and means["moon"][2] > means["moon"][0] + 20
    assert len({tuple(np.round(mean)) for mean in means.values()}) == len(LIGHTS)


@pytest.mark.parametrize("wrong", [{"occlusion": 1.5}, {"eyes": -1}, {"hair": float("nan")}], ids=str)
def test_effects_refuse_what_they_cannot_be(wrong):
    with pytest.raises(SfpError, match=next(iter(wrong))):
        Effects(**wrong)


# Of a mesh without paint.
_ARRAYS = tuple(field.name for field in dataclasses.fields(Mesh) if field.name != "paint")


def test_same_effects_give_the_same_bytes(sphere, plane):
    mesh = merged([sphere(part=Part.HAIR), sphere(0.4, (0, 0.3, 0.9), gloss=0.9, part=Part.EYE), plane()])
    options = {"width": 97, "height": 75, "effects": Effects(1.0, 0.3, 1.0, 1.0)}  # odd sizes too
    before = [getattr(mesh, name).tobytes() for name in _ARRAYS]
    assert render(mesh, CAMERA, **options).tobytes() == render(mesh, CAMERA, **options).tobytes()
    assert [getattr(mesh, name).tobytes() for name in _ARRAYS] == before


def test_milliseconds_of_the_renders_for_data(sphere, capsys):
    mesh = sphere(count=113)  # 25 088 triangles
    lines = []
    for name, effects in (("plain", NO_EFFECTS), ("with effects", Effects(1.0, 0.3, 1.0, 1.0))):
        spent = []
        for _ in range(7):
            begin = time.perf_counter()
            render(mesh, CAMERA, width=256, height=256, effects=effects)
            spent.append(time.perf_counter() - begin)
        lines.append(f"render 256 px, {len(mesh.faces)} triangles, {name}: {1e3 * min(spent):.1f} ms")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join([*lines, ""]))
