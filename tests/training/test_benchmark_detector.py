"""The detector benchmark: its frozen recipe, its set of unseen faces, its scenes, and a tiny run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sfp_core.detect.crop import tight_box
from sfp_core.detect.detector import Detector
from training import benchmark
from training.benchmarks import detector
from training.benchmarks.recorded import recorded_figures
from training.benchmarks.table import table_text
from training.benchmarks.unseen import available, fingerprint, unseen_faces

RECIPE = detector.read_recipe()
SMALL = replace(RECIPE.unseen, faces=3, each=2, size_px=96)


def test_recipe_is_frozen() -> None:
    unseen = RECIPE.unseen
    assert (RECIPE.name, RECIPE.version, unseen.name, unseen.seed) == ("detector", 1, "unseen_v1", 90411)
    assert (unseen.faces, unseen.each, unseen.recipe, unseen.jitter_seed) == (1000, 3, "default", 7)
    assert unseen.characters >= 300
    assert (RECIPE.flicker.stills, RECIPE.flicker.copies, RECIPE.flicker.noise) == (20, 100, 4.0)
    assert (RECIPE.blink.blink_frames, RECIPE.blink.closure_frames, RECIPE.scenes.count) == (3, 2, 200)
    assert RECIPE.portraits.jitter_seed == 7


def test_a_limit_makes_everything_small() -> None:
    small = RECIPE.limited(5)
    assert (small.unseen.faces, small.scenes.count, small.flicker.stills, small.blink.characters) == (5, 5, 5, 5)
    assert RECIPE.limited(10**6) == RECIPE


def test_unseen_faces_are_the_same_every_time_and_lie_in_their_pictures() -> None:
    once, again = (list(unseen_faces(SMALL, families=("toon",), processes=1)) for _ in range(2))
    assert len(once) == 3
    for one, other in zip(once, again, strict=True):
        assert np.array_equal(one.picture, other.picture) and np.array_equal(one.points, other.points)
        inside = ((one.points > 0) & (one.points < 96)).all(axis=1).mean()
        assert one.picture.shape == (96, 96, 3) and inside >= 0.6
    assert fingerprint(once[0].points) == fingerprint(again[0].points) != fingerprint(once[1].points)


def test_without_the_file_of_people_the_first_family_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SFP_CACHE", str(tmp_path))
    assert available(RECIPE.unseen.families) == ("toon",)
    (tmp_path / "anny.npz").touch()
    assert available(RECIPE.unseen.families) == ("toon", "anny", "human")


def test_empty_scenes_are_pictures_and_differ() -> None:
    scenes = list(detector.empty_scenes(replace(RECIPE.scenes, count=4, size_px=64)))
    assert all(scene.shape == (64, 64, 3) and scene.dtype == np.uint8 for scene in scenes)
    assert len({scene.tobytes() for scene in scenes}) == 4


class _Knows(Detector):
    """Answers with the truth and white noise of so many pixels."""

    def __init__(self, truth: list[np.ndarray], noise_px: float) -> None:
        self.truth, self.noise_px, self.rng = truth, noise_px, np.random.default_rng(0)

    @property
    def training(self) -> dict[str, int]:
        return {"faces": 1, "steps": 2}

    def detect_many(self, pictures, boxes, *, batch=32, passes=1):  # type: ignore[no-untyped-def]
        from sfp_core.detect.detector import Detection
        from sfp_core.landmarks import Landmarks
        from sfp_core.layout import WFLW_98

        found = []
        for _, box in zip(pictures, boxes, strict=True):
            x0, y0, x1, y1 = box
            middle, size = np.array([x0 + x1, y0 + y1]) / 2, max(x1 - x0, y1 - y0)
            # the boxes are jittered, so the face is the one whose middle is near and whose size fits
            face = min(
                self.truth,
                key=lambda one: float(
                    np.hypot(*(np.reshape(tight_box(one), (2, 2)).mean(axis=0) - middle))
                    + abs(np.ptp(one, axis=0).max() * 1.15 - size)
                ),
            )
            noisy = face + self.rng.normal(0, self.noise_px, (98, 2))
            found.append(Detection(Landmarks(noisy, WFLW_98), (x0, y0, x1, y1)))
        return found


def test_figures_of_a_detector_that_knows_the_truth() -> None:
    """No error without noise; the filter takes most of the flicker of white noise."""
    families = available(RECIPE.unseen.families)
    truth = [face.points for face in unseen_faces(SMALL, families=families, processes=1)]
    figures = {one.key.strip(): one for one in detector.unseen_figures(SMALL, _Knows(truth, 0.0), processes=1)}
    assert figures["nme_unseen"].value < 1e-9 and figures["nme_unseen"].verdict == "aim"
    assert {"contour", "brows", "nose", "eyes", "mouth", "pupils"} <= set(figures)
    few = replace(RECIPE.flicker, stills=1, copies=48)
    flicker = {one.key.strip(): one.value for one in detector.flicker_figures(few, SMALL, _Knows(truth[:1], 0.5))}
    assert 0 < flicker["flicker"] < 0.25 * flicker["without the filter"]


def _row(name: str, probe: str, nme98: float, fr10: float) -> dict[str, object]:
    scored = {"faces": 9, "nme98": nme98, "median98": nme98, "fr10": fr10, "auc10": 0.5}
    return {"name": name, "faces": 7, "still_falling": name == "pipnet", "figures": {probe: scored}}


def test_recorded_figures_are_ratios_of_what_studies_wrote(tmp_path: Path) -> None:
    budget = {"steps": 4, "batch": 2, "seed": 1}
    rows = [_row("ours", "test", 4.0, 6.0), _row("pipnet", "test", 5.0, 8.0)]
    (tmp_path / "rivals-2.json").write_text(json.dumps({"budget": budget, "entries": rows}), encoding="utf-8")
    family = {"budget": budget, "entries": [_row("ours", "unseen family", 6.5, 3.0)]}
    (tmp_path / "family-1.json").write_text(json.dumps(family), encoding="utf-8")
    text = table_text(recorded_figures(tmp_path))
    expected = {"nme_family": 6.5, "nme_vs_pipnet": 0.8, "fr_vs_pipnet": 0.75}
    assert json.loads(text.splitlines()[-1]) == expected
    assert text.count("still falling") == 3  # of the two ratios and of PIPNet's own line


def test_what_was_not_trained_is_told_and_not_in_the_record(tmp_path: Path) -> None:
    text = table_text(recorded_figures(tmp_path))
    assert text.count("not recorded: run training.study") == 3 and json.loads(text.splitlines()[-1]) == {}


def test_speed_and_portraits_with_the_shipped_weights(shared_data: Path) -> None:
    eyes = Detector.load()
    figures = detector.portrait_figures(RECIPE.portraits, eyes, shared_data / "faces" / "portraits", 2)
    values = {one.key: one.value for one in figures}
    assert values["answered_portraits"] == 2 and 0 < values["nme51_portraits"] < 40
    assert detector.speed_figure(replace(RECIPE.speed, runs=3), eyes).value > 0.1


def test_bad_options_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in ((["--limit", "0"], "--limit 0: expected"), (["--parts", "clip"], "--parts clip: detector")):
        assert benchmark.main(["detector", *arguments]) == 1
        said = capsys.readouterr().err
        assert told in said and said.count("\n") == 1
