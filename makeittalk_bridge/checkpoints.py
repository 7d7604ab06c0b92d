"""Reading a published checkpoint: tensors only, every one in its place, or one line that says what is wrong."""

import logging
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from makeittalk_bridge.autovc import AutoVC
from makeittalk_bridge.content import Content
from makeittalk_bridge.speaker import Speaker
from sfp_core.errors import SfpError

log = logging.getLogger(__name__)

Network = TypeVar("Network", bound=nn.Module)

_MOST_BYTES = 1 << 30  # with the state of an optimiser the published files have about 200 MB; a zip can promise more
_MOST_TENSORS = 1000  # the largest network has 118; a list of so many wrong names would help nobody
_PARALLEL = "module."  # what DataParallel writes before every name


@dataclass(frozen=True)
class Published(Generic[Network]):
    """One published checkpoint.

    Attributes
    ----------
    file : str
        Its name.
    key : str
        Where in it the network's tensors are.
    make : callable
        The network, without weights of any worth.
    left_out : str
        Tensors whose names begin so are passed over; empty for none.
    """

    file: str
    key: str
    make: Callable[[], Network]
    left_out: str = ""


AUTOVC = Published("ckpt_autovc.pth", "model", AutoVC)
CONTENT = Published("ckpt_content_branch.pth", "model_g_face_id", Content)
SPEAKER = Published("ckpt_speaker_branch.pth", "G", Speaker, left_out="comb_mlp.")


def load_network(path: Path, published: Published[Network], *, device: str | torch.device = "cpu") -> Network:
    """The network of a checkpoint, ready to be used (not to be trained).

    Nothing in the file is executed. Names that `DataParallel` wrote (`module.fc.0.weight`) are adapted, with a
    message in the log.

    Raises
    ------
    SfpError
        Not there, not a checkpoint, cut short, with code in it, or of another network; the message names every
        tensor that is missing, not expected, or of another shape.
    """
    path = Path(path)
    found = _without_prefix(path, _tensors(path, published))
    if published.left_out:
        found = {name: tensor for name, tensor in found.items() if not name.startswith(published.left_out)}
    with torch.device("meta"):  # no memory and no random numbers for what is replaced at once
        network = published.make()
    _refuse_misfits(path, published, expected=network.state_dict(), found=found)
    plain = {name: tensor.detach().to(network.state_dict()[name].dtype).clone() for name, tensor in found.items()}
    network.load_state_dict(plain, assign=True)
    return network.to(device).eval().requires_grad_(False)


def _tensors(path: Path, published: Published[Any]) -> Mapping[Any, Any]:
    """What stands under the key; its values may still be anything."""
    content = _content(path)
    if not isinstance(content, Mapping):
        raise SfpError(f"{path}: holds a {type(content).__name__}; expected a checkpoint with {published.key!r} in it")
    if published.key not in content:
        names = ", ".join(_printable(name) for name in list(content)[:10]) or "nothing"
        raise SfpError(
            f"{path}: no {published.key!r} in it, but {names}; expected MakeItTalk's {published.file}, fetch it again"
        )
    tensors = content[published.key]
    if not isinstance(tensors, Mapping) or len(tensors) > _MOST_TENSORS:
        what = f"{len(tensors)} tensors" if isinstance(tensors, Mapping) else f"a {type(tensors).__name__}"
        raise SfpError(f"{path}: {published.key}: holds {what}; expected the named tensors of {published.file}")
    return tensors


def _content(path: Path) -> Any:
    """The file's content, of tensors, numbers, text and containers of them."""
    if not path.is_file():
        raise SfpError(f"{path}: no such file; expected a checkpoint")
    try:
        size = path.stat().st_size
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                size = max(size, sum(entry.file_size for entry in archive.infolist()))
        if size > _MOST_BYTES:
            raise SfpError(f"{path}: {size / 1e6:.0f} MB; expected a checkpoint of MakeItTalk, at most 1000 MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of its own old formats, and before it refuses
            return torch.load(path, map_location="cpu", weights_only=True)
    except SfpError:
        raise
    except Exception as error:  # a damaged or hostile file fails in any way it likes
        reason = next(iter(str(error).strip().splitlines()), "")[:200] or type(error).__name__
        raise SfpError(
            f"{path}: not a checkpoint that can be read safely ({reason}); it may be cut short, of another program or "
            "have code in it; fetch it again"
        ) from error


def _without_prefix(path: Path, tensors: Mapping[Any, Any]) -> dict[str, Tensor]:
    named = {str(name): value for name, value in tensors.items()}
    if named and all(name.startswith(_PARALLEL) for name in named):
        log.warning("%s: its names begin with %r, as DataParallel writes them; taken off", path, _PARALLEL)
        return {name.removeprefix(_PARALLEL): value for name, value in named.items()}
    return named


def _refuse_misfits(
    path: Path, published: Published[Any], *, expected: Mapping[str, Tensor], found: Mapping[str, Any]
) -> None:
    missing = [name for name in expected if name not in found]
    extra = [_printable(name) for name in found if name not in expected]
    misfits = [
        f"{name} is {problem}"
        for name, wanted in expected.items()
        if name in found and (problem := _misfit(found[name], wanted))
    ]
    told = [
        f"{len(names)} {what}: {', '.join(names)}"
        for what, names in (("tensors missing", missing), ("not expected", extra), ("that do not fit", misfits))
        if names
    ]
    if told:
        raise SfpError(
            f"{path}: {published.key}: {'; '.join(told)}; expected the {len(expected)} of MakeItTalk's {published.file}"
        )


def _misfit(value: Any, wanted: Tensor) -> str:
    """What is wrong with one value; empty when nothing is."""
    if not isinstance(value, Tensor):
        return f"a {type(value).__name__}"
    if value.layout != torch.strided or value.device.type != "cpu":
        return f"a {value.layout} tensor on {value.device}"
    if value.shape != wanted.shape:
        return f"{_sides(value)}, not {_sides(wanted)}"
    if value.is_floating_point() != wanted.is_floating_point():
        return f"of {value.dtype}, not {wanted.dtype}"
    return "" if bool(torch.isfinite(value).all()) else "not finite"


def _sides(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "one number"


def _printable(name: Any) -> str:
    """A name from a stranger's file as a part of one line."""
    text = str(name)[:100]
    return text if text.isprintable() else repr(text)
