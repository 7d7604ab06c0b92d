"""Any picture file as RGB bytes."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from sfp_core.errors import SfpError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".tga")

_BEHIND_ALPHA = 128  # mid grey: neither a white nor a black line drawing vanishes on it


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
        raise SfpError(f"{path}: not a picture; expected one of {' '.join(SUFFIXES)}") from error
    except Image.DecompressionBombError as error:
        raise SfpError(f"{path}: too large to be read safely ({error}); make it smaller first") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow's readers raise on broken files
        raise SfpError(f"{path}: the picture is broken ({error})") from error


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
