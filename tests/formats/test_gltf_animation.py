"""Takes as animations of glTF files, read back with pygltflib and played by the specification's own formulas."""

import base64
import json
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
import pytest
from scipy.spatial.transform import Rotation

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.formats.gltf_animation import write_gltf_animation
from sfp_core.rig import Keys
from sfp_core.rigs.gltf.character import GltfCharacter
from tests.formats.random_keys import KINDS, channel, random_keys, take_of
from tests.rigs.gltf.conftest import Builder, parts_of
from training.made_rigs import write_gltf_head

OPEN = [[0, -1, 0], [0, -1, 0], [0, 0, 0], [0, 0, 0]]
SMOOTH = ("auto", "linear", "flat", "spline", "clamped", "plateau", "fixed")
DYADIC = Fraction(32)  # times of frames are exact in float32


class Played:
    """An animation of a file, by glTF 2.0, appendix C."""

    def __init__(self, path: Path, number: int = -1) -> None:
        gltf = pygltflib.GLTF2()
        self.gltf = gltf.load_json(str(path)) if path.suffix == ".gltf" else gltf.load_binary(str(path))
        self.folder = path.parent
        self.animation = self.gltf.animations[number]

    def array(self, number: int) -> np.ndarray:
        accessor = self.gltf.accessors[number]
        view = self.gltf.bufferViews[accessor.bufferView]
        buffer = self.gltf.buffers[view.buffer]
        if buffer.uri is None:
            data = self.gltf.binary_blob()
        elif buffer.uri.startswith("data:"):
            data = base64.b64decode(buffer.uri.partition(",")[2])
        else:
            data = (self.folder / buffer.uri).read_bytes()
        assert len(data) >= buffer.byteLength and view.byteOffset % 4 == 0
        assert accessor.componentType == pygltflib.FLOAT and view.byteLength == 4 * accessor.count * self._width(number)
        values = np.frombuffer(data, "<f4", accessor.count * self._width(number), view.byteOffset)
        return values.reshape(accessor.count, -1).astype(np.float64)

    def _width(self, number: int) -> int:
        return {"SCALAR": 1, "VEC4": 4}[self.gltf.accessors[number].type]

    def sampler(self, node: int, path: str) -> Any:
        (found,) = [c for c in self.animation.channels if (c.target.node, c.target.path) == (node, path)]
        return self.animation.samplers[found.sampler]

    def times(self, node: int, path: str = "weights") -> np.ndarray:
        number = self.sampler(node, path).input
        times = self.array(number)[:, 0]
        accessor = self.gltf.accessors[number]
        assert accessor.min == [times[0]] and accessor.max == [times[-1]]
        assert times[0] >= 0 and (np.diff(times) > 0).all()
        return times

    def keys(self, node: int) -> np.ndarray:
        """(n, M) or, with tangents, (n, 3, M)."""
        sampler, count = self.sampler(node, "weights"), len(self.times(node))
        shape = (count, 3, -1) if sampler.interpolation == "CUBICSPLINE" else (count, -1)
        return self.array(sampler.output).reshape(shape)

    def weights(self, node: int, seconds: Any) -> np.ndarray:
        """At times (n,): (n, M). Times outside are those of the ends."""
        times, keys = self.times(node), self.keys(node)
        kind = self.sampler(node, "weights").interpolation
        values = keys[:, 1] if kind == "CUBICSPLINE" else keys
        if len(times) == 1:
            return np.repeat(values, len(seconds), axis=0)
        at = np.clip(np.asarray(seconds, dtype=np.float64), times[0], times[-1])
        k = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 2)
        span = (times[k + 1] - times[k])[:, None]
        t = (at - times[k])[:, None] / span
        if kind == "STEP":
            return np.asarray(np.where(t < 1, values[k], values[k + 1]))
        if kind == "LINEAR":
            return np.asarray((1 - t) * values[k] + t * values[k + 1])
        return np.asarray(
            (2 * t**3 - 3 * t**2 + 1) * values[k]
            + span * (t**3 - 2 * t**2 + t) * keys[k, 2]
            + (-2 * t**3 + 3 * t**2) * values[k + 1]
            + span * (t**3 - t**2) * keys[k + 1, 0]
        )


def curves(keyed: Sequence[Keys], places: np.ndarray, fps: Fraction) -> np.ndarray:
    """What Maya plays at frames (n,): (n, M)."""
    return np.stack([evaluate(keys, places, fps) for keys in keyed], axis=1)


def steepest(keyed: Sequence[Keys], fps: Fraction) -> float:
    """Units per second, past the jumps."""
    places = np.arange(0.0, 199.0, 0.01)
    change = np.abs(np.diff(curves(keyed, places, fps), axis=0))
    jumping = np.concatenate([keys.frames for keys in keyed])
    smooth = np.abs(places[:-1, None] - jumping).min(axis=1) > 0.011
    return float(change[smooth].max() * 100 * float(fps))


def model_with(path: Path, names: Sequence[str], *, weights: Sequence[float] = ()) -> Path:
    made = Builder()
    targets = [np.array(OPEN) * (k + 1) for k in range(len(names))]
    made.quad(targets=targets, names=list(names)).weights = list(weights) or None
    made.gltf.nodes.append(pygltflib.Node(name="Face", mesh=0))
    return made.save(path)


@pytest.fixture
def quad_file(tmp_path: Path) -> Path:
    (tmp_path / "quad").mkdir()
    return model_with(tmp_path / "quad" / "quad.glb", ["open"])


def away_from_jumps(take: Take, places: np.ndarray, by: float) -> np.ndarray:
    keys = np.concatenate([one.keys.frames for one in take.channels])
    return places[np.abs(places[:, None] - keys).min(axis=1) > by]


@pytest.mark.parametrize("start_frame", [0, 1001])
@pytest.mark.parametrize(
    ("kinds", "interpolation"),
    [
        (SMOOTH, "CUBICSPLINE"),
        (KINDS, "CUBICSPLINE"),
        (("linear",), "LINEAR"),
        (("linear", "step", "stepnext"), "CUBICSPLINE"),  # a step's own tangents are flat
        (("step",), "STEP"),
        (("step", "stepnext"), "STEP"),
    ],
    ids=["smooth", "all kinds", "linear", "linear and steps", "step", "both steps"],
)
def test_weights_are_mayas_curves_between_frames_too(
    tmp_path: Path, kinds: Any, interpolation: str, start_frame: int
) -> None:
    rng = np.random.default_rng(4)
    model = model_with(tmp_path / "model.glb", ["a", "b", "c"])
    keyed = [random_keys(rng, count, kinds=kinds) for count in (40, 25, 3)]
    take = take_of(*(channel(f"Face.{name}", one) for name, one in zip("abc", keyed, strict=True)), fps=DYADIC)
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model, start_frame=start_frame))
    assert played.sampler(0, "weights").interpolation == interpolation
    times = played.times(0)
    assert (times[0], times[-1]) == (start_frame / 32, (start_frame + 199) / 32)
    # Between keys a float32 of seconds is good to 4e-6, 1e-4 frames; on whole frames it is exact at this rate.
    places = np.concatenate([away_from_jumps(take, rng.uniform(0, 199, 3000), 1e-3), np.arange(200)])
    got = played.weights(0, (start_frame + places) / 32)
    # Values in float32 are good to 1e-7, tangents times a span of up to 0.2 s to 1e-6; rows at jumps are moved by up
    # to three steps of a float32.
    moved = 3 * np.spacing(np.float32(times[-1])) * steepest(keyed, DYADIC) if {"step", "stepnext"} & set(kinds) else 0
    np.testing.assert_allclose(got, curves(keyed, places, DYADIC), rtol=0, atol=2e-6 + moved)


def test_other_rates_are_as_exact_as_seconds_in_float32(tmp_path: Path) -> None:
    rng, fps = np.random.default_rng(5), Fraction(24000, 1001)
    model = model_with(tmp_path / "model.glb", ["a", "b"])
    keyed = [random_keys(rng, count, kinds=SMOOTH) for count in (40, 25)]
    take = take_of(*(channel(f"Face.{name}", one) for name, one in zip("ab", keyed, strict=True)), fps=fps)
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model))
    places = rng.uniform(0, 199, 500)
    got = played.weights(0, places / float(fps))
    rounding = np.spacing(np.float32(199 / 24)) * steepest(keyed, fps)
    np.testing.assert_allclose(got, curves(keyed, places, fps), rtol=0, atol=2e-6 + rounding)


def test_a_jump_is_over_on_its_frame_at_any_rate(tmp_path: Path) -> None:
    fps = Fraction(24000, 1001)
    model = model_with(tmp_path / "model.glb", ["step", "next", "smooth"])
    frames, values = np.arange(1.0, 190.0, 3.0), np.arange(63) % 2 * 1.0
    none = np.zeros(63)
    step = Keys(frames, values, ("step",) * 63, ("step",) * 63, none, none)
    later = Keys(frames + 1, values, ("stepnext",) * 63, ("stepnext",) * 63, none, none)
    smooth = random_keys(np.random.default_rng(0), 30, kinds=("auto",))
    take = take_of(channel("Face.step", step), channel("Face.next", later), channel("Face.smooth", smooth), fps=fps)
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model, start_frame=7))
    frames = np.arange(200.0)
    got = played.weights(0, (7 + frames) / float(fps))[:, :2]
    assert np.array_equal(got.round(4), curves([step, later], frames, fps))  # 1e-4 is not a jump seen too early


def test_only_the_takes_own_frames_are_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    model = model_with(tmp_path / "model.glb", ["a"])
    keys = random_keys(rng, 60, kinds=SMOOTH, first=-50)
    assert keys.frames[0] < -40 and keys.frames[-1] > 120
    take = take_of(channel("Face.a", keys), frames=100, fps=DYADIC)
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model))
    assert (played.times(0)[0], played.times(0)[-1]) == (0, 99 / 32)
    inside = ((keys.frames > 0) & (keys.frames < 99)).sum()
    assert len(played.times(0)) == inside + 2  # no more keys than there have to be
    places = rng.uniform(0, 99, 1000)
    np.testing.assert_allclose(played.weights(0, places / 32), curves([keys], places, DYADIC), rtol=0, atol=2e-6)


def test_a_jump_on_the_first_frame_has_no_row_before_it(tmp_path: Path) -> None:
    model = model_with(tmp_path / "model.glb", ["a", "b"])
    frames, zero = np.array([-5.0, 0.0, 7.0]), np.zeros(3)
    keys = Keys(frames, np.array([0.0, 1.0, 0.5]), ("step",) * 3, ("step",) * 3, zero, zero)
    smooth = random_keys(np.random.default_rng(0), 9, kinds=SMOOTH)
    take = take_of(channel("Face.a", keys), channel("Face.b", smooth), fps=DYADIC)
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model))
    assert played.times(0)[0] == 0 and played.weights(0, [0.0])[0, 0] == 1


def test_a_take_of_one_frame_and_a_take_at_rest(tmp_path: Path) -> None:
    model = model_with(tmp_path / "model.glb", ["a", "b"], weights=[0.25, 0.75])
    keys = random_keys(np.random.default_rng(0), 9, kinds=SMOOTH)
    one = Played(write_gltf_animation(tmp_path / "one.glb", take_of(channel("Face.a", keys), frames=1), model=model))
    assert one.times(0).tolist() == [0] and one.weights(0, [0.0])[0, 1] == 0.75
    take = take_of(channel("Face.a", None, neutral=0.25))
    rest = Played(write_gltf_animation(tmp_path / "rest.glb", take, model=model))
    assert rest.sampler(0, "weights").interpolation == "STEP"
    assert rest.keys(0).tolist() == [[0.25, 0.75]] * 2


def with_more(path: Path, target: Path) -> Path:
    """The file with an animation of its own, odd numbers in its JSON, a ragged binary part and a part nobody knows."""
    text, binary = parts_of(path.read_bytes())
    content = json.loads(text)
    content["extras"] = {"odd": [1e-05, 0.1, 2**60, "笑い", None, True], "é": {}}
    content["animations"] = [
        {
            "name": "own",
            "samplers": [{"input": 0, "output": 0}],
            "channels": [{"sampler": 0, "target": {"path": "scale"}}],
        }
    ]
    data = json.dumps(content).encode()
    data += b" " * (-len(data) % 4)
    parts = struct.pack("<II", len(data), 0x4E4F534A) + data
    parts += struct.pack("<II", len(binary) + 4, 0x004E4942) + binary + b"tail"
    parts += struct.pack("<II", 8, 0x12345678) + b"whatever"
    target.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(parts)) + parts)
    return target


def chunks_of(data: bytes) -> list[tuple[int, bytes]]:
    magic, version, length = struct.unpack_from("<III", data)
    assert (magic, version, length) == (0x46546C67, 2, len(data))
    at, found = 12, []
    while at < length:
        size, kind = struct.unpack_from("<II", data, at)
        assert size % 4 == 0 and at + 8 + size <= length
        found.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size
    return found


def without_what_was_added(content: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Lists cut to their former length."""
    kept = dict(content)
    for key in ("buffers", "bufferViews", "accessors", "animations"):
        kept[key] = content[key][: len(before.get(key, []))]
    return {key: value for key, value in kept.items() if value or key in before}


def test_everything_in_a_binary_file_stays(tmp_path: Path) -> None:
    model = with_more(write_gltf_head(tmp_path / "zib.glb", "zib"), tmp_path / "model.glb")
    untouched = model.read_bytes()
    take = take_of(channel("Face.jawOpen", random_keys(np.random.default_rng(0), 30)))
    out = write_gltf_animation(tmp_path / "out.glb", take, model=model)
    assert model.read_bytes() == untouched
    before, after = chunks_of(untouched), chunks_of(out.read_bytes())
    assert [kind for kind, _ in after] == [kind for kind, _ in before] and after[2] == before[2]
    assert after[1][1].startswith(before[1][1])
    old, new = json.loads(before[0][1]), json.loads(after[0][1])
    assert [animation["name"] for animation in new["animations"]] == ["own", "out"]
    (buffer,) = new["buffers"]
    assert buffer["byteLength"] == len(after[1][1])
    new["buffers"] = [buffer | {"byteLength": old["buffers"][0]["byteLength"]}]
    assert without_what_was_added(new, old) == old
    first, second = GltfCharacter.load(model), GltfCharacter.load(out)
    assert first.rig == second.rig
    assert np.array_equal(first.vertices(first.rig.maximum), second.vertices(second.rig.maximum))
    grown = out.stat().st_size - model.stat().st_size
    rows = new["accessors"][len(old["accessors"])]["count"]
    assert grown < 4 * rows * (1 + 3 * 52) + 1500  # times, tangents and values of 52 targets, some JSON


@pytest.mark.parametrize("embedded", [True, False])
def test_everything_in_a_file_of_text_stays(tmp_path: Path, quad_file: Path, embedded: bool) -> None:
    text, binary = parts_of(quad_file.read_bytes())
    content = json.loads(text)
    data = "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
    content["buffers"][0]["uri"] = data if embedded else "the face.bin"
    (tmp_path / "the face.bin").write_bytes(binary)
    model = tmp_path / "model.gltf"
    model.write_text("\ufeff" + json.dumps(content, indent=2), encoding="utf-8")
    keys = random_keys(np.random.default_rng(0), 30, kinds=SMOOTH)
    take = take_of(channel("Face.open", keys), fps=DYADIC)
    out = write_gltf_animation(tmp_path / "out.gltf", take, model=model)
    new = json.loads(out.read_text(encoding="utf-8"))
    assert without_what_was_added(new, content) == content
    assert (tmp_path / "the face.bin").read_bytes() == binary
    played = Played(out).weights(0, np.arange(200) / 32)
    np.testing.assert_allclose(played, curves([keys], np.arange(200), DYADIC), rtol=0, atol=2e-6)
    assert np.array_equal(GltfCharacter.load(out).vertices(np.ones(1)), GltfCharacter.load(model).vertices(np.ones(1)))
    elsewhere = tmp_path / "elsewhere" / "out.gltf"
    if embedded:
        assert GltfCharacter.load(write_gltf_animation(elsewhere, take, model=model)).rig.names == ("Face.open",)
    else:
        with pytest.raises(SfpError, match=r"model\.gltf needs 'the face\.bin' in its own folder"):
            write_gltf_animation(elsewhere, take, model=model)
        assert not elsewhere.parent.exists()


def test_a_binary_file_without_bytes_of_its_own_gets_them_in_its_text(tmp_path: Path, quad_file: Path) -> None:
    text, binary = parts_of(quad_file.read_bytes())
    content = json.loads(text)
    content["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
    data = json.dumps(content).encode()
    data += b" " * (-len(data) % 4)
    model = tmp_path / "model.vrm"
    model.write_bytes(struct.pack("<IIIII", 0x46546C67, 2, 20 + len(data), len(data), 0x4E4F534A) + data)
    keys = random_keys(np.random.default_rng(0), 30, kinds=SMOOTH)
    out = write_gltf_animation(tmp_path / "out.vrm", take_of(channel("Face.open", keys), fps=DYADIC), model=model)
    assert [kind for kind, _ in chunks_of(out.read_bytes())] == [0x4E4F534A]
    played = Played(out).weights(0, np.arange(200) / 32)
    np.testing.assert_allclose(played, curves([keys], np.arange(200), DYADIC), rtol=0, atol=2e-6)
    assert GltfCharacter.load(out).rig.names == ("Face.open",)


def test_a_ragged_binary_part_is_padded_before_more_is_added(tmp_path: Path, quad_file: Path) -> None:
    text, binary = parts_of(quad_file.read_bytes())
    binary += b"x"  # against the specification, but read here
    parts = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    model = tmp_path / "model.glb"
    model.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(parts)) + parts)
    keys = random_keys(np.random.default_rng(0), 30, kinds=SMOOTH)
    out = write_gltf_animation(tmp_path / "out.glb", take_of(channel("Face.open", keys), fps=DYADIC), model=model)
    assert chunks_of(out.read_bytes())[1][1].startswith(binary + bytes(3))
    played = Played(out).weights(0, np.arange(200) / 32)
    np.testing.assert_allclose(played, curves([keys], np.arange(200), DYADIC), rtol=0, atol=2e-6)


def two_meshes(path: Path) -> Path:
    made = Builder()
    made.quad(targets=[OPEN, np.zeros((4, 3)), OPEN], names=["Jaw_Open", "own", "Head_mouthSmile_L"]).weights = [
        0,
        0.25,
        0,
    ]
    made.quad(targets=[OPEN], names=["Jaw_Open"])
    made.gltf.scenes[0].nodes = [0, 1]
    made.gltf.nodes.extend([pygltflib.Node(name="ns:Face", mesh=0), pygltflib.Node(name="Teeth", mesh=1)])
    return made.save(path)


def test_a_name_in_two_meshes_moves_both_and_other_targets_keep_their_weight(tmp_path: Path) -> None:
    model = two_meshes(tmp_path / "model.glb")
    keys = random_keys(np.random.default_rng(0), 20, kinds=SMOOTH)
    take = take_of(channel("ns_Face.Jaw_Open", keys), fps=DYADIC)
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model))
    (wanted,) = evaluate(keys, np.array([40.0]), DYADIC)
    np.testing.assert_allclose(played.weights(0, [40 / 32]), [[wanted, 0.25, 0]], atol=2e-6)
    np.testing.assert_allclose(played.weights(1, [40 / 32]), [[wanted]], atol=2e-6)
    assert len({sampler.input for sampler in played.animation.samplers}) == 1  # the same times are written once


def test_names_that_say_the_same_are_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = two_meshes(tmp_path / "model.glb")
    rng = np.random.default_rng(0)
    jaw, smile, other = (random_keys(rng, 20, kinds=SMOOTH) for _ in range(3))
    take = take_of(
        channel("jawOpen", jaw),
        channel("face_ctl.mouthSmileLeft", smile),
        channel("jaw.ty", other, (-1, 1), 0, "linear"),
        channel("head.rx", other, (-1, 1), 0, "angle_deg"),
        fps=DYADIC,
    )
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model))
    wanted = [evaluate(one, np.array([40.0]), DYADIC)[0] for one in (jaw, smile)]
    np.testing.assert_allclose(played.weights(0, [40 / 32]), [[wanted[0], 0.25, wanted[1]]], atol=2e-6)
    assert [record.getMessage() for record in caplog.records] == [
        f"{model}: 2 of the take's controllers have no place in it: jaw.ty, head.rx"
    ]


def test_a_take_for_another_character_is_refused(tmp_path: Path) -> None:
    model = two_meshes(tmp_path / "model.glb")
    keys = random_keys(np.random.default_rng(0), 3)
    with pytest.raises(SfpError) as caught:
        write_gltf_animation(tmp_path / "out.glb", take_of(channel("brow.ty", keys)), model=model)
    assert str(caught.value) == (
        f"{model}: it has none of the take's 1 controllers (brow.ty); its own are ns_Face.Jaw_Open, ns_Face.own, "
        "ns_Face.Head_mouthSmile_L"
    )
    assert not (tmp_path / "out.glb").exists()


def test_expressions_of_a_vrm_file_add_up_in_its_targets(tmp_path: Path) -> None:
    made = Builder()
    made.quad(targets=[OPEN, [[0, 0, 1]] * 4], names=None)
    made.gltf.nodes.append(pygltflib.Node(name="Face", mesh=0))

    def bound(*binds: tuple[int, float]) -> dict[str, Any]:
        return {"morphTargetBinds": [{"node": 0, "index": index, "weight": weight} for index, weight in binds]}

    made.gltf.extensions = {
        "VRMC_vrm": {"expressions": {"preset": {"aa": bound((0, 0.5)), "happy": bound((0, 0.25), (1, 1.0))}}}
    }
    model = made.save(tmp_path / "model.glb").rename(tmp_path / "model.vrm")
    rng = np.random.default_rng(0)
    aa, happy = (random_keys(rng, count, kinds=SMOOTH) for count in (20, 31))
    take = take_of(channel("vrm.aa", aa), channel("vrm.happy", happy), fps=DYADIC)
    played = Played(write_gltf_animation(tmp_path / "out.vrm", take, model=model))
    character = GltfCharacter.load(model)
    rest, deltas = character.vertices(np.zeros(2)), np.array([OPEN, [[0, 0, 1]] * 4], dtype=float)
    places = rng.uniform(0, 120, 50)
    weights, values = played.weights(0, places / 32), curves([aa, happy], places, DYADIC)
    for row, pose in zip(weights, values, strict=True):
        np.testing.assert_allclose(rest + np.tensordot(row, deltas, 1), character.vertices(pose), atol=1e-5)


def test_joints_turn_as_scipy_turns_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = Builder()
    made.quad(targets=[OPEN], names=["open"])
    rest = Rotation.from_euler("xyz", [20, -40, 70], degrees=True)
    made.gltf.scenes[0].nodes = [0, 1, 2]
    made.gltf.nodes.extend(
        [
            pygltflib.Node(name="Face", mesh=0),
            pygltflib.Node(name="J:Head", rotation=rest.as_quat().tolist()),
            pygltflib.Node(name="jaw", matrix=np.eye(4).ravel().tolist()),
        ]
    )
    model = made.save(tmp_path / "model.glb")
    rng = np.random.default_rng(0)
    limits = (-400.0, 400.0)
    keys = {axis: random_keys(rng, 40, kinds=SMOOTH, limits=limits, first=-9) for axis in ("rx", "rotateY", "rz")}
    take = take_of(
        *(channel(f"J_Head.{axis}", one, limits, 10.0, "angle_deg") for axis, one in keys.items()),
        channel("jaw.rx", keys["rx"], limits, 0.0, "angle_deg"),
        frames=120,
    )
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model, start_frame=3))
    assert [(c.target.node, c.target.path) for c in played.animation.channels] == [(1, "rotation")]
    assert played.sampler(1, "rotation").interpolation == "LINEAR"
    frames = np.arange(120.0)
    np.testing.assert_array_equal(played.times(1, "rotation"), np.float32((3 + frames) / 24).astype(np.float64))
    found = played.array(played.sampler(1, "rotation").output)
    degrees = np.stack([evaluate(one, frames, Fraction(24)) - 10.0 for one in keys.values()], axis=1)
    wanted = rest * Rotation.from_euler("xyz", degrees, degrees=True)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert (Rotation.from_quat(found).inv() * wanted).magnitude().max() < 1e-6
    assert ((found[1:] * found[:-1]).sum(axis=1) >= 0).all()  # the short way round from frame to frame
    assert "no place in it: jaw.rx" in caplog.text  # glTF animates no node that a matrix places


def test_the_head_bone_of_a_vrm_file_is_called_head(tmp_path: Path) -> None:
    made = Builder()
    made.quad(targets=[OPEN], names=["open"])
    made.gltf.nodes.extend([pygltflib.Node(name="Face", mesh=0, children=[1]), pygltflib.Node(name="J_Bip_C_Head")])
    made.gltf.extensions = {"VRMC_vrm": {"humanoid": {"humanBones": {"head": {"node": 1}}}}}
    model = made.save(tmp_path / "model.glb")
    take = take_of(channel("head.ry", None, (-90, 90), 0, "angle_deg"))
    played = Played(write_gltf_animation(tmp_path / "out.glb", take, model=model))
    assert played.array(played.sampler(1, "rotation").output).tolist() == [[0, 0, 0, 1]]


@pytest.mark.parametrize(
    ("name", "start_frame", "message"),
    [
        ("out.glb", -1, "out.glb: start frame -1; expected at least 0"),
        ("out.gltf", 0, "out.gltf: expected a file that ends in .glb or .vrm, as quad.glb is of that kind"),
        ("quad.glb", 0, "quad.glb: this is the model itself; write to another file"),
    ],
)
def test_a_place_that_does_not_fit_is_refused(quad_file: Path, name: str, start_frame: int, message: str) -> None:
    take = take_of(channel("Face.open", None))
    whole = quad_file.read_bytes()
    with pytest.raises(SfpError) as caught:
        write_gltf_animation(quad_file.with_name(name), take, model=quad_file, start_frame=start_frame)
    assert message in str(caught.value)
    assert list(quad_file.parent.iterdir()) == [quad_file] and quad_file.read_bytes() == whole


def _edited(quad_file: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    text, binary = parts_of(quad_file.read_bytes())
    content = json.loads(text)
    change(content)
    content["buffers"][0].setdefault("uri", "data:application/octet-stream;base64," + base64.b64encode(binary).decode())
    path = quad_file.with_name("bad.gltf")
    path.write_text(json.dumps(content).replace('"HUGE"', "1e999"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(animations=5), "bad.gltf: animations: expected a list of objects, got 5"),
        (lambda c: c.update(extensionsRequired=["EXT_meshopt_compression"]), "packed with EXT_meshopt_compression"),
        (lambda c: c["buffers"][0].update(uri="../secret.bin"), "URI '../secret.bin' leaves the folder"),
        (lambda c: c["accessors"][0].update(count=10**8), "accessors[0].count: expected a whole number"),
        (lambda c: c["nodes"][0].update(mesh=3), "nodes[0].mesh: expected the number of one of 1, got 3"),
        (lambda c: c.update(extras={"x": "HUGE"}), "the model's JSON cannot be written again"),
    ],
)
def test_hostile_models_are_refused_in_one_line(
    quad_file: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    model = _edited(quad_file, change)
    with pytest.raises(SfpError) as caught:
        write_gltf_animation(model.with_name("out.gltf"), take_of(channel("Face.open", None)), model=model)
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert sorted(path.name for path in model.parent.iterdir()) == ["bad.gltf", "quad.glb"]


def test_damaged_models_are_refused_or_written_and_nothing_else(quad_file: Path, tmp_path: Path) -> None:
    whole = quad_file.read_bytes()
    rng = np.random.default_rng(0)
    take = take_of(channel("Face.open", random_keys(rng, 9)))
    model, out = tmp_path / "damaged.glb", tmp_path / "out.glb"
    refused = written = 0
    for attempt in range(200):
        data = bytearray(whole)
        if attempt < 40:
            data = data[: int(rng.integers(len(whole)))]
        else:
            for _ in range(int(rng.integers(1, 4))):
                data[int(rng.integers(12, len(data)))] = int(rng.integers(256))
        model.write_bytes(bytes(data))
        try:
            write_gltf_animation(out, take, model=model)
            GltfCharacter.load(out)
            written += 1
        except SfpError as error:
            assert "\n" not in str(error)
            refused += 1
    assert refused > 60 and written > 5
