"""Scenes: landmarks lie where the picture shows them, and what is hidden is known to be."""

from dataclasses import replace

import numpy as np
import pytest

from sfp_core.heads.expressions import mirror_name
from sfp_core.heads.head import Head
from sfp_core.heads.identity import Identity, Wear
from sfp_core.layout import WFLW_98
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.mesh import Mesh, Part, merged
from sfp_core.render.shade import Light, render
from training.faces.background import random_background
from training.faces.degrade import Degradation, degraded, random_degradation
from training.faces.family import Subject, ToonSubject, random_subject
from training.faces.framing import Placement, random_framing
from training.faces.occluders import random_occluder
from training.faces.recipe import DEFAULT, PLAIN, RECIPES, Recipe
from training.faces.scene import CastMember, random_face, random_shot
from training.faces.visibility import Sight, seen_by, sight_of

SIZE = 256
FOV_DEG = 25.0
MIRROR = np.asarray(WFLW_98.mirror)


@pytest.fixture(scope="module")
def subject() -> Subject:
    """The default head; bald and bare, so that nothing of it is lopsided or in the way."""
    return ToonSubject(Head(Identity(wear=Wear(hair="bald", clothes="none"))))


def placed(subject: Subject, head_deg: tuple[float, float, float]) -> Placement:
    return Placement(subject.face_frame()[0], rotation_from_degrees(*head_deg), np.zeros(3), head_deg)


def camera_for(subject: Subject) -> Camera:
    return Camera(np.zeros(3), np.eye(3), FOV_DEG, 2.8 * subject.frame()[1])


def seen(subject: Subject, head_deg: tuple[float, float, float], *others: Mesh, strengths: dict[str, float]) -> Sight:
    """What of a face is seen when it is turned and other things stand before it."""
    place, camera, posed = placed(subject, head_deg), camera_for(subject), subject.pose(strengths)
    mesh = posed.mesh()
    meshes = [replace(mesh, vertices=place.to_view(mesh.vertices)), *others]
    owners = np.repeat(np.arange(len(meshes), dtype=np.int16), [len(one.faces) for one in meshes])
    surfaces = seen_by(merged(meshes), owners, camera, size=SIZE)
    points = place.to_view(posed.landmarks98(place.line_of_sight(camera.distance)))
    return sight_of(points, camera, surfaces, owner=0, height=subject.frame()[1])


def plate(subject: Subject, landmarks: np.ndarray) -> Mesh:
    """A hand-sized plate before some landmarks of the face that looks at the viewer."""
    place = placed(subject, (0, 0, 0))
    points = place.to_view(subject.pose({}).landmarks98(np.eye(3)))[landmarks]
    low, high = points.min(axis=0) - 0.12, points.max(axis=0) + 0.12
    z = high[2] + 0.3
    corners = np.array([[low[0], low[1], z], [high[0], low[1], z], [high[0], high[1], z], [low[0], high[1], z]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    return Mesh(corners, faces, np.full((4, 3), 0.6), np.zeros(2), np.full(2, Part.HAND))


def test_open_eyes_and_lips_of_a_face_that_looks_at_the_viewer_are_seen(subject: Subject) -> None:
    sight = seen(subject, (0, 0, 0), strengths={})
    for group in ("left_eye", "right_eye", "left_pupil", "right_pupil", "mouth", "nose_bridge"):
        assert sight.visible[WFLW_98.group(group)].all(), group
    assert sight.visible.mean() > 0.9
    assert not sight.covered.any()


def test_pupils_behind_shut_lids_are_hidden_and_lid_points_are_not(subject: Subject) -> None:
    sight = seen(subject, (0, 0, 0), strengths={"eyeBlinkLeft": 1.0})
    assert not sight.visible[97]  # the character's left is the picture's right
    assert sight.visible[96]
    assert sight.visible[WFLW_98.group("right_eye")].all()


@pytest.mark.parametrize(("yaw", "near", "far"), [(70, 76, 82), (-70, 82, 76)])
def test_the_far_side_of_a_turned_head_is_hidden_and_the_near_side_is_not(
    subject: Subject, yaw: int, near: int, far: int
) -> None:
    sight = seen(subject, (0, yaw, 0), strengths={})
    assert sight.visible[near]
    assert not sight.visible[far]
    eyes = [sight.visible[WFLW_98.group(name)].sum() for name in ("left_eye", "right_eye")]
    assert abs(eyes[0] - eyes[1]) >= 3
    assert not sight.covered.any()  # the head itself is in the way, nothing else


@pytest.mark.parametrize("yaw", [0, 70, -70])
def test_points_at_the_back_of_the_head_are_hidden(subject: Subject, yaw: int) -> None:
    place, camera = placed(subject, (0, yaw, 0)), camera_for(subject)
    mesh = subject.pose({}).mesh()
    view = replace(mesh, vertices=place.to_view(mesh.vertices))
    surfaces = seen_by(view, np.zeros(len(view.faces), np.int16), camera, size=SIZE)
    middle = view.vertices[(np.abs(view.vertices[:, :2]) < 0.4).all(axis=1)]  # no ears, no neck, no shoulders
    backs = middle[np.argsort(middle[:, 2])[:98]]  # what is furthest from the eye
    assert not sight_of(backs, camera, surfaces, owner=0, height=2.2).visible.any()


def test_a_hand_before_the_mouth_hides_the_mouth_alone(subject: Subject) -> None:
    mouth = WFLW_98.group("mouth")
    sight = seen(subject, (0, 0, 0), plate(subject, mouth), strengths={})
    assert not sight.visible[mouth].any()
    assert sight.covered[mouth].all()
    assert sight.visible[WFLW_98.group("left_eye")].all()
    assert sight.visible[WFLW_98.group("right_eye")].all()


def test_points_outside_the_picture_are_not_visible(subject: Subject) -> None:
    camera = replace(camera_for(subject), distance=0.9 * subject.frame()[1])
    posed, place = subject.pose({}), placed(subject, (0, 0, 0))
    mesh = posed.mesh()
    view = replace(mesh, vertices=place.to_view(mesh.vertices))
    surfaces = seen_by(view, np.zeros(len(view.faces), np.int16), camera, size=64)
    points = place.to_view(posed.landmarks98(np.eye(3)))
    pixels, _ = camera.project(points, 64, 64)
    outside = ((pixels < 0) | (pixels >= 64)).any(axis=1)
    assert outside.any()
    assert not sight_of(points, camera, surfaces, owner=0, height=2.2).visible[outside].any()


def test_the_mirror_of_wflw_maps_a_mirrored_face_onto_its_flipped_picture(subject: Subject) -> None:
    strengths = {"mouthSmileLeft": 0.8, "jawOpen": 0.4, "eyeBlinkRight": 0.7, "browInnerUp": 0.5, "eyeLookOutLeft": 0.6,
                 "eyeLookInRight": 0.6}  # fmt: skip
    pictures, points = [], []
    for sign in (1, -1):
        one = strengths if sign > 0 else {mirror_name(name): value for name, value in strengths.items()}
        posed, place, camera = subject.pose(one), placed(subject, (8, 28 * sign, 11 * sign)), camera_for(subject)
        mesh = posed.mesh()
        view = replace(mesh, vertices=place.to_view(mesh.vertices))
        light = Light(direction=(-0.5 * sign, 0.6, 0.7), fill_direction=(0.8 * sign, 0.1, 0.4))
        pictures.append(render(view, camera, width=SIZE, height=SIZE, light=light))
        landmarks = place.to_view(posed.landmarks98(place.line_of_sight(camera.distance)))
        points.append(camera.project(landmarks, SIZE, SIZE)[0])
    flipped = points[0][MIRROR] * (-1, 1) + (SIZE, 0)
    assert np.abs(flipped - points[1]).max() < 0.05  # a wrong pair of points is pixels apart
    assert np.abs(pictures[0][:, ::-1].astype(int) - pictures[1]).mean() < 0.5
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 3  # the view is lopsided, so this can fail


def test_line_of_sight_of_a_head_in_the_middle_is_its_own_turn(subject: Subject) -> None:
    place = placed(subject, (10, 20, 30))
    assert np.allclose(place.line_of_sight(5.0), place.rotation)
    aside = replace(place, place=np.array([2.0, -1.0, 0.5]))
    turned = aside.line_of_sight(5.0) @ aside.rotation.T
    assert np.allclose(turned @ turned.T, np.eye(3))
    assert np.allclose(turned @ (np.array([0, 0, 5.0]) - aside.place), [0, 0, np.linalg.norm([2, -1, 4.5])])


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_framing_keeps_the_main_face_in_the_picture_and_heads_apart(recipe: Recipe, subject: Subject) -> None:
    rng = np.random.default_rng(1)
    yaws, inside = [], []
    landmarks = subject.pose({}).landmarks98(np.eye(3))
    for number in range(300):
        framing = random_framing([subject] * (1 + number % 4 if recipe is DEFAULT else 1), rng, recipe=recipe)
        first = framing.placements[0]
        assert first is not None
        yaws.append(first.head_deg[1])
        pixels, near = framing.camera.project(first.to_view(landmarks), SIZE, SIZE)
        assert (near > 0).all()
        inside.append(((pixels >= 0) & (pixels < SIZE)).all(axis=1).mean())
        places = [one.place for one in framing.placements if one is not None]
        for index, place in enumerate(places):
            for other in places[:index]:
                assert np.linalg.norm(place - other) > 0.9 * subject.frame()[1]
    assert np.std(yaws) > 0.7 * recipe.yaw_sigma_deg
    assert np.abs(yaws).max() <= recipe.yaw_limit_deg
    assert np.mean(np.array(inside) > 0.6) > 0.9


def test_a_shot_repeats_by_its_seed_and_knows_all_its_faces(subject: Subject) -> None:
    cast = [CastMember(name, subject) for name in "abcd"]
    alone = 0
    for number in range(12):
        one = random_shot(cast, np.random.default_rng(number), size=96, supersample=1)
        again = random_shot(cast, np.random.default_rng(number), size=96, supersample=1)
        assert np.array_equal(one.picture, again.picture)
        assert one.picture.shape == (96, 96, 3)
        assert one.annotation.faces[0].character == "a"
        names = [face.character for face in one.annotation.faces]
        assert len(set(names)) == len(names)
        alone += len(names) == 1
        for face in one.annotation.faces:
            assert np.isfinite(face.points).all()
            outside = ((face.points < 0) | (face.points >= 96)).any(axis=1)
            assert not face.visible[outside].any()
    assert 0 < alone < 12


def test_plain_faces_are_alone_shaded_and_undamaged(subject: Subject) -> None:
    for number in range(6):
        shot = random_shot(
            [CastMember("a", subject), CastMember("b", subject)],
            np.random.default_rng(number),
            size=64,
            supersample=1,
            recipe=PLAIN,
        )
        told = shot.annotation
        assert (len(told.faces), told.look, told.occluder, told.cut) == (1, "render", "", False)
        assert told.degradation == {"jpeg_quality": 92}
    assert isinstance(subject, ToonSubject)
    face = random_face(subject.head, np.random.default_rng(5), size=64, supersample=1)
    assert np.array_equal(face.picture, shot.picture)
    assert np.array_equal(face.points, shot.annotation.faces[0].points)


@pytest.mark.parametrize("seed", range(6))
def test_occluders_hang_before_the_face_and_within_reach(subject: Subject, seed: int) -> None:
    height = subject.frame()[1]
    kind, mesh = random_occluder(subject, placed(subject, (0, 0, 0)), np.random.default_rng(seed))
    assert kind in ("hand", "bars", "leaves", "object")
    assert mesh.vertices[:, 2].max() > 0.1 * height
    assert np.median(np.abs(mesh.vertices[:, :2])) < 3 * height


def test_the_own_hand_before_the_mouth_hides_most_of_it(subject: Subject) -> None:
    hand = subject.hand("mouth", side=0, curl=0.35)
    place = placed(subject, (0, 0, 0))
    sight = seen(subject, (0, 0, 0), replace(hand, vertices=place.to_view(hand.vertices)), strengths={})
    mouth = WFLW_98.group("mouth")
    assert sight.covered[mouth].mean() > 0.5
    assert sight.visible[WFLW_98.group("left_eye")].all()
    assert sight.visible[WFLW_98.group("right_eye")].all()


def test_backgrounds_are_pictures_of_every_kind_and_repeat_by_seed() -> None:
    render_before = [np.full((64, 64, 3), 90, np.uint8)]
    kinds = set()
    for number in range(80):
        first = random_background(np.random.default_rng(number), 64, recipe=DEFAULT, renders=render_before)
        again = random_background(np.random.default_rng(number), 64, recipe=DEFAULT, renders=render_before)
        assert first[1].shape == (64, 64, 3)
        assert first[1].dtype == np.uint8
        assert np.array_equal(first[1], again[1])
        kinds.add(first[0])
    assert kinds == {"flat", "gradient", "blotches", "noise", "texture", "shapes", "room", "renders"}


@pytest.mark.parametrize(
    "how",
    [Degradation(motion_px=9, motion_deg=30), Degradation(defocus_px=2.5), Degradation(shrink=3.0)],
    ids=["motion", "defocus", "few pixels"],
)
def test_blurs_move_nothing(how: Degradation) -> None:
    rows, columns = np.mgrid[0:96, 0:96]
    spot = np.exp(-((columns - 40.2) ** 2 + (rows - 52.7) ** 2) / 50)
    picture = np.repeat(np.rint(250 * spot).astype(np.uint8)[..., None], 3, axis=2)
    blurred = degraded(picture, how, np.random.default_rng(0))[..., 0].astype(float)
    found = [(blurred * axis).sum() / blurred.sum() for axis in (columns, rows)]
    # Half a pixel would be the smallest mistake; the rounding of values to bytes moves the centre by less than 0.2.
    assert np.allclose(found, [40.2, 52.7], atol=0.2)
    assert how.blur_px > 0.8


def test_grey_pictures_are_grey_and_an_undamaged_one_is_untouched() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)
    assert np.array_equal(degraded(picture, Degradation(), rng), picture)
    grey = degraded(picture, Degradation(grey=True, noise=5.0), rng)
    assert (np.ptp(grey, axis=2) == 0).all()
    share = np.mean([random_degradation(np.random.default_rng(n), size=256, recipe=DEFAULT).grey for n in range(1000)])
    assert 0.03 < share < 0.07


@pytest.mark.parametrize("family", ["anny", "human"])
def test_heads_of_the_second_family_play_in_scenes(family: str) -> None:
    from training.anny.store import default_path

    if not default_path().exists():
        pytest.skip(f"{default_path()} was not built: python -m training.anny.build")
    other = random_subject(family, np.random.default_rng(3))
    cast = [CastMember("a", other), CastMember("b", random_subject("toon", np.random.default_rng(4)))]
    families = set()
    for number in range(6):
        shot = random_shot(cast, np.random.default_rng(number), size=96, supersample=1)
        families |= {face.family for face in shot.annotation.faces}
        assert shot.annotation.faces[0].family == family
        assert np.isfinite(shot.annotation.faces[0].points).all()
    assert families == {family, "toon"}
    sight = seen(other, (0, 0, 0), strengths={})
    assert sight.visible[WFLW_98.group("nose_bridge")].all()
    assert other.hand("mouth", side=1, curl=0.3).vertices.shape[1] == 3
