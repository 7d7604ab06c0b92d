"""Every form in which a take leaves, by the name that `sfp export --to` has for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from sfp_core.curves.take import Take
from sfp_core.errors import SfpError
from sfp_core.formats.curves_csv import write_curves_csv
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.formats.live_link import write_live_link
from sfp_core.formats.maya_anim import write_maya_anim
from sfp_core.formats.maya_ascii import write_maya_ascii
from sfp_core.formats.maya_atom import write_maya_atom
from sfp_core.formats.mouth_cues import write_rhubarb, write_toon_boom_dat
from sfp_core.formats.studio_library import write_studio_library

ExportName = Literal["json", "ma", "anim", "atom", "studiolibrary", "usd", "gltf", "livelink", "csv", "rhubarb", "dat"]


@dataclass(frozen=True)
class Placement:
    """Where a take goes in somebody's scene.

    Attributes
    ----------
    start_frame : int
        The frame of the timeline on which frame 0 falls.
    namespace : str or None
        Of the rig's nodes, for Maya's formats and USD.
    group : bool
        Whether .ma makes a group of transforms with the controllers; else it is for the rig that is in the scene.
    model : Path or None
        The .glb, .gltf or .vrm file that glTF animation is added to.
    """

    start_frame: int = 0
    namespace: str | None = None
    group: bool = True
    model: Path | None = None


@dataclass(frozen=True)
class Export:
    """One form: the suffixes that a path may have (none for a folder), and whether nodes have a namespace in it."""

    suffixes: tuple[str, ...]
    write: Callable[[Path, Take, Placement], Path]
    namespaces: bool = False


def _json(path: Path, take: Take, placement: Placement) -> Path:
    if placement.start_frame:
        raise SfpError(f"{path}: frame 0 of take.curves.json is the sound's first sample; leave --start out")
    return write_curves_json(path, take)


def _maya_ascii(path: Path, take: Take, at: Placement) -> Path:
    return write_maya_ascii(path, take, start_frame=at.start_frame, namespace=at.namespace, group=at.group)


def _usd(path: Path, take: Take, placement: Placement) -> Path:
    from sfp_core.formats.usd import write_usd  # needs the extra `usd`

    return write_usd(path, take, start_frame=placement.start_frame, namespace=placement.namespace)


def _gltf(path: Path, take: Take, placement: Placement) -> Path:
    from sfp_core.formats.gltf_animation import write_gltf_animation

    if placement.model is None:
        raise SfpError(f"{path}: glTF animation belongs to a model; name it with --rig FILE.glb")
    return write_gltf_animation(path, take, model=placement.model, start_frame=placement.start_frame)


EXPORTS: dict[ExportName, Export] = {
    "json": Export((".json",), _json),
    "ma": Export((".ma",), _maya_ascii, namespaces=True),
    "anim": Export(
        (".anim",),
        lambda path, take, at: write_maya_anim(path, take, start_frame=at.start_frame, namespace=at.namespace),
        namespaces=True,
    ),
    "atom": Export(
        (".atom",),
        lambda path, take, at: write_maya_atom(path, take, start_frame=at.start_frame, namespace=at.namespace),
        namespaces=True,
    ),
    "studiolibrary": Export(
        (".anim", ""),
        lambda path, take, at: write_studio_library(path, take, start_frame=at.start_frame, namespace=at.namespace),
        namespaces=True,
    ),
    "usd": Export((".usda", ".usdc", ".usd"), _usd, namespaces=True),
    "gltf": Export((".glb", ".gltf", ".vrm"), _gltf),
    "livelink": Export((".csv",), lambda path, take, at: write_live_link(path, take, start_frame=at.start_frame)),
    "csv": Export((".csv",), lambda path, take, at: write_curves_csv(path, take, start_frame=at.start_frame)),
    "rhubarb": Export((".tsv", ".json"), lambda path, take, at: write_rhubarb(path, take, start_frame=at.start_frame)),
    "dat": Export((".dat",), lambda path, take, at: write_toon_boom_dat(path, take, start_frame=at.start_frame)),
}


def export_take(path: Path, take: Take, to: ExportName, placement: Placement | None = None) -> Path:
    """Write a take in another form.

    Raises
    ------
    SfpError
        A suffix or a placement that this form has no use for, or a take that cannot be written in it.
    """
    path, at = Path(path), placement or Placement()
    form = EXPORTS[to]
    if path.suffix.lower() not in form.suffixes:
        expected = " or ".join(suffix or "no suffix" for suffix in form.suffixes)
        raise SfpError(f"{path}: --to {to} is written as {expected}, got {path.suffix or 'no suffix'}")
    if at.namespace is not None and not form.namespaces:
        raise SfpError(f"{path}: --to {to} has no namespaces; leave --namespace out")
    if not at.group and to != "ma":
        raise SfpError(f"{path}: --to {to} makes no group; leave --no-group out")
    if at.model is not None and to != "gltf":
        raise SfpError(f"{path}: --to {to} needs no model; leave --rig out")
    return form.write(path, take, at)


def export_named(name: str) -> ExportName:
    """The form of this name. Raises SfpError for another."""
    for known in get_args(ExportName):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise SfpError(f"--to {name}: unknown; expected one of {', '.join(get_args(ExportName))}")
