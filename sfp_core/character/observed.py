"""What was detected in a capture, kept beside its pictures, so that a broken-off training goes on."""

import contextlib
import hashlib
from pathlib import Path

import numpy as np

from sfp_core.character.capture import CAPTURE_FILE, Capture, Progress
from sfp_core.character.observe import PASSES, Box, LandmarkDetector, Observation, observe
from sfp_core.files import written_whole

OBSERVED_FILE = "observed.npz"


def observed(
    capture: Capture,
    folder: Path,
    detector: LandmarkDetector,
    *,
    box: Box | None = None,
    progress: Progress | None = None,
) -> Observation:
    """As `observe`, but from the file beside the pictures where it is of the same pictures, detector and box."""
    folder = Path(folder)
    path, origin = folder / OBSERVED_FILE, _origin(capture, folder, detector, box)
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError), np.load(path, allow_pickle=False) as stored:
        if detector.sha256 and str(stored["origin"]) == origin:
            problems = tuple(str(problem) for problem in stored["problems"])
            return Observation(stored["points"], stored["neutral"], stored["used"], problems, detector.sha256)
    observation = observe(capture, folder, detector, box=box, progress=progress)
    with written_whole(path) as temporary:
        np.savez(
            temporary,
            origin=np.array(origin),
            points=observation.points,
            neutral=observation.neutral,
            used=observation.used,
            problems=np.array(observation.problems, dtype=np.str_),
        )
    return observation


def _origin(capture: Capture, folder: Path, detector: LandmarkDetector, box: Box | None) -> str:
    """Tells poses, pictures, detector and box apart; a picture that was replaced has another size or time."""
    digest = hashlib.sha256((folder / CAPTURE_FILE).read_bytes())
    for captured in capture.poses:
        path = folder / captured.picture
        stamp = path.stat() if path.exists() else None
        digest.update(f"{captured.picture} {stamp and (stamp.st_size, stamp.st_mtime_ns)}\n".encode())
    return f"{digest.hexdigest()} {detector.sha256} {box} {PASSES}"
