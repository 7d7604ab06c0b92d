"""Cumulative error curves of several methods in one plot, each told apart by colour and dashes."""

import html
from collections.abc import Mapping

import numpy as np

from training.measures import THRESHOLD

_LEFT, _TOP, _WIDTH, _HEIGHT, _LEGEND = 56, 20, 560, 320, 250
_DASHES = ("", "7 4", "2 3")
COLOURS = ("--one", "--two", "--three", "--four", "--five", "--six")  # variables of the page's style


def curves_plot(curves: Mapping[str, np.ndarray]) -> str:
    """Share of all faces whose error is at most x, x from 0 to `THRESHOLD`, as SVG; the first curve is filled.

    An infinite error is a face without an answer: the curve never reaches it.
    """
    drawn = {name: errors for name, errors in curves.items() if len(errors)}
    parts = [*_grid(), *(part for n, (name, errors) in enumerate(drawn.items()) for part in _curve(n, name, errors))]
    label = "Cumulative error: share of faces over their error"
    box = f"0 0 {_LEFT + _WIDTH + _LEGEND} {max(_TOP + _HEIGHT + 54, _TOP + 24 * len(drawn) + 12)}"
    return f'<svg viewBox="{box}" role="img" aria-label="{label}"><title>{label}</title>{"".join(parts)}</svg>'


def _grid() -> list[str]:
    parts = []
    for share in range(0, 101, 20):
        y = _TOP + _HEIGHT * (1 - share / 100)
        parts.append(f'<path d="M{_LEFT} {y:g}h{_WIDTH}" stroke="var(--line)"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:g}" text-anchor="end">{share} %</text>')
    for percent in range(0, round(100 * THRESHOLD) + 1, 2):
        x = _LEFT + _WIDTH * percent / (100 * THRESHOLD)
        parts.append(f'<path d="M{x:g} {_TOP}v{_HEIGHT}" stroke="var(--line)"/>')
        parts.append(f'<text x="{x:g}" y="{_TOP + _HEIGHT + 20}" text-anchor="middle">{percent} %</text>')
    middle = _LEFT + _WIDTH / 2
    parts.append(f'<text x="{middle:g}" y="{_TOP + _HEIGHT + 42}" text-anchor="middle">error of a face</text>')
    return parts


def _curve(number: int, name: str, errors: np.ndarray) -> list[str]:
    """A step curve: it rises by one face at each face's error."""
    reached = np.sort(errors[errors <= THRESHOLD])
    xs = _LEFT + _WIDTH * reached / THRESHOLD
    ys = _TOP + _HEIGHT * (1 - np.arange(1, len(reached) + 1) / len(errors))
    steps = "".join(f"H{x:.1f}V{y:.1f}" for x, y in zip(xs, ys, strict=True))
    line = f"M{_LEFT} {_TOP + _HEIGHT}{steps}H{_LEFT + _WIDTH}"
    colour = COLOURS[number % len(COLOURS)]
    dashes = _DASHES[number // len(COLOURS) % len(_DASHES)]
    stroke = f'fill="none" stroke="var({colour})" stroke-width="{2.5 if number == 0 else 1.6}" stroke-linejoin="round"'
    stroke += f' stroke-dasharray="{dashes}"' if dashes else ""
    x, y = _LEFT + _WIDTH + 20, _TOP + 12 + 24 * number
    parts = [
        f'<path d="{line}" {stroke}/>',
        f'<path d="M{x} {y}h28" {stroke}/><text x="{x + 36}" y="{y + 4}">{html.escape(name)}</text>',
    ]
    if number == 0:
        parts.insert(0, f'<path d="{line}V{_TOP + _HEIGHT}Z" fill="var({colour})" fill-opacity=".1"/>')
    return parts
