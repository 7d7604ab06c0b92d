"""take.ma: a take as a Maya ASCII scene, with curve nodes and, where there is no rig, a group to carry them.

Keys are written in centimetres, degrees and frames; slopes of fixed tangents, as Maya does, as unit vectors in
seconds and internal units (centimetres, radians).
"""

from collections.abc import Iterator
from pathlib import Path

from sfp_core.curves.take import Channel, Take, flattened
from sfp_core.files import written_whole
from sfp_core.formats.maya_curve_nodes import curve_node, scene_head
from sfp_core.formats.maya_names import TRANSFORM_ATTRIBUTES, comment_text, legal_name, number, quoted
from sfp_core.formats.maya_plugs import Plug, by_node, grouped_plugs, namespace_prefix, prefixed, rig_plugs
from sfp_core.formats.maya_units import Timeline


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
    path = Path(path)
    prefix = namespace_prefix(namespace, path)
    take = flattened(take)
    timeline = Timeline.of(take, start_frame=start_frame, path=path)
    plugs = grouped_plugs(take) if group else rig_plugs(take, path)
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        for line in _scene(path.name, take, plugs, timeline=timeline, prefix=prefix, group=group):
            stream.write(line + "\n")
    return path


def _scene(name: str, take: Take, plugs: list[Plug], *, timeline: Timeline, prefix: str, group: bool) -> Iterator[str]:
    first, last = number(timeline.frame(0)), number(timeline.frame(take.frames - 1))
    yield from scene_head(name, timeline, note=f"{take.rig}, {take.frames} frames at {take.fps} a second")
    if group:
        yield from _group(take, plugs, prefix)
    if take.sound is not None:
        yield from _sound(take, timeline)
    yield 'createNode script -n "sceneConfigurationScriptNode";'
    playback = f"playbackOptions -min {first} -max {last} -ast {first} -aet {last} "
    yield f'\tsetAttr ".b" -type "string" {quoted(playback)};'
    yield '\tsetAttr ".st" 6;'
    used = {plug.node for plug in plugs} | {_root(take, plugs), _sound_node(take), "sceneConfigurationScriptNode"}
    curves = []
    for plug in plugs:
        if plug.channel.keys.count == 0:
            continue
        unique, copy = plug.curve_name, 1
        while unique in used:
            copy += 1
            unique = f"{plug.curve_name}{copy}"
        used.add(unique)
        curves.append((unique, plug))
        yield from curve_node(unique, plug, timeline)
    for unique, plug in curves:
        yield f'connectAttr "{unique}.o" "{prefixed(plug.node, prefix)}.{plug.attribute}";'
    yield f"// End of {comment_text(name)}"


def _group(take: Take, plugs: list[Plug], prefix: str) -> Iterator[str]:
    """A group with one transform for each node, its attributes, limits and neutral values."""
    root = _root(take, plugs)
    yield f'createNode transform -n "{prefix}{root}";'
    for node, mine in by_node(plugs).items():
        yield f'createNode transform -n "{prefix}{node}" -p "{prefix}{root}";'
        added = [plug for plug in mine if plug.attribute not in TRANSFORM_ATTRIBUTES]
        for plug in added:
            low, high = plug.channel.limits
            yield (
                f'\taddAttr -ci true -k true -sn "{plug.attribute}" -ln "{plug.attribute}" '
                f'-dv {number(plug.channel.neutral)} -min {number(low)} -max {number(high)} -at "double";'
            )
        yield from _transform_values({plug.attribute: plug.channel for plug in mine})
        for plug in added:
            yield f'\tsetAttr -k on ".{plug.attribute}" {number(plug.channel.neutral)};'


def _root(take: Take, plugs: list[Plug]) -> str:
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
            " ".join(number(value) for value in row)
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


def _sound(take: Take, timeline: Timeline) -> Iterator[str]:
    assert take.sound is not None
    file = take.sound.file.replace("\\", "/")
    start = timeline.frame(take.sound.offset_seconds * float(take.fps))
    length = timeline.frame(float(take.frames)) - timeline.frame(0.0)
    yield f'createNode audio -n "{_sound_node(take)}";'
    yield f'\tsetAttr ".o" {number(start)};'
    yield f'\tsetAttr ".ef" {number(start + length)};'
    yield f'\tsetAttr ".se" {number(length)};'
    yield f'\tsetAttr ".f" -type "string" {quoted(file)};'
