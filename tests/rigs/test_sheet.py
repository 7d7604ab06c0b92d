"""The character sheet: its size, that it is the same again, that its tiles show what they say."""

import numpy as np
import pytest

from sfp_core.heads.expressions import EXPRESSION_NAMES, VISEMES
from sfp_core.rigs import sheet
from sfp_core.rigs.procedural import ProceduralCharacter


@pytest.fixture(scope="module")
def toon() -> ProceduralCharacter:
    return ProceduralCharacter.named("toon")


def test_a_sheet_has_its_size_and_is_the_same_again(toon: ProceduralCharacter) -> None:
    first, again = (sheet.character_sheet(toon, width=320) for _ in range(2))
    assert first.shape == (sheet.sheet_height(320), 320, 3)
    assert first.dtype == np.uint8
    assert first.tobytes() == again.tobytes()


def test_a_sheet_shows_the_seven_all_lip_shapes_and_the_head_all_around() -> None:
    labels = [tile.label for tile in sheet._tiles()]
    assert {*EXPRESSION_NAMES, *VISEMES} <= set(labels)
    assert sum(label.endswith("°") for label in labels) == 8
    assert len(labels) == len(set(labels))


def test_tiles_lie_on_the_sheet_and_do_not_overlap() -> None:
    tiles = sheet._tiles()
    for index, tile in enumerate(tiles):
        assert tile.x >= 0 and tile.x + tile.side <= sheet.COLUMNS and tile.y + tile.side <= sheet.ROWS - 0.3
        for other in tiles[:index]:
            beside = tile.x >= other.x + other.side or other.x >= tile.x + tile.side
            assert beside or tile.y >= other.y + other.side or other.y >= tile.y + tile.side


def test_every_tile_holds_a_picture_of_its_own(toon: ProceduralCharacter) -> None:
    width = 640
    drawn, scale = sheet.character_sheet(toon, width=width).astype(int), width / sheet.COLUMNS
    pictures = []
    for tile in sheet._tiles():
        left, top, side = (round(value * scale) for value in (tile.x, tile.y, tile.side))
        pictures.append(drawn[top : top + side, left : left + side])
    for index, picture in enumerate(pictures):
        assert picture.std() > 15
        for other in pictures[:index]:
            if other.shape == picture.shape:
                assert np.abs(picture - other).max() > 20
