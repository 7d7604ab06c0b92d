"""The rigs that we draw ourselves, by what a person calls them: a built-in name, or a glTF file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sfp_core.rigs.gltf.character import GltfCharacter
from sfp_core.rigs.gltf.document import SUFFIXES
from sfp_core.rigs.procedural import Controls, ProceduralCharacter

Drawable = ProceduralCharacter | GltfCharacter
"""Posed by controller values, seen as pictures; `fov_deg`, `source` and `hidden` are for the record of a capture."""


def drawable_named(name_or_path: str, *, controls: Controls = "panel") -> Callable[[], Drawable]:
    """What makes the rig when called, here or, since it can be sent there, in another process.

    Nothing is read yet: the call raises SfpError for an unknown name, or a file that cannot be used.

    Parameters
    ----------
    name_or_path : str
        A built-in character, or a .glb, .gltf or .vrm file.
    controls : "panel" or "arkit"
        What poses a built-in character.
    """
    if Path(name_or_path).suffix.lower() in SUFFIXES:
        return partial(GltfCharacter.load, Path(name_or_path))
    return partial(ProceduralCharacter.named, name_or_path, controls=controls)
