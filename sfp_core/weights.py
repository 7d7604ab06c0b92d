"""Reading and writing weights: safetensors files with everything needed to use them in their metadata."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.files import written_whole

FORMAT = "sfp.weights"
VERSION = 1


def read_weights(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors and metadata of a weights file; nothing in it is executed.

    Returns
    -------
    tensors : dict of str to array
        As stored; float16 stays float16.
    metadata : dict of str to str
        Without the `format` and `version` of the file itself.

    Raises
    ------
    SfpError
        Not there, not safetensors, cut short, not written by this project, or by a newer version of it.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise SfpError(f"{path}: no such weights file") from error
    except OSError as error:
        raise SfpError(f"{path}: cannot be read ({error.strerror or error})") from error
    return weights_from_bytes(content, where=str(path))


def weights_from_bytes(content: bytes, *, where: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """As `read_weights`, from what is in memory already; errors name `where`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        metadata = {str(key): str(value) for key, value in header.get("__metadata__", {}).items()}
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise SfpError(f"{where}: not a whole safetensors file ({error}); fetch or make it again") from error
    if metadata.get("format") != FORMAT:
        raise SfpError(f"{where}: format is {metadata.get('format')!r}; expected {FORMAT!r}, weights of this project")
    version = metadata.get("version", "")
    if not version.isdigit() or int(version) < 1:
        raise SfpError(f"{where}: version is {version!r}; expected a whole number from 1 to {VERSION}")
    if int(version) > VERSION:
        raise SfpError(
            f"{where}: {FORMAT} version {version} is newer than this program reads ({VERSION}); "
            "update with: pip install -U stylized-face-point"
        )
    return tensors, {key: value for key, value in metadata.items() if key not in ("format", "version")}


def write_weights(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> None:
    """Write tensors and metadata whole; see `weights_to_bytes`.

    Raises
    ------
    SfpError
        A tensor with numbers that are not finite (float16 overflows at 65504), or a disk that refuses.
    """
    content = weights_to_bytes(tensors, metadata, where=str(path))
    with written_whole(path) as temporary:  # save_file() would replace the file by one that only its owner may read
        temporary.write_bytes(content)


def weights_to_bytes(tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str], *, where: str) -> bytes:
    """A weights file in memory; the same content gives the same bytes.

    safetensors leaves the order of the metadata to chance, so it is put in order here.

    Raises SfpError, naming `where`, for a tensor with numbers that are not finite.
    """
    from safetensors.numpy import save

    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise SfpError(f"{where}: tensor {name} has numbers that are not finite; nothing was written")
    contiguous = {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}
    content = save(contiguous, metadata={**metadata, "format": FORMAT, "version": str(VERSION)})
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    ordered = json.dumps(header, separators=(",", ":")).encode("utf-8")
    ordered += b" " * (-len(ordered) % 8)  # as safetensors aligns its data
    return len(ordered).to_bytes(8, "little") + ordered + content[end:]
