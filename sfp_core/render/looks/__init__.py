"""Drawn and painted looks: from a scene's layers to a picture as an artist might have made it.

Every look draws its parameters (weight of the line, inks, paper, size of dots, direction of strokes) from the generator
it is given, so that two pictures of one look differ as two artists would. Features stay where they are: lines lie on
the borders of the parts, and strokes of paint do not run over them.
"""

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.render.layers import Layers
from sfp_core.render.looks import dry, flat, paints, pens, prints
from sfp_core.render.looks.colours import to_bytes
from sfp_core.render.looks.study import Study

_PAINTERS = {
    look.__name__: look
    for look in (
        flat.cel,
        pens.line_art,
        pens.manga,
        pens.hatching,
        pens.engraving,
        pens.etching,
        pens.line_and_wash,
        pens.ink_wash,
        prints.woodcut,
        prints.linocut,
        prints.screen_print,
        prints.newsprint,
        prints.comic,
        prints.ukiyo_e,
        dry.pencil,
        dry.charcoal,
        dry.pastel,
        paints.watercolour,
        paints.gouache,
        paints.oil,
        paints.impasto,
        paints.pointillism,
        paints.fauvist,
        paints.old_master,
        flat.vintage_photo,
        flat.pixel_art,
    )
}
LOOKS: tuple[str, ...] = tuple(_PAINTERS)


def draw(look: str, layers: Layers, rng: np.random.Generator) -> np.ndarray:
    """Draw a scene.

    Parameters
    ----------
    look : str
        One of `LOOKS`.
    layers : Layers
        Of `render_layers`; they are only read.
    rng : np.random.Generator
        The artist: the same state gives the same picture.

    Returns
    -------
    picture : (H, W, 3) uint8
        sRGB, of the layers' size. Features lie where they lie in the layers' picture, to less than a pixel.

    Raises
    ------
    SfpError
        There is no such look.
    """
    if look not in _PAINTERS:
        raise SfpError(f"look {look!r}: expected one of {', '.join(LOOKS)}")
    return to_bytes(_PAINTERS[look](Study(layers), rng))
