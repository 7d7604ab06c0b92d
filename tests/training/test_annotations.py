"""Annotations: what is written is read back, and what is malformed is told with file and line."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sfp_core.errors import SfpError
from training.annotations import (
    FaceAnnotation,
    PictureAnnotation,
    header,
    read_annotations,
    to_line,
    wflw_line,
    write_annotations,
)
from training.faces.attributes import FaceFacts, flags_of, openings


def face(seed: int) -> FaceAnnotation:
    rng = np.random.default_rng(seed)
    return FaceAnnotation(
        character=f"c{seed}",
        family="toon",
        points=np.round(rng.uniform(-20, 260, (98, 2)), 3),
        visible=rng.random(98) < 0.7,
        covered=int(rng.integers(0, 40)),
        expression="happy",
        pose_kind="sparse",
        flags=(1, 0, 0, 1, 0, 1),
        head_deg=(1.25, -30.5, 4.0),
        actions={"jawOpen": 0.25, "mouthSmileLeft": 1.0},
        openings={"eye_left": 0.4, "eye_right": 0.0, "mouth": 0.125},
    )


def picture(seed: int, *, faces: int = 2) -> PictureAnnotation:
    return PictureAnnotation(
        picture=f"a b/{seed}.jpg",
        size=(256, 256),
        seed=(1, 2, 3, seed),
        look="cel",
        light="key",
        style="soft",
        background="room",
        occluder="",
        cut=False,
        camera={"fov_deg": 30.25, "distance": 4.5},
        degradation={"noise": 3.5, "gains": [1.0, 0.9, 1.1], "jpeg_quality": 80},
        faces=tuple(face(10 * seed + index) for index in range(faces)),
    )


def same(one: PictureAnnotation, other: PictureAnnotation) -> bool:
    """Equal in every field, arrays included."""
    plain = replace(one, faces=()) == replace(other, faces=())
    for first, second in zip(one.faces, other.faces, strict=True):
        for name in FaceAnnotation.__dataclass_fields__:
            plain = plain and bool(np.array_equal(getattr(first, name), getattr(second, name)))
    return plain


def test_annotations_are_read_back_equal(tmp_path: Path) -> None:
    written = [picture(1), picture(2, faces=0), picture(3, faces=1)]
    read = read_annotations(write_annotations(tmp_path / "train.jsonl", written))
    assert len(read) == 3
    assert all(same(one, other) for one, other in zip(written, read, strict=True))


def test_malformed_lines_are_told_together_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    good = json.loads(to_line(picture(1)))
    lost, short, odd = (json.loads(json.dumps(good)) for _ in range(3))
    del lost["faces"][1]["points"]
    short["faces"][0]["visible"].pop()
    odd["faces"][0]["expression"] = "bored"
    lines = [header(), to_line(picture(1)), "{", json.dumps(lost), json.dumps(short), json.dumps(odd)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(SfpError) as told:
        read_annotations(path)
    message = str(told.value)
    assert "\n" not in message
    for number, part in ((3, "not JSON"), (4, "faces[1]: no 'points'"), (5, "faces[0]: visible"), (6, "'bored'")):
        assert f"{path}:{number}: " in message
        assert part in message


@pytest.mark.parametrize(
    ("first", "part"),
    [
        ('{"format":"sfp.faces","version":3}', "newer"),
        ('{"format":"sfp.curves","version":1}', "expected 'sfp.faces'"),
        ("", "empty"),
    ],
    ids=["newer", "other format", "empty"],
)
def test_other_files_are_refused(tmp_path: Path, first: str, part: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(first, encoding="utf-8")
    with pytest.raises(SfpError, match=part):
        read_annotations(path)


def test_box_is_the_tight_box_of_the_points() -> None:
    one = face(1)
    assert one.box == (*one.points.min(axis=0), *one.points.max(axis=0))
    tokens = wflw_line(one.points, "x.jpg", flags=one.flags).split()
    assert len(tokens) == 207
    assert np.allclose([float(token) for token in tokens[196:200]], one.box, atol=5.1e-3)
    assert tokens[200:206] == ["1", "0", "0", "1", "0", "1"]


def test_faces_that_are_small_or_mostly_outside_or_hidden_are_not_listed() -> None:
    rng = np.random.default_rng(0)
    whole = replace(face(1), points=rng.uniform(20, 200, (98, 2)), visible=np.ones(98, dtype=bool))
    assert whole.listed((256, 256))
    assert not replace(whole, points=whole.points / 20).listed((256, 256))
    assert not replace(whole, points=whole.points + 150).listed((256, 256))
    assert not replace(whole, visible=np.arange(98) < 20).listed((256, 256))


def test_openings_do_not_depend_on_the_view() -> None:
    points = np.random.default_rng(3).normal(size=(98, 3))
    turn = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
    first, second = openings(points), openings(2.5 * points @ turn.T + 1)
    assert first.keys() == {"eye_left", "eye_right", "mouth"}
    assert np.allclose(list(first.values()), list(second.values()))


FACTS = FaceFacts((0, 0, 0), "neutral", 0.1, "key", False, 0, 0.0, (50.0, 50.0, 150.0, 150.0))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"head_deg": (0, 31, 0)}, 0),
        ({"head_deg": (-21, 0, 0)}, 0),
        ({"expression": "sad"}, 1),
        ({"mouth": 0.6}, 1),
        ({"preset": "low"}, 2),
        ({"make_up": True}, 3),
        ({"covered": 5}, 4),
        ({"blur_px": 1.3}, 5),
    ],
    ids=str,
)
def test_each_attribute_answers_to_its_own_rule(change: dict[str, object], place: int) -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    assert flags_of(FACTS, grey) == (0, 0, 0, 0, 0, 0)
    assert flags_of(replace(FACTS, **change), grey) == tuple(int(index == place) for index in range(6))


def test_dark_and_uneven_faces_are_badly_lit_even_in_friendly_light() -> None:
    dark = np.full((200, 200, 3), 40, np.uint8)
    uneven = np.full((200, 200, 3), 60, np.uint8)
    uneven[:, 100:] = 180
    assert [flags_of(FACTS, picture)[2] for picture in (dark, uneven)] == [1, 1]


GOLDEN = Path(__file__).parents[1] / "golden" / "faces.v2.jsonl"


def test_golden_annotations_of_version_2_are_read_and_written_as_they_are(tmp_path: Path) -> None:
    read = read_annotations(GOLDEN)
    assert [face.character for face in read[0].faces] == ["c10", "c11"]
    assert write_annotations(tmp_path / "again.jsonl", read).read_bytes() == GOLDEN.read_bytes()
