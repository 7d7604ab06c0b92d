import io
import json
import pickle
import zipfile
from fractions import Fraction

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.formats.landmarks_npz import read_landmarks_npz, write_landmarks_npz
from sfp_core.landmarks import Event, LandmarkSequence
from sfp_core.layout import IBUG_68, WFLW_98


def sequence(layout=WFLW_98, frames=7, head=True, **options):
    rng = np.random.default_rng(0)
    return LandmarkSequence(
        rng.normal(size=(frames, layout.count, 2)),
        Fraction(24000, 1001),
        layout,
        confidence=rng.uniform(size=(frames, layout.count)),
        head_deg=rng.normal(size=(frames, 3)) if head else None,
        **options,
    )


@pytest.mark.parametrize("layout", [WFLW_98, IBUG_68], ids=lambda layout: layout.name)
@pytest.mark.parametrize("head", [True, False])
def test_everything_is_read_back_bit_for_bit(tmp_path, layout, head):
    events = (Event("lip_seal", 0.1, 0.2), Event("blink", 1 / 3, 2 / 3))
    written = sequence(layout, head=head, space="image", events=events, info={"engine": "speech ü", "seed": 3.5})
    read = read_landmarks_npz(write_landmarks_npz(tmp_path / "a.npz", written))
    assert np.array_equal(read.points, written.points)
    assert np.array_equal(read.confidence, written.confidence)
    assert (read.head_deg is None) == (not head)
    assert not head or np.array_equal(read.head_deg, written.head_deg)
    assert (read.fps, read.layout, read.space) == (written.fps, layout, "image")
    assert (read.events, dict(read.info)) == (events, {"engine": "speech ü", "seed": 3.5})


def test_the_archive_has_the_arrays_of_the_contract(tmp_path):
    write_landmarks_npz(tmp_path / "a.npz", sequence(events=(Event("blink", 0.5, 0.6),)))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert set(archive.files) == {"points", "fps", "layout", "space", "confidence", "head_deg", "info"}
        assert (str(archive["fps"]), str(archive["layout"]), str(archive["space"])) == (
            "24000/1001",
            "wflw98",
            "canonical",
        )
        assert archive["points"].shape == (7, 98, 2)
        assert json.loads(str(archive["info"]))["events"][0] == {
            "kind": "blink",
            "start_seconds": 0.5,
            "end_seconds": 0.6,
        }


def test_an_archive_of_another_program_needs_only_the_main_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", points=np.zeros((3, 98, 2), np.float32), fps="25", layout="wflw98", space="image", x=1)
    read = read_landmarks_npz(tmp_path / "a.npz")
    assert (read.frames, read.fps, read.confidence.min(), read.events) == (3, 25, 1.0, ())


def test_facts_that_are_no_text_or_number_become_json_text(tmp_path):
    np.savez(
        tmp_path / "a.npz",
        **{"points": np.zeros((1, 98, 2)), "fps": "25", "layout": "wflw98", "space": "image"},
        info=json.dumps({"a": [1, 2], "b": None, "c": "x", "d": 2}),
    )
    assert dict(read_landmarks_npz(tmp_path / "a.npz").info) == {"a": "[1, 2]", "b": "null", "c": "x", "d": 2}


def parts(**changes):
    return {"points": np.zeros((3, 98, 2)), "fps": "25", "layout": "wflw98", "space": "canonical"} | changes


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"points": np.zeros((3, 98, 2))}, "array 'fps' is missing; it has points"),
        (parts(points=np.zeros((3, 68, 2))), "points: expected an array of shape (3, 98, 2), got (3, 68, 2)"),
        (parts(points=np.zeros(5)), "points: expected numbers for every frame, got float64 of shape (5,)"),
        (parts(points=np.full((3, 98, 2), "a")), "points: expected numbers"),
        (parts(points=np.full((3, 98, 2), np.nan)), "numbers are not finite"),
        (parts(confidence=np.zeros((2, 98))), "confidence: expected an array of shape (3, 98)"),
        (parts(head_deg=np.zeros((3, 2))), "head_deg: expected an array of shape (3, 3)"),
        (parts(fps=25), "fps: expected one text, got int64 of shape ()"),
        (parts(fps="fast"), "frame rate 'fast'"),
        (parts(layout="dlib"), "landmark layout 'dlib' is unknown"),
        (parts(space="crop"), "space 'crop' is unknown"),
        (parts(info="{"), "info: not JSON"),
        (parts(info="[]"), "info: expected a JSON object, got list"),
        (
            parts(info='{"events":[{"kind":"sneeze","start_seconds":0,"end_seconds":1}]}'),
            "events[0]: event kind 'sneeze'",
        ),
        (parts(info='{"events":[{"kind":"blink"}]}'), "events[0]: expected kind, start_seconds and end_seconds"),
        (parts(info='{"events":7}'), "events: expected a list, got 7"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_unfit_arrays_are_told_in_one_line(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(SfpError) as caught:
        read_landmarks_npz(tmp_path / "a.npz")
    assert str(caught.value).startswith(f"{tmp_path / 'a.npz'}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return stream.getvalue()


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was run')",))


def test_damaged_and_foreign_files_are_told_in_one_line(tmp_path):
    good = write_landmarks_npz(tmp_path / "good.npz", sequence()).read_bytes()
    files = {
        "empty": b"",
        "text": b"points\n1 2 3\n",
        "npy": npy(np.zeros((3, 98, 2))),
        "pickle": pickle.dumps({"points": 1}),
        "short": good[: len(good) // 2],
        "flipped": good[:300] + bytes(byte ^ 255 for byte in good[300:400]) + good[400:],
        "zip": archive(readme=b"hello"),
        "bomb": archive(points=npy(np.array([Bomb()], dtype=object))),
        "large": archive(points=npy(np.zeros(3)).replace(b"(3,)", b"(10**18,)")),
        "huge": archive(points=npy(np.zeros(10)).replace(b"(10,), }", b"(999999999999999,), }")),
    }
    for name, content in files.items():
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with pytest.raises(SfpError) as caught:
            read_landmarks_npz(path)
        assert str(caught.value).startswith(f"{path}: "), name
        assert "\n" not in str(caught.value), name
    with pytest.raises(SfpError, match="no such file"):
        read_landmarks_npz(tmp_path / "none.npz")


def test_a_name_without_suffix_is_kept(tmp_path):
    assert write_landmarks_npz(tmp_path / "landmarks", sequence()) == tmp_path / "landmarks"
    assert [path.name for path in tmp_path.iterdir()] == ["landmarks"]
    assert read_landmarks_npz(tmp_path / "landmarks").frames == 7
