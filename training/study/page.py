"""What a study recorded, as one HTML file: figures, learning curves, and which runs had not finished learning."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

_STYLE = """
:root { --ink: #1d232b; --soft: #68727f; --line: #dfe3e8; --page: #f6f7f9; --card: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #98a3b0; --line: #333b45; --page: #14181d;
  --card: #1c2128; } }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 70rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin: 2rem 0 .6rem; font-size: 1.15rem; } .soft { color: var(--soft); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; background: var(--card); }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; font-weight: normal; }
thead th { color: var(--soft); font-size: .85rem; } th:first-child { text-align: left; }
svg { width: 100%; height: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
svg text { fill: var(--soft); font: 13px system-ui, sans-serif; }
"""
_COLOURS = (
    "#1f6feb",
    "#d9480f",
    "#2b8a3e",
    "#9c36b5",
    "#c2255c",
    "#0b7285",
    "#5f3dc4",
    "#846358",
    "#e8a800",
    "#495057",
)


def page(record: Mapping[str, Any]) -> str:
    """The page of a results file (`sfp.study`, version 1)."""
    budget, entries = record["budget"], record["entries"]
    told = (
        f"{budget['steps']} steps of {budget['batch']} faces for each; learning rate the best of "
        f"{', '.join(f'{rate:g}' for rate in budget['rates'])}"
        + (f" after {budget['pilot_steps']} steps" if len(budget["rates"]) > 1 else "")
        + "; figures on faces of characters that none was trained on, without profiles, in jittered boxes."
    )
    body = [
        f"<h1>{html.escape(record['study'])}</h1>",
        f"<p>{html.escape(record['about'])}</p>",
        f'<p class="soft">{html.escape(told)}</p>',
        _table(entries, [probe["name"] for probe in record["probes"]]),
        "<h2>Validation error, percent, over steps</h2>",
        curves_plot({entry["name"]: entry["curve"] for entry in entries}),
    ]
    title = html.escape(record["study"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _table(entries: Sequence[Mapping[str, Any]], probes: Sequence[str]) -> str:
    heads = ["", "parameters", "rate", "minutes", "validation"]
    heads += [f"{probe}: {name}" for probe in probes for name in ("NME98", "FR10", "AUC10")]
    rows = []
    for entry in entries:
        cells = [f"{entry['parameters'] / 1e6:.2f} M", f"{entry['rate']:g}", f"{entry['minutes']:g}"]
        cells.append(f"{entry['curve'][-1][1]:.2f} %" + (" (still falling)" if entry["still_falling"] else ""))
        for probe in probes:
            figures = entry["figures"][probe]
            cells += [f"{figures['nme98']:.2f} %", f"{figures['fr10']:.1f} %", f"{figures['auc10']:.3f}"]
        name = f"<b>{html.escape(entry['name'])}</b> <span class='soft'>{html.escape(entry['about'])}</span>"
        rows.append(f"<tr><th>{name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    head = "".join(f"<th>{html.escape(one)}</th>" for one in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def curves_plot(curves: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Curves of (step, percent) as SVG; the vertical axis ends at three times the best error, so ends can be told."""
    left, top, width, height, legend = 56, 20, 560, 320, 240
    points = [point for curve in curves.values() for point in curve]
    if not points:
        return ""
    last, best = max(point[0] for point in points), min(point[1] for point in points)
    lowest, highest = 0.0, min(3 * best, max(point[1] for point in points))
    parts = []
    for number in range(6):
        value = lowest + (highest - lowest) * number / 5
        y = top + height * (1 - number / 5)
        parts.append(f'<path d="M{left} {y:g}h{width}" stroke="var(--line)"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:g}" text-anchor="end">{value:.1f}</text>')
        x = left + width * number / 5
        parts.append(f'<text x="{x:g}" y="{top + height + 20}" text-anchor="middle">{last * number / 5:.0f}</text>')
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [
            (left + width * step / last, top + height * (1 - (min(error, highest) - lowest) / (highest - lowest)))
            for step, error in curve
        ]
        line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = left + width + 20, top + 12 + 24 * number
        parts.append(f'<path d="M{x} {y}h28" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{x + 36}" y="{y + 4}">{html.escape(name)}</text>')
    box = f"0 0 {left + width + legend} {max(top + height + 34, top + 24 * len(curves) + 20)}"
    label = "Validation error over steps"
    return f'<svg viewBox="{box}" role="img" aria-label="{label}"><title>{label}</title>{"".join(parts)}</svg>'
