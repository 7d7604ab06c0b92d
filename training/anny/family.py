"""The families `anny` (stylised) and `human` as the data set draws them; see `training.faces.family`."""

import numpy as np

from sfp_core.errors import SfpError
from training.anny.head import AnnyHead
from training.anny.people import random_character, random_human

FAMILIES = ("anny", "human")


def random_subject(family: str, rng: np.random.Generator) -> AnnyHead:
    """A new head.

    Raises
    ------
    SfpError
        Another family, or the file of heads was never built.
    """
    if family not in FAMILIES:
        raise SfpError(f"family {family!r} is none of these heads'; expected one of {', '.join(FAMILIES)}")
    return AnnyHead(random_character(rng) if family == "anny" else random_human(rng))
