"""The page about an evaluation: one HTML file that needs nothing else."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from training.evaluation import MEASURES, Evaluation, Row
from training.measures import PROFILE_SHARE, THRESHOLD, Score, score
from training.report_faces import OF_CROP_PX, OFF_PX, sheet

WORST, WORST_PROFILES = 24, 12

# The paper's tables 2 and 3: method, backbone, NME %, FR10 %, AUC10; on its FLSC test set.
_OURS_IN_PAPER = (
    ("StylizedFacePoint, retrained", "Hourglass", 5.24, 6.48, 0.5313),
    ("StylizedFacePoint, fine-tuned", "Hourglass", 5.46, 6.48, 0.5313),
)
PUBLISHED: Mapping[str, tuple[tuple[str, str, float, float, float], ...]] = {
    "Table 2: detectors of human faces, trained on FLSC": (
        ("SBR", "VGG-16", 7.05, 10.83, 0.3673),
        ("AWing", "Hourglass", 7.87, 14.82, 0.2968),
        ("HRNet", "HRNetV2", 7.41, 12.20, 0.3433),
        ("ATF", "HRNetV2", 9.20, 23.29, 0.2126),
        ("3FabRec", "ResNet-18", 9.04, 21.54, 0.2324),
        ("PIPNet", "ResNet-101", 5.54, 7.35, 0.4835),
        *_OURS_IN_PAPER,
    ),
    "Table 3: detectors of stylised faces": (
        ("dlib", "", 16.32, 47.45, 0.1732),
        ("Face of Art", "FCN", 10.46, 31.17, 0.2741),
        ("ArtFacePoints", "ResNet", 11.93, 35.62, 0.2413),
        *_OURS_IN_PAPER,
    ),
}
OTHER_DATA = "published, other data"

_KINDS = {"attribute": "By attribute", "look": "By look", "family": "By family of heads", "style": "By artist"}
_STYLE = """
:root { --ink: #1d232b; --soft: #68727f; --line: #dfe3e8; --page: #f6f7f9; --card: #fff; --one: #1f6feb; --two: #d9480f;
  --three: #2b8a3e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #98a3b0; --line: #333b45; --page: #14181d;
  --card: #1c2128; --one: #6cb0ff; --two: #ff9a5c; --three: #69db7c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 76rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin: 2.4rem 0 .6rem; font-size: 1.15rem; }
p { max-width: 50rem; } .soft, figcaption span, caption { color: var(--soft); }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0; }
.cards div { flex: 1 1 8rem; padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; }
.cards b { display: block; font-size: 1.7rem; line-height: 1.25; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 0 2rem;
  align-items: start; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; background: var(--card); }
caption { padding: .3rem 0; text-align: left; font-size: .9rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; font-weight: normal; }
thead th { color: var(--soft); font-size: .85rem; } th:first-child, td.text { text-align: left; }
tr.mine > * { font-weight: 600; } td.bar { width: 8rem; }
td.bar i { display: block; height: .6rem; border-radius: .2rem; background: var(--one); opacity: .75; }
svg { width: 100%; max-width: 56rem; height: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; } svg text { fill: var(--soft); font: 13px system-ui, sans-serif; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .8rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
figure img { display: block; width: 100%; height: auto; } figcaption { padding: .4rem .6rem .6rem; font-size: .8rem;
  overflow-wrap: anywhere; }
.key i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin: 0 .3rem 0 .8rem; }
"""


def page(result: Evaluation, training: Mapping[str, Any]) -> str:
    """The page; `training` is the record in the weights."""
    parts = [
        _head(result, training),
        _section("Figures", _figures(result)),
        _section("Cumulative error", cumulative_plot(_curves(result))),
        _section("Parts of the face", f'<div class="columns">{_regions(result)}{_openings(result)}</div>'),
        *_groups(result),
        _section("Beside the paper", _published(result)),
        *_worst(result),
        _section("How it is measured", _legend()),
    ]
    title = html.escape(f"Detector on {result.data.name}")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n{chr(10).join(parts)}\n</body>\n</html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{html.escape(title)}</h2>\n{content}\n</section>"


def _number(value: float, decimals: int = 2) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else "-"


def _cells(one: Score) -> str:
    numbers = [_number(one.nme), _number(one.median), _number(one.fr10), _number(one.auc10, 4)]
    return f"<td>{one.faces}</td>" + "".join(f"<td>{number}</td>" for number in numbers)


def _table(columns: Sequence[str], rows: Sequence[str], *, caption: str = "") -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    told = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{told}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


_SCORES = ("faces", "NME %", "median %", "FR10 %", "AUC10")


def _head(result: Evaluation, training: Mapping[str, Any]) -> str:
    main = score(result.errors(result.main))
    cards = (
        ("NME", f"{_number(main.nme)} %"),
        ("median", f"{_number(main.median)} %"),
        ("failing (FR10)", f"{_number(main.fr10)} %"),
        ("area (AUC10)", _number(main.auc10, 4)),
        ("faces", f"{main.faces}"),
        ("profiles, apart", f"{int(result.profile.sum())}"),
    )
    told = [f"Weights {result.detector}", f"{result.boxes} boxes"]
    told += [f"trained on {training['faces']} faces"] if "faces" in training else []
    told += [f"{training['steps']} steps"] if "steps" in training else []
    shown = "".join(f'<div><span class="soft">{name}</span><b>{value}</b></div>' for name, value in cards)
    return (
        f"<header><h1>{html.escape(result.data.name)}</h1>\n"
        f'<p class="soft">{html.escape("; ".join(told))}. The large figures are of {MEASURES[result.main]}.</p>'
        "</header>\n"
        f'<div class="cards">{shown}</div>'
    )


def _figures(result: Evaluation) -> str:
    rows = []
    for key in result.measures:
        mine = ' class="mine"' if key == result.main else ""
        rows.append(f'<tr{mine}><th scope="row">{MEASURES[key]}</th>{_cells(score(result.errors(key)))}</tr>')
        if result.profile.any():
            every = result.errors(key, with_profiles=True)
            rows.append(f'<tr><th scope="row">&emsp;profiles included</th>{_cells(score(every))}</tr>')
    if result.profile.any():
        alone = score(result.errors(result.main, with_profiles=True)[result.profile])
        rows.append(f'<tr><th scope="row">profiles alone, {MEASURES[result.main]}</th>{_cells(alone)}</tr>')
    return _table(("", *_SCORES), rows) + _box_errors(result)


def _box_errors(result: Evaluation) -> str:
    fair, side = result.box_error[~result.profile], result.box_error[result.profile]
    told = [
        f"{_number(100 * float(some.mean()))} % for {name}"
        for some, name in ((fair, "faces that are no profiles"), (side, "profiles"))
        if len(some)
    ]
    return (
        f'<p class="soft">Mean distance over the square root of the box\'s area, a scale that turning the head hardly '
        f"changes: {', '.join(told)}.</p>"
    )


def _curves(result: Evaluation) -> dict[str, np.ndarray]:
    curves = {MEASURES[key]: result.errors(key) for key in result.measures}
    if result.profile.any():
        curves[f"{MEASURES[result.main]}, with profiles"] = result.errors(result.main, with_profiles=True)
    return curves


def cumulative_plot(curves: Mapping[str, np.ndarray]) -> str:
    """Share of faces whose error is at most x, x from 0 to `THRESHOLD`, as SVG; the first curve is filled."""
    left, top, width, height, legend = 56, 20, 560, 300, 230
    at = np.linspace(0, THRESHOLD, 201)
    paint = (("--one", ""), ("--three", ""), ("--two", ""), ("--one", "6 5"))
    parts = []
    for share in range(0, 101, 20):
        y = top + height * (1 - share / 100)
        parts.append(f'<path d="M{left} {y:g}h{width}" stroke="var(--line)"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:g}" text-anchor="end">{share} %</text>')
    for percent in range(0, round(100 * THRESHOLD) + 1, 2):
        x = left + width * percent / (100 * THRESHOLD)
        parts.append(f'<path d="M{x:g} {top}v{height}" stroke="var(--line)"/>')
        parts.append(f'<text x="{x:g}" y="{top + height + 20}" text-anchor="middle">{percent} %</text>')
    drawn = [(name, errors) for name, errors in curves.items() if len(errors)]
    for number, (name, errors) in enumerate(drawn):
        colour, dashes = paint[number % len(paint)]
        shares = np.searchsorted(np.sort(errors), at, side="right") / len(errors)
        xs, ys = left + width * at / THRESHOLD, top + height * (1 - shares)
        line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
        if number == 0:
            parts.append(f'<path d="{line}V{top + height}H{left}Z" fill="var({colour})" fill-opacity=".12"/>')
        stroke = f'fill="none" stroke="var({colour})" stroke-width="{2.5 if number == 0 else 1.5}"'
        stroke += f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<path d="{line}" {stroke}/>')
        x, y = left + width + 20, top + 12 + 24 * number
        parts.append(f'<path d="M{x} {y}h28" {stroke}/><text x="{x + 36}" y="{y + 4}">{html.escape(name)}</text>')
    parts.append(f'<text x="{left + width / 2}" y="{top + height + 42}" text-anchor="middle">error of a face</text>')
    label = "Cumulative error: share of faces over their error"
    box = f"0 0 {left + width + legend} {top + height + 54}"
    return f'<svg viewBox="{box}" role="img" aria-label="{label}"><title>{label}</title>{"".join(parts)}</svg>'


def _regions(result: Evaluation) -> str:
    top = max((one.nme for one in result.regions.values() if np.isfinite(one.nme)), default=0.0)
    rows = []
    for name, one in result.regions.items():
        share = 100 * one.nme / top if top > 0 else 0.0
        bar = f'<td class="bar"><i style="width:{share:.0f}%"></i></td>' if np.isfinite(share) else "<td></td>"
        rows.append(f'<tr><th scope="row">{name}</th>{bar}{_cells(one)}</tr>')
    return _table(("region", "", *_SCORES), rows)


def _openings(result: Evaluation) -> str:
    rows = [
        f'<tr><th scope="row">{name}</th><td>{_number(one.error)}</td><td>{one.bias:+.2f}</td>'
        f"<td>{_number(one.correlation, 3)}</td></tr>"
        for name, one in result.openings.items()
    ]
    caption = "Openings, in percent of the inter-ocular distance; a bias below 0 means found too closed."
    return _table(("opening", "error %", "bias %", "correlation"), rows, caption=caption)


def _groups(result: Evaluation) -> list[str]:
    sections = []
    for kind, title in _KINDS.items():
        rows = [row for row in result.rows if row.kind == kind]
        if rows:
            columns = ("", *_SCORES, "profiles", "NME % with them")
            sections.append(_section(title, _table(columns, [_group_row(row) for row in rows])))
    return sections


def _group_row(row: Row) -> str:
    name = html.escape(row.name.replace("_", " "))
    more = f"<td>{row.profiles}</td><td>{_number(row.every.nme)}</td>"
    return f'<tr><th scope="row">{name}</th>{_cells(row.fair)}{more}</tr>'


def _published(result: Evaluation) -> str:
    one = score(result.errors(result.main))
    numbers = f"<td>{_number(one.nme)}</td><td>{_number(one.fr10)}</td><td>{_number(one.auc10, 4)}</td>"
    mine = (
        f'<tr class="mine"><th scope="row">this detector</th><td class="text">{html.escape(result.detector)}</td>'
        f'{numbers}<td class="text">{html.escape(result.data.name)}, {MEASURES[result.main]}</td></tr>'
    )
    tables = []
    for title, methods in PUBLISHED.items():
        rows = [
            f'<tr><th scope="row">{name}</th><td class="text">{backbone}</td><td>{nme:.2f}</td><td>{fr:.2f}</td>'
            f'<td>{auc:.4f}</td><td class="text soft">{OTHER_DATA}</td></tr>'
            for name, backbone, nme, fr, auc in methods
        ]
        tables.append(_table(("", "backbone", "NME %", "FR10 %", "AUC10", "on"), [mine, *rows], caption=title))
    note = (
        "The paper's figures are of its own test set, FLSC, which is not public: they are no ranking against this one."
    )
    return f'<p class="soft">{note}</p>{"<br>".join(tables)}'


def _worst(result: Evaluation) -> list[str]:
    key = (
        '<p class="key"><i style="background:#46eb5a"></i>truth<i style="background:#46beff"></i>found'
        f'<i style="background:#ff2d2d"></i>found, off by more than {OFF_PX:g} px of a {OF_CROP_PX:g} px crop</p>'
    )
    sections = []
    if worst := result.worst(WORST):
        sections.append(_section(f"The worst faces ({len(worst)})", key + sheet(result, worst)))
    if side := result.worst(WORST_PROFILES, profiles=True):
        note = '<p class="soft">By their error over the box.</p>'
        sections.append(_section(f"The worst profiles ({len(side)})", note + key + sheet(result, side)))
    return sections


def _legend() -> str:
    threshold, share = f"{100 * THRESHOLD:g} %", f"{100 * PROFILE_SHARE:g} %"
    return (
        "<p>The error of a face is the mean distance of its found from its true points over the distance of the true "
        "outer eye corners (points 60 and 72 of 98, 36 and 45 of 68). NME is its mean over faces. FR10 is the share of "
        f"faces above {threshold}; AUC10 the area under the cumulative curve up to there, 1 at best. Faces whose eye "
        f"corners are closer than {share} of the crop's side are profiles: they are counted apart. Where the truth has "
        "68 points, the found 98 are converted; contours and brows of the two layouts are defined differently, so the "
        "inner 51 are the fair figure. An opening is the mean distance of opposite lid points, or of the middle of the "
        "inner lips.</p>"
    )
