"""Controllers as plugs of Maya, `node.attribute`: the names that writers give and the names that readers find."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sfp_core.curves.loose import LooseCurves
from sfp_core.curves.take import Channel, Take
from sfp_core.errors import SfpError
from sfp_core.formats.maya_names import (
    TRANSFORM_ATTRIBUTES,
    canonical_attribute,
    is_attribute,
    is_namespace,
    is_node_path,
    legal_name,
    long_attribute,
    own_attribute,
    short_attribute,
)
from sfp_core.rig import RigSpec

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plug:
    """Where a channel goes in Maya.

    Attributes
    ----------
    node : str
        Name or path, without namespace.
    attribute : str
        Short name of what every transform has (`tx`), other names as they are.
    """

    channel: Channel
    node: str
    attribute: str

    @property
    def curve_type(self) -> str:
        """The type of the node that animates it."""
        return TRANSFORM_ATTRIBUTES.get(self.attribute, ("", "animCurveTU"))[1]

    @property
    def curve_name(self) -> str:
        """What Maya would call that node."""
        return legal_name(f"{self.node.rsplit('|', 1)[-1]}_{long_attribute(self.attribute)}")


def grouped_plugs(take: Take) -> list[Plug]:
    """Places on nodes of our own; names are made legal and unique."""
    names = _grouped_names(take.rig, (channel.controller for channel in take.channels))
    return [Plug(channel, *name) for channel, name in zip(take.channels, names, strict=True)]


def _grouped_names(rig: str, controllers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(node, attribute) of controllers on nodes of our own."""
    taken: set[tuple[str, str]] = set()
    for controller in controllers:
        node, _, attribute = controller.partition(".")
        if not attribute:  # a name without node, as ARKit's
            node, attribute = f"{rig}_face", controller
        node, attribute = legal_name(node), own_attribute(short_attribute(legal_name(attribute)))
        unique, number = attribute, 1
        while (node, unique) in taken:
            number += 1
            unique = f"{attribute}{number}"
        taken.add((node, unique))
        yield node, unique


def rig_plugs(take: Take, path: Path) -> list[Plug]:
    """Places on the rig itself. Raises SfpError where a controller's name is not legal in Maya."""
    illegal = _illegal(take)
    if illegal:
        raise SfpError(
            f"{path}: {len(illegal)} controllers are no node.attribute of Maya ({', '.join(map(repr, illegal[:3]))}); "
            "map their names, or export with a group"
        )
    parts = [channel.controller.partition(".") for channel in take.channels]
    return [
        Plug(channel, node, short_attribute(attribute))
        for channel, (node, _, attribute) in zip(take.channels, parts, strict=True)
    ]


def scene_plugs(take: Take, path: Path) -> list[Plug]:
    """Places in a scene that has the rig, or else the group of the take's `.ma`.

    The rig where all names are legal in Maya. No rig can have others: then all are named as in the group, which is
    told. Raises SfpError where two controllers would be one plug (`jaw.tx` and `jaw.translateX`).
    """
    illegal = _illegal(take)
    if illegal:
        log.warning(
            "%s: %d controllers are no node.attribute of Maya (%s); all are named as in take.ma",
            path,
            len(illegal),
            ", ".join(map(repr, illegal[:3])),
        )
        return grouped_plugs(take)
    plugs = rig_plugs(take, path)
    counts = Counter(f"{plug.node}.{plug.attribute}" for plug in plugs)
    doubles = [name for name, count in counts.items() if count > 1]
    if doubles:
        raise SfpError(f"{path}: {doubles[0]} is there {counts[doubles[0]]} times, by its short and its long name")
    return plugs


def _illegal(take: Take) -> list[str]:
    """Controllers that are no `node.attribute` of Maya."""
    names = [channel.controller for channel in take.channels]
    parts = [name.partition(".") for name in names]
    return [
        name
        for name, (node, _, attribute) in zip(names, parts, strict=True)
        if not (is_node_path(node) and is_attribute(attribute))
    ]


def by_node(plugs: Iterable[Plug]) -> dict[str, list[Plug]]:
    """The plugs of each node, in order of appearance."""
    nodes: dict[str, list[Plug]] = {}
    for plug in plugs:
        nodes.setdefault(plug.node, []).append(plug)
    return nodes


def namespace_prefix(namespace: str | None, path: Path) -> str:
    """`"ns:"`, or nothing without a namespace. Raises SfpError for one that is not legal."""
    if namespace is not None and not is_namespace(namespace):
        raise SfpError(f"{path}: namespace {namespace!r}; expected letters, digits and _, with : between two")
    return f"{namespace}:" if namespace else ""


def prefixed(node: str, prefix: str) -> str:
    """A node path with the namespace before every name in it."""
    return "|".join(prefix + part if part else part for part in node.split("|"))


def namespace_of(node: str) -> str:
    """Of the last node of a path: `mery` of `|mery:face|mery:jaw`; nothing where it has none."""
    return node.rpartition("|")[2].rpartition(":")[0]


def controller_names(plugs: Sequence[str]) -> list[str]:
    """What readers call the plugs of a file: `jaw.ty` for `|mery:face|mery:jaw.translateY`.

    The last node of the path without its namespace, and the attribute by its one spelling (`canonical_attribute`).
    Only where two plugs would have one name do they keep their paths, and where that is not enough, their namespaces.
    """
    parts = [plug.partition(".") for plug in plugs]
    attributes = [canonical_attribute(attribute) for _, _, attribute in parts]
    bare = ["|".join(part.rpartition(":")[2] for part in node.split("|")) for node, _, _ in parts]
    full = [node for node, _, _ in parts]
    names = [""] * len(plugs)
    waiting = list(range(len(plugs)))
    for nodes in ([path.rpartition("|")[2] for path in bare], bare, full):
        for index in waiting:
            names[index] = f"{nodes[index]}.{attributes[index]}" if attributes[index] else nodes[index]
        counts = Counter(names)
        waiting = [index for index in waiting if counts[names[index]] > 1]
    return names


def as_rig_names(curves: LooseCurves, rig: RigSpec) -> LooseCurves:
    """The same curves with a rig's own spelling of its controllers, e.g. `jaw.translateY` for `jaw.ty`.

    The names that `take.ma` gives to controllers that are no `node.attribute` of Maya are taken back too.
    Names of no controller stay.
    """
    own: dict[str, str] = {}
    for name, (node, attribute) in zip(rig.names, _grouped_names(rig.name, rig.names), strict=True):
        own.setdefault(f"{node}.{attribute}", name)
    own |= {controller_names([name])[0]: name for name in rig.names}
    own |= {name: name for name in rig.names}
    return replace(
        curves,
        keys={own.get(name, name): keys for name, keys in curves.keys.items()},
        units={own.get(name, name): unit for name, unit in curves.units.items()},
    )
