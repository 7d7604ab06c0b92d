"""A user's MakeItTalk folder: where its files are, and reading those that are text."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from makeittalk_bridge.autovc import MEL_BANDS, VOICE_SIZE
from makeittalk_bridge.checkpoints import AUTOVC, CONTENT, SPEAKER
from sfp_core.errors import SfpError

_CHECKPOINTS, _VOICES, _STATISTICS = "examples/ckpt", "src/autovc/retrain_version", "src/dataset/utils"
# Name and the folder of a checkout in which it is; early checkouts have no `src`.
_PLACES = {
    AUTOVC.file: _CHECKPOINTS,
    CONTENT.file: _CHECKPOINTS,
    SPEAKER.file: _CHECKPOINTS,
    "obama_emb.txt": _VOICES,
    "STD_FACE_LANDMARKS.txt": _STATISTICS,
    "MEAN_STD_AUTOVC_RETRAIN_MEL_AU.txt": _STATISTICS,
}
_LARGEST_TEXT = 1 << 20  # bytes; the largest of them has some 6000

_SOURCE = (
    "they are described in the README of https://github.com/yzhou359/MakeItTalk and their licence is CC BY-NC 4.0 (not "
    "for commercial use); --engine speech needs none of them"
)


@dataclass(frozen=True)
class Files:
    """Where the six files are."""

    autovc: Path
    content: Path
    speaker: Path
    target_voice: Path
    standard_face: Path
    statistics: Path


def find_files(folder: Path) -> Files:
    """The six files in a checkout of MakeItTalk or in a flat folder.

    Raises
    ------
    SfpError
        No such folder, or files missing: all of them are named, and where people get them.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise SfpError(
            f"{folder}: no such folder; expected MakeItTalk's checkout or a folder with {_wanted()}; {_SOURCE}"
        )
    found = {name: _place(folder, name, inside) for name, inside in _PLACES.items()}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise SfpError(
            f"{folder}: missing {', '.join(missing)}; expected them there or where a checkout has them ("
            f"{_CHECKPOINTS}, {_VOICES}, {_STATISTICS}); {_SOURCE}"
        )
    return Files(*(path for path in found.values() if path is not None))


def _wanted() -> str:
    *most, last = _PLACES
    return f"{', '.join(most)} and {last}"


def _place(folder: Path, name: str, inside: str) -> Path | None:
    places = (folder / name, folder / inside / name, folder / inside.removeprefix("src/") / name)
    return next((place for place in places if place.is_file()), None)


def read_voice(path: Path) -> np.ndarray:
    """The (256,) float32 numbers of a voice, from a text file such as `obama_emb.txt`, or from `.npy`."""
    if Path(path).suffix.lower() != ".npy":
        return _numbers(path, (VOICE_SIZE,)).astype(np.float32)
    try:
        voice = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise SfpError(f"{path}: not numbers that can be read; expected the {VOICE_SIZE} numbers of a voice") from error
    return checked_voice(voice, where=str(path))


def checked_voice(voice: np.ndarray, *, where: str) -> np.ndarray:
    """(256,) float32. Raises SfpError, naming `where`, for anything else."""
    array = np.asarray(voice)
    if array.size != VOICE_SIZE or array.dtype.kind not in "fiu":
        raise SfpError(f"{where}: {array.shape} of {array.dtype}; expected the {VOICE_SIZE} numbers of a voice")
    flat = array.reshape(VOICE_SIZE).astype(np.float32)
    if not np.isfinite(flat).all():
        raise SfpError(f"{where}: some numbers are not finite; expected the {VOICE_SIZE} numbers of a voice")
    return flat


def read_standard_face(path: Path) -> np.ndarray:
    """(68, 3) float64, as in `STD_FACE_LANDMARKS.txt`; a template takes its depth from here, times 0.1."""
    return _numbers(path, (68, 3))


def read_statistics(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Means and deviations of the 80 mel bands, (80,) float32 each: `MEAN_STD_AUTOVC_RETRAIN_MEL_AU.txt`."""
    means, deviations = _numbers(path, (2, MEL_BANDS)).astype(np.float32)
    if not (deviations > 0).all():
        raise SfpError(f"{path}: numbers 81 to 160 are deviations, but some are not above 0; fetch the file again")
    return means, deviations


def _numbers(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The finite numbers of a text file, in its order."""
    path = Path(path)
    count = int(np.prod(shape))
    try:
        if path.stat().st_size > _LARGEST_TEXT:
            raise SfpError(f"{path}: {path.stat().st_size} bytes; expected a text file with {count} numbers")
        numbers = np.array([float(word) for word in path.read_text(encoding="utf-8").split()])
    except OSError as error:
        raise SfpError(f"{path}: cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise SfpError(f"{path}: not a text file of numbers ({error}); expected {count} numbers") from error
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise SfpError(f"{path}: {len(numbers)} numbers, not all finite or not {count}; expected {count} numbers")
    return numbers.reshape(shape)
