"""The character sheet: one picture that shows who a built-in character is and what its face can do."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sfp_core.heads.expressions import EXPRESSION_NAMES, LIDS, MOUTHS, VISEMES, blended, expression, gaze
from sfp_core.render.beauty import render_beauty
from sfp_core.render.camera import Camera, rotation_from_degrees
from sfp_core.render.shade import Background
from sfp_core.rigs.procedural import LAYERS, ProceduralCharacter, described

# Places and sides are in columns: the sheet is COLUMNS wide and ROWS high.
COLUMNS, ROWS = 16.0, 15.4
_MARGIN, _GAP, _LABEL = 0.30, 0.14, 0.34
_TOP = 1.35  # below the title
_FACE = 2.41  # side of a face
_PORTRAIT = 2 * _FACE + _LABEL
_IN_A_ROW = 10  # lip shapes
_LIPS_FRAME, _LEAST_MOUTH = 0.85, 0.5  # half the side of a lip shape's picture in widths of the mouth; head units
_YAWS_DEG = (-90.0, -60.0, -30.0, 0.0, 30.0, 60.0, 90.0, 180.0)
_INK, _FAINT, _PAPER = (50, 48, 54), (118, 114, 120), (244, 242, 238)
_CORNER = 0.06  # radius, share of a tile's side
_BACKDROP_SHARE = 0.22  # of the character's own colour in the grey behind it

# Faces beside the seven.
_MORE: dict[str, Mapping[str, float]] = {
    "laughing": blended([(expression("happy", "extreme"), 1.0), (MOUTHS["laugh"], 0.6)]),
    "furious": expression("angry", "extreme"),
    "heartbroken": expression("sad", "extreme"),
    "terrified": expression("afraid", "extreme"),
    "wink": blended([(LIDS["wink_left"], 1.0), ({"mouthSmileLeft": 0.6, "mouthSmileRight": 0.5}, 1.0)]),
    "aside": blended([(gaze(0.9, 0.3), 1.0), (MOUTHS["aside"], 0.6), ({"browOuterUpLeft": 0.8}, 1.0)]),
    "kiss": blended([(MOUTHS["kiss"], 1.0), (LIDS["blink"], 1.0)]),
    "tongue": blended([(MOUTHS["tongue_out"], 1.0), (expression("happy", "slight"), 1.0)]),
}

# How the cast looks at the viewer, in turn.
_CAST_FACES: tuple[Mapping[str, float], ...] = (
    expression("happy", "slight"),
    {},
    blended([(expression("happy", "clear"), 0.8)]),
    {"mouthSmileLeft": 0.6, "browOuterUpLeft": 0.6},
)


@dataclass(frozen=True)
class _Tile:
    """One picture: where it stands, in columns, and what it shows.

    `lips` is whether the mouth is shown closely instead of the whole head.
    """

    x: float
    y: float
    side: float
    label: str
    strengths: Mapping[str, float] = field(default_factory=dict)
    yaw_deg: float = 0.0
    lips: bool = False


def sheet_height(width: int) -> int:
    """Height of a sheet of this width, pixels."""
    return round(width * ROWS / COLUMNS)


def character_sheet(character: ProceduralCharacter, *, width: int = 1600) -> np.ndarray:
    """Title, the face at rest, the seven expressions and more, lip shapes, and a turntable.

    Parameters
    ----------
    width : int
        Pixels; the height follows by `sheet_height`.

    Returns
    -------
    (height, width, 3) uint8 RGB
        The same character and width give the same bytes.
    """
    scale = width / COLUMNS
    canvas = Image.new("RGB", (width, sheet_height(width)), _PAPER)
    pen = ImageDraw.Draw(canvas)
    pen.text((_MARGIN * scale, 0.24 * scale), character.name.capitalize(), fill=_INK, font=_font(0.62 * scale))
    pen.text((_MARGIN * scale, 0.95 * scale), described(character.name), fill=_FAINT, font=_font(0.24 * scale))
    layers = ", ".join(f"{len(layer.rig('any').names)} ({name})" for name, layer in LAYERS.items())
    at = ((COLUMNS - _MARGIN) * scale, 0.95 * scale)
    pen.text(at, f"controllers: {layers}", fill=_FAINT, font=_font(0.24 * scale), anchor="ra")
    backdrop = _backdrop(character)
    for tile in _tiles():
        side = max(round(tile.side * scale), 4)
        corner = (round(tile.x * scale), round(tile.y * scale))
        canvas.paste(Image.fromarray(_drawn(character, tile, side, backdrop)), corner, _rounded(side))
        below = ((tile.x + tile.side / 2) * scale, (tile.y + tile.side + 0.04) * scale)
        pen.text(below, tile.label, fill=_FAINT, font=_font(0.19 * scale), anchor="ma")
    return np.asarray(canvas)


def cast_sheet(names: Sequence[str], *, width: int = 1600, columns: int = 6) -> np.ndarray:
    """Characters side by side, each with its name and what it is; (height, width, 3) uint8 RGB."""
    scale = width / COLUMNS
    side = (COLUMNS - 2 * _MARGIN - (columns - 1) * _GAP) / columns
    step = side + 2.2 * _LABEL
    rows = -(-len(names) // columns)
    canvas = Image.new("RGB", (width, round((2 * _MARGIN + rows * step) * scale)), _PAPER)
    pen = ImageDraw.Draw(canvas)
    for place, name in enumerate(names):
        character = ProceduralCharacter.named(name)
        x, y = _MARGIN + (place % columns) * (side + _GAP), _MARGIN + (place // columns) * step
        yaw_deg = (-18.0, 14.0)[place % 2]
        tile = _Tile(x, y, side, name.capitalize(), _CAST_FACES[place % len(_CAST_FACES)], yaw_deg=yaw_deg)
        pixels = max(round(side * scale), 4)
        picture = Image.fromarray(_drawn(character, tile, pixels, _backdrop(character)))
        canvas.paste(picture, (round(x * scale), round(y * scale)), _rounded(pixels))
        middle = (x + side / 2) * scale
        pen.text((middle, (y + side + 0.06) * scale), tile.label, fill=_INK, font=_font(0.26 * scale), anchor="ma")
        about = textwrap.wrap(described(name), round(15 * side))
        for line, words in enumerate(about[:2]):
            at = (middle, (y + side + 0.36 + 0.18 * line) * scale)
            pen.text(at, words, fill=_FAINT, font=_font(0.14 * scale), anchor="ma")
    return np.asarray(canvas)


def _tiles() -> list[_Tile]:
    right = _MARGIN + _PORTRAIT + 0.16
    seven = [(name, expression(name)) for name in EXPRESSION_NAMES if name != "neutral"]
    faces: list[tuple[str, Mapping[str, float]]] = [*seven, *_MORE.items()]
    tiles = [_Tile(_MARGIN, _TOP, _PORTRAIT, "neutral")]
    for row, shown in enumerate((faces[:4], faces[4:8], faces[8:])):
        y = _TOP + row * (_FACE + _LABEL)
        places = [right + column * (_FACE + _GAP) for column in range(4)]
        if row == 2:  # it runs on under the portrait
            places = [_MARGIN, _MARGIN + _FACE + _LABEL, *places]
        tiles += [_Tile(x, y, _FACE, name, face) for x, (name, face) in zip(places, shown, strict=True)]
    y = _TOP + 3 * (_FACE + _LABEL) + 0.06
    side = _shared(_IN_A_ROW)
    for place, (name, face) in enumerate(VISEMES.items()):
        row, column = divmod(place, _IN_A_ROW)
        x = _MARGIN + column * (side + _GAP)
        tiles.append(_Tile(x, y + row * (side + _LABEL), side, name, face, lips=True))
    y += -(-len(VISEMES) // _IN_A_ROW) * (side + _LABEL) + 0.06
    side = _shared(len(_YAWS_DEG))
    for column, yaw_deg in enumerate(_YAWS_DEG):
        tiles.append(_Tile(_MARGIN + column * (side + _GAP), y, side, f"{yaw_deg:.0f}°", yaw_deg=yaw_deg))
    return tiles


def _shared(count: int) -> float:
    """Side of each of `count` tiles that fill a row."""
    return (COLUMNS - 2 * _MARGIN - (count - 1) * _GAP) / count


def _drawn(character: ProceduralCharacter, tile: _Tile, side: int, backdrop: Background) -> np.ndarray:
    camera = character.camera((0.0, tile.yaw_deg, 0.0))
    if tile.lips:
        mouth = character.head.neutral.vertices[character.head.base.mouth[0]]
        half = max(np.ptp(mouth[:, 0]), _LEAST_MOUTH) * _LIPS_FRAME
        fov_deg = float(np.rad2deg(2 * np.arctan(half / camera.distance)))
        middle = mouth.mean(axis=0) - (0.0, 0.2 * half, 0.0)
        camera = Camera(middle, rotation_from_degrees(0.0, 20.0, 0.0), fov_deg, camera.distance)
    mesh = character.head.pose(tile.strengths).mesh()
    return render_beauty(mesh, camera, width=side, height=side, supersample=3, background=backdrop)


def _backdrop(character: ProceduralCharacter) -> Background:
    """Two greys with a little of the opposite of the character's skin, so that it stands out."""
    skin = np.asarray(character.identity.look.skin)
    own = np.clip(1.0 - skin + (skin.mean() - 0.5), 0.0, 1.0)
    top, bottom = (grey * (1 - _BACKDROP_SHARE) + own * _BACKDROP_SHARE for grey in (0.90, 0.70))
    return _rgb(top), _rgb(bottom)


def _rgb(colour: Iterable[float]) -> tuple[float, float, float]:
    red, green, blue = (float(min(max(value, 0.0), 1.0)) for value in colour)
    return red, green, blue


def _rounded(side: int) -> Image.Image:
    """A tile's mask."""
    mask = Image.new("L", (4 * side, 4 * side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * side - 1, 4 * side - 1), radius=4 * side * _CORNER, fill=255)
    return mask.resize((side, side), Image.Resampling.LANCZOS)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(size, 4.0))
