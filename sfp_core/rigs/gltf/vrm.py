"""What VRM 0.x and VRM 1.0 add to a glTF document: a head bone, named expressions, and which way the figure looks."""

from dataclasses import dataclass

from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.entry import Entry


@dataclass(frozen=True)
class Bind:
    """A morph target that an expression moves: a node or a mesh (-1 for the other), the target, its strength."""

    node: int
    mesh: int
    target: int
    weight: float


@dataclass(frozen=True)
class Vrm:
    """The VRM part of a document.

    Attributes
    ----------
    version : 0 or 1
    head : int
        Node of the head bone, -1 where none is named.
    expressions : dict of str to tuple of Bind
    """

    version: int
    head: int
    expressions: dict[str, tuple[Bind, ...]]

    @classmethod
    def of(cls, document: Document) -> "Vrm | None":
        """The VRM part; None in a plain glTF document."""
        extensions = document.root.child("extensions")
        if "VRMC_vrm" in extensions:
            return _version_1(document, extensions.child("VRMC_vrm"))
        if "VRM" in extensions:
            return _version_0(document, extensions.child("VRM"))
        return None


def _version_1(document: Document, vrm: Entry) -> Vrm:
    nodes = len(document.all("nodes"))
    bone = vrm.child("humanoid").child("humanBones").child("head")
    expressions: dict[str, tuple[Bind, ...]] = {}
    for group in ("preset", "custom"):
        for name, expression in vrm.child("expressions").child(group).named_children():
            expressions[name] = tuple(
                Bind(bind.index("node", nodes), -1, bind.integer("index"), bind.number("weight", 1.0))
                for bind in expression.children("morphTargetBinds")
            )
    return Vrm(1, bone.index("node", nodes) if "node" in bone else -1, expressions)


def _version_0(document: Document, vrm: Entry) -> Vrm:
    nodes, meshes = len(document.all("nodes")), len(document.all("meshes"))
    bones = [bone for bone in vrm.child("humanoid").children("humanBones") if bone.text("bone") == "head"]
    head = bones[0].index("node", nodes) if bones else -1
    expressions: dict[str, tuple[Bind, ...]] = {}
    for group in vrm.child("blendShapeMaster").children("blendShapeGroups"):
        preset = group.text("presetName")
        name = group.text("name") if preset in ("", "unknown") else preset
        binds = tuple(
            Bind(-1, bind.index("mesh", meshes), bind.integer("index"), bind.number("weight", 100.0) / 100)
            for bind in group.children("binds")
        )
        expressions.setdefault(name or f"expression_{len(expressions):02d}", binds)
    return Vrm(0, head, expressions)
