"""Maps of names, and takes renamed by them."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.renaming import renamed
from sfp_core.curves.take import Take, build_take
from sfp_core.errors import SfpError
from sfp_core.formats.name_map import read_name_map
from sfp_core.rig import ControllerCurves, ControllerSpec, RigSpec

NAMES = {"jaw.ty": "jawOpen", "lid.ty": "", "brow, left.ty": "brows;1"}
RIG = RigSpec("test", tuple(ControllerSpec(name, 0.0, 1.0) for name in NAMES))


def acted() -> Take:
    values = np.random.default_rng(1).uniform(0, 1, (30, 3))
    return build_take(ControllerCurves(RIG, Fraction(24), 0.0, values))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("title", [[], [["From", "To"]]], ids=["bare", "titled"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_tables_read_as_written(tmp_path: Path, delimiter: str, title: list[list[str]], encoding: str) -> None:
    first = [["jaw.ty", "jawOpen"]]  # the delimiter is told by the first line
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([*title, *first, [], *list(NAMES.items())[1:]])
    assert read_name_map(tmp_path / "a.csv") == NAMES


def test_json_reads_as_written_and_null_means_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**NAMES, "lid.ty": None}))
    assert read_name_map(tmp_path / "a.json") == NAMES


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "no names in it"),
        ("a.csv", "from,to\n", "no names in it"),
        ("a.csv", "a,b\na,c\n", r"a\.csv:2: 'a' is there twice"),
        ("a.csv", "a,b\nc\n", r"a\.csv:2: 1 columns; expected 2"),
        ("a.csv", "a,b\n,c\n", r"a\.csv:2: the old name is empty"),
        ("a.json", '{"a": 1}', r"'a': 1; expected the new name as text"),
        ("a.json", "[]", "expected a JSON object, got list"),
        ("a.json", "{}", "no names in it"),
    ],
)
def test_what_is_no_map_is_named_in_one_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SfpError, match=message) as caught:
        read_name_map(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_missing_map_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SfpError, match="no such file"):
        read_name_map(tmp_path / name)


def test_a_renamed_take_plays_the_same_under_other_names() -> None:
    take = acted()
    other = renamed(take, NAMES)
    assert [channel.controller for channel in other.channels] == ["jawOpen", "brows;1"]
    played = other.curves(other.rig_spec()).values
    assert np.array_equal(played, take.curves(RIG).values[:, [0, 2]])
    assert renamed(other, {"jawOpen": "jaw.ty", "brows;1": "brow, left.ty"}) == Take(
        take.rig, take.fps, take.frames, None, take.layers, (take.channels[0], take.channels[2])
    )


def test_names_may_be_swapped_and_others_stay() -> None:
    swapped = renamed(acted(), {"jaw.ty": "lid.ty", "lid.ty": "jaw.ty"})
    assert [channel.controller for channel in swapped.channels] == ["lid.ty", "jaw.ty", "brow, left.ty"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"jaw": "x", "lids": ""}, "'jaw' is no controller of it; 'lids' is no controller of it"),
        ({"jaw.ty": "x", "lid.ty": "x"}, "jaw.ty and lid.ty would all be 'x'"),
        ({"jaw.ty": "lid.ty"}, "jaw.ty and lid.ty would all be 'lid.ty'"),
        (dict.fromkeys(NAMES, ""), "no controller would be left"),
    ],
)
def test_maps_that_do_not_fit_are_refused(names: dict[str, str], message: str) -> None:
    with pytest.raises(SfpError, match=message):
        renamed(acted(), names)
