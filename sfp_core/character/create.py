"""Making a character in two steps that can be broken off: capture its pictures, then train on what is seen in them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sfp_core.character.bundle import SUFFIX
from sfp_core.character.capture import Capture, capture_character, read_capture
from sfp_core.character.character import Character
from sfp_core.character.observe import Box, LandmarkDetector, Observation
from sfp_core.character.observed import observed
from sfp_core.character.poses import pose_set
from sfp_core.errors import SfpError
from sfp_core.rigs.vocabulary.known import direct_table

if TYPE_CHECKING:
    from sfp_core.character.fit import FitConfig, FitReport

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""

POSES = 4000
SEED = 1


def _told(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return (lambda done, total: progress(stage, done, total)) if progress else None


def capture_built_in(
    name: str, folder: Path, *, poses: int = POSES, seed: int = SEED, size: int = 256, progress: Progress | None = None
) -> Capture:
    """Pose a built-in character and render the poses; pictures that are there already are kept.

    The poses hold expressions under lip shapes, since the names of its controllers are known.

    Raises SfpError for an unknown name, or a folder that holds another capture.
    """
    from sfp_core.rigs.procedural import ProceduralCharacter  # loads the renderer

    character = ProceduralCharacter.named(name)
    return capture_character(
        character,
        pose_set(character.rig, count=poses, seed=seed),
        folder,
        size=size,
        fov_deg=character.fov_deg,
        source=f"sfp procedural, pose set of {poses} with seed {seed}",
        hidden=character.hidden,
        progress=_told(progress, "pictures"),
    )


def train_from_capture(
    folder: Path,
    target: Path,
    *,
    detector: LandmarkDetector | None = None,
    box: Box | None = None,
    direct: Mapping[str, Mapping[str, float]] | None = None,
    config: "FitConfig | None" = None,
    progress: Progress | None = None,
) -> tuple[Character, "FitReport", Observation]:
    """Detect, fit and write a bundle. Loads torch.

    What was detected is kept beside the pictures and used again while capture and detector are the same.

    Parameters
    ----------
    folder : Path
        Of `capture.json`.
    target : Path
        NAME.character; replaced when it is there.
    detector : optional
        Else the shipped one.
    box : (x0, y0, x1, y1), optional
        Where the neutral face is, pixels; else it is searched.
    direct : mapping of articulator to {controller: change from neutral at full strength}, optional
        What speech drives past the landmarks; else what the names of the rig's controllers tell.

    Raises
    ------
    SfpError
        Anything about the capture that does not fit, or a disk that refuses.
    """
    if Path(target).suffix != SUFFIX:
        raise SfpError(f"{target}: a character is written as NAME{SUFFIX}")
    capture = read_capture(folder)
    if detector is None:
        from sfp_core.detect.detector import Detector

        detector = Detector.load()
    observation = observed(capture, Path(folder), detector, box=box, progress=_told(progress, "landmarks"))
    character, report = fit_observed(capture, observation, Path(folder), config, direct=direct, progress=progress)
    character.save(target)
    return character, report, observation


def fit_observed(
    capture: Capture,
    observation: Observation,
    folder: Path,
    config: "FitConfig | None" = None,
    *,
    direct: Mapping[str, Mapping[str, float]] | None = None,
    progress: Progress | None = None,
) -> "tuple[Character, FitReport]":
    """Fit what was seen of a capture, with a neutral picture of `folder` for a thumbnail. Loads torch.

    `direct` is what speech drives past the landmarks; left out: what the names of the rig's controllers tell.
    """
    from sfp_core.character.fit import fit_character

    thumbnail = folder / next(captured.picture for captured in capture.poses if captured.pose.kind == "neutral")
    return fit_character(
        capture,
        observation,
        config,
        direct=direct_table(capture.rig) if direct is None else direct,
        thumbnail=thumbnail if thumbnail.exists() else None,
        progress=progress,
    )
