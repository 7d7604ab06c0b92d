"""Reading picture files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfp_core.detect.pictures import read_picture
from sfp_core.errors import SfpError

RGB = np.random.default_rng(4).integers(0, 256, (7, 5, 3)).astype(np.uint8)
GREY = RGB[..., 0]


def test_rgb_bytes_come_back(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, RGB)


def test_grey_in_all_depths_is_the_same_grey(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "8.png")
    Image.fromarray(GREY.astype(np.uint16) * 257).save(tmp_path / "16.png")
    Image.fromarray(GREY.astype(np.float32) / 255).save(tmp_path / "f.tif")
    Image.fromarray(GREY).convert("P").save(tmp_path / "p.png")
    Image.fromarray(GREY > 127).save(tmp_path / "1.png")
    for name in ("8.png", "16.png", "f.tif", "p.png"):
        assert np.array_equal(read_picture(tmp_path / name), np.repeat(GREY[..., None], 3, 2)), name
    assert np.array_equal(read_picture(tmp_path / "1.png")[..., 1] == 255, GREY > 127)


def test_what_is_transparent_is_laid_over_mid_grey(tmp_path: Path) -> None:
    alpha = np.zeros((7, 5), np.uint8)
    alpha[0], alpha[1] = 255, 128
    Image.fromarray(np.dstack([RGB, alpha])).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png").astype(int)
    assert np.array_equal(picture[0], RGB[0])
    assert np.abs(picture[1] - (RGB[1].astype(int) + 128) / 2).max() <= 1
    assert (picture[2:] == 128).all()


def test_exif_turns_the_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned a quarter clockwise
    Image.fromarray(RGB).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_picture(tmp_path / "a.png"), np.rot90(RGB, -1))


def test_cmyk_is_read(tmp_path: Path) -> None:
    flat = np.full((16, 16, 3), (200, 30, 90), np.uint8)
    Image.fromarray(flat).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_picture(tmp_path / "a.jpg").astype(int) - flat).max() <= 6  # JPEG rounds


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "the file is empty"), (b"hello, I am a text\n" * 9, "not a picture"), (None, "no such picture file")],
    ids=["empty", "text", "missing"],
)
def test_files_that_are_no_pictures_are_told_in_one_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SfpError, match=rf"a\.png: {told}") as caught:
        read_picture(path)
    assert "\n" not in str(caught.value)


def test_a_picture_cut_short_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    for name in ("a.png", "a.jpg", "a.webp"):
        Image.fromarray(noise).save(tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(SfpError, match=r"broken|not a picture"):
            read_picture(tmp_path / name)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no such picture file"):
        read_picture(tmp_path)
