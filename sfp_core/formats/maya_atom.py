"""The `.atom` files of Maya: keys and resting values by node, which Maya matches by name.

The grammar is that of Autodesk's pages "ATOM format description" and "Example .atom file"; the blocks of curves are
those of `.anim`, with what is said there of fixed tangents. Maya sets its units to those of the file while reading.
"""

from collections.abc import Iterator
from pathlib import Path

from sfp_core.curves.take import Take
from sfp_core.formats.maya_anim_data import anim_data, attribute_words, write_by_node
from sfp_core.formats.maya_names import number
from sfp_core.formats.maya_plugs import Plug
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
    return write_by_node(path, take, "atom", _node, start_frame=start_frame, namespace=namespace)


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
