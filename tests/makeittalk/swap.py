"""How far the swap's templates are from the truth, on stills of the built-in cast.

    python -m tests.makeittalk.swap

prints one JSON object: by name, in percent of the inter-ocular distance, as seen and with what is done by default.
"""

import json
import sys

import numpy as np

from makeittalk_bridge.still import one_face
from makeittalk_bridge.template import AS_SEEN, TemplateOptions, template_of
from sfp_core.detect.detector import Detector
from sfp_core.layout import IBUG_68, ibug68_from_wflw98
from sfp_core.rigs.procedural import ProceduralCharacter, character_names

_SIZE = 256
_STANDARD = np.zeros((68, 3))


def error_of(name: str, detector: Detector, *, options: TemplateOptions) -> float:
    """Mean distance of the template's 68 landmarks from the true ones as seen, over the eyes' distance."""
    character = ProceduralCharacter.named(name)
    seen = one_face(character.picture(character.rig.neutral, size=_SIZE), detector, where=name)
    real = character.landmarks(character.rig.neutral, size=_SIZE)
    found = template_of(ibug68_from_wflw98(seen), _STANDARD, options=options).points[:, :2]
    truth = template_of(ibug68_from_wflw98(real), _STANDARD, options=AS_SEEN).points[:, :2]
    across = np.linalg.norm(truth[IBUG_68.outer_eye_right] - truth[IBUG_68.outer_eye_left])
    return float(np.linalg.norm(found - truth, axis=1).mean() / across)


def errors() -> dict[str, dict[str, float]]:
    """By the options' name and by character, percent."""
    detector = Detector.load()
    ways = {"as seen": AS_SEEN, "default": TemplateOptions()}
    return {
        way: {name: 100 * error_of(name, detector, options=options) for name in character_names()}
        for way, options in ways.items()
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(errors()) + "\n")
