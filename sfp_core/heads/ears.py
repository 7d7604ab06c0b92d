"""Ears: a shell with a rolled helix, a bowl and a lobe, in the styles of `EAR_STYLES`; and what hangs on them."""

import numpy as np

from sfp_core.heads.fitting import Fitting
from sfp_core.heads.identity import Look, Wear
from sfp_core.heads.solids import grid_faces, mirrored, ring_tube, solid, sphere
from sfp_core.render.mesh import Mesh, Part, merged

_AROUND = 40
_TURN_OUT_RAD = {"human": 0.72, "round": 0.85, "elf": 0.80}  # how far an ear stands off
# Rings from the bowl's middle over the rim to the back: share of the outline's radius, height over the ear's plane.
_HUMAN = np.array(
    [
        (0.00, -0.16), (0.14, -0.16), (0.27, -0.13), (0.36, -0.02), (0.45, 0.05), (0.55, 0.06), (0.65, 0.00),
        (0.75, -0.04), (0.84, 0.01), (0.91, 0.07), (0.97, 0.08), (1.00, 0.04), (0.98, -0.03), (0.86, -0.08),
        (0.60, -0.16), (0.42, -0.40),
    ]
)  # fmt: skip
_PLAIN = np.array(
    [
        (0.00, -0.12), (0.20, -0.12), (0.42, -0.10), (0.60, -0.05), (0.75, 0.02), (0.87, 0.07), (0.95, 0.08),
        (1.00, 0.04), (0.98, -0.03), (0.86, -0.08), (0.60, -0.16), (0.42, -0.40),
    ]
)  # fmt: skip


def _outline(style: str, turn: np.ndarray) -> np.ndarray:
    """Places of the rim in the ear's plane, (n, 2): backwards and up, in half heights; turn 0 points backwards."""
    back, up = np.cos(turn), np.sin(turn)
    if style == "round":
        return np.stack([0.84 * back, 0.84 * up], axis=-1)
    width = 0.56 + 0.10 * up - 0.05 * np.cos(2 * turn)  # wide above, a narrow lobe below
    place = np.stack([width * back, up * (1 - 0.05 * back)], axis=-1)
    if style == "elf":
        point = np.exp(-(((turn - 0.95) / 0.34) ** 2))
        place = place * (0.92 + 0.95 * point)[:, None] + point[:, None] * np.array([0.42, 0.22])
    return np.asarray(place)


def ear_mesh(fit: Fitting, look: Look, style: str) -> Mesh:
    """Both ears. `style` is one of `EAR_STYLES` but "none"; `fit.ear_size` is half an ear's height."""
    turn = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    rim = _outline(style, turn)
    profile = _HUMAN if style == "human" else _PLAIN
    front = np.clip(-np.cos(turn) * 1.4 - 0.25, 0.0, 1.0)  # the side that grows out of the cheek has no rim
    share, height = profile[:, 0][:, None], profile[:, 1][:, None]
    bowl = np.array([-0.16, -0.10]) * (1 - share[..., None])  # the bowl lies low and near the cheek
    plane = rim[None] * share[..., None] + bowl
    relief = height * np.where(share < 0.92, 1.0, 1 - 0.75 * front)
    relief = np.where(share < 0.40, relief - 0.04 * (1 - front), relief)
    vertices = np.stack([relief, plane[..., 1], -plane[..., 0]], axis=-1).reshape(-1, 3) * fit.ear_size
    angle = _TURN_OUT_RAD[style]
    cosine, sine = np.cos(angle), np.sin(angle)
    x, z = vertices[:, 0] * cosine - vertices[:, 2] * sine, vertices[:, 2] * cosine + vertices[:, 0] * sine
    lean = 0.16
    y, z = vertices[:, 1] * np.cos(lean) + z * np.sin(lean) * 0.4, z - vertices[:, 1] * np.sin(lean)
    size = fit.ear_size
    left = np.stack([x, y, z], axis=-1) + fit.ears[0] + (0.16 * size, 0.0, -0.10 * size)
    skin = np.asarray(look.skin)
    deep = np.clip(-relief / 0.16, 0, 1) * (share < 0.9)
    colours = skin * (1 - deep[..., None] * (0.20, 0.38, 0.40)) * (1.0, 0.955, 0.945)
    faces = grid_faces(len(profile), _AROUND)
    mesh = solid(left, faces, colours.reshape(-1, 3), gloss=0.08, part=Part.SKIN)
    return merged([mesh, mirrored(mesh)])


def earring_mesh(fit: Fitting, wear: Wear) -> Mesh:
    """Both earrings at the lobes; `wear.earrings` is "stud" or "hoop"."""
    size = fit.ear_size
    lobe = fit.ears[0] + np.array([0.30 * size + 0.03, -0.92 * size, 0.10 * size])
    if wear.earrings == "stud":
        vertices, faces = sphere((0.042, 0.042, 0.042), around=14, down=9)
        vertices = vertices + lobe
    else:
        turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        out = np.stack([np.zeros(28), np.sin(turn), np.cos(turn)], axis=-1)
        vertices, faces = ring_tube(lobe + (0.02, -0.13, 0.0) + 0.13 * out, 0.017, sides=8, outwards=out)
    mesh = solid(vertices, faces, wear.metal, gloss=0.8, part=Part.WEAR)
    return merged([mesh, mirrored(mesh)])
