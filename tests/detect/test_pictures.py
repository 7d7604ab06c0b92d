"""Reading picture files."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sfp_core.detect.pictures import pictures_in, read_picture
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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture(tmp_path: Path, orientation: int) -> None:
    """EXIF 2.3, tag 274: where the stored row 0 and column 0 are in what is shown."""
    stored = {
        1: RGB,  # top, left
        2: RGB[:, ::-1],  # top, right
        3: RGB[::-1, ::-1],  # bottom, right
        4: RGB[::-1],  # bottom, left
        5: RGB.swapaxes(0, 1),  # left, top
        6: RGB.swapaxes(0, 1)[::-1],  # right, top
        7: RGB.swapaxes(0, 1)[::-1, ::-1],  # right, bottom
        8: RGB.swapaxes(0, 1)[:, ::-1],  # left, bottom
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_picture(tmp_path / "a.png"), RGB)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_of_moving_pictures_the_first_is_taken(tmp_path: Path, suffix: str) -> None:
    first, second = (Image.new("RGB", (8, 6), colour) for colour in ((200, 0, 0), (0, 200, 0)))
    first.save(tmp_path / f"a{suffix}", save_all=True, append_images=[second], duration=100)
    assert np.abs(read_picture(tmp_path / f"a{suffix}").astype(int) - (200, 0, 0)).max() < 6  # WebP rounds


def test_colour_in_16_bits_and_alpha_beside_grey(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "16.png"), RGB[..., ::-1].astype(np.uint16) * 257)
    assert np.array_equal(read_picture(tmp_path / "16.png"), RGB)
    Image.fromarray(np.dstack([GREY, np.full_like(GREY, 255)])).save(tmp_path / "la.png")
    assert np.array_equal(read_picture(tmp_path / "la.png"), np.repeat(GREY[..., None], 3, 2))


def test_cmyk_is_read(tmp_path: Path) -> None:
    flat = np.full((16, 16, 3), (200, 30, 90), np.uint8)
    Image.fromarray(flat).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_picture(tmp_path / "a.jpg").astype(int) - flat).max() <= 6  # JPEG rounds


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"hello, I am a text\n" * 9, "not a picture that can be read"),
        (None, "no such picture file"),
    ],
    ids=["empty", "text", "missing"],
)
def test_files_that_are_no_pictures_are_told_in_one_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SfpError, match=rf"a\.png: {told}") as caught:
        read_picture(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic", "HEIC"),
        ("renamed.jpg", b"\0\0\0\x18ftypmif1", "HEIC"),
        ("a.svg", b"<svg xmlns=", "SVG"),
        ("a.exr", b"v/1\x01\2\0\0\0", "OpenEXR"),
        ("a.pdf", b"%PDF-1.4", "PDF"),
    ],
)
def test_pictures_of_kinds_that_are_not_read_are_told_what_they_are(
    tmp_path: Path, name: str, start: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(start + bytes(300))
    with pytest.raises(SfpError, match=rf"{name}: is {kind}, which is not read here; save it as \.png or \.jpg first"):
        read_picture(tmp_path / name)


def test_a_folders_pictures_are_all_named_and_nothing_else(tmp_path: Path) -> None:
    """A photograph that cannot be read is not passed over; what a Mac leaves beside pictures is. Loops end."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "album.png").mkdir()
    (tmp_path / ".thumbs").mkdir()
    wanted = ["B.PNG", "a.heic", "broken link.png", "deep/er/ü n.jpg"]
    for name in ("B.PNG", "a.heic", "deep/er/ü n.jpg", "._B.PNG", ".thumbs/b.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    (tmp_path / "broken link.png").symlink_to(tmp_path / "gone.png")
    assert [path.relative_to(tmp_path).as_posix() for path in pictures_in(tmp_path)] == wanted


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
