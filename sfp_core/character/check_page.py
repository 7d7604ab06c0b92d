"""A check for people: the table on the terminal, and the page with pictures."""

import numpy as np

from sfp_core.character.capture import Poseable
from sfp_core.character.character import Character
from sfp_core.character.check import LANDMARK_BAR, CharacterCheck, FaceCheck, verdicts
from sfp_core.character.page import listed, page, pair, paragraph, sheet, table
from sfp_core.character.sketch import sketch

_SIDE = 224


def check_text(check: CharacterCheck) -> str:
    """The table."""
    width = max(len(face.name) for face in check.faces)
    lines = [f"{'face':{width}}  {'kind':10}  landmarks %  controllers"]
    lines += [
        f"{face.name:{width}}  {face.kind:10}  {100 * face.landmark_error:11.2f}  {face.controller_error:11.3f}"
        for face in check.faces
    ]
    lines += [f"{word}: {told}" for word, told in verdicts(check).items()]
    lines += [f"below the bar: {told}" for told in check.below] or ["above all bars"]
    return "\n".join(lines)


def check_page(check: CharacterCheck, character: Character, *, drawn: Poseable | None = None) -> str:
    """One HTML file: findings, and every face as target and result, the worst first."""
    shown = "rendered and detected" if check.drawn else "shown by the forward model: no picture of this rig was drawn"
    worst_first = sorted(check.faces, key=lambda face: -face.landmark_error)
    rows = [
        [face.name, face.kind, f"{100 * face.landmark_error:.2f}", f"{face.controller_error:.3f}"]
        for face in worst_first
    ]
    bad = [face.landmark_error > LANDMARK_BAR for face in worst_first]
    sections = [
        ("Findings", table(("", ""), [list(pair) for pair in verdicts(check).items()])),
        ("Below the bar", listed(check.below) if check.below else paragraph("Nothing.")),
        ("Faces", sheet([_figure(face, character, drawn) for face in worst_first])),
        (
            "Errors",
            table(("face", "kind", "landmarks, % of inter-ocular", "controllers, share of range"), rows, bad=bad),
        ),
    ]
    return page(f"Check of {check.name}", f"{len(check.faces)} standard faces, {shown}. Target, then result.", sections)


def _figure(face: FaceCheck, character: Character, drawn: Poseable | None) -> str:
    caption = f"{face.name}: landmarks off by {face.landmark_error:.1%}, controllers by {face.controller_error:.3f}"
    if drawn is not None:
        return pair(drawn.picture(face.values, size=_SIDE), drawn.picture(face.answered, size=_SIDE), caption)
    around: np.ndarray = character.face.neutral
    return pair(sketch(face.target, around, size=_SIDE), sketch(face.result, around, size=_SIDE), caption)
