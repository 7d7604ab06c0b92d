"""Which of the known vocabularies a rig speaks, and what speech may drive in it past the landmarks."""

from sfp_core.rig import RigSpec
from sfp_core.rigs.profiles.profile import profile_named, profile_names
from sfp_core.rigs.vocabulary.arkit import ARKIT
from sfp_core.rigs.vocabulary.oculus import OCULUS, OCULUS_BARE
from sfp_core.rigs.vocabulary.panel import PANEL_WORDS
from sfp_core.rigs.vocabulary.vocabulary import Recognised, Vocabulary
from sfp_core.rigs.vocabulary.vrm import VRM0, VRM1
from sfp_core.rigs.vocabulary.vroid import VROID

VOCABULARIES: tuple[Vocabulary, ...] = (PANEL_WORDS, ARKIT, OCULUS, OCULUS_BARE, VROID, VRM1, VRM0)


def recognised(rig: RigSpec) -> tuple[Recognised, ...]:
    """The vocabularies found in the names of a rig's controllers; a rig may speak several, or none.

    Those with the profiles of well-known rigs come last.
    """
    profiles = (profile_named(name).vocabulary for name in profile_names())
    found = (vocabulary.found_in(rig) for vocabulary in (*VOCABULARIES, *profiles))
    return tuple(one for one in found if one is not None)


def direct_table(rig: RigSpec) -> dict[str, dict[str, float]]:
    """What speech may drive straight: articulator -> {controller: change from neutral at full strength}.

    Empty for a rig without a known vocabulary. It is meant for controllers that move no landmark.
    """
    table: dict[str, dict[str, float]] = {}
    for found in recognised(rig):
        for articulator, drive in found.direct_table().items():
            table[articulator] = drive | table.get(articulator, {})  # the first vocabulary's word counts
    return table
