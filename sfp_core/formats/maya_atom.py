"""The `.atom` files of Maya: keys and resting values by node, which Maya matches by name.

The grammar is that of Autodesk's pages "ATOM format description" and "Example .atom file"; the blocks of curves are
those of `.anim`, with what is said there of fixed tangents. Maya sets its units to those of the file while reading.
"""

from collections.abc import Iterator
from pathlib import Path

from sfp_core.curves.take import Take, flattened
from sfp_core.files import written_whole
from sfp_core.formats.maya_anim_data import anim_data, attribute_words, header, warn_of_fixed
from sfp_core.formats.maya_names import number
from sfp_core.formats.maya_plugs import Plug, by_node, namespace_prefix, prefixed, scene_plugs
from sfp_core.formats.maya_units import Timeline


def write_maya_atom(path: Path, take: Take, *, start_frame: int = 0, namespace: str | None = None) -> Path:
    """Write a take as a file for Maya's File > ATOM > Import.

    Controllers without keys are there as static values at their neutral. Layers are merged, rates that Maya has no
    word for become the next higher one, as in `write_maya_ascii`. Fixed tangents are written with angles that no Maya
    has confirmed, which is told.

    Parameters
    ----------
    start_frame : int
        The frame of the timeline on which frame 0 of the take falls.
    namespace : str, optional
        Of the rig's nodes.

    Raises
    ------
    SfpError
        A namespace that is not legal in Maya, two controllers that would be one plug, a file that cannot be written.
    """
    path = Path(path)
    prefix = namespace_prefix(namespace, path)
    take = flattened(take)
    timeline = Timeline.of(take, start_frame=start_frame, path=path)
    plugs = scene_plugs(take, path)
    warn_of_fixed(plugs, path)
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in header("atom", timeline, take.frames, scene=True))
        for node, mine in by_node(plugs).items():
            stream.writelines(f"{line}\n" for line in _node(prefixed(node, prefix), mine, timeline))
    return path


def _node(name: str, plugs: list[Plug], timeline: Timeline) -> Iterator[str]:
    depth = len([part for part in name.split("|") if part])
    yield "dagNode {"
    yield f"  {name} {depth} 0;"  # depth and number of children, which only matching by hierarchy looks at
    for index, plug in enumerate(plugs):
        if plug.channel.keys.count:
            yield f"  anim {attribute_words(plug)} {index};"
            yield from anim_data(plug, timeline, indent="  ")
        else:
            yield f"  static {attribute_words(plug)} {index};"
            yield f"  {{ {number(plug.channel.neutral)} }}"
    yield "}"
