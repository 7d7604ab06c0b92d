"""take.ma: a take as a Maya ASCII scene, with curve nodes and, where there is no rig, a group to carry them.

Keys are written in centimetres, degrees and frames; slopes of fixed tangents, as Maya does, as unit vectors in
seconds and internal units (centimetres, radians).
"""

import logging
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from sfp_core.curves.maya_curve import tangent_slopes
from sfp_core.curves.take import Channel, Take, flattened
from sfp_core.errors import SfpError
from sfp_core.files import written_whole
from sfp_core.formats.maya_names import (
    TANGENT_CODES,
    TRANSFORM_ATTRIBUTES,
    is_attribute,
    is_namespace,
    is_node_path,
    legal_name,
    own_attribute,
    quoted,
    short_attribute,
    time_unit,
)
from sfp_core.rig import Keys

log = logging.getLogger(__name__)

_LINE_WIDTH = 100
_CHUNK = 250  # keys to a setAttr, as Maya does


@dataclass(frozen=True)
class _Plug:
    """Where a channel goes in Maya."""

    channel: Channel
    node: str
    attribute: str

    @property
    def curve_type(self) -> str:
        return TRANSFORM_ATTRIBUTES.get(self.attribute, ("", "animCurveTU"))[1]

    @property
    def curve_name(self) -> str:
        long = TRANSFORM_ATTRIBUTES.get(self.attribute, (self.attribute, ""))[0]
        return legal_name(f"{self.node.rsplit('|', 1)[-1]}_{long}")


def write_maya_ascii(
    path: Path, take: Take, *, start_frame: int = 0, namespace: str | None = None, group: bool = True
) -> Path:
    """Write a take as a scene that Maya opens or imports.

    Layers are merged, since a plain curve has none. A rate that Maya has no word for is written in the next higher
    one it has, with keys between its frames: the timing is kept.

    Parameters
    ----------
    start_frame : int
        The frame of the timeline on which frame 0 of the take falls.
    namespace : str, optional
        Of the rig's nodes, e.g. `"mery"` or `"shot:mery"`.
    group : bool
        Create a group of transforms that have the take's controllers, with limits and neutral values. Without it
        the curves are connected to a rig that must be in the scene.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    SfpError
        A namespace, or (without group) a controller, whose name is not legal in Maya; a file that cannot be written.
    """
    if namespace is not None and not is_namespace(namespace):
        raise SfpError(f"{path}: namespace {namespace!r}; expected letters, digits and _, with : between two")
    take = flattened(take)
    unit, rate = time_unit(take.fps)
    if rate != take.fps:
        log.warning("%s: Maya has no time unit for %s fps; written at %s", path, take.fps, unit)
    plugs = _grouped(take) if group else _on_rig(take, path)
    prefix = f"{namespace}:" if namespace else ""

    def frame(number: float) -> float:
        return start_frame + number if rate == take.fps else start_frame + number * float(rate / take.fps)

    with written_whole(Path(path)) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        for line in _scene(Path(path).name, take, plugs, unit=unit, prefix=prefix, group=group, frame=frame):
            stream.write(line + "\n")
    return Path(path)


def _grouped(take: Take) -> list[_Plug]:
    """Places on nodes of our own; names are made legal and unique."""
    plugs: list[_Plug] = []
    taken: set[tuple[str, str]] = set()
    for channel in take.channels:
        node, _, attribute = channel.controller.partition(".")
        if not attribute:  # a name without node, as ARKit's
            node, attribute = f"{take.rig}_face", channel.controller
        node, attribute = legal_name(node), own_attribute(short_attribute(legal_name(attribute)))
        unique, number = attribute, 1
        while (node, unique) in taken:
            number += 1
            unique = f"{attribute}{number}"
        taken.add((node, unique))
        plugs.append(_Plug(channel, node, unique))
    return plugs


def _on_rig(take: Take, path: Path) -> list[_Plug]:
    plugs, illegal = [], []
    for channel in take.channels:
        node, _, attribute = channel.controller.partition(".")
        if not (is_node_path(node) and is_attribute(attribute)):
            illegal.append(channel.controller)
        plugs.append(_Plug(channel, node, short_attribute(attribute)))
    if illegal:
        raise SfpError(
            f"{path}: {len(illegal)} controllers are no node.attribute of Maya ({', '.join(map(repr, illegal[:3]))}); "
            "map their names, or export with a group"
        )
    return plugs


def _scene(
    name: str,
    take: Take,
    plugs: list[_Plug],
    *,
    unit: str,
    prefix: str,
    group: bool,
    frame: Callable[[float], float],
) -> Iterator[str]:
    first, last = _number(frame(0)), _number(frame(take.frames - 1))
    yield from (
        "//Maya ASCII 2022 scene",
        f"//Name: {_comment(name)}",
        f"//{_comment(f'{take.rig}, {take.frames} frames at {take.fps} a second')}",
        "//Codeset: UTF-8",
        'requires maya "2022";',
        f"currentUnit -l centimeter -a degree -t {unit};",
        'fileInfo "application" "maya";',
    )
    if group:
        yield from _group(take, plugs, prefix)
    if take.sound is not None:
        yield from _sound(take, frame)
    yield 'createNode script -n "sceneConfigurationScriptNode";'
    playback = f"playbackOptions -min {first} -max {last} -ast {first} -aet {last} "
    yield f'\tsetAttr ".b" -type "string" {quoted(playback)};'
    yield '\tsetAttr ".st" 6;'
    used = {plug.node for plug in plugs} | {_root(take, plugs), _sound_node(take), "sceneConfigurationScriptNode"}
    curves = []
    for plug in plugs:
        if plug.channel.keys.count == 0:
            continue
        unique, number = plug.curve_name, 1
        while unique in used:
            number += 1
            unique = f"{plug.curve_name}{number}"
        used.add(unique)
        curves.append((unique, plug))
        yield f'createNode {plug.curve_type} -n "{unique}";'
        yield from _curve(plug, take.fps, frame)
    for unique, plug in curves:
        yield f'connectAttr "{unique}.o" "{_prefixed(plug.node, prefix)}.{plug.attribute}";'
    yield f"// End of {_comment(name)}"


def _prefixed(node: str, prefix: str) -> str:
    """A node path with the namespace before every name in it."""
    return "|".join(prefix + part if part else part for part in node.split("|"))


def _group(take: Take, plugs: list[_Plug], prefix: str) -> Iterator[str]:
    """A group with one transform for each node, its attributes, limits and neutral values."""
    root = _root(take, plugs)
    nodes: dict[str, list[_Plug]] = {}
    for plug in plugs:
        nodes.setdefault(plug.node, []).append(plug)
    yield f'createNode transform -n "{prefix}{root}";'
    for node, mine in nodes.items():
        yield f'createNode transform -n "{prefix}{node}" -p "{prefix}{root}";'
        added = [plug for plug in mine if plug.attribute not in TRANSFORM_ATTRIBUTES]
        for plug in added:
            low, high = plug.channel.limits
            yield (
                f'\taddAttr -ci true -k true -sn "{plug.attribute}" -ln "{plug.attribute}" '
                f'-dv {_number(plug.channel.neutral)} -min {_number(low)} -max {_number(high)} -at "double";'
            )
        yield from _transform_values({plug.attribute: plug.channel for plug in mine})
        for plug in added:
            yield f'\tsetAttr -k on ".{plug.attribute}" {_number(plug.channel.neutral)};'


def _root(take: Take, plugs: list[_Plug]) -> str:
    root = legal_name(f"{take.rig}_controls")
    while any(plug.node == root for plug in plugs):
        root += "_"
    return root


def _transform_values(channels: dict[str, Channel]) -> Iterator[str]:
    """Neutral values and limits of translation, rotation and scale."""
    for letter, rest in (("t", 0.0), ("r", 0.0), ("s", 1.0)):
        mine = [channels.get(letter + axis) for axis in "xyz"]
        if not any(mine):
            continue
        neutral, low, high = (
            " ".join(_number(value) for value in row)
            for row in zip(*((c.neutral, *c.limits) if c else (rest, rest, rest) for c in mine), strict=True)
        )
        yield f'\tsetAttr ".{letter}" -type "double3" {neutral} ;'
        yield f'\tsetAttr ".mn{letter}l" -type "double3" {low} ;'
        yield f'\tsetAttr ".mx{letter}l" -type "double3" {high} ;'
        for end in "mx":
            for axis, channel in zip("xyz", mine, strict=True):
                if channel:
                    yield f'\tsetAttr ".{end}{letter}{axis}e" yes;'


def _sound_node(take: Take) -> str:
    return legal_name(Path(take.sound.file.replace("\\", "/")).stem + "_sound") if take.sound else ""


def _sound(take: Take, frame: Callable[[float], float]) -> Iterator[str]:
    assert take.sound is not None
    file = take.sound.file.replace("\\", "/")
    start = frame(take.sound.offset_seconds * float(take.fps))
    length = frame(float(take.frames)) - frame(0.0)
    yield f'createNode audio -n "{_sound_node(take)}";'
    yield f'\tsetAttr ".o" {_number(start)};'
    yield f'\tsetAttr ".ef" {_number(start + length)};'
    yield f'\tsetAttr ".se" {_number(length)};'
    yield f'\tsetAttr ".f" -type "string" {quoted(file)};'


def _curve(plug: _Plug, fps: Fraction, frame: Callable[[float], float]) -> Iterator[str]:
    keys = plug.channel.keys
    count = keys.count
    yield '\tsetAttr ".tan" 18;'
    yield '\tsetAttr ".wgt" no;'
    pairs = [f"{_number(frame(f))} {_number(v)}" for f, v in zip(keys.frames, keys.values, strict=True)]
    yield from _array("ktv", pairs, count)
    for name, types in (("kit", keys.in_types), ("kot", keys.out_types)):
        if any(kind != "auto" for kind in types):
            yield from _array(name, [str(TANGENT_CODES[kind]) for kind in types], count)
    broken = _broken(keys)
    if broken.any():
        yield from _array("ktl", ["no" if one else "yes" for one in broken], count)
    if "fixed" in keys.in_types or "fixed" in keys.out_types:
        # Slopes in internal units: degrees become radians.
        scale = math.pi / 180.0 if plug.curve_type == "animCurveTA" else 1.0
        for side, slopes in zip("io", tangent_slopes(keys, fps), strict=True):
            inner = slopes * scale
            length = np.hypot(1.0, inner)
            yield from _array(f"k{side}x", [_number(value) for value in 1.0 / length], count)
            yield from _array(f"k{side}y", [_number(value) for value in inner / length], count)


def _broken(keys: Keys) -> np.ndarray:
    """Keys whose two tangents turn on their own, (n,) bool."""
    types = np.array([first != second for first, second in zip(keys.in_types, keys.out_types, strict=True)], dtype=bool)
    fixed = np.array(["fixed" in pair for pair in zip(keys.in_types, keys.out_types, strict=True)], dtype=bool)
    return np.asarray(types | (fixed & (keys.in_slopes != keys.out_slopes)))


def _array(name: str, entries: list[str], count: int) -> Iterator[str]:
    """`setAttr -s 3 ".ktv[0:2]"  1 0 5 -0.52 9 -0.1;` in pieces, lines wrapped as Maya does."""
    for start in range(0, count, _CHUNK):
        stop = min(start + _CHUNK, count)
        size = f"-s {count} " if count > 1 and start == 0 else ""
        span = f"{start}:{stop - 1}" if stop - start > 1 else f"{start}"
        yield _wrapped(f'\tsetAttr {size}".{name}[{span}]" ', entries[start:stop])


def _wrapped(head: str, words: Iterable[str]) -> str:
    lines = [head]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > _LINE_WIDTH:
            lines.append("\t\t")
        lines[-1] += " " + word
    return "\n".join(lines) + ";"


def _number(value: float) -> str:
    """The shortest digits that read back as the same number; whole numbers without a point."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
