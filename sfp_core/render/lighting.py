"""What light does to one point of a surface, compiled: the formulas of the styles.

Vectors are in view space and of length 1; light and colours are linear.
"""

import math

from sfp_core.compiled import inlined
from sfp_core.render.mesh import Part

SOFT, TOON, VIEWPORT, BEAUTY = 0, 1, 2, 3

_SKIN, _LIPS, _EYE, _HAIR, _TEETH, _TONGUE, _HAND = (
    int(part) for part in (Part.SKIN, Part.LIPS, Part.EYE, Part.HAIR, Part.TEETH, Part.TONGUE, Part.HAND)
)
Vector = tuple[float, float, float]


@inlined
def lit(
    normal: Vector,
    eye: Vector,
    half: Vector,
    gloss: float,
    part: int,
    light: tuple[float, ...],
    effects: tuple[float, ...],
    unoccluded: float,
    unshadowed: float,
    style: int,
) -> tuple[float, float, float, float]:
    """What the light does to a surface: three factors of its colour, and white to add.

    Parameters
    ----------
    normal, eye, half : Vector
        Of the surface, towards the eye, and half-way from there to the key light.
    light : 20 floats
        `Light.packed`.
    effects : 5 floats
        Strengths of eyes and hair, and the head's upright axis.
    unoccluded, unshadowed : float
        0..1: how much ambient light, and how much of the key light, reaches the point.
    style : int
        SOFT, TOON, VIEWPORT or BEAUTY.
    """
    nx, ny, nz = normal
    if style == BEAUTY:
        return _beauty(nx, ny, nz, eye, half, gloss, part, light, effects, unoccluded, unshadowed)
    lx, ly, lz, key, fx, fy, fz, fill, ambient, rim, wrap, kr, kg, kb, fr, fg, fb, ur, ug, ub = light
    to_eye = min(max(nx * eye[0] + ny * eye[1] + nz * eye[2], 0.0), 1.0)
    to_light = nx * lx + ny * ly + nz * lz
    mirrored = max(nx * half[0] + ny * half[1] + nz * half[2], 0.0)
    edge = (1.0 - to_eye) * (1.0 - to_eye)
    if style == TOON:
        band = 1.0 if to_light > 0.30 else (0.72 if to_light > -0.15 else 0.46)
        strength, cool = (key + fill + ambient) * band, 1.0 - band
        add = (0.8 * gloss if mirrored > 0.992 else 0.0) + (rim if edge > 0.55 and ny > -0.2 else 0.0)
        return (
            strength * (kr * band + fr * cool),
            strength * (kg * band + fg * cool),
            strength * (kb * band + fb * cool),
            add,
        )
    if style == VIEWPORT:
        plain = 0.06 + 0.86 * to_eye
        return plain, plain, plain, 0.5 * gloss * gloss * to_eye**128
    shine = mirrored**8
    broad, sharp = shine * shine * shine, min(3.0 * (shine * shine) ** 16, 1.0)  # a disc with a soft edge
    wrapped = max((to_light + wrap) / (1.0 + wrap), 0.0)
    warm = key * wrapped * (0.4 + 0.6 * wrapped)
    under = key * (1.0 - gloss) * max(wrapped - max(to_light, 0.0), 0.0)
    cool = (fill * max(nx * fx + ny * fy + nz * fz, 0.0) + ambient * (0.85 + 0.15 * ny)) * unoccluded
    warm *= 0.5 + 0.5 * unoccluded
    add = gloss * (0.30 * (1.0 - gloss) * broad + 1.6 * gloss * sharp) + rim * edge * edge * (0.6 + 0.4 * ny)
    if part == _EYE and effects[0] > 0:
        glow = effects[0] * _glow(nx, ny, nz, eye, light)
        warm *= 1.0 + 0.7 * glow
        add = (
            effects[0] * 0.95 * _window(nx, ny, nz, eye, light)
            + 0.05 * glow * glow * glow
            + rim * edge * edge * (0.6 + 0.4 * ny)
        )
    if part == _HAIR and effects[1] > 0:
        ring = effects[1] * key * _combed(nx, ny, nz, half, effects) * max(to_light + 0.2, 0.0)
        warm += 1.2 * ring
        add += 0.06 * ring
    return (
        warm * kr + cool * fr + under * ur,
        warm * kg + cool * fg + under * ug,
        warm * kb + cool * fb + under * ub,
        add,
    )


@inlined
def _step(low: float, high: float, value: float) -> float:
    """0 up to `low`, 1 from `high`, smooth between."""
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


@inlined
def _window(nx: float, ny: float, nz: float, eye: Vector, light: tuple[float, ...]) -> float:
    """The mirror image of a window in the key's direction: 1 within, 0 outside."""
    lx, ly, lz = light[0], light[1], light[2]
    rx, ry, rz = _mirrored(nx, ny, nz, eye)
    level = 1.0 / (math.sqrt(lx * lx + lz * lz) + 1e-9)
    across = (rx * lz - rz * lx) * level  # the window's own axes: level and upright
    up = ry * (lx * lx + lz * lz) * level - (rx * lx + rz * lz) * ly * level
    ahead = rx * lx + ry * ly + rz * lz
    if ahead <= 0.0:
        return 0.0
    corner = max(abs(across) - 0.15, 0.0) ** 2 + max(abs(up) - 0.20, 0.0) ** 2  # a pane with round corners
    return 1.0 - _step(0.010, 0.022, corner)


@inlined
def _glow(nx: float, ny: float, nz: float, eye: Vector, light: tuple[float, ...]) -> float:
    """A soft light across the eye from the window: what the cornea gathers in the iris, which makes it look deep."""
    rx, ry, rz = _mirrored(nx, ny, nz, eye)
    gx, gy, gz = -0.75 * light[0], -0.75 * light[1], light[2]
    soft = max((gx * rx + gy * ry + gz * rz) / math.sqrt(gx * gx + gy * gy + gz * gz + 1e-12), 0.0)
    return soft**8


@inlined
def _mirrored(nx: float, ny: float, nz: float, eye: Vector) -> Vector:
    """The line of sight, thrown back by a surface."""
    twice = 2.0 * (nx * eye[0] + ny * eye[1] + nz * eye[2])
    return twice * nx - eye[0], twice * ny - eye[1], twice * nz - eye[2]


@inlined
def _combed(nx: float, ny: float, nz: float, half: Vector, effects: tuple[float, ...]) -> float:
    """The highlight of strands that run down the head: a band across them (Kajiya and Kay, 1989)."""
    _, _, ux, uy, uz = effects
    along = nx * ux + ny * uy + nz * uz
    tx, ty, tz = ux - along * nx, uy - along * ny, uz - along * nz
    unit = 1.0 / (math.sqrt(tx * tx + ty * ty + tz * tz) + 1e-6)
    cosine = (tx * half[0] + ty * half[1] + tz * half[2]) * unit
    return max(1.0 - cosine * cosine, 0.0) ** 20


@inlined
def _beauty(
    nx: float,
    ny: float,
    nz: float,
    eye: Vector,
    half: Vector,
    gloss: float,
    part: int,
    light: tuple[float, ...],
    effects: tuple[float, ...],
    unoccluded: float,
    unshadowed: float,
) -> tuple[float, float, float, float]:
    """Skin whose terminator and shadow edges redden, as light travels furthest in it where it is red."""
    lx, ly, lz, key, fx, fy, fz, fill, ambient, rim, wrap, kr, kg, kb, fr, fg, fb, _, _, _ = light
    to_eye = min(max(nx * eye[0] + ny * eye[1] + nz * eye[2], 0.0), 1.0)
    to_light = nx * lx + ny * ly + nz * lz
    mirrored = max(nx * half[0] + ny * half[1] + nz * half[2], 0.0)
    if part == _TEETH:  # painters keep teeth white in the shade of the lips
        to_light, unshadowed, unoccluded = max(to_light, 0.5), 0.75 + 0.25 * unshadowed, 0.8 + 0.2 * unoccluded
    soft_skin = part in (_SKIN, _LIPS, _TONGUE, _HAND)
    bleed = 1.0 if soft_skin else 0.0
    # Where the surface turns from the light its own form makes the shade, and a cast shadow would add only doubt.
    shade = 1.0 - (1.0 - unshadowed) * _step(-0.05, 0.30, to_light)
    between, open_between = shade * (1.0 - shade), unoccluded * (1.0 - unoccluded)
    wrap_r, wrap_g, wrap_b = wrap * (0.55 + 0.75 * bleed), wrap * (0.55 + 0.05 * bleed), wrap * (0.55 - 0.15 * bleed)
    dr = max((to_light + wrap_r) / (1.0 + wrap_r), 0.0)
    dg = max((to_light + wrap_g) / (1.0 + wrap_g), 0.0)
    db = max((to_light + wrap_b) / (1.0 + wrap_b), 0.0)
    # About d to the power of 1 + wrap, which keeps the sum of light the same.
    dr *= 1.0 - wrap_r + wrap_r * dr
    dg *= 1.0 - wrap_g + wrap_g * dg
    db *= 1.0 - wrap_b + wrap_b * db
    dr *= shade + 0.45 * bleed * between
    dg *= shade
    db *= shade - 0.10 * bleed * between
    side = fill * max(nx * fx + ny * fy + nz * fz, 0.0) * (0.35 + 0.65 * unoccluded)
    sky = 0.5 + 0.5 * ny
    around_r = ambient * (0.80 * sky + 0.95 * (1.0 - sky))  # cool from above, warm from the floor
    around_g = ambient * (0.95 * sky + 0.68 * (1.0 - sky))
    around_b = ambient * (1.15 * sky + 0.58 * (1.0 - sky))
    open_r = unoccluded + 0.50 * bleed * open_between
    open_g = unoccluded
    open_b = unoccluded - 0.10 * bleed * open_between
    contact = 0.65 + 0.35 * unoccluded
    edge = (1.0 - to_eye) ** 4
    # The rim stands behind the head, across from the key.
    back = _step(0.0, 0.8, 0.75 * nx * (-1.0 if lx > 0.0 else 1.0) + 0.45 * ny - 0.30 * nz)
    lined = rim * edge * (0.35 + 1.9 * back) * unoccluded
    shine = mirrored**6
    visible = (0.25 + 0.75 * shade) * unoccluded
    add = visible * (0.035 * shine + 0.9 * gloss * (1.0 - gloss) * shine**5)
    if part == _LIPS:
        add += visible * (0.16 * shine**8 + 0.05 * shine**2)
    elif part == _EYE:
        add = effects[0] * 0.95 * _window(nx, ny, nz, eye, light) * (0.25 + 0.75 * unoccluded) + 0.08 * edge
        contact *= contact * (1.0 + 0.9 * effects[0] * _glow(nx, ny, nz, eye, light))  # the lid's shade is on it too
    elif gloss > 0.5:
        add += gloss * min(3.0 * mirrored**256, 1.0)
    ring = 0.0
    if part == _HAIR and effects[1] > 0:
        band = _combed(nx, ny, nz, half, effects)
        ring = effects[1] * key * (0.9 * band * band + 0.25 * band) * _step(-0.2, 0.5, to_light) * visible
        add += 0.05 * ring
    return (
        contact * kr * (key * dr + 2.0 * ring) + side * fr + around_r * open_r + lined * 1.0,
        contact * kg * (key * dg + 2.0 * ring) + side * fg + around_g * open_g + lined * 0.95,
        contact * kb * (key * db + 2.0 * ring) + side * fb + around_b * open_b + lined * 0.95,
        add + 0.20 * lined,
    )


@inlined
def directions(ex: float, ey: float, light: tuple[float, ...]) -> tuple[Vector, Vector]:
    """Of length 1: towards the eye, from the line of sight's slopes, and half-way from there to the key light."""
    ez = 1.0 / math.sqrt(ex * ex + ey * ey + 1.0)
    ex *= ez
    ey *= ez
    hx, hy, hz = light[0] + ex, light[1] + ey, light[2] + ez
    unit = 1.0 / (math.sqrt(hx * hx + hy * hy + hz * hz) + 1e-12)
    return (ex, ey, ez), (hx * unit, hy * unit, hz * unit)
