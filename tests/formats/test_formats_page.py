import importlib.util
import json
import re
from pathlib import Path

from sfp_core.character.capture import read_capture
from sfp_core.formats.curves_json import read_curves_json
from sfp_core.heads.identity import Identity

_SPEC = importlib.util.spec_from_file_location("ma_reader_page", Path(__file__).with_name("ma_reader.py"))
ma_reader = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(ma_reader)

PAGE = (Path(__file__).parents[2] / "FORMATS.md").read_text(encoding="utf-8")


def example(title):
    """The first block of code of a section."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.search(r"```\w*\n(.*?)```", section, re.DOTALL)[1]


def test_the_example_of_a_take_is_one(tmp_path):
    (tmp_path / "take.curves.json").write_text(example("take.curves.json"), encoding="utf-8")
    take = read_curves_json(tmp_path / "take.curves.json")
    assert (take.rig, take.fps, take.frames, take.key_count) == ("toon", 24, 641, 3)


def test_the_example_of_a_scene_is_one():
    scene = ma_reader.Scene(example("take.ma"))
    assert scene.curve("jaw_translateY") == ([1, 13, 21], [0, -0.74, 0.1], [18, 18, 2], [18, 18, 18])
    assert scene.connections == [("jaw_translateY.o", "jaw.ty")]


def test_every_section_of_the_table_is_there():
    linked = re.findall(r"\]\(#([\w-]+)\)", PAGE)
    titles = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"\n## (.+)", PAGE)}
    assert set(linked) <= titles


def test_the_example_of_a_capture_is_one(tmp_path):
    (tmp_path / "capture.json").write_text(example("capture.json"), encoding="utf-8")
    capture = read_capture(tmp_path)
    assert (capture.rig.name, capture.rig.names, len(capture.poses)) == ("mery", ("jaw.ty",), 2)


def test_the_example_of_an_identity_is_one():
    content = json.loads(example("Identities"))
    identity = Identity.from_json(content, where="FORMATS.md")
    assert (identity.shape.eye_radius, identity.look.skin) == (0.3, (0.97, 0.78, 0.67))
