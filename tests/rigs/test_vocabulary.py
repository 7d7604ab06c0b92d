"""Vocabularies: found in names as people write them and in no others, and true to what the faces do."""

import string
from collections.abc import Sequence

import numpy as np
import pytest

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ARKIT_52
from sfp_core.heads.landmarks98 import landmarks98
from sfp_core.rig import ControllerSpec, RigSpec
from sfp_core.rigs.procedural import LAYERS, Controls, ProceduralCharacter
from sfp_core.rigs.vocabulary.known import VOCABULARIES, direct_table, recognised
from sfp_core.rigs.vocabulary.naming import compact, endings, long_attribute
from sfp_core.rigs.vocabulary.oculus import VISEME_WORDS
from sfp_core.rigs.vocabulary.vocabulary import FACES, Recognised, Vocabulary
from sfp_core.rigs.vocabulary.vroid import VROID
from sfp_core.speech.direct import DIRECT_ARTICULATORS

VRM1_NAMES = "happy angry sad relaxed surprised aa ih ou ee oh blink blinkLeft blinkRight lookUp lookDown lookLeft"
VRM0_NAMES = "Neutral A I U E O Blink Joy Angry Sorrow Fun LookUp LookDown LookLeft LookRight Blink_L Blink_R"


def _rig(names: Sequence[str], *, low: float = 0.0, neutral: float = 0.0) -> RigSpec:
    return RigSpec("x", tuple(ControllerSpec(name, low, 1.0, neutral, "none") for name in names))


def _spoken(names: Sequence[str]) -> list[str]:
    return [one.vocabulary.name for one in recognised(_rig(names))]


def _short_sides(name: str) -> str:
    return name.replace("Left", "_L").replace("Right", "_R") if name.endswith(("Left", "Right")) else name


ARKIT_SPELLINGS = {
    "as Apple": lambda name: name,
    "lower case": str.lower,
    "upper case": str.upper,
    "a capital": lambda name: name[0].upper() + name[1:],
    "snake": lambda name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name),
    "one-letter sides": _short_sides,
    "Maya": lambda name: f"blendShape1.{name}",
    "a mesh": lambda name: f"Wolf3D_Head.{name}",
    "a prefix": lambda name: f"ARKit_{name}",
    "unicode node": lambda name: f"顔.{name}",
}


@pytest.mark.parametrize("spelling", ARKIT_SPELLINGS)
def test_arkit_is_found_however_it_is_spelled(spelling: str) -> None:
    names = [ARKIT_SPELLINGS[spelling](name) for name in ARKIT_52]
    (one,) = recognised(_rig(names))
    assert one.vocabulary.name == "arkit"
    assert one.controllers == {word: (name,) for word, name in zip(ARKIT_52, names, strict=True)}


def test_a_shape_on_several_meshes_is_one_word_and_they_move_together() -> None:
    names = [f"{mesh}.{name}" for mesh in ("head", "teeth") for name in ARKIT_52[:20]]
    (one,) = recognised(_rig(names))
    assert one.controllers["eyeBlinkLeft"] == ("head.eyeBlinkLeft", "teeth.eyeBlinkLeft")
    assert np.flatnonzero(one.change({"eyeBlinkLeft": 0.5})).tolist() == [0, 20]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (VRM1_NAMES.split(), ["vrm1"]),
        (VRM0_NAMES.split(), ["vrm0"]),
        ([f"viseme_{name}" for name in VISEME_WORDS], ["oculus"]),
        ([f"Head.viseme_{name}" for name in (*VISEME_WORDS[:-3], "I", "O", "U")], ["oculus"]),
        ([f"vrc.v_{name.lower()}" for name in VISEME_WORDS], ["oculus"]),
        (list(VISEME_WORDS), ["oculus_bare"]),
        ([*ARKIT_52, *(f"viseme_{name}" for name in VISEME_WORDS)], ["arkit", "oculus"]),
        (list(VROID.words), ["vroid"]),
        ([f"Face.M_F00_000_00_{word}" for word in VROID.words], ["vroid"]),
    ],
    ids=["vrm1", "vrm0", "oculus", "letters", "vrchat", "bare", "arkit and oculus", "vroid", "old vroid"],
)
def test_each_vocabulary_is_found_alone(names: list[str], expected: list[str]) -> None:
    assert _spoken(names) == expected


def test_vroid_has_57_shapes() -> None:
    assert len(VROID.words) == 57


@pytest.mark.parametrize("name", list(LAYERS))
def test_the_layers_of_built_in_characters_are_found_whole(name: Controls) -> None:
    (one,) = recognised(LAYERS[name].rig("any"))
    assert one.vocabulary.name == name
    assert len(one.controllers) == len(one.rig.names)


@pytest.mark.parametrize(
    "names",
    [
        list(string.ascii_letters),
        [f"c{i}.tx" for i in range(60)],
        ["jaw.ty", "jaw.tx", "lf_corner.tx", "rg_corner.tx", "lf_lid.rx", "rg_lid.rx", "tongue.tz"],
        [f"ctl_{word}_{axis}" for word in ("jaw", "mouth", "brow", "eye", "lid") for axis in "xyz"],
        ["jawOpener", "mouthSmiling", "eyeBlinkers", "browsDown", "tongueOuter", "unjawopen", "mouthPuckered"],
        ["名前", "口.開く", "目.閉じる", "眉.上"],
        ["haha", "boo.aa", "x_ih", "y_ou", "z_ee", "w_oh", "neutral_pose"],
        [f"mesh.{name}_old" for name in ARKIT_52],
    ],
)
def test_names_that_only_look_alike_are_no_vocabulary(names: list[str]) -> None:
    assert _spoken(names) == []


def test_random_names_are_no_vocabulary() -> None:
    rng = np.random.default_rng(0)
    letters = list(string.ascii_letters + "._")
    for _ in range(20):
        names = {"".join(rng.choice(letters, size=rng.integers(1, 9))) for _ in range(150)}
        assert _spoken(sorted(names)) == []


def test_names_are_compared_without_case_and_separators() -> None:
    assert compact("Fcl_EYE_Close_L") == "fcleyecloseleft"
    assert list(endings("bs.mouthSmile_R")) == ["bsmouthsmileright", "mouthsmileright", "smileright", "r"]
    assert long_attribute("Jaw.ty") == "jaw.translatey"
    assert long_attribute("jaw.try") == "jaw.try"


@pytest.mark.parametrize("name", list(LAYERS))
def test_faces_by_controllers_are_the_faces_by_action(name: Controls) -> None:
    """The head itself is the oracle. At half strength no controller is at its limit."""
    character = ProceduralCharacter.named("toon", controls=name)
    (one,) = recognised(character.rig)
    turn = character.camera().rotation
    rest = landmarks98(character.head.pose({}), turn)
    loose = {"panel": 0.10, "arkit": 0.35}[name]  # finer actions that ARKit has only near relatives for
    exact = 0
    for face, actions in FACES.items():
        if face in ("neutral", "sil"):
            continue
        half = {action: 0.5 * strength for action, strength in actions.items()}
        wanted = landmarks98(character.head.pose(half), turn)
        got = landmarks98(character.pose(one.rig.neutral + one.change(one.words_of(half))), turn)
        apart = np.linalg.norm(got - wanted) / np.linalg.norm(wanted - rest)
        assert apart < loose, f"{face}: {apart:.2f}"
        exact += apart < 1e-9
    assert exact >= 20


def test_visemes_and_gaze_of_vrm_move_what_they_name() -> None:
    (one,) = recognised(_rig([*VRM1_NAMES.split(), "lookRight"]))
    assert one.own_face("aa") == {"aa": 1.0}
    assert one.own_face("happy") == {"happy": 1.0}
    assert one.words_of({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}) == {"lookLeft": 1.0}
    assert not one.shows("PP") and not one.shows("disgust") and one.shows("blink")


def test_shares_go_to_the_limit_of_their_sign_and_no_further() -> None:
    rig = RigSpec("x", (ControllerSpec("a.b", -2.0, 1.0, 0.5), ControllerSpec("c.d", 0.0, 40.0, 30.0)))
    words = Vocabulary("test", {"a.b": (), "c.d": ()}, {"jawOpen": {"a.b": -1.0, "c.d": 0.5}}, match="name", least=1)
    one = words.found_in(rig)
    assert isinstance(one, Recognised)
    assert one.change({"a.b": -1.0, "c.d": 0.5}).tolist() == [-2.5, 5.0]
    assert one.change({"a.b": 3.0, "c.d": -3.0}).tolist() == [0.5, -30.0]
    assert one.change(one.words_of({"jawOpen": 0.5, "browDownLeft": 1.0})).tolist() == [-1.25, 2.5]


def test_direct_tables_name_articulators_of_speech_and_hidden_controllers() -> None:
    for layer in LAYERS.values():
        rig = layer.rig("any")
        table = direct_table(rig)
        assert set(table) <= set(DIRECT_ARTICULATORS)
        assert {name for drive in table.values() for name in drive} == set(layer.hidden)
    assert direct_table(_rig(["head.tongueOut", *ARKIT_52[:10]])) == {"tongue_out": {"head.tongueOut": 0.45}}
    assert direct_table(_rig([f"c{i}.tx" for i in range(60)])) == {}


def test_every_articulator_of_the_vocabularies_is_known_to_speech() -> None:
    for vocabulary in VOCABULARIES:
        assert set(vocabulary.direct) <= set(DIRECT_ARTICULATORS), vocabulary.name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"drives": {"jawopen": {"a": 1.0}}}, "action 'jawopen' is unknown"),
        ({"drives": {"jawOpen": {"b": 1.0}}}, "jawOpen: 'b' is none of its words"),
        ({"drives": {"jawOpen": {"a": float("nan")}}}, r"jawOpen\.a: nan is no number"),
        ({"drives": {"jawOpen": {"a": 1.5}}}, r"jawOpen\.a: 1\.5 is beyond -1 to 1"),
        ({"faces": {"smirk": {"a": 1.0}}}, "face 'smirk' is unknown"),
        ({"core": (("b",), 1)}, "'b' is none of its words"),
        ({"match": "like"}, "match 'like'"),
    ],
)
def test_vocabularies_that_cannot_be_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(SfpError, match=f"vocabulary x: .*{message}"):
        Vocabulary("x", {"a": ()}, **changes)
