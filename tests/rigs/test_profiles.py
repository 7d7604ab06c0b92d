"""Profiles of well-known rigs, against the development data where it is there."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.rigs.profiles.profile import Profile, profile_named, profile_names, read_profile
from sfp_core.rigs.vocabulary.known import direct_table, recognised
from sfp_core.speech.direct import DIRECT_ARTICULATORS

PROFILES = profile_names()


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> Profile:
    return profile_named(request.param)


@pytest.fixture(scope="session")
def mery_data(shared_data: Path) -> dict[str, Any]:
    content = json.loads((shared_data / "maya" / "mery.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def test_there_are_two() -> None:
    assert PROFILES == ("malcolm", "mery")
    with pytest.raises(SfpError, match="profile 'ray' is unknown; expected one of malcolm, mery"):
        profile_named("ray")


def test_a_rig_of_a_profile_is_found_by_its_own_names_alone(profile: Profile) -> None:
    for rig in (profile.rig, profile.whole_rig):
        assert [one.vocabulary.name for one in recognised(rig)] == [profile.name]


def test_limits_nobody_published_are_proposals(profile: Profile) -> None:
    assert profile.limits == "read in Maya"
    assert profile.unlimited == profile.rig.names


def test_every_controller_has_a_partner_of_the_same_kind(profile: Profile) -> None:
    specs = {spec.name: spec for spec in profile.whole_rig.controllers}
    assert set(profile.mirror) == set(specs)
    for name, other in profile.mirror.items():
        one, two = specs[name], specs[other]
        assert (one.minimum, one.maximum, one.neutral, one.unit) == (two.minimum, two.maximum, two.neutral, two.unit)
        assert name.rpartition(".")[2] == other.rpartition(".")[2]


def test_what_drives_left_mirrors_to_what_drives_right(profile: Profile) -> None:
    drives = profile.vocabulary.drives
    pairs = [action for action in drives if action.endswith("Left")]
    assert pairs
    for action in pairs:
        other = drives[action.removesuffix("Left") + "Right"]
        assert {profile.mirror[name]: value for name, value in drives[action].items()} == other


def test_direct_tables_are_of_articulators_and_within_limits(profile: Profile) -> None:
    rig = profile.whole_rig
    table = direct_table(rig)
    assert table and set(table) <= set(DIRECT_ARTICULATORS)
    for drive in table.values():
        for name, change in drive.items():
            value = change + rig.neutral[rig.index(name)]
            assert rig.minimum[rig.index(name)] <= value <= rig.maximum[rig.index(name)]


def test_mery_rests_with_open_eyes_and_a_blink_is_all_zero() -> None:
    rig = profile_named("mery").rig
    lids = [name for name in rig.names if "supfLid" in name and name.endswith("translateY")]
    assert len(lids) == 2
    assert {name: value for name, value in zip(rig.names, rig.neutral, strict=True) if value} == dict.fromkeys(
        lids, 0.8
    )
    (one,) = recognised(rig)
    shut = rig.neutral + one.change(one.words_of({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}))
    assert np.abs(shut).max() < 1e-12


def test_mery_has_one_pair_with_two_spellings() -> None:
    mirror = profile_named("mery").mirror
    assert mirror["Mery_ac_lf_infLid_move_sg.translateY"] == "Mery_ac_rg_inffLid_move_sg.translateY"
    assert mirror["Mery_ac_upLip_01_control.translateX"] == "Mery_ac_upLip_05_control.translateX"
    assert mirror["Mery_ac_upLip_03_control.translateX"] == "Mery_ac_upLip_03_control.translateX"


def test_mery_has_the_attributes_of_the_development_data(mery_data: dict[str, Any]) -> None:
    rig = profile_named("mery").rig
    assert set(rig.names) == set(mery_data["attributes"])
    assert len(rig.names) == 100
    assert len({name.rpartition(".")[0] for name in rig.names}) == 60
    for name, value in mery_data["recorded_pose"]["values"].items():
        low, high = rig.minimum[rig.index(name)], rig.maximum[rig.index(name)]
        assert low <= value <= high, name


def test_mery_speaks_as_the_development_data_says(mery_data: dict[str, Any]) -> None:
    controls, visemes = mery_data["conventions"]["controls"], mery_data["conventions"]["visemes"]
    sides = {"corner": ("cornerL", "cornerR"), "sticky": ("stickyL", "stickyR"), "mouthInOut": ("mouthInOut",)}
    sides |= {"loInOut": ("loInOutL", "loInOutR"), "upInOut": ("upInOutL", "upInOutR"), "jaw": ("jaw",)}
    sides |= {"upLip2/4": ("upLip2", "upLip4"), "loLip2/4": ("loLip2", "loLip4")}
    faces = profile_named("mery").vocabulary.faces
    ours = {"aa": "AA", "ae": "AE", "E": "EH", "PP": "B/M/P", "CH": "CH/JH/SH/ZH", "FF": "F/V/W", "ee": "IY"}
    ours |= {"oh": "OW", "ou": "UH/UW", "SS": "S/Z", "er": "ER"}
    for face, row in ours.items():
        wanted = {}
        for key, value in visemes[row].items():
            part, axis = key.rsplit(".", 1)
            for side in sides[part]:
                wanted[f"{controls[side]}.translate{axis.upper()}"] = value
        assert dict(faces[face]) == wanted, face
    assert faces["DD"]["Mery_ac_cn_tongue4.rotateZ"] == visemes["L/D/N/T/R"]["tongue4.rotateZ"]


def test_malcolm_has_the_attributes_of_the_development_data(shared_data: Path) -> None:
    pose = json.loads((shared_data / "maya" / "malcolm_head_pose.json").read_text(encoding="utf-8"))
    profile = profile_named("malcolm")
    units = {"doubleLinear": "linear", "doubleAngle": "angle_deg", "double": "none"}
    for spec in profile.whole_rig.controllers:
        node, _, attribute = spec.name.rpartition(".")
        assert units[pose[node][attribute]["type"]] == spec.unit
        assert not attribute.startswith("scale")
    nodes = {spec.name.rpartition(".")[0] for spec in profile.whole_rig.controllers}
    left_out = {node for node in pose if node not in nodes}
    assert all(any(part in node for part in ("Head", "Ear", "Hair")) for node in left_out)


def test_what_is_known_of_malcolm_is_only_what_the_names_say() -> None:
    profile = profile_named("malcolm")
    assert set(profile.evidence.values()) == {"name"}
    assert not profile.signs and not profile.vocabulary.faces
    assert len(profile.unknown) > 500


def _broken(tmp_path: Path, change: Any) -> str:
    content = {
        "format": "sfp.profile",
        "version": 1,
        "name": "x",
        "source": "a test",
        "limits": "known",
        "controllers": [
            {"name": "lf.ty", "unit": "linear", "minimum": -1, "maximum": 1, "neutral": 0.5, "mirror": "rg.ty"},
            {"name": "rg.ty", "unit": "linear", "minimum": -1, "maximum": 1, "neutral": 0.5, "mirror": "lf.ty"},
            {"name": "tongue.rz", "unit": "angle_deg", "minimum": 0, "maximum": 9, "neutral": 0, "set": "beyond"},
        ],
        "drives": {"jawOpen": {"from": "name", "changes": {"lf.ty": -1.5}}},
        "direct": {"tongue_tip": {"tongue.rz": 9}},
        "unknown": ["rg.ty"],
    }
    change(content)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SfpError) as caught:
        read_profile(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)
    return str(caught.value)


def test_a_small_profile_is_read(tmp_path: Path) -> None:
    assert "neither known" in _broken(tmp_path, lambda c: c.update(unknown=[]))
    path = tmp_path / "x.json"
    content = json.loads(path.read_text(encoding="utf-8")) | {"unknown": ["rg.ty"]}
    path.write_text(json.dumps(content), encoding="utf-8")
    profile = read_profile(path)
    assert profile.rig.names == ("lf.ty", "rg.ty")
    assert profile.whole_rig.names == ("lf.ty", "rg.ty", "tongue.rz")
    assert (profile.unlimited, profile.evidence) == ((), {"jawOpen": "name"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="sfp.capture"), "format is 'sfp.capture'"),
        (lambda c: c.update(version=2), "newer than this program reads"),
        (lambda c: c.update(name=""), "name: expected a text"),
        (lambda c: c.update(limits="guessed"), "limits: 'guessed'; expected one of read in Maya, known"),
        (lambda c: c.update(controllers=[]), "controllers: expected a list with at least one entry"),
        (
            lambda c: c["controllers"][0].update(maximum=-1),
            "controllers[0]: controller lf.ty: minimum -1 must be below",
        ),
        (lambda c: c["controllers"][0].update(maximum=-2), "minimum -1 must be below maximum -2"),
        (lambda c: c["controllers"][0].update(neutral=float("nan")), "controllers[0]: ValueError: expected a number"),
        (lambda c: c["controllers"][0].update(unit="deg"), "unit 'deg'"),
        (lambda c: c["controllers"][1].pop("unit"), "controllers[1]: KeyError: 'unit'"),
        (lambda c: c["controllers"][2].update(name="m:tongue.rz"), "without a namespace"),
        (lambda c: c["controllers"][2].update(name="tongue"), "expected node.attribute"),
        (lambda c: c["controllers"][2].update(name="rg.ty"), "controllers named twice: rg.ty"),
        (lambda c: c["controllers"][2].update(set="back"), "controllers[2].set: 'back'"),
        (lambda c: c["controllers"][0].update(mirror="lf.ty"), "must name two controllers, both ways"),
        (lambda c: c["drives"].update(smirk={"from": "name", "changes": {}}), "action 'smirk' is unknown"),
        (lambda c: c["drives"]["jawOpen"].update({"from": "hearsay"}), "drives.jawOpen.from: 'hearsay'"),
        (lambda c: c["drives"]["jawOpen"]["changes"].update({"lf.ty": "wide"}), "drives.jawOpen.changes.lf.ty"),
        (lambda c: c["direct"]["tongue_tip"].update({"nose.tx": 1}), "'nose.tx' is none of its words"),
        (lambda c: c.update(unknown=["rg.ty", "lf.ty"]), "lf.ty is driven, so it is known"),
        (lambda c: c.update(unknown=["rg.ty", "ear.tx"]), "unknown: no controller 'ear.tx'"),
        (lambda c: c.update(signs={"ear.tx": "out"}), "signs: no controller 'ear.tx'"),
    ],
)
def test_what_is_wrong_with_a_profile_is_named(tmp_path: Path, change: Any, message: str) -> None:
    assert message in _broken(tmp_path, change)
