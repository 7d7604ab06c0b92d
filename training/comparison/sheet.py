"""Comparison sheets as in the paper's figures 4 and 5: a row a face, a column a method, points far off in red."""

import html
from collections.abc import Sequence

import numpy as np

from sfp_core.detect.pictures import read_picture
from training.comparison.figures import MAIN, Comparison, matched
from training.report_faces import TILE_PX, embedded_jpeg, points_off, tile


def sheet(result: Comparison, indices: Sequence[int]) -> str:
    """A table of HTML, its rows these faces in this order, its columns the labels and the methods."""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in ("labels", *_names(result)))
    rows = [_row(result, index) for index in indices]
    return f'<table class="sheet"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _names(result: Comparison) -> list[str]:
    return [one.name for one in result.answers]


def _row(result: Comparison, index: int) -> str:
    data = result.data
    path, true = data.pictures[index], data.points[index]
    picture = read_picture(path)
    name = html.escape(path.name)
    labels = tile(picture, true, np.zeros((0, 2)), np.zeros(0, dtype=bool), data.layout)  # the lines alone
    cells = [_cell(labels, f"{path.name}, labels", name)]
    for number, answers in enumerate(result.answers):
        if not answers.answered[index]:
            cells.append('<td><div class="none">no face found</div></td>')
            continue
        found, truth = matched(answers.points[index, None], answers.layout, true[None], data.layout)
        off = points_off(found, truth, data.boxes[index, None])[0]
        layout = answers.layout if answers.layout.count == len(off) else data.layout
        drawn = tile(picture, truth[0], found[0], off, layout)
        error = 100 * float(result.errors[number][MAIN][index])
        told = f"<b>{error:.1f} %</b> {int(off.sum())} of {len(off)} off"
        cells.append(_cell(drawn, f"{path.name}, {answers.name}", told))
    return f"<tr>{''.join(cells)}</tr>"


def _cell(picture: np.ndarray, alternative: str, told: str) -> str:
    size = f'width="{TILE_PX}" height="{TILE_PX}"'
    return f'<td><img src="{embedded_jpeg(picture)}" alt="{html.escape(alternative)}" {size}><span>{told}</span></td>'
