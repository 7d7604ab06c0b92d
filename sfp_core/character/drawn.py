"""Which rigs we can draw ourselves, and what tells that a bundle is for another version of one."""

from collections.abc import Sequence

from sfp_core.character.capture import Poseable
from sfp_core.errors import SfpError
from sfp_core.rig import RigSpec
from sfp_core.rigs.procedural import CONTROLS, LAYERS, ProceduralCharacter, character_names

_LISTED = 5


def drawn_rig(rig: RigSpec) -> ProceduralCharacter | None:
    """The built-in character with this rig; None for rigs of others.

    Raises
    ------
    SfpError
        It has the name of a built-in character, but other controllers or limits: a bundle of another version.
    """
    if rig.name not in character_names():
        return None
    known = [(controls, LAYERS[controls].rig(rig.name)) for controls in CONTROLS]
    for controls, own in known:
        if own.controllers == rig.controllers:
            return ProceduralCharacter.named(rig.name, controls=controls)
    _, nearest = max(known, key=lambda one: len(set(one[1].names) & set(rig.names)))
    raise SfpError(f"rig {rig.name}: {difference(rig, nearest)}")


def same_rig(rig: RigSpec, drawn: Poseable, *, where: str) -> None:
    """Raise SfpError naming what differs unless `drawn` has exactly the controllers of `rig`, in its order."""
    if rig.controllers != drawn.rig.controllers:
        raise SfpError(f"{where}: {difference(rig, drawn.rig)}")


def difference(rig: RigSpec, other: RigSpec) -> str:
    """In words, how the controllers of a bundle differ from those that the rig has today."""
    gone = [name for name in rig.names if name not in other.names]
    new = [name for name in other.names if name not in rig.names]
    told = [f"the rig has no more {_listed(gone)}"] if gone else []
    told += [f"the bundle knows nothing of {_listed(new)}"] if new else []
    if not told:
        changed = [
            name for name in rig.names if rig.controllers[rig.index(name)] != other.controllers[other.index(name)]
        ]
        told = [
            f"limits, neutral or unit changed: {_listed(changed)}" if changed else "the order of controllers changed"
        ]
    return f"made for another version of this rig ({'; '.join(told)}); capture and train it again"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
