"""The report page of a training: figures overall and by controller, what could not be used, the worst poses."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from sfp_core.character.capture import Capture, Poseable
from sfp_core.character.character import Character
from sfp_core.character.fit import FitReport
from sfp_core.character.observe import Observation
from sfp_core.character.page import listed, page, pair, paragraph, sheet, table
from sfp_core.character.score import FAILED_MSE, Score
from sfp_core.character.sketch import sketch

WORST = 12
_SIDE = 224  # of a picture on the page, pixels

_FIGURES: tuple[tuple[str, Callable[[Score], float]], ...] = (
    ("MSE", lambda score: score.mse),
    ("MSE over that of always answering neutral", lambda score: score.mse / score.neutral_mse),
    (f"failing rate (MSE > {FAILED_MSE}), %", lambda score: 100 * score.failing_rate),
    ("mean error of moved controllers", lambda score: score.mean_error),
)


def report_page(
    character: Character,
    report: FitReport,
    capture: Capture,
    folder: Path,
    observation: Observation,
    *,
    drawn: Poseable | None = None,
) -> str:
    """One HTML file that needs nothing else.

    Parameters
    ----------
    folder : Path
        Of the capture's pictures.
    drawn : Poseable, optional
        Draws the rig; without it, target and result are shown as landmarks.
    """
    scores = (report.mapper, report.refined, report.refined_68)
    figures = [[name, *(f"{getter(score):.4f}" for score in scores)] for name, getter in _FIGURES]
    sections = [
        ("Figures", table(("", "mapper alone", "refined", "refined, from 68 points"), figures) + _more(report)),
        ("Worst poses", sheet(_worst(character, report, capture, folder, observation, drawn))),
        ("Controllers", _controllers(report)),
        ("Controllers that move no landmark", _invisible(character, report)),
    ]
    if observation.problems:
        title = f"Pictures that could not be used: {len(observation.problems)} of {len(capture.poses)}"
        sections.append((title, listed(observation.problems)))
    about = (
        f"{len(observation.used)} poses of {capture.source or 'an unknown source'}. Measured on {report.mapper.poses} "
        "of them that the fit has not seen, landmarks detected; controllers scaled to [0, 1] by their ranges."
    )
    return page(f"Character {character.rig.name}", about, sections)


def _more(report: FitReport) -> str:
    return paragraph(
        f"Neutral pictures are answered off neutral by at most {report.neutral_error:.3f} of a range. Landmarks of "
        f"neutral pictures scatter by {report.noise:.2%} of the inter-ocular distance; the forward model is off the "
        f"detected landmarks by {report.forward_error:.2%}."
    )


def _controllers(report: FitReport) -> str:
    refined = {one.name: one for one in report.refined.controllers}
    both = sorted(((one, refined[one.name]) for one in report.mapper.controllers), key=lambda pair: -pair[1].mse)
    rows = [
        [
            alone.name,
            f"{alone.mse:.4f}",
            f"{one.mse:.4f}",
            f"{100 * alone.failing_rate:.1f}",
            f"{100 * one.failing_rate:.1f}",
            f"{one.error:.3f}",
            f"{one.neutral_error:.3f}",
        ]
        for alone, one in both
    ]
    columns = ("controller", "MSE alone", "refined", "failing % alone", "refined", "error where moved", "of neutral")
    return table(columns, rows)


def _invisible(character: Character, report: FitReport) -> str:
    if not report.invisible:
        return paragraph("None: every controller can be told from the landmarks.")
    driven = {name: articulator for articulator, drive in character.direct.items() for name in drive}
    return listed(
        [
            f"{name}: held at neutral" + (f", driven by {driven[name]} of speech" if name in driven else "")
            for name in report.invisible
        ]
    )


def _worst(
    character: Character,
    report: FitReport,
    capture: Capture,
    folder: Path,
    observation: Observation,
    drawn: Poseable | None,
) -> list[str]:
    place = {int(index): i for i, index in enumerate(observation.used)}
    figures = []
    for row in np.argsort(report.refined.by_pose)[::-1][:WORST]:
        pose = capture.poses[int(report.tested[row])]
        answered = report.answered[row]
        if drawn is not None:
            target, result = _picture(folder / pose.picture), drawn.picture(answered, size=_SIDE)
        else:
            seen, face = observation.points[place[int(report.tested[row])]], character.face.neutral
            target = sketch(seen, face, size=_SIDE)
            result = sketch(character.landmarks(answered[None])[0], face, size=_SIDE)
        caption = (
            f"{pose.picture}: MSE {report.refined.by_pose[row]:.3f}; {_off(character, pose.pose.values, answered)}"
        )
        figures.append(pair(target, result, caption))
    return figures


def _off(character: Character, truth: np.ndarray, answered: np.ndarray) -> str:
    """The controllers that are furthest off."""
    rig = character.rig
    error = rig.to_unit(answered) - rig.to_unit(truth)
    error[np.isin(rig.names, character.invisible)] = 0
    most: Sequence[int] = np.argsort(-np.abs(error))[:3].tolist()
    return ", ".join(f"{rig.names[k]} {truth[k]:.2f} \u2192 {answered[k]:.2f}" for k in most)


def _picture(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        small = picture.convert("RGB")
        small.thumbnail((_SIDE, _SIDE))
        return np.asarray(small)
