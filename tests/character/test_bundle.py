"""NAME.character: the same bytes for the same character, and no way for a stranger's file to do harm."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sfp_core.character.bundle import DESCRIPTION, FORWARD, MAPPER, THUMBNAIL
from sfp_core.character.capture import Capture
from sfp_core.character.character import Character
from sfp_core.character.fit import FitReport
from sfp_core.errors import SfpError

Fitted = tuple[Character, FitReport, Capture]
Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def bundle(fitted: Fitted, tmp_path: Path) -> Path:
    path = tmp_path / "dots.character"
    fitted[0].save(path)
    return path


def _changed(bundle: Path, change: Change) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    path = bundle.with_name("changed.character")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _described(**changes: object) -> Change:
    def change(members: dict[str, bytes]) -> None:
        content = json.loads(members[DESCRIPTION])
        content.update(changes)
        members[DESCRIPTION] = json.dumps({k: v for k, v in content.items() if v is not None}).encode()

    return change


def test_what_is_saved_is_loaded(fitted: Fitted, bundle: Path) -> None:
    made = replace(fitted[0], direct={"tongue": {"tongue.tz": 1.0}})
    made.save(bundle)
    loaded = Character.load(bundle)
    assert (loaded.rig.controllers, loaded.rig.mirror) == (made.rig.controllers, dict(made.rig.mirror))
    assert (loaded.invisible, loaded.detector_sha256) == (made.invisible, made.detector_sha256)
    assert loaded.direct == {"tongue": {"tongue.tz": 1.0}}
    assert np.allclose(loaded.face.neutral, made.face.neutral, atol=1e-6)
    assert dict(loaded.face.reach) == pytest.approx(dict(made.face.reach), abs=1e-5)
    points = made.face.neutral + np.random.default_rng(0).normal(0, 0.03, size=(50, 98, 2))
    assert np.allclose(loaded.controllers(points), made.controllers(points), atol=1e-3)
    assert loaded.thumbnail.startswith(b"\x89PNG")


def test_same_character_same_bytes(fitted: Fitted, tmp_path: Path) -> None:
    for name in ("one", "two"):
        fitted[0].save(tmp_path / f"{name}.character")
    Character.load(tmp_path / "one.character").save(tmp_path / "again.character")
    first, second, again = ((tmp_path / f"{n}.character").read_bytes() for n in ("one", "two", "again"))
    assert first == second == again
    assert len(first) < 1_500_000


def test_loading_runs_without_torch(bundle: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from sfp_core.character.character import Character; import numpy as np;"
        f"c = Character.load({str(bundle)!r}); c.controllers(np.tile(c.face.neutral, (2, 1, 1)));"
        "sys.exit(any(m.split('.')[0] in ('torch', 'cv2', 'PIL', 'scipy') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.pop(MAPPER), "mapper.safetensors missing"),
        (lambda m: m.update({"../evil.py": b"x"}), "unexpected member '../evil.py'"),
        (lambda m: m.update({"/etc/passwd": b"x"}), "unexpected member '/etc/passwd'"),
        (lambda m: m.update({"mapper.pkl": b"x"}), "unexpected member 'mapper.pkl'"),
        (lambda m: m.update({THUMBNAIL: bytes(5_000_000)}), "thumbnail.png: 5000000 bytes; expected at most 4000000"),
        (lambda m: m.update({DESCRIPTION: b"{"}), "character.json: not JSON"),
        (lambda m: m.update({DESCRIPTION: b"[]"}), "expected a JSON object, got list"),
        (lambda m: m.update({DESCRIPTION: b"[" * 100_000}), "character.json: not JSON"),
        (lambda m: m.update({MAPPER: m[MAPPER][:1000]}), "mapper.safetensors: not a whole safetensors file"),
        (lambda m: m.update({MAPPER: m[FORWARD]}), "networks: tensor 'linear' is missing"),
        (_described(version=2), "version 2 is newer than this program reads"),
        (_described(format="sfp.curves"), "expected 'sfp.character'"),
        (_described(rig=None), "character.json: not as .character files are (KeyError: 'rig')"),
        (_described(rig={"name": "x", "controllers": [{"name": "a.b", "minimum": 0, "maximum": 1, "neutral": 0}]}),
         "networks: made for 12 controllers, but the rig has 1"),
        (_described(layout="ibug68"), "layout 'ibug68'; expected 'wflw98'"),
        (_described(neutral=[[0, 0]]), "face: neutral must be (98, 2)"),
        (_described(refine={"iterations": 10**9}), "expected 0 to 1000 iterations"),
        (_described(invisible=["nose.ty"]), "invisible: no controller 'nose.ty'"),
        (_described(direct={"tongue": {"nose.ty": 1}}), "direct.tongue: no controller 'nose.ty'"),
    ],
)  # fmt: skip
def test_a_strangers_file_is_refused_in_one_line(bundle: Path, change: Change, message: str) -> None:
    path = _changed(bundle, change)
    with pytest.raises(SfpError) as caught:
        Character.load(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_cut_or_damaged_zips_are_refused_in_one_line(bundle: Path, tmp_path: Path) -> None:
    whole = bundle.read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "broken.character"
    for data in (b"", b"PK", whole[: len(whole) // 2], b"\x00" * 5000):
        path.write_bytes(data)
        with pytest.raises(SfpError, match="not a whole character file"):
            Character.load(path)
    for _ in range(40):  # a flipped byte is found by the zip's checksums, or lies where it does not matter
        damaged = bytearray(whole)
        damaged[int(rng.integers(len(whole)))] ^= 0xFF
        path.write_bytes(damaged)
        try:
            Character.load(path)
        except SfpError as error:
            assert "\n" not in str(error)


def test_a_member_larger_than_its_header_says_is_refused(bundle: Path, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(bundle) as archive, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as lying:
        for name in archive.namelist():
            lying.writestr(name, archive.read(name))
        lying.filelist[0].file_size = 10  # written to the directory at the end
    path = tmp_path / "lying.character"
    path.write_bytes(stream.getvalue())
    with pytest.raises(SfpError, match=r"character\.json: its size is not what the zip says|not a whole character"):
        Character.load(path)


def test_unknown_names_and_paths(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"^character 'nobody' is unknown; expected a \.character file or one of: "):
        Character.load("nobody")
    with pytest.raises(SfpError, match=r"^character 'vesper' is built in, .*sfp character capture vesper -o .*train"):
        Character.load("vesper")
    with pytest.raises(SfpError, match=r"gone\.character: no such character file"):
        Character.load(tmp_path / "gone.character")
