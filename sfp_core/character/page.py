"""The frame of report pages: one self-contained HTML file."""

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

_STYLE = """
:root { --ink: #1d232b; --soft: #68727f; --line: #dfe3e8; --page: #f6f7f9; --card: #fff; --bad: #c92a2a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #98a3b0; --line: #333b45; --page: #14181d;
  --card: #1c2128; --bad: #ff8787; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 70rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.1rem; } p { max-width: 50rem; }
.soft, figcaption span { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; background: var(--card); }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; font-weight: normal; }
thead th { color: var(--soft); font-size: .85rem; } th:first-child, td:first-child { text-align: left; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .8rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
figure div { display: grid; grid-template-columns: 1fr 1fr; } figure img { display: block; width: 100%; height: auto; }
figcaption { padding: .4rem .6rem .6rem; font-size: .8rem; overflow-wrap: anywhere; }
"""


def page(title: str, about: str, sections: Sequence[tuple[str, str]]) -> str:
    """The page; `sections` are (title, HTML)."""
    parts = [f"<h1>{html.escape(title)}</h1>\n<p class='soft'>{html.escape(about)}</p>"]
    parts += [f"<section><h2>{html.escape(name)}</h2>\n{content}\n</section>" for name, content in sections]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n{chr(10).join(parts)}\n</body>\n</html>\n"
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, bad: Sequence[bool] = ()) -> str:
    """Rows of text under column names; rows marked `bad` stand out."""
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in columns)
    marks = list(bad) + [False] * (len(rows) - len(bad))
    body = "".join(
        "<tr>" + "".join(f"<td{' class=bad' if mark else ''}>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row, mark in zip(rows, marks, strict=True)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def paragraph(text: str) -> str:
    """Plain text."""
    return f"<p>{html.escape(text)}</p>"


def listed(entries: Sequence[str]) -> str:
    """A list of texts."""
    return "<ul>" + "".join(f"<li>{html.escape(entry)}</li>" for entry in entries) + "</ul>"


def sheet(figures: Sequence[str]) -> str:
    """Figures side by side."""
    return f"<div class='sheet'>{''.join(figures)}</div>"


def pair(left: np.ndarray, right: np.ndarray, caption: str) -> str:
    """A figure of two pictures (H, W, 3) uint8, the target and the result."""
    images = "".join(f"<img alt='{word}' src='{_embedded(p)}'>" for word, p in (("target", left), ("result", right)))
    return f"<figure><div>{images}</div><figcaption>{html.escape(caption)}</figcaption></figure>"


def _embedded(picture: np.ndarray) -> str:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
