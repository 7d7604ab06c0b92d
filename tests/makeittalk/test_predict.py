import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from makeittalk_bridge import conversion, predict
from makeittalk_bridge.conversion import in_target_voice
from makeittalk_bridge.hearing import FPS, Heard, heard_in
from makeittalk_bridge.networks import Networks, load_networks
from makeittalk_bridge.postprocess import PostProcessing
from makeittalk_bridge.predict import Talk
from sfp_core.errors import SfpError
from sfp_core.retarget import resampled
from tests.makeittalk import reference
from tests.makeittalk.layout import random_tensors, write_folder

PLAIN = PostProcessing(
    amp_lip_x=1,
    amp_lip_y=1,
    amp_pos=1,
    pose_window=1,
    close_pose_mouth=0,
    rest_share=0,
    untangle_lips=False,
    straighten_nose=False,
    track_window=1,
    narrow_eyes=0,
    blinks=False,
    face_window=1,
    mouth_window=1,
)
CPU = torch.device("cpu")


def _heard(frames: int, seed: int = 0) -> Heard:
    """Something heard, of so many landmark frames, without a sound."""
    rng = np.random.default_rng(seed)
    mel = rng.uniform(size=(frames + 18, 80)).astype(np.float32)
    voices = np.abs(rng.normal(size=(2, 256)).astype(np.float32)) / 16
    return Heard(mel, rng.integers(0, 257, frames + 18), *voices)


@pytest.fixture
def no_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sound is taken for converted already; AutoVC alone takes half of the time."""
    monkeypatch.setattr(predict, "in_target_voice", lambda heard, *_, **__: heard.mel.astype(np.float64))


@pytest.mark.parametrize("samples", [5000, 16_000, 16_128, 20_000])
@pytest.mark.parametrize("to_the_end", [False, True])
def test_a_sound_gives_exactly_the_documented_number_of_frames(
    second: np.ndarray, networks: Networks, template: np.ndarray, samples: int, to_the_end: bool
) -> None:
    sound = np.resize(second, samples)
    heard = heard_in(sound, voice=networks.target_voice, to_the_end=to_the_end)
    talk = predict.predict(heard, networks, template)
    expected = samples // 256 + 1 - (0 if to_the_end else 18)
    assert talk.points.shape == (expected, 68, 3)
    assert np.isfinite(talk.points).all()
    assert np.ptp(talk.points, axis=0).max() > 0.01  # it moves


def test_a_checkout_is_loaded_as_a_flat_folder_is(tmp_path: Path, networks: Networks, template: np.ndarray) -> None:
    checkout = load_networks(write_folder(tmp_path, checkout=True))
    heard = _heard(30)
    truth = predict.predict(heard, networks, template)
    assert np.array_equal(predict.predict(heard, checkout, template).points, truth.points)


def test_the_whole_way_agrees_with_its_equations(networks: Networks, template: np.ndarray) -> None:
    heard = _heard(12)
    truth = {
        name: {key: value.double().numpy() for key, value in random_tensors(name, index).items()}
        for index, name in enumerate(("autovc", "content", "speaker"))
    }
    mel = np.pad(heard.mel, ((0, 2), (0, 0))).astype(np.float64)  # 30 frames become 32
    pitch = np.pad(np.eye(257)[heard.pitch], ((0, 2), (0, 0)))  # where there is no sound, no class at all
    spoken = reference.autovc(mel, heard.levelled_voice, pitch, networks.target_voice, truth["autovc"])[:30]
    frames = (spoken - networks.mel_means) / networks.mel_deviations
    windows = np.array([frames[i : i + 18] for i in range(12)])
    lips = np.array([reference.content(window, template.reshape(-1), truth["content"]) for window in windows])
    head = reference.speaker(windows, 3.0 * heard.voice, truth["speaker"])
    expected = template + (lips + head).reshape(-1, 68, 3)
    for way in ("original", "overlapping"):
        talk = predict.predict(heard, networks, template, options=PLAIN, windows=way)
        assert np.abs(talk.points - expected).max() < 1e-4  # deviations of 0.1 to 0.3 divide AutoVC's 2e-6


@pytest.mark.usefixtures("no_conversion")
def test_frame_i_looks_at_mel_frames_i_to_i_plus_17(networks: Networks, template: np.ndarray) -> None:
    heard = _heard(25)
    still = replace(networks, speaker=_Nothing())
    before = predict.predict(heard, still, template, options=PLAIN).points

    def changed(frame: int) -> list[int]:
        mel = heard.mel.copy()
        mel[frame] += 1
        after = predict.predict(replace(heard, mel=mel), still, template, options=PLAIN).points
        return np.flatnonzero(np.abs(after - before).max(axis=(1, 2)) > 1e-6).tolist()

    assert changed(0) == [0]
    assert changed(20) == list(range(3, 21))
    assert changed(41) == [24]
    assert changed(42) == []  # the last mel frame is in no window, as in the original


class _Nothing:
    """A speaker-aware branch that leaves the head still."""

    def heard(self, windows: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(windows), 256)

    def __call__(self, heard: torch.Tensor, voice: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(heard), 204)


class _Place(_Nothing):
    """One that says, for every landmark, how far into the stretch it is given a window is, from 0 to 1."""

    def __call__(self, heard: torch.Tensor, voice: torch.Tensor) -> torch.Tensor:
        return torch.linspace(0, 1, len(heard)).unsqueeze(1).expand(-1, 204).clone()


@pytest.fixture
def far(networks: Networks) -> Networks:
    """A head that drifts within each stretch, and lips that stay still."""

    class Still(torch.nn.Module):
        def prior(self, frames: torch.Tensor) -> torch.Tensor:
            return frames

        def forward(self, windows: torch.Tensor, face: torch.Tensor) -> torch.Tensor:
            return torch.zeros(len(windows), 204)

    return replace(networks, speaker=_Place(), content=Still())


@pytest.mark.usefixtures("no_conversion")
def test_the_original_jumps_where_its_stretches_touch_and_ours_does_not(far: Networks, template: np.ndarray) -> None:
    heard = _heard(1100)
    original = predict.predict(heard, far, template, options=PLAIN, windows="original").points[:, 30, 0]
    steps = np.diff(original)
    assert np.flatnonzero(steps < -0.5).tolist() == [511, 1023]
    ours = predict.predict(heard, far, template, options=PLAIN).points[:, 30, 0]
    assert len(ours) == 1100
    assert np.abs(np.diff(ours)).max() < 0.01


@pytest.mark.usefixtures("no_conversion")
@pytest.mark.parametrize(("frames", "kept"), [(512, 512), (521, 512), (522, 522), (530, 530), (1030, 1024)])
def test_the_original_drops_a_rest_below_ten_frames_and_ours_none(
    far: Networks, template: np.ndarray, frames: int, kept: int
) -> None:
    heard = _heard(frames)
    assert len(predict.predict(heard, far, template, windows="original").points) == kept
    assert len(predict.predict(heard, far, template).points) == frames


@pytest.mark.usefixtures("no_conversion")
def test_both_ways_are_one_for_a_short_sound(networks: Networks, template: np.ndarray) -> None:
    heard = _heard(120)
    original = predict.predict(heard, networks, template, windows="original").points
    assert np.abs(predict.predict(heard, networks, template).points - original).max() < 1e-6


@pytest.mark.usefixtures("no_conversion")
def test_batches_change_nothing(networks: Networks, template: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = _heard(40)
    whole = predict.predict(heard, networks, template).points
    monkeypatch.setattr(predict, "_BATCH", 7)
    assert np.abs(predict.predict(heard, networks, template).points - whole).max() < 1e-5


def test_long_sounds_are_converted_in_pieces(networks: Networks, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = _heard(182)  # 200 mel frames
    monkeypatch.setattr(conversion, "_LONGEST", 64)
    monkeypatch.setattr(conversion, "_OVERLAP", 16)
    asked: list[int] = []

    def piece(mel: torch.Tensor, voice: torch.Tensor, pitch: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        asked.append(mel.shape[1])
        assert torch.equal(voice[0], torch.from_numpy(heard.levelled_voice))
        assert (pitch.sum(2) <= 1).all()
        return 2 * mel + pitch.argmax(2, keepdim=True)

    truth = 2 * heard.mel.astype(np.float64) + heard.pitch[:, None]
    for overlaps, lengths in ((False, [64, 64, 64, 32]), (True, [64, 64, 64, 64])):
        asked.clear()
        shares: list[float] = []
        made = in_target_voice(
            heard, piece, networks.target_voice, device=CPU, overlaps=overlaps, progress=shares.append
        )
        assert asked == lengths
        assert np.abs(made - truth).max() < 1e-4
        assert shares == [0.25, 0.5, 0.75, 1.0]


def test_progress_rises_to_the_end(networks: Networks, template: np.ndarray) -> None:
    shares: list[float] = []
    predict.predict(_heard(30), networks, template, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == 1.0


@pytest.mark.usefixtures("no_conversion")
def test_seed_decides_the_blinks_and_nothing_else(far: Networks, template: np.ndarray) -> None:
    heard = _heard(300)
    first, again, other = (predict.predict(heard, far, template, seed=seed) for seed in (1, 1, 2))
    assert first.blinks == again.blinks
    assert np.array_equal(first.points, again.points)
    assert first.blinks != other.blinks
    lids = [37, 38, 40, 41, 43, 44, 46, 47]
    others = sorted(set(range(68)) - set(lids))
    assert np.array_equal(first.points[:, others], other.points[:, others])
    assert predict.predict(heard, far, template, options=PLAIN).blinks == ()


def test_frames_are_resampled_by_time() -> None:
    """A landmark that moves one unit a second is at i / 24 in frame i, to the last frame."""
    points = np.zeros((626, 68, 3)) + np.arange(626)[:, None, None] / 62.5
    sequence = Talk(points, points[0], (30, 500)).sequence()
    assert (sequence.fps, sequence.layout.name, sequence.points.shape) == (FPS, "ibug68", (626, 68, 2))
    assert [(event.kind, event.start_seconds) for event in sequence.events] == [("blink", 0.48), ("blink", 8.0)]
    for fps in (Fraction(24), Fraction(24000, 1001), Fraction(60)):
        moved = resampled(sequence, fps)
        assert moved.frames == int(10 * fps) + 1
        assert np.abs(moved.points[:, 0, 0] - np.arange(moved.frames) / float(fps)).max() < 1e-12


@pytest.mark.parametrize("face", [np.zeros((68, 2)), np.full((68, 3), np.nan)], ids=["flat", "nan"])
def test_a_template_that_is_no_face_is_refused(networks: Networks, face: np.ndarray) -> None:
    with pytest.raises(SfpError, match=r"^template: .* expected 68 points as \(x, y, z\)"):
        predict.predict(_heard(20), networks, face)


@pytest.mark.parametrize(
    ("frames", "windows", "least"), [(0, "overlapping", 1), (-5, "original", 10), (9, "original", 10)]
)
def test_a_sound_too_short_is_refused(
    networks: Networks, template: np.ndarray, frames: int, windows: predict.Windows, least: int
) -> None:
    with pytest.raises(SfpError, match=f"gives {max(frames, 0)} landmark frames; expected at least {least};"):
        predict.predict(_heard(frames), networks, template, windows=windows)


def test_an_unknown_way_is_refused(networks: Networks, template: np.ndarray) -> None:
    with pytest.raises(SfpError, match=r"^windows 'both': expected one of overlapping, original"):
        predict.predict(_heard(20), networks, template, windows="both")


@pytest.mark.usefixtures("no_conversion")
def test_numbers_that_run_over_are_told(networks: Networks, template: np.ndarray) -> None:
    heard = _heard(20)
    with pytest.raises(SfpError, match="the networks' numbers run over"):
        predict.predict(replace(heard, mel=np.full_like(heard.mel, 3e38)), networks, template)
    with pytest.raises(SfpError, match="the networks' numbers run over"):
        predict.predict(replace(heard, voice=np.full(256, 3e38, np.float32)), networks, template)


_TEN_MINUTES = """
import resource, sys
from pathlib import Path
import numpy as np
from makeittalk_bridge.hearing import heard_in
from makeittalk_bridge.networks import load_networks
from makeittalk_bridge.predict import predict
networks = load_networks(Path(sys.argv[1]))
sound = np.random.default_rng(0).normal(size=600 * 16000).astype(np.float32) / 20
talk = predict(heard_in(sound, voice=networks.target_voice), networks, np.zeros((68, 3)))
assert talk.points.shape == (600 * 16000 // 256 + 1 - 18, 68, 3), talk.points.shape
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
def test_ten_minutes_take_less_than_one_and_a_half_gigabytes(flat_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TEN_MINUTES, str(flat_folder)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 1500  # MB at the peak, torch itself included
