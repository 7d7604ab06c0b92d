"""Properties of procedural heads: what must hold for any identity, pose and view."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.face import lip_aperture
from sfp_core.geometry import nme, normalize
from sfp_core.heads.actions import ACTIONS, ARKIT_52, ActionState
from sfp_core.heads.domain import direction_of, domain_of
from sfp_core.heads.eyes import lid_elevations
from sfp_core.heads.head import Head
from sfp_core.heads.identity import Identity, Shape
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.heads.template import EYE_POINTS, LIP_POINTS, template
from sfp_core.layout import WFLW_98
from sfp_core.render.camera import rotation_from_degrees
from training.faces.identities import random_identity
from training.faces.poses import random_actions

_UPRIGHT = np.eye(3)
_MIDDLE_UPPER, _MIDDLE_LOWER = LIP_POINTS // 4, 3 * LIP_POINTS // 4


@pytest.fixture(scope="module")
def head() -> Head:
    return Head(Identity())


@pytest.fixture(scope="module")
def random_heads() -> list[Head]:
    rng = np.random.default_rng(7)
    return [Head(random_identity(rng)) for _ in range(12)]


def _mirrored(strengths: dict[str, float]) -> dict[str, float]:
    def swap(name: str) -> str:
        if name.endswith("Left"):
            return name.removesuffix("Left") + "Right"
        return name.removesuffix("Right") + "Left" if name.endswith("Right") else name

    return {swap(name): value for name, value in strengths.items()}


def test_domain_and_direction_are_inverses() -> None:
    points = np.random.default_rng(0).uniform(-2.0, 2.0, (500, 2))
    assert np.allclose(domain_of(direction_of(points)), points, atol=1e-9)
    assert np.allclose(np.linalg.norm(direction_of(points), axis=1), 1.0)


def test_arkit_has_its_52_names_and_no_name_is_twice() -> None:
    assert len(ARKIT_52) == 52
    assert len(set(ACTIONS)) == len(ACTIONS)


def test_unknown_action_is_refused() -> None:
    with pytest.raises(SfpError, match="jawOpne"):
        ActionState({"jawOpne": 1.0})


def test_template_faces_are_counter_clockwise_and_every_vertex_is_used() -> None:
    base = template()
    a, b, c = (base.points[base.faces[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    assert (area > 0).all()
    assert np.array_equal(np.unique(base.faces), np.arange(len(base.points)))


def test_lids_meet_at_full_blink_whatever_else_is_set(random_heads: list[Head]) -> None:
    rng = np.random.default_rng(3)
    for head in random_heads:
        strengths = {**random_actions(rng), "eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
        for side in (0, 1):
            rim = lid_elevations(ActionState(strengths), head.identity.shape, side)
            upper, lower = rim[1 : EYE_POINTS // 2], rim[: EYE_POINTS // 2 : -1]
            assert np.allclose(upper, lower, atol=1e-9)


def test_lids_are_open_at_rest(random_heads: list[Head]) -> None:
    for head in random_heads:
        rim = lid_elevations(ActionState({}), head.identity.shape, 0)
        assert rim[EYE_POINTS // 4] > 0.3 > -0.2 > rim[3 * EYE_POINTS // 4]


@pytest.mark.parametrize("seed", range(4))
def test_mirrored_actions_give_mirrored_landmarks(random_heads: list[Head], seed: int) -> None:
    strengths = random_actions(np.random.default_rng(seed))
    sway = _mirrored(strengths)
    for one, other in (("jawLeft", "jawRight"), ("mouthLeft", "mouthRight")):
        sway[one], sway[other] = strengths.get(other, 0.0), strengths.get(one, 0.0)
    for head in random_heads[:4]:
        points = landmarks98(head.pose(strengths), _UPRIGHT)
        flipped = landmarks98(head.pose(sway), _UPRIGHT)[list(WFLW_98.mirror)] * (-1, 1, 1)
        assert np.abs(points - flipped).max() < 1e-6


def test_lips_touch_at_rest_and_part_with_the_jaw(random_heads: list[Head]) -> None:
    for head in random_heads:
        rest = landmarks98(head.pose({}), _UPRIGHT)
        span = np.linalg.norm(rest[72] - rest[60])
        assert np.linalg.norm(rest[94] - rest[90]) < 1e-6
        opened = landmarks98(head.pose({"jawOpen": 1.0}), _UPRIGHT)
        assert np.linalg.norm(opened[94] - opened[90]) > 0.15 * span
        shut = landmarks98(head.pose({"jawOpen": 0.6, "mouthClose": 1.0}), _UPRIGHT)
        assert np.linalg.norm(shut[94] - shut[90]) < 0.02 * span


def test_lips_never_pass_through_each_other(random_heads: list[Head]) -> None:
    rng = np.random.default_rng(11)
    for head in random_heads:
        for _ in range(8):
            inner = head.pose(random_actions(rng)).skin.vertices[head.base.mouth[0]]
            opposite = inner[(-np.arange(LIP_POINTS)) % LIP_POINTS]
            assert (inner[1:_MIDDLE_LOWER, 1] >= opposite[1:_MIDDLE_LOWER, 1] - 1e-9)[: LIP_POINTS // 2 - 1].all()


@pytest.mark.parametrize("yaw", [-60, -25, 0, 25, 60])
def test_contour_runs_in_order_without_doubling_back(random_heads: list[Head], yaw: float) -> None:
    rotation = rotation_from_degrees(0.0, yaw, 0.0)
    for head in random_heads:
        contour = (landmarks98(head.pose({}), rotation) @ rotation.T)[:33, :2]
        steps = np.diff(contour, axis=0)
        turns = steps[:-1, 0] * steps[1:, 0] + steps[:-1, 1] * steps[1:, 1]
        assert (turns > 0).mean() > 0.95  # no step goes back on the one before


def test_pupils_follow_the_gaze_and_lids_follow_the_pupils(head: Head) -> None:
    rest = landmarks98(head.pose({}), _UPRIGHT)
    left = landmarks98(head.pose({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}), _UPRIGHT)
    assert (left[[96, 97], 0] > rest[[96, 97], 0] + 0.1).all()  # the character's left is the viewer's right
    down = landmarks98(head.pose({"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0}), _UPRIGHT)
    assert (down[[96, 97], 1] < rest[[96, 97], 1] - 0.05).all()
    assert (down[[62, 70], 1] < rest[[62, 70], 1] - 0.02).all()


def test_every_action_moves_the_face(head: Head) -> None:
    rest, rest_mesh = landmarks98(head.pose({}), _UPRIGHT), head.pose({}).mesh().vertices
    span = np.linalg.norm(rest[72] - rest[60])
    for name in ACTIONS:
        posed = head.pose({name: 1.0, **({"jawOpen": 0.5} if name == "mouthClose" else {})})
        if name.startswith("tongue") or name == "jawForward":  # seen in the picture, not in the landmarks
            assert np.abs(posed.mesh().vertices - rest_mesh).max() > 0.02 * span, name
        else:
            moved = np.linalg.norm(landmarks98(posed, _UPRIGHT) - rest, axis=1).max()
            assert moved > 0.01 * span, f"{name} moves no landmark by more than {moved / span:.4f}"


def test_identity_survives_json() -> None:
    identity = random_identity(np.random.default_rng(2))
    text = json.dumps(identity.to_json())
    assert Identity.from_json(json.loads(text), where="test") == identity


def test_identity_refuses_unknown_names() -> None:
    with pytest.raises(SfpError, match=r"toon\.json: shape: unknown names nose_lenght"):
        Identity.from_json({"shape": {"nose_lenght": 1.0}}, where="toon.json")


def test_eye_size_changes_nothing_else(head: Head) -> None:
    larger = Head(Identity(Shape(eye_radius=0.31)))
    mine, other = landmarks98(head.pose({}), _UPRIGHT), landmarks98(larger.pose({}), _UPRIGHT)
    assert np.abs(mine - other)[[16, 76, 82]].max() < 0.03
    assert np.linalg.norm(other[62] - other[66]) > 1.08 * np.linalg.norm(mine[62] - mine[66])


@pytest.mark.skipif("SFP_SHARED_DATA" not in os.environ, reason="SFP_SHARED_DATA is not set: no WFLW mean face")
def test_mean_head_agrees_with_the_mean_face_of_wflw(random_heads: list[Head]) -> None:
    content = json.loads((Path(os.environ["SFP_SHARED_DATA"]) / "faces/wflw/wflw98.json").read_text())
    mean_face, _ = normalize(np.array(content["meanface_wflw98"]), WFLW_98)
    assert content["flip98"] == list(WFLW_98.mirror)
    shapes = []
    for head in random_heads:
        flat = landmarks98(head.pose({}), _UPRIGHT)[:, :2] * (1, -1)
        shapes.append(normalize(flat, WFLW_98)[0])
    mine = np.mean(shapes, axis=0)
    assert nme(mine, mean_face, WFLW_98) < 0.15  # cartoons: a lower order of points or a swapped side gives over 0.3
    order = np.argsort(mine[:, 0]), np.argsort(mean_face[:, 0])
    assert np.abs(np.argsort(order[0]) - np.argsort(order[1])).mean() < 5  # the same order from left to right
    assert lip_aperture(mine) < 0.02
