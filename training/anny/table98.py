"""Where WFLW's inner 65 landmarks lie on the MakeHuman base mesh hm08: our own measurement.

Every row names vertices of hm08 with weights that sum to 1. Only the middle of the face and the character's left (the
right side of the image) are listed: the other side is the mirror image. Brows and pupils are not vertices: brows lie on
the patch of `anchors.py`, pupils on the eyeballs.

How the rows were measured, on the mean head: eyes by equal steps of arc length along the middle ring of the lid's edge
between its outermost and innermost vertex; the inner lip along the ring where closed lips touch; the outer lip where
the weight of the lip mask falls through one half; the bridge of the nose in equal steps of height from the level of
the eyes to the most forward vertex; 55 to 59 where nostrils and septum meet the upper lip.
"""

Row = tuple[tuple[int, float], ...]

ROWS: dict[int, Row] = {
    51: ((132, 0.881), (133, 0.119)),
    52: ((135, 0.219), (131, 0.781)),
    53: ((164, 0.382), (201, 0.618)),
    54: ((5054, 0.980), (297, 0.020)),
    57: ((343, 1.000),),
    58: ((7120, 0.600), (7077, 0.400)),
    59: ((7119, 1.000),),
    68: ((13365, 1.000),),
    69: ((13359, 0.246), (13371, 0.754)),
    70: ((13353, 0.199), (13352, 0.801)),
    71: ((13357, 0.380), (13358, 0.620)),
    72: ((13377, 1.000),),
    73: ((13374, 0.287), (13373, 0.713)),
    74: ((13372, 0.306), (13370, 0.694)),
    75: ((13368, 0.203), (13367, 0.797)),
    79: ((455, 0.728), (362, 0.272)),
    80: ((7215, 0.014), (7116, 0.001), (7219, 0.058), (7210, 0.927)),
    81: ((7170, 0.101), (11943, 0.012), (11956, 0.754), (11966, 0.133)),
    82: ((7249, 0.534), (7185, 0.466)),
    83: ((7166, 0.596), (7130, 0.326), (7235, 0.055), (11939, 0.022)),
    84: ((7235, 0.329), (11939, 0.134), (7241, 0.518), (11940, 0.019)),
    85: ((492, 0.612), (5337, 0.388)),
    90: ((520, 1.000),),
    91: ((11962, 0.751), (7262, 0.249)),
    92: ((7195, 1.000),),
    93: ((7266, 0.251), (7265, 0.749)),
    94: ((523, 1.000),),
}

EYE_CORNERS = (13377, 13365)  # outer and inner end of the lid's edge, character's left
CHIN, CROWN = 747, 881
