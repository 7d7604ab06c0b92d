"""The page about a comparison: one HTML file that needs nothing else."""

import html

import numpy as np

from training.comparison.curves import curves_plot
from training.comparison.figures import MAIN, Comparison, number
from training.comparison.sheet import sheet
from training.evaluation import MEASURES
from training.measures import PROFILE_SHARE, THRESHOLD
from training.report_faces import OF_CROP_PX, OFF_PX

HARDEST, SPREAD = 12, 12  # rows of the two sheets

_STYLE = """
:root { --ink: #1d232b; --soft: #68727f; --line: #dfe3e8; --page: #f6f7f9; --card: #fff; --one: #1f6feb; --two: #d9480f;
  --three: #2b8a3e; --four: #9c36b5; --five: #b08800; --six: #0b7285; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #98a3b0; --line: #333b45; --page: #14181d;
  --card: #1c2128; --one: #6cb0ff; --two: #ff9a5c; --three: #69db7c; --four: #da77f2; --five: #ffd43b;
  --six: #3bc9db; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 80rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin: 2.4rem 0 .6rem; font-size: 1.15rem; }
p, ul { max-width: 52rem; } .soft { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; background: var(--card); }
.figures { width: 100%; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; font-weight: normal; }
thead th { color: var(--soft); font-size: .85rem; } th:first-child { text-align: left; }
tr.mine > * { font-weight: 600; } td.best { color: var(--three); } td.lacking { color: var(--two); }
svg { width: 100%; max-width: 60rem; height: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; } svg text { fill: var(--soft); font: 13px system-ui, sans-serif; }
.sheet th, .sheet td { padding: .25rem; text-align: left; vertical-align: top; border: 0; min-width: 8.5rem;
  max-width: 18rem; font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; }
.sheet thead th { position: sticky; top: 0; background: var(--card); font-size: .9rem; color: var(--ink); }
.sheet img { display: block; width: 100%; height: auto; border-radius: .3rem; } .sheet b { color: var(--ink); }
.none { display: grid; place-items: center; aspect-ratio: 1; border: 1px dashed var(--two); border-radius: .3rem;
  color: var(--two); }
.key i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin: 0 .3rem 0 .8rem; }
"""
# Column, key of the record, decimals, and whether the smallest (-1) or the largest (1) number is best.
_COLUMNS = (
    ("NME51 %", "nme51", 2, -1),
    ("median51 %", "median51", 2, -1),
    ("FR10 %", "fr10_51", 2, -1),
    ("AUC10", "auc10_51", 4, 1),
    ("NME51 %, common", "nme51_common", 2, -1),
    ("NME68 %", "nme68", 2, -1),
    ("NME98 %", "nme98", 2, -1),
    ("ms a face", "ms", 1, -1),
)


def page(result: Comparison) -> str:
    """The page."""
    hardest = result.hardest(HARDEST)
    spread = result.spread(SPREAD, without=hardest)
    sections = [
        ("Figures", _figures(result) + _told(result)),
        ("Cumulative error", _curves(result)),
        (f"Hardest for {result.answers[0].name} ({len(hardest)})", _key() + sheet(result, hardest)),
        *([(f"Spread over the others ({len(spread)})", _key() + sheet(result, spread))] if spread else []),
        ("What each method sees", _given(result)),
        ("How it is measured", _legend(result)),
    ]
    body = "\n".join(f"<section><h2>{html.escape(title)}</h2>\n{content}\n</section>" for title, content in sections)
    name = html.escape(result.data.name)
    several = "s" if len(result.answers) > 1 else ""
    head = f"{len(result.data)} faces, {len(result.answers)} method{several}, boxes {html.escape(result.boxes)}"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Detectors on {name}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f'<body>\n<header><h1>Detectors on {name}</h1>\n<p class="soft">{head}.</p></header>\n{body}\n'
        "</body>\n</html>\n"
    )


def _figures(result: Comparison) -> str:
    record = result.record()
    columns = [one for one in _COLUMNS if any(figures[one[1]] is not None for figures in record.values())]
    best = {}
    for _, key, _, sign in columns:
        values = [sign * figures[key] for figures in record.values() if figures[key] is not None]
        best[key] = sign * max(values) if len(values) > 1 else None
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "answered", *(name for name, *_ in columns)))
    rows = []
    for rank, (name, figures) in enumerate(record.items()):
        lacking = ' class="lacking"' if figures["answered"] < figures["faces"] else ""
        cells = [f"<td{lacking}>{figures['answered']} of {figures['faces']}</td>"]
        for _, key, decimals, _ in columns:
            mark = ' class="best"' if figures[key] is not None and figures[key] == best[key] else ""
            cells.append(f"<td{mark}>{number(figures[key], decimals)}</td>")
        mine = ' class="mine"' if rank == 0 else ""
        rows.append(f'<tr{mine}><th scope="row">{html.escape(name)}</th>{"".join(cells)}</tr>')
    table = f'<table class="figures"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<div class="wide">{table}</div>'


def _told(result: Comparison) -> str:
    common = result.figures(0)["faces_common"]
    lacking = [
        f"{html.escape(one.name)} found no face in {int((~one.answered).sum())} of {len(result.data)}"
        for one in result.answers
        if not one.answered.all()
    ]
    missing = f" <b>{'; '.join(lacking)}.</b>" if lacking else ""
    return (
        "<p>NME and median are over the faces that a method answered, which favours one that gives up on hard faces. "
        "FR10 and AUC10 are over all faces, and a face without an answer counts as failed; so do the curves. The "
        f"column common is over the {common} faces that every method answered.{missing} Green is the best of a "
        "column.</p>"
    )


def _curves(result: Comparison) -> str:
    plots = []
    for key in (MAIN, "98"):
        having = [number for number, errors in enumerate(result.errors) if key in errors]
        curves = {result.answers[one].name: result.with_missing(one, key) for one in having}
        if curves:
            plots.append(f'<p class="soft">Of {MEASURES[key]}.</p>{curves_plot(curves)}')
    return "".join(plots)


def _key() -> str:
    return (
        '<p class="key"><i style="background:#46eb5a"></i>labels<i style="background:#46beff"></i>found'
        f'<i style="background:#ff2d2d"></i>found, off by more than {OFF_PX:g} px of the {OF_CROP_PX:g} px crop. '
        '<span class="soft">The number is the face\'s error over the inner 51 points.</span></p>'
    )


def _given(result: Comparison) -> str:
    items = [
        f"<li><b>{html.escape(one.name)}</b>: {html.escape(one.told)}; {one.layout.count} points</li>"
        for one in result.answers
    ]
    note = "All methods get the same pictures and the same boxes; none sees the labels."
    return f"<p>{note}</p><ul>{''.join(items)}</ul>"


def _legend(result: Comparison) -> str:
    apart = int(np.sum(result.profile))
    told = f"{apart} of these faces are" if apart != 1 else "1 of these faces is"
    return (
        "<p>The error of a face is the mean distance of its found from its true points over the distance of the true "
        "outer eye corners. NME is its mean over faces. FR10 is the share of faces above "
        f"{100 * THRESHOLD:g} %; AUC10 the area under the cumulative curve up to there, 1 at best. Where labels and "
        "method have different layouts, 98 points are converted to the 68 that they imply; contours and brows of the "
        "two are defined differently, so the inner 51 (68 without the contour) are the fair figure. Faces whose eye "
        f"corners are closer than {100 * PROFILE_SHARE:g} % of the crop's side are profiles and in no figure but "
        f"answered: {told} left out so. Milliseconds are the median over faces, one face at a time, from the read "
        "picture to the points; all methods share this machine's cores.</p>"
    )
