"""Look first: which of a take's controllers are in the scene, under which namespace, and which can be keyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

from maya import cmds

from .errors import SfpMayaError
from .report import Skipped
from .scene import per_take_unit
from .take_file import Motion

_LONG = {
    f"{letter}{axis.lower()}": f"{word}{axis}"
    for letter, word in (("t", "translate"), ("r", "rotate"), ("s", "scale"))
    for axis in "XYZ"
}
_LONG["v"] = "visibility"
_CURVES = {"translate": "animCurveTL", "rotate": "animCurveTA", "scale": "animCurveTU"}
_BY_TYPE = {"doubleLinear": "animCurveTL", "doubleAngle": "animCurveTA"}

# transformLimits wants a flag of its own for every attribute: (which ends are on, the ends).
_Query = Callable[[str], Sequence[Any]]  # the stubs take the ends of rotations for text
_LIMITS: dict[str, tuple[_Query, _Query]] = {
    "translateX": (
        lambda node: cmds.transformLimits(node, query=True, enableTranslationX=True),
        lambda node: cmds.transformLimits(node, query=True, translationX=True),
    ),
    "translateY": (
        lambda node: cmds.transformLimits(node, query=True, enableTranslationY=True),
        lambda node: cmds.transformLimits(node, query=True, translationY=True),
    ),
    "translateZ": (
        lambda node: cmds.transformLimits(node, query=True, enableTranslationZ=True),
        lambda node: cmds.transformLimits(node, query=True, translationZ=True),
    ),
    "rotateX": (
        lambda node: cmds.transformLimits(node, query=True, enableRotationX=True),
        lambda node: cmds.transformLimits(node, query=True, rotationX=True),
    ),
    "rotateY": (
        lambda node: cmds.transformLimits(node, query=True, enableRotationY=True),
        lambda node: cmds.transformLimits(node, query=True, rotationY=True),
    ),
    "rotateZ": (
        lambda node: cmds.transformLimits(node, query=True, enableRotationZ=True),
        lambda node: cmds.transformLimits(node, query=True, rotationZ=True),
    ),
}


@dataclass(frozen=True)
class Target:
    """A controller of the take as it is in the scene.

    Attributes
    ----------
    motion : Motion
        What it is to do, in the take's units.
    plug : str
        Full path and long name, as "|mery:grp|mery:jaw.translateY".
    curve_type : str
        animCurveTL, animCurveTA or animCurveTU.
    scale : float
        By what the take's numbers are multiplied to be in the scene's UI units.
    minimum, maximum : float or None
        The scene's limits in UI units, where it has any.
    curve : str or None
        The animation curve that drives it directly.
    layered : bool
        Whether it is on animation layers already.
    """

    motion: Motion
    node: str
    plug: str
    curve_type: str
    scale: float
    minimum: float | None
    maximum: float | None
    curve: str | None = None
    layered: bool = False


@dataclass(frozen=True)
class Found:
    """What looking has shown."""

    namespace: str
    targets: tuple[Target, ...]
    skipped: tuple[Skipped, ...]


def split_controller(controller: str) -> tuple[str, str]:
    """Node and long attribute name of `node.attribute`; a name without a dot is an attribute of no node, ("", name)."""
    node, _, attribute = controller.rpartition(".")
    return node, _LONG.get(attribute, attribute)


def namespace_of(node: str) -> str:
    """`a:b` of `|x|a:b:node`; "" without one."""
    return node.rsplit("|", 1)[-1].rpartition(":")[0]


def find_namespace(motions: Sequence[Motion], nodes: Sequence[str]) -> str:
    """The namespace of the character that these nodes are part of.

    Parameters
    ----------
    nodes : sequence of str
        Usually the selection: any part of the character is enough. Empty: the whole scene is looked through.

    Raises
    ------
    SfpMayaError
        Nothing of the take's rig is there, or it is there more than once.
    """
    names = sorted({split_controller(motion.controller)[0].rsplit("|", 1)[-1] for motion in motions} - {""})
    if nodes:
        candidates = list(dict.fromkeys(space for node in nodes for space in _with_parents(namespace_of(node))))
    else:
        candidates = sorted({namespace_of(node) for node in cmds.ls(names, recursive=True, long=True) or []})
    counts = {space: _count(names, space) for space in candidates}
    best = max(counts.values(), default=0)
    if not best:
        tried = ", ".join(repr(space) for space in candidates) or "none"
        raise SfpMayaError(
            f"none of the take's {len(names)} control nodes ({', '.join(names[:3])} ...) is in the namespaces looked "
            f"at ({tried}): select a part of the character that the take is for"
        )
    found = [space for space, count in counts.items() if count == best]
    if nodes:
        whole = {next((one for one in _with_parents(namespace_of(node)) if counts.get(one)), None) for node in nodes}
        found = sorted(space for space in whole if space is not None)
    if len(found) > 1:
        told = ", ".join(repr(space) for space in found)
        raise SfpMayaError(f"{len(found)} characters fit the take ({told}): select one of them, or give its namespace")
    return found[0]


def _with_parents(namespace: str) -> list[str]:
    parts = namespace.split(":")
    return [":".join(parts[:count]) for count in range(len(parts), 0, -1)] + ([""] if namespace else [])


def _count(names: Sequence[str], namespace: str) -> int:
    prefix = f"{namespace}:" if namespace else ""
    return len(set(cmds.ls([prefix + name for name in names]) or []))


def look(motions: Sequence[Motion], namespace: str) -> Found:
    """Find every controller and say which can be keyed. Changes nothing; nothing here is fatal."""
    nodes = _nodes({split_controller(motion.controller)[0] for motion in motions} - {""}, namespace)
    keyable = {path: _keyable(path) for paths in nodes.values() if len(paths) == 1 for path in paths}
    targets: list[Target] = []
    skipped: list[Skipped] = []
    for motion in motions:
        node, attribute = split_controller(motion.controller)
        paths = nodes.get(node, ())
        if len(paths) != 1:
            skipped.append(Skipped(motion.controller, _no_node(node, paths)))
            continue
        path = paths[0]
        if attribute not in keyable[path]:
            skipped.append(Skipped(motion.controller, _why_not(path, attribute)))
            continue
        targets.append(_target(motion, path, attribute))
    return _without_driven(Found(namespace, tuple(targets), tuple(skipped)))


def _nodes(names: set[str], namespace: str) -> dict[str, tuple[str, ...]]:
    """Full paths by name without namespace."""
    prefix = f"{namespace}:" if namespace else ""
    wanted = {_prefixed(name, prefix): name for name in names}
    found: dict[str, list[str]] = {}
    for path in cmds.ls(sorted(wanted), long=True) or []:
        for full, name in wanted.items():
            if path == full or path.endswith(f"|{full.lstrip('|')}"):
                found.setdefault(name, []).append(path)
    return {name: tuple(dict.fromkeys(paths)) for name, paths in found.items()}


def _prefixed(name: str, prefix: str) -> str:
    return "|".join(prefix + part if part else part for part in name.split("|"))


def _no_node(node: str, paths: Sequence[str]) -> str:
    if not node:
        return "names no node; expected node.attribute"
    return f"{len(paths)} nodes have this name" if paths else "not in the scene"


def _keyable(node: str) -> frozenset[str]:
    return frozenset(cmds.listAttr(node, keyable=True, unlocked=True, scalar=True) or [])


def _why_not(node: str, attribute: str) -> str:
    if not cmds.attributeQuery(attribute, node=node, exists=True):
        return f"the node has no attribute {attribute}"
    if cmds.getAttr(f"{node}.{attribute}", lock=True):
        return "locked" + (" in the referenced file" if cmds.referenceQuery(node, isNodeReferenced=True) else "")
    return "not keyable"


def _target(motion: Motion, node: str, attribute: str) -> Target:
    plug = f"{node}.{attribute}"
    curve_type = _CURVES.get(attribute[:-1], "")
    low = high = None
    if attribute in _LIMITS:
        enabled, ends = _LIMITS[attribute]
        on = enabled(node)
        if any(on):
            values = ends(node)
            low, high = (float(value) if flag else None for value, flag in zip(values, on))
    elif not curve_type:
        curve_type = _BY_TYPE.get(str(cmds.getAttr(plug, type=True)), "animCurveTU")
        if cmds.attributeQuery(attribute, node=node, rangeExists=True):
            ends_of: Any = cmds.attributeQuery(attribute, node=node, range=True)
            low, high = (float(value) for value in ends_of)
    return Target(motion, node, plug, curve_type, 1.0, low, high)


def _without_driven(found: Found) -> Found:
    """Units, curves and layers filled in; controllers that something else drives are skipped."""
    if not found.targets:
        return found
    drivers = _drivers([target.plug for target in found.targets])
    types = dict.fromkeys(source.partition(".")[0] for source in drivers.values())
    kinds = {node: str(cmds.nodeType(node)) for node in types}
    scales = {kind: per_take_unit(kind) for kind in sorted({target.curve_type for target in found.targets})}
    targets: list[Target] = []
    skipped = list(found.skipped)
    for target in found.targets:
        node = drivers.get(target.plug, "").partition(".")[0]
        kind = kinds.get(node, "")
        if kind and not kind.startswith(("animCurveT", "animBlendNode")):
            skipped.append(Skipped(target.motion.controller, f"driven by {node} ({kind})"))
            continue
        targets.append(
            Target(
                target.motion,
                target.node,
                target.plug,
                target.curve_type,
                scales[target.curve_type],
                target.minimum,
                target.maximum,
                node if kind.startswith("animCurveT") else None,
                kind.startswith("animBlendNode"),
            )
        )
    return Found(found.namespace, tuple(targets), tuple(skipped))


def _drivers(plugs: Sequence[str]) -> Mapping[str, str]:
    """Plug -> the plug that drives it, for those that are driven; one command for all."""
    both = cmds.listConnections(
        list(plugs), source=True, destination=False, plugs=True, connections=True, skipConversionNodes=True
    )
    pairs = list(both or [])
    found: dict[str, str] = {}
    for driven, driver in zip(pairs[0::2], pairs[1::2]):  # Maya gives back the shortest name that is unique
        found.update((plug, driver) for plug in plugs if plug == driven or plug.endswith(f"|{driven}"))
    return found
