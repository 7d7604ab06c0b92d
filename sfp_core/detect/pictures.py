"""Any picture file as RGB bytes."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from sfp_core.errors import SfpError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".tga", ".avif", ".jfif")

_NOT_READ = (".heic", ".heif", ".jxl")  # pictures all the same: in a folder they are told of, not passed over
# How files begin that people take for pictures and Pillow cannot read: the offset and the bytes there.
_KINDS = (
    *(
        (kind, 4, b"ftyp" + brand)
        for kind, brands in (("HEIC", (b"hei", b"hev", b"mif", b"msf")), ("AVIF", (b"avi",)))
        for brand in brands
    ),
    *(("JPEG XL", 0, b"\xff\x0a"), ("JPEG XL", 4, b"JXL "), ("OpenEXR", 0, b"v/1\x01"), ("PDF", 0, b"%PDF")),
    *(("SVG", 0, b"<svg"), ("SVG", 0, b"<?xml"), ("Photoshop", 0, b"8BPS")),
)

_BEHIND_ALPHA = 128  # mid grey: neither a white nor a black line drawing vanishes on it


def pictures_in(folder: Path) -> list[Path]:
    """The picture files of a folder and the folders in it, by name; hidden ones and linked folders are passed over."""
    suffixes = (*SUFFIXES, *_NOT_READ)
    paths = (path for path in folder.rglob("*") if path.suffix.lower() in suffixes and not path.is_dir())
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def read_picture(path: Path) -> np.ndarray:
    """Read a picture file as (H, W, 3) uint8 RGB.

    Turned as its EXIF says; grey, palette, CMYK and 16-bit pictures are converted; what is transparent is laid over
    mid grey; of a film the first picture is taken.

    Raises
    ------
    SfpError
        No such file, empty, no picture, or cut short.
    """
    path = Path(path)
    if not path.is_file():
        raise SfpError(f"{path}: no such picture file")
    if path.stat().st_size == 0:
        raise SfpError(f"{path}: the file is empty; expected a picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd EXIF blocks and of pictures above 89 megapixels
            with Image.open(path) as image:
                image.load()
                return _rgb(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        kind = _kind(path)
        if kind:
            raise SfpError(f"{path}: is {kind}, which is not read here; save it as .png or .jpg first") from error
        raise SfpError(f"{path}: not a picture that can be read; expected one of {' '.join(SUFFIXES)}") from error
    except Image.DecompressionBombError as error:
        raise SfpError(f"{path}: too large to be read safely ({error}); make it smaller first") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow's readers raise on broken files
        raise SfpError(f"{path}: the picture is broken ({error})") from error


def _kind(path: Path) -> str:
    """What a file seems to be that Pillow does not know; empty where it seems to be nothing."""
    with path.open("rb") as stream:
        start = stream.read(16)
    return next((kind for kind, offset, sign in _KINDS if start[offset : offset + len(sign)] == sign), "")


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode.startswith(("I", "F")):  # 16 and 32 bits a channel: Pillow's convert() would clip them
        values = np.asarray(image, dtype=np.float64)
        top = 65535.0 if image.mode.startswith("I;16") or values.max() > 255 else 255.0
        if image.mode == "F" and values.max() <= 1.0:
            top = 1.0
        grey = np.clip(values / top * 255.0, 0, 255).round().astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        behind = Image.new("RGBA", image.size, (_BEHIND_ALPHA,) * 3 + (255,))
        image = Image.alpha_composite(behind, image.convert("RGBA"))
    return np.array(image.convert("RGB"))
