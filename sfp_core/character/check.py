"""Checking a character: standard faces shown, seen, answered and shown again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sfp_core.character.anchor import anchored
from sfp_core.character.capture import Poseable
from sfp_core.character.character import Character
from sfp_core.character.observe import PASSES, LandmarkDetector
from sfp_core.character.standard import FaceKind, standard_faces
from sfp_core.errors import SfpError
from sfp_core.face import lid_opening, lip_aperture

# Bars, landmarks in shares of the inter-ocular distance.
DRIFT_BAR = 0.05  # of a range, at neutral
LANDMARK_BAR = 0.03  # mean over a face's landmarks
LIPS_BAR = 0.02  # closed lips: what the result's aperture may be wider than the target's
LIDS_BAR = 0.12  # shut lids: what the result's opening may be wider, share of the opening at neutral
_SHUT = 0.35  # of the opening at neutral: lids count as shut below
_CLOSED = 0.01  # over the aperture at neutral: lips count as closed below
_PICTURE_PX = 256


@dataclass(frozen=True)
class FaceCheck:
    """One standard face.

    Attributes
    ----------
    landmark_error : float
        Mean distance between landmarks of the target and of the result, share of the inter-ocular distance.
    controller_error : float
        Root mean square over the controllers that landmarks tell of, share of their ranges.
    target, result : (98, 2) float64
        Anchored space.
    values, answered : (K,) float64
        Controller units.
    """

    name: str
    kind: FaceKind
    landmark_error: float
    controller_error: float
    target: np.ndarray
    result: np.ndarray
    values: np.ndarray
    answered: np.ndarray


@dataclass(frozen=True)
class CharacterCheck:
    """What a check found.

    Attributes
    ----------
    drawn : bool
        Faces were rendered and detected; else the forward model showed them.
    drift : float
        Largest controller deviation at neutral, share of its range.
    lips, lids : float or None
        How much wider than the target closed lips (share of inter-ocular) and shut lids (share of the opening at
        neutral) are in the worst result; None where no face of this rig closes them.
    below : tuple of str
        What is below its bar, in words; empty for a good character.
    """

    name: str
    drawn: bool
    faces: tuple[FaceCheck, ...]
    drift: float
    lips: float | None
    lids: float | None
    below: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """For programs."""
        return {
            "character": self.name,
            "shown_by": "pictures" if self.drawn else "forward model",
            "drift": round(self.drift, 6),
            "lips": None if self.lips is None else round(self.lips, 6),
            "lids": None if self.lids is None else round(self.lids, 6),
            "faces": [
                {
                    "name": face.name,
                    "kind": face.kind,
                    "landmark_error_percent": round(100 * face.landmark_error, 4),
                    "controller_error": round(face.controller_error, 6),
                }
                for face in self.faces
            ],
            "below": list(self.below),
        }


def check_character(
    character: Character, *, drawn: Poseable | None = None, detector: LandmarkDetector | None = None
) -> CharacterCheck:
    """Show the standard faces, answer what is seen of them, and show the answers.

    Parameters
    ----------
    drawn : Poseable, optional
        Draws the rig; without it, the forward model stands for pictures and detection.
    detector : optional
        Needed with `drawn`.
    """
    faces = standard_faces(character.rig)
    values = np.stack([face.values for face in faces])
    seer = _Seer(character, drawn, detector)
    targets = seer.seen(values)
    answered = character.controllers(targets, refine=replace(character.refine, smoothness=0.0))
    results = seer.seen(answered)
    rig = character.rig
    told = ~np.isin(rig.names, character.invisible)
    off = rig.to_unit(answered) - rig.to_unit(values)
    checks = tuple(
        FaceCheck(
            face.name,
            face.kind,
            float(np.linalg.norm(results[i] - targets[i], axis=-1).mean()),
            float(np.sqrt((off[i, told] ** 2).mean())) if told.any() else 0.0,
            targets[i],
            results[i],
            values[i],
            answered[i],
        )
        for i, face in enumerate(faces)
    )
    drift, lips, lids = float(np.abs(off[0]).max()), _lips(targets, results), _lids(targets, results)
    return CharacterCheck(
        rig.name, drawn is not None, checks, drift, lips, lids, _below(character, checks, off[0], lips, lids)
    )


def _lips(targets: np.ndarray, results: np.ndarray) -> float | None:
    """The first face is neutral. How much wider the worst result is of the targets whose lips are closed."""
    aperture = lip_aperture(targets)
    closed = aperture < aperture[0] + _CLOSED
    closed[0] = False  # at neutral the drift tells
    return float((lip_aperture(results) - aperture)[closed].max()) if closed.any() else None


def _lids(targets: np.ndarray, results: np.ndarray) -> float | None:
    opening = lid_opening(targets)
    rest = opening[0]
    shut = opening < _SHUT * rest
    return float(((lid_opening(results) - opening) / rest)[shut].max()) if shut.any() else None


def _below(
    character: Character, checks: tuple[FaceCheck, ...], off: np.ndarray, lips: float | None, lids: float | None
) -> tuple[str, ...]:
    told = []
    if np.abs(off).max() > DRIFT_BAR:
        name = character.rig.names[int(np.abs(off).argmax())]
        told.append(f"drifts at neutral: {name} by {np.abs(off).max():.3f} of its range (bar {DRIFT_BAR})")
    wrong = [face for face in checks if face.landmark_error > LANDMARK_BAR]
    if wrong:
        worst = max(wrong, key=lambda face: face.landmark_error)
        told.append(
            f"{len(wrong)} of {len(checks)} faces are off by more than {LANDMARK_BAR:.0%}: worst {worst.name} "
            f"{worst.landmark_error:.1%}"
        )
    if lips is not None and lips > LIPS_BAR:
        told.append(f"lips that should close stay open by {lips:.1%} of the inter-ocular distance (bar {LIPS_BAR:.0%})")
    if lids is not None and lids > LIDS_BAR:
        told.append(f"lids that should shut stay open by {lids:.0%} of their opening (bar {LIDS_BAR:.0%})")
    return tuple(told)


class _Seer:
    """Controller values to the landmarks that are seen of them, anchored space."""

    def __init__(self, character: Character, drawn: Poseable | None, detector: LandmarkDetector | None) -> None:
        if drawn is not None and detector is None:
            raise SfpError("check: a rig that is drawn needs a detector to be seen by")
        self.character, self.drawn, self.detector = character, drawn, detector
        self.box: tuple[float, float, float, float] | None = None

    def seen(self, values: np.ndarray) -> np.ndarray:
        """(T, K) -> (T, 98, 2) float64."""
        neutral = self.character.face.neutral
        if self.drawn is None or self.detector is None:
            return anchored(self.character.landmarks(values), neutral)
        pictures = [self.drawn.picture(one, size=_PICTURE_PX) for one in values]
        if self.box is None:
            found = self.detector.detect(pictures[0])  # the first face is neutral
            if not found:
                raise SfpError(f"check: no face found in the picture of {self.character.rig.name} at rest")
            self.box = found[0].box
        faces = self.detector.detect_many(pictures, [self.box] * len(pictures), passes=PASSES)
        return anchored(np.stack([face.landmarks.points for face in faces]), neutral)


def verdicts(check: CharacterCheck) -> Mapping[str, str]:
    """The findings beside the faces, in words."""
    return {
        "largest drift at neutral": f"{check.drift:.3f} of a range",
        "lips close": "not shown by this rig" if check.lips is None else _yes(check.lips <= LIPS_BAR, check.lips),
        "lids shut": "not shown by this rig" if check.lids is None else _yes(check.lids <= LIDS_BAR, check.lids),
    }


def _yes(good: bool, wider: float) -> str:
    return f"{'yes' if good else 'no'} ({wider:+.1%})"
