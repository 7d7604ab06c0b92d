"""The data card of a data set: counts and distributions as Markdown, and contact sheets.

`python -m training.datacard DIR [--sheets FOLDER] [--readme training/README.md]`

Prints the card; writes faces.jpg (64 faces) and landmarks.jpg (the same with their landmarks: green seen, red hidden)
into the folder, DIR where none is given. With `--readme`, the card takes the place of the text between the two marks
`<!-- data card -->` and `<!-- end of data card -->` in that file.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from sfp_core.detect.crop import CropRegion
from sfp_core.errors import SfpError
from sfp_core.files import read_json, write_text, written_whole
from sfp_core.heads.expressions import EXPRESSION_NAMES
from training.annotations import FaceAnnotation, PictureAnnotation, read_annotations
from training.dataset import SPLITS
from training.faces.attributes import FLAGS
from training.faces.scene import RENDER

SHEET_FACES, SHEET_COLUMNS, TILE_PX = 64, 8, 160
_TILE_MARGIN = 1.5
_BAR = 30  # characters of the longest bar
_BEGIN, _END = "<!-- data card -->", "<!-- end of data card -->"
_SEEN, _HIDDEN = (60, 230, 60), (235, 50, 50)


def listed(pictures: Iterable[PictureAnnotation]) -> Iterator[tuple[PictureAnnotation, FaceAnnotation]]:
    """Faces that the lists have, with their pictures."""
    for picture in pictures:
        for face in picture.faces:
            if face.listed((picture.size[0], picture.size[1])):
                yield picture, face


def card(folder: Path) -> str:
    """The data card as Markdown.

    Raises
    ------
    SfpError
        The folder holds no whole data set.
    """
    recipe = read_json(folder / "recipe.json", format_name="sfp.faces", version=2)
    by_split = {split: read_annotations(folder / f"{split}.jsonl") for split in SPLITS}
    pictures = [picture for split in SPLITS for picture in by_split[split]]
    pairs = list(listed(pictures))
    if not pairs:
        raise SfpError(f"{folder}: no faces in it; expected a data set made by training.synth")
    faces = [face for _, face in pairs]
    parts = [
        f"Recipe `{recipe['recipe']}`, seed {recipe['seed']}, families {', '.join(recipe['families'])}, "
        f"{recipe['size']} px, {recipe['supersample'] ** 2} samples a pixel.",
        _splits_table(by_split),
        _shares("Family", Counter(face.family for face in faces)),
        _shares("Expression", Counter(face.expression for face in faces), order=EXPRESSION_NAMES),
        _shares("Look", Counter(picture.look for picture, _ in pairs)),
        _shares("Light", Counter(picture.light for picture, _ in pairs)),
        _shares("Background", Counter(picture.background for picture, _ in pairs)),
        _attributes(pairs),
        _distributions(faces),
        _histogram("Yaw, degrees", [face.head_deg[1] for face in faces], np.arange(-75, 76, 15)),
        _histogram("Eye opening (lids over eye width)", _eyes(faces), np.arange(0, 1.21, 0.1)),
        _histogram("Mouth opening (over the eye corners' distance)", _mouths(faces), np.arange(0, 1.01, 0.1)),
    ]
    return "\n\n".join(parts) + "\n"


def _eyes(faces: Sequence[FaceAnnotation]) -> list[float]:
    return [face.openings[name] for face in faces for name in ("eye_left", "eye_right")]


def _mouths(faces: Sequence[FaceAnnotation]) -> list[float]:
    return [face.openings["mouth"] for face in faces]


def _splits_table(by_split: dict[str, list[PictureAnnotation]]) -> str:
    lines = ["| split | pictures | faces | characters | faces a picture |", "|---|---|---|---|---|"]
    for split, pictures in by_split.items():
        faces = [face for _, face in listed(pictures)]
        who = {face.character for face in faces}
        ratio = len(faces) / max(len(pictures), 1)
        lines.append(f"| {split} | {len(pictures)} | {len(faces)} | {len(who)} | {ratio:.2f} |")
    return "\n".join(lines)


def _shares(title: str, counts: Counter[str], *, order: Sequence[str] = ()) -> str:
    total = sum(counts.values())
    names = [*order, *(name for name, _ in counts.most_common() if name not in order)]
    told = ", ".join(f"{name} {100 * counts[name] / total:.1f} %" for name in names)
    return f"**{title}**: {told}"


def _attributes(pairs: Sequence[tuple[PictureAnnotation, FaceAnnotation]]) -> str:
    """Shares of WFLW's attributes, and of what else makes a face hard."""
    count = len(pairs)
    flags = np.array([face.flags for _, face in pairs]).mean(axis=0)
    told = [f"{name.replace('_', '-')} {100 * share:.1f} %" for name, share in zip(FLAGS, flags, strict=True)]
    hidden = np.array([1 - face.visible.mean() for _, face in pairs])
    alone = sum(len(picture.faces) == 1 for picture, _ in pairs)
    drawn = sum(picture.look != RENDER for picture, _ in pairs)
    cut = sum(bool(((face.points < 0) | (face.points >= picture.size)).any()) for picture, face in pairs)
    return (
        f"**Attributes**: {', '.join(told)}; landmarks hidden or outside {100 * hidden.mean():.1f} %; drawn looks "
        f"{100 * drawn / count:.1f} %; cut by the frame {100 * cut / count:.1f} %; alone in the picture "
        f"{100 * alone / count:.1f} %"
    )


def _distributions(faces: Sequence[FaceAnnotation]) -> str:
    """Mean, spread and percentiles of the numbers."""
    angles = np.array([face.head_deg for face in faces])
    sides = np.array([max(face.box[2] - face.box[0], face.box[3] - face.box[1]) for face in faces])
    rows = {
        "pitch, degrees": angles[:, 0],
        "yaw, degrees": angles[:, 1],
        "roll, degrees": angles[:, 2],
        "eye opening": np.array(_eyes(faces)),
        "mouth opening": np.array(_mouths(faces)),
        "longer side of the box, px": sides,
    }
    lines = ["| | mean | std | 5 % | 50 % | 95 % |", "|---|---|---|---|---|---|"]
    for name, values in rows.items():
        numbers = [values.mean(), values.std(), *np.percentile(values, (5, 50, 95))]
        lines.append(f"| {name} | " + " | ".join(f"{number:.3g}" for number in numbers) + " |")
    return "\n".join(lines)


def _histogram(title: str, values: Sequence[float], edges: np.ndarray) -> str:
    """Bars of text; the last bar holds what lies beyond."""
    clipped = np.clip(np.asarray(values), edges[0], np.nextafter(edges[-1], edges[0]))
    counts = np.histogram(clipped, bins=edges)[0]
    lines = [f"{title}", ""]
    for low, high, number in zip(edges[:-1], edges[1:], counts, strict=True):
        bar = "#" * round(_BAR * number / counts.max())
        lines.append(f"    {low:6.2f} to {high:6.2f} {100 * number / len(values):5.1f} % {bar}".rstrip())
    return "\n".join(lines)


def contact_sheets(folder: Path) -> tuple[Image.Image, Image.Image]:
    """64 faces spread over the data set, without and with their landmarks."""
    pictures = [picture for split in SPLITS for picture in read_annotations(folder / f"{split}.jsonl")]
    pairs = list(listed(pictures))
    chosen = np.unique(np.linspace(0, len(pairs) - 1, min(SHEET_FACES, len(pairs))).round().astype(int))
    rows = -(-len(chosen) // SHEET_COLUMNS)
    sheets = [Image.new("RGB", (SHEET_COLUMNS * TILE_PX, rows * TILE_PX)) for _ in range(2)]
    for place, index in enumerate(chosen):
        picture, face = pairs[index]
        with Image.open(folder / "images" / picture.picture) as opened:
            pixels = np.asarray(opened.convert("RGB"))
        region = CropRegion.of_box(face.box, margin=_TILE_MARGIN)
        tile = Image.fromarray(region.cut(pixels, TILE_PX))
        at = (place % SHEET_COLUMNS * TILE_PX, place // SHEET_COLUMNS * TILE_PX)
        sheets[0].paste(tile, at)
        _dot(tile, region.to_crop(face.points, TILE_PX), face.visible)
        sheets[1].paste(tile, at)
    return sheets[0], sheets[1]


def _dot(tile: Image.Image, points: np.ndarray, visible: np.ndarray) -> None:
    """Draw landmarks into a tile."""
    draw = ImageDraw.Draw(tile)
    for (x, y), seen in zip(points, visible, strict=True):
        draw.ellipse((x - 1.2, y - 1.2, x + 1.2, y + 1.2), fill=_SEEN if seen else _HIDDEN)


def put_into(readme: Path, text: str) -> None:
    """Replace the data card of a Markdown file. Raises SfpError where its marks are missing."""
    try:
        page = readme.read_text(encoding="utf-8")
    except OSError as error:
        raise SfpError(f"{readme}: cannot be read ({error.strerror or error})") from error
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise SfpError(f"{readme}: no data card in it; expected the lines {_BEGIN} and {_END}")
    write_text(readme, f"{before}{_BEGIN}\n{text}{_END}{after}")


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a data set of training.synth")
    parser.add_argument("--sheets", type=Path, help="where faces.jpg and landmarks.jpg go (the data set's folder)")
    parser.add_argument("--readme", type=Path, help="Markdown file whose data card is replaced")
    options = parser.parse_args(arguments)
    try:
        text = card(options.folder)
        for name, sheet in zip(("faces.jpg", "landmarks.jpg"), contact_sheets(options.folder), strict=True):
            with written_whole((options.sheets or options.folder) / name) as temporary:
                sheet.save(temporary, quality=88)
        if options.readme is not None:
            put_into(options.readme, text)
    except SfpError as error:
        print(f"datacard: error: {error}", file=sys.stderr)
        return 1
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
