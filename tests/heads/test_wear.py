"""What heads wear: hair, lashes, beards, glasses, hats, hands; that it fits, follows and survives files."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.heads.eyes import eyeball_centre
from sfp_core.heads.glasses import glasses_mesh
from sfp_core.heads.hair import hair_mesh
from sfp_core.heads.hands import HandPlace, hand_mesh
from sfp_core.heads.hats import hat_mesh, pressed
from sfp_core.heads.head import Head
from sfp_core.heads.identity import (
    BEARDS,
    CLOTHES,
    EAR_STYLES,
    EYE_STYLES,
    FRINGES,
    GLASSES,
    HAIR_STYLES,
    HANDS,
    HATS,
    TEETH_STYLES,
    Identity,
    Look,
    Wear,
)
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.render.camera import Camera
from sfp_core.render.mesh import Mesh, Part
from sfp_core.render.raster import rasterise
from training.faces.identities import random_identity, random_look, random_taste, random_wear

_MOST_HAIR, _MOST_FACES = 14_000, 36_000
_EYES = slice(60, 76)
_SHUT = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}


@pytest.fixture(scope="module")
def heads() -> list[Head]:
    rng = np.random.default_rng(4)
    return [Head(Identity()), *(Head(random_identity(rng)) for _ in range(2))]


def _covered(head: Head, mesh: Mesh, points: np.ndarray, size: int = 256) -> np.ndarray:
    """Which places (n, 3) this mesh hides from the front, (n,) bool."""
    camera = Camera(np.zeros(3), np.eye(3), 20.0, 9.0)
    flat, depth = camera.project(mesh.vertices, size, size)
    drawn = rasterise(flat, depth, mesh.faces, size, size)
    places, own = camera.project(points, size, size)
    column, row = places.astype(int).T
    return np.asarray((drawn.face[row, column] >= 0) & (drawn.inverse_depth[row, column] > own))


def _edges_open(mesh: Mesh) -> float:
    """Share of edges that only one face has; vertices at one place count as one."""
    _, same = np.unique(np.round(mesh.vertices, 5), axis=0, return_inverse=True)
    faces = same.reshape(-1)[mesh.faces]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, count = np.unique(edges, axis=0, return_counts=True)
    return float((count == 1).mean())


@pytest.mark.parametrize("style", HAIR_STYLES)
def test_hair_is_a_finite_mesh_with_hardly_an_open_edge(heads: list[Head], style: str) -> None:
    for head in heads:
        mesh = hair_mesh(head.fitting, head.identity.look, Wear(hair=style))
        assert np.isfinite(mesh.vertices).all()
        assert len(mesh.faces) <= _MOST_HAIR
        assert (len(mesh.faces) == 0) == (style == "bald")
        if style != "bald":
            assert set(np.unique(mesh.parts)) <= {Part.HAIR, Part.WEAR}
            assert _edges_open(mesh) < 0.08  # only hems and the roots of locks, which are tucked under
            again = hair_mesh(head.fitting, head.identity.look, Wear(hair=style))
            assert again.vertices.tobytes() == mesh.vertices.tobytes()


@pytest.mark.parametrize("style", HAIR_STYLES)
def test_hair_without_a_fringe_leaves_eyes_and_mouth_free(heads: list[Head], style: str) -> None:
    for head in heads:
        points = landmarks98(head.pose({}), np.eye(3))
        mesh = hair_mesh(head.fitting, head.identity.look, Wear(hair=style, hair_volume=0.15))
        if style == "bald":
            continue
        assert _covered(head, mesh, points[_EYES]).sum() <= 1, "an outer corner may touch a lock"
        assert not _covered(head, mesh, points[51:60]).any()
        assert not _covered(head, mesh, points[76:96]).any()


@pytest.mark.parametrize("fringe", FRINGES[1:])
def test_a_fringe_hides_brows_but_not_the_lower_face(heads: list[Head], fringe: str) -> None:
    for head in heads:
        points = landmarks98(head.pose({}), np.eye(3))
        wear = Wear(hair="bob", fringe=fringe, hair_volume=0.14)
        hidden = _covered(head, hair_mesh(head.fitting, head.identity.look, wear), points)
        assert hidden[33:51].sum() >= 3
        assert not hidden[76:96].any()


def test_hair_differs_by_seed_and_volume_moves_it_off_the_skull(heads: list[Head]) -> None:
    head = heads[0]
    one, other = (hair_mesh(head.fitting, Look(), Wear(hair="crop", hair_seed=seed)) for seed in (1, 2))
    assert np.abs(one.vertices - other.vertices).max() > 0.01
    thin, thick = (hair_mesh(head.fitting, Look(), Wear(hair="crop", hair_volume=v)) for v in (0.08, 0.2))
    assert np.linalg.norm(thick.vertices, axis=1).mean() > np.linalg.norm(thin.vertices, axis=1).mean() + 0.05


def test_hair_lies_under_the_hat() -> None:
    head = Head(Identity(wear=Wear(hair="afro", hat="beanie")))
    hair = pressed(head.fitting, head.identity.wear, hair_mesh(head.fitting, Look(), head.identity.wear))
    top = hair.vertices[hair.vertices[:, 1] > head.fitting.crown[1] - 0.1]
    assert top[:, 1].max() < hat_mesh(head.fitting, head.identity.wear).vertices[:, 1].max() - 0.02
    camera = Camera(np.zeros(3), np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]), 20.0, 12.0)  # seen from above
    both = [hat_mesh(head.fitting, head.identity.wear), hair]
    depth = [rasterise(*camera.project(m.vertices, 96, 96), m.faces, 96, 96).inverse_depth for m in both]
    skull = np.hypot(*np.meshgrid(np.arange(96) - 47.5, np.arange(96) - 47.5)) < 9  # about the crown
    assert (depth[0] >= depth[1])[skull].all()


def test_lashes_ride_on_the_lid() -> None:
    head = Head(Identity(wear=Wear(lashes=0.3, clothes="none", hair="bald")))
    for strengths in ({}, _SHUT, {"eyeWideLeft": 1.0}):
        posed = head.pose(strengths)
        mesh = posed.mesh()
        lids = np.unique(mesh.faces[mesh.parts == Part.LID])
        rim = posed.skin.vertices[head.base.eyes[0, 0]]
        reach = 0.6 * head.identity.shape.eye_radius
        near = mesh.vertices[lids][mesh.vertices[lids][:, 0] > 0]
        distance = np.linalg.norm(near[:, None] - rim[None], axis=2).min(axis=1)
        assert distance.max() < reach
    shut, opened = (head.pose(s).mesh() for s in (_SHUT, {}))
    lids = np.unique(opened.faces[opened.parts == Part.LID])
    assert opened.vertices[lids, 1].max() - shut.vertices[lids, 1].max() > 0.4 * head.identity.shape.eye_radius


@pytest.mark.parametrize("beard", BEARDS[1:])
def test_a_beard_follows_the_jaw_and_keeps_off_the_lips(beard: str) -> None:
    head = Head(Identity(wear=Wear(beard=beard, hair="bald")))
    rest, opened = head.pose({}).mesh(), head.pose({"jawOpen": 1.0}).mesh()
    hair = np.unique(rest.faces[rest.parts == Part.HAIR])
    drop = rest.vertices[hair, 1] - opened.vertices[hair, 1]
    chin = rest.vertices[hair, 1] < head.identity.shape.mouth_y - 0.15
    if beard == "moustache":
        assert np.abs(drop).max() < 0.13  # it hangs on the upper lip; its ends follow the corners
    else:
        assert drop[chin].mean() > 0.15
    middle = landmarks98(head.pose({}), np.eye(3))[[90, 94]]
    bare = head.assembly.rest
    beard_faces = bare.faces[bare.parts == Part.HAIR]
    only = Mesh(bare.vertices, beard_faces, bare.colours, np.zeros(len(beard_faces)))
    assert not _covered(head, only, middle + np.array([0.0, -0.01, 0.0])).any()


@pytest.mark.parametrize("style", GLASSES[1:])
def test_glasses_are_symmetric_and_sit_before_the_eyes(heads: list[Head], style: str) -> None:
    for head in heads:
        mesh = glasses_mesh(head.fitting, Wear(glasses=style))
        for side in (0, 1):
            eye = eyeball_centre(head.identity.shape, side)
            offset = mesh.vertices[:, :2] - eye[:2]
            around = np.abs(offset).max(axis=1) < 1.2 * head.identity.shape.eye_radius
            assert mesh.vertices[around, 2].min() > eye[2] + 0.4 * head.identity.shape.eye_radius
        mirrored = np.sort(np.round(mesh.vertices * (-1, 1, 1), 4).view(np.float64), axis=0)
        assert np.allclose(mirrored, np.sort(np.round(mesh.vertices, 4).astype(np.float64), axis=0), atol=2e-4)
        pupils = landmarks98(head.pose({}), np.eye(3))[96:98]
        assert _covered(head, mesh, pupils).all() == (style == "sun")


@pytest.mark.parametrize("place", HANDS[1:])
def test_a_hand_lies_before_its_place(heads: list[Head], place: HandPlace) -> None:
    for head in heads:
        fit = head.fitting
        goal = {"mouth": fit.mouth, "eye": fit.eyes[0] + (0, 0, fit.eye_radius)}.get(place)
        left, right = (
            hand_mesh(fit, skin=(0.9, 0.7, 0.6), sleeve=(0.2, 0.2, 0.2), place=place, side=side) for side in (0, 1)
        )
        assert np.allclose(left.vertices * (-1, 1, 1), right.vertices, atol=1e-6)
        assert (left.parts == Part.HAND).all()
        if goal is not None:
            assert _covered(head, left, goal[None] + (0, 0, -0.02)).all()


@pytest.mark.parametrize(
    "wear",
    [
        *(Wear(hat=hat, hair="wavy", hair_seed=3) for hat in HATS),
        *(Wear(clothes=clothes, ears="elf", earrings="stud") for clothes in CLOTHES),
        *(Wear(ears=ears, earrings="hoop") for ears in EAR_STYLES),
    ],
    ids=str,
)  # fmt: skip
def test_everything_that_can_be_worn_is_drawn_within_the_budget(wear: Wear) -> None:
    mesh = Head(Identity(wear=wear)).pose({"jawOpen": 0.5}).mesh()
    assert np.isfinite(mesh.vertices).all()
    assert len(mesh.faces) <= _MOST_FACES


@pytest.mark.parametrize("eyes", EYE_STYLES)
@pytest.mark.parametrize("teeth", TEETH_STYLES)
def test_eyes_and_teeth_are_as_asked(eyes: str, teeth: str) -> None:
    mesh = Head(Identity(look=Look(eyes=eyes, teeth=teeth), wear=Wear(hair="bald"))).pose({}).mesh()
    assert (Part.TEETH in mesh.parts) == (teeth != "none")
    assert (mesh.parts == Part.EYE).any()


def test_worn_things_leave_the_landmarks_alone(heads: list[Head]) -> None:
    for head in heads:
        bald = Wear(hair="bald", ears="none", clothes="none", brows=head.identity.wear.brows)
        bare = replace(head.identity, look=Look(), wear=bald)
        strengths = {"jawOpen": 0.4, "eyeBlinkLeft": 0.5}
        mine, other = (landmarks98(h.pose(strengths), np.eye(3)) for h in (head, Head(bare)))
        assert np.array_equal(mine, other)


def test_wear_survives_json_and_old_files_need_none() -> None:
    for seed in range(20):
        identity = random_identity(np.random.default_rng(seed))
        assert Identity.from_json(json.loads(json.dumps(identity.to_json())), where="test") == identity
    assert Identity.from_json({"look": {"skin": [0.5, 0.4, 0.3]}}, where="old").wear == Wear()


def test_an_unknown_style_is_refused_with_the_styles_there_are() -> None:
    with pytest.raises(
        SfpError, match=r"^toon\.json: wear: hair 'mullet' is no style; expected one of bald, buzz, crop"
    ):
        Identity.from_json({"wear": {"hair": "mullet"}}, where="toon.json")
    with pytest.raises(SfpError, match="teeth 'gold' is no style; expected one of row, gap, canines, none"):
        Look(teeth="gold")


def test_random_characters_are_as_common_as_meant_and_repeat() -> None:
    rng = np.random.default_rng(0)
    wears = [random_wear(rng) for _ in range(3000)]
    shares = {
        "bald": np.mean([wear.hair == "bald" for wear in wears]),
        "glasses": np.mean([wear.glasses != "none" for wear in wears]),
        "hat": np.mean([wear.hat != "none" for wear in wears]),
        "beard": np.mean([wear.beard != "none" for wear in wears]),
        "fringe": np.mean([wear.fringe != "none" for wear in wears]),
    }
    for name, (low, high) in {
        "bald": (0.14, 0.20), "glasses": (0.10, 0.15), "hat": (0.10, 0.15), "beard": (0.07, 0.13),
        "fringe": (0.09, 0.17),
    }.items():  # fmt: skip
        assert low < shares[name] < high, (name, shares[name])
    rng = np.random.default_rng(0)
    fantasy = np.mean([random_taste(rng).fantasy for _ in range(3000)])
    assert 0.17 < fantasy < 0.23
    one, other = (random_look(np.random.default_rng(9)) for _ in range(2))
    assert one == other
