"""USD: a take as blend shape animation (UsdSkel) and as one spline for every controller.

This module decides what goes where and needs nothing; `usd_stage` writes it with usd-core, an optional extra.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Channel, Take, flattened
from sfp_core.errors import SfpError
from sfp_core.formats.maya_names import TRANSFORM_ATTRIBUTES, is_namespace, short_attribute
from sfp_core.rigs.vocabulary.arkit import ARKIT

SUFFIXES = (".usda", ".usdc", ".usd")


@dataclass(frozen=True)
class Control:
    """A controller as an attribute.

    Attributes
    ----------
    name : str
        Of the attribute: `jaw:ty` for the controller `jaw.ty`.
    """

    name: str
    channel: Channel


@dataclass(frozen=True, eq=False)
class Shapes:
    """The controllers that are blend shapes.

    Attributes
    ----------
    names, controllers : tuple of str
        K names as a mesh would have them, and which controllers these are.
    weights : (T, K) float32
    """

    names: tuple[str, ...]
    controllers: tuple[str, ...]
    weights: np.ndarray


def write_usd(
    path: Path, take: Take, *, start_frame: int = 0, namespace: str | None = None, splines: bool = True
) -> Path:
    """Write a take as a USD stage.

    Layers are merged. Time codes are frames. Controllers that are blend shapes (see `blend_shapes`) are on a
    `SkelAnimation` with a sample for every frame; all controllers are `double` attributes with the curve itself.

    Parameters
    ----------
    path : Path
        Ends in .usda (text), .usdc or .usd (binary).
    start_frame : int
        The time code on which frame 0 of the take falls.
    namespace : str, optional
        Before the names of the attributes: `"mery"` makes `mery:jaw:ty`.
    splines : bool
        Curves as splines, exact between frames too. Programs with a USD older than 24.11 cannot open a file that has
        any; without, the attributes have a sample for every frame.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    SfpError
        usd-core is not installed, another suffix, an illegal namespace, or a file that cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise SfpError(f"{path}: expected a file that ends in {', '.join(SUFFIXES)}")
    if namespace is not None and not is_namespace(namespace):
        raise SfpError(f"{path}: namespace {namespace!r}; expected letters, digits and _, with : between two")
    try:
        from sfp_core.formats.usd_stage import write_stage
    except ImportError as error:
        raise SfpError(f'{path}: writing USD needs usd-core; pip install "stylized-face-point[usd]"') from error
    take = flattened(take)
    write_stage(path, take, controls(take, namespace), blend_shapes(take), start_frame=start_frame, splines=splines)
    return path


def controls(take: Take, namespace: str | None = None) -> tuple[Control, ...]:
    """An attribute for every controller, no name twice."""
    prefix = f"{namespace}:" if namespace else ""
    wished = [
        prefix + ":".join(identifier(part) for part in channel.controller.split(".")) for channel in take.channels
    ]
    return tuple(Control(name, channel) for name, channel in zip(unique(wished), take.channels, strict=True))


def blend_shapes(take: Take) -> Shapes:
    """The controllers of a take without layers that are blend shapes, and their weights at every frame.

    Those that go from 0 to 1 and are no angle, translation or scale, and those with a name of ARKit's. A shape is
    called as what stands behind the controller's last dot, and by the whole name where two would be called the same.
    """
    found = [channel for channel in take.channels if _is_shape(channel)]
    frames = np.arange(take.frames, dtype=np.float64)
    weights = np.empty((take.frames, len(found)), dtype=np.float32)
    for column, channel in enumerate(found):
        values = evaluate(channel.keys, frames, take.fps) if channel.keys.count else channel.neutral
        weights[:, column] = np.clip(values, *channel.limits)
    short = [channel.controller.rpartition(".")[2] for channel in found]
    often = Counter(short)
    wished = [
        identifier(name if often[name] == 1 else channel.controller) for name, channel in zip(short, found, strict=True)
    ]
    return Shapes(tuple(unique(wished)), tuple(channel.controller for channel in found), weights)


def _is_shape(channel: Channel) -> bool:
    if channel.unit == "angle_deg" or short_attribute(channel.controller.rpartition(".")[2]) in TRANSFORM_ATTRIBUTES:
        return False
    return channel.limits == (0.0, 1.0) or ARKIT.word_of(channel.controller) is not None


def identifier(text: str) -> str:
    """A name of ASCII letters, digits and `_`, as `Tf.MakeValidIdentifier` makes it, which every USD reads."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return f"_{name[1:]}" if not name or name[0].isdigit() else name


def unique(names: Sequence[str]) -> list[str]:
    """The same names, those that were there before with a number behind."""
    made: dict[str, None] = {}
    for name in names:
        own, number = name, 1
        while own in made:
            number += 1
            own = f"{name}_{number}"
        made[own] = None
    return list(made)
