"""Boxes of faces from maps; that the shipped weights know faces is checked at the end."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sfp_core.detect.finder import (
    SHIPPED_WEIGHTS,
    STRIDE_PX,
    Finder,
    FinderConfig,
    FinderNetwork,
    FoundFace,
    decode_boxes,
    letterboxed,
    overlap,
    tile_corners,
    without_repeats,
    write_finder,
)
from sfp_core.errors import SfpError


class Seeing(nn.Module):
    """Stands in for a trained network: it boxes the white rectangle on the canvas, if there is one."""

    config = FinderConfig()

    def forward(self, pictures: Tensor) -> Tensor:
        cells = pictures.shape[-1] // STRIDE_PX
        maps = torch.full((1, 5, cells, cells), -9.0)
        rows, columns = (pictures[0].amin(0) > 0.9).nonzero(as_tuple=True)
        if len(rows):
            x0, x1 = columns.min() / STRIDE_PX, (columns.max() + 1) / STRIDE_PX
            y0, y1 = rows.min() / STRIDE_PX, (rows.max() + 1) / STRIDE_PX
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            values = [torch.tensor(4.0), x - x.floor() - 0.5, y - y.floor() - 0.5, (x1 - x0).log(), (y1 - y0).log()]
            maps[0, :, int(y), int(x)] = torch.stack(values)
        return maps


@pytest.mark.parametrize("size", [(400, 300), (90, 250), (128, 128), (1000, 1700)], ids=str)
def test_boxes_are_given_in_the_picture_whatever_its_shape(size: tuple[int, int]) -> None:
    height, width = size
    picture = np.zeros((height, width, 3), np.uint8)
    x0, y0, x1, y1 = int(0.3 * width), int(0.2 * height), int(0.6 * width), int(0.8 * height)
    picture[y0:y1, x0:x1] = 255
    found = Finder(Seeing()).find(picture)  # type: ignore[arg-type]
    assert len(found) == 1  # both sizes see it, one answer is left
    tolerance = 1.5 * max(height, width) / 128  # a pixel of the smaller canvas, and its rounding
    assert np.abs(np.array(found[0].box) - (x0, y0, x1, y1)).max() < tolerance
    assert found[0].score == pytest.approx(torch.tensor(4.0).sigmoid().item())


@pytest.mark.parametrize(("height", "width"), [(1024, 9000), (3000, 4000), (2000, 2000)])
def test_a_face_too_small_for_the_whole_picture_is_found_in_a_tile(height: int, width: int) -> None:
    """A network that sees only what is 24 canvas pixels or larger."""

    class Coarse(Seeing):
        def forward(self, pictures: Tensor) -> Tensor:
            large = (pictures[0].amin(0) > 0.9).any(0).sum() >= 24
            return super().forward(pictures if large else torch.full_like(pictures, -1.0))

    picture = np.zeros((height, width, 3), np.uint8)
    x, y = int(0.61 * width), int(0.4 * height)
    picture[y : y + 130, x : x + 100] = 255
    found = Finder(Coarse()).find(picture)  # type: ignore[arg-type]
    assert len(found) == 1
    assert np.abs(np.array(found[0].box) - (x, y, x + 100, y + 130)).max() < 8  # a pixel of the canvas is 3 to 4


@pytest.mark.parametrize(("width", "height", "side"), [(1000, 1000, 500), (5000, 1, 640), (641, 1281, 640), (9, 9, 9)])
def test_tiles_cover_the_picture_and_share_half(width: int, height: int, side: int) -> None:
    corners = list(tile_corners(width, height, side))
    for length, starts in ((width, {x for x, _ in corners}), (height, {y for _, y in corners})):
        ordered = sorted(starts)
        assert ordered[0] == 0 and ordered[-1] == max(0, length - side)
        assert (np.diff(ordered) <= side / 2 + 1).all()


def test_a_picture_without_a_face_gives_no_box() -> None:
    assert Finder(Seeing()).find(np.zeros((50, 70, 3), np.uint8)) == []  # type: ignore[arg-type]


def test_a_wild_answer_stays_finite() -> None:
    maps = torch.full((1, 5, 4, 4), 1e6)
    assert torch.isfinite(decode_boxes(maps)[1]).all()


def test_the_letterbox_tells_the_way_back() -> None:
    picture = np.zeros((60, 200, 3), np.uint8)
    picture[30:36, 100:120] = 255
    canvas, scale, (left, top) = letterboxed(picture, long_px=100, canvas_px=128)
    assert canvas.shape == (128, 128, 3)
    assert (canvas[0] == 128).all()
    rows, columns = (canvas[..., 0] == 255).nonzero()
    assert ((columns.min() - left) / scale, (columns.max() + 1 - left) / scale) == (100, 120)
    assert ((rows.min() - top) / scale, (rows.max() + 1 - top) / scale) == (30, 36)


def test_of_boxes_for_one_face_the_most_certain_is_kept() -> None:
    inner, outer, other = (10, 10, 20, 20), (5, 5, 40, 40), (100, 0, 130, 30)
    faces = [FoundFace(inner, 0.6), FoundFace(outer, 0.9), FoundFace(other, 0.7)]
    assert [face.box for face in without_repeats(faces)] == [outer, other]
    assert overlap(inner, outer) == 1.0
    assert overlap(inner, other) == 0.0


def test_weights_come_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = FinderNetwork(FinderConfig(channels=(4, 4, 8, 8, 8), threshold=0.02)).eval()
    path = tmp_path / "f.safetensors"
    write_finder(path, network, {"steps": 1})
    loaded = Finder.load(path).network
    assert loaded.config == network.config
    pixels = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(loaded(pixels), network(pixels), atol=0.01)
    with pytest.raises(SfpError, match="no such weights file"):
        Finder.load(tmp_path / "none.safetensors")


def test_the_network_is_small() -> None:
    assert sum(p.numel() for p in FinderNetwork(FinderConfig()).parameters()) <= 300_000


@pytest.mark.parametrize("change", [{"channels": (4, 4)}, {"threshold": 1.5}], ids=["channels", "threshold"])
def test_sizes_that_do_not_fit_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(SfpError, match="finder: "):
        FinderConfig(**change)  # type: ignore[arg-type]


@pytest.mark.skipif(not SHIPPED_WEIGHTS.exists(), reason="the finder's weights are not in this checkout")
def test_shipped_weights_are_small_and_see_no_face_in_plain_pictures() -> None:
    assert SHIPPED_WEIGHTS.stat().st_size <= 1e6
    finder = Finder.load()
    grey = np.full((200, 300, 3), 90, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    slope = np.broadcast_to(np.linspace(0, 255, 300)[None, :, None], (200, 300, 3)).astype(np.uint8)
    for picture in (grey, noise, slope):
        assert finder.find(picture) == []
