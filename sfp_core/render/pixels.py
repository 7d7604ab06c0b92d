"""The compiled loop that lights the samples of a raster and makes pixels of them.

Vectors are in view space; light and colours are linear.
"""

import math

import numpy as np

from sfp_core.render.compiled import compiled

SOFT, TOON, VIEWPORT = 0, 1, 2

# Samples of a pixel whose mean normal is at least this long lie on one smooth surface and are lit as one.
_ONE_SURFACE = 0.97


@compiled
def _lit(
    nx: float,
    ny: float,
    nz: float,
    eye: tuple[float, float, float],
    half: tuple[float, float, float],
    gloss: float,
    light: tuple[float, ...],
    style: int,
) -> tuple[float, float, float, float]:
    """What the light does to a surface with this normal: three factors of its colour, and white to add."""
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
    cool = fill * max(nx * fx + ny * fy + nz * fz, 0.0) + ambient * (0.85 + 0.15 * ny)
    return (
        warm * kr + cool * fr + under * ur,
        warm * kg + cool * fg + under * ug,
        warm * kb + cool * fb + under * ub,
        gloss * (0.30 * (1.0 - gloss) * broad + 1.6 * gloss * sharp) + rim * edge * edge * (0.6 + 0.4 * ny),
    )


@compiled
def _directions(
    ex: float, ey: float, light: tuple[float, ...]
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Of length 1: towards the eye, from the line of sight's slopes, and half-way from there to the key light."""
    ez = 1.0 / math.sqrt(ex * ex + ey * ey + 1.0)
    ex *= ez
    ey *= ez
    hx, hy, hz = light[0] + ex, light[1] + ey, light[2] + ez
    unit = 1.0 / (math.sqrt(hx * hx + hy * hy + hz * hz) + 1e-12)
    return (ex, ey, ez), (hx * unit, hy * unit, hz * unit)


@compiled
def _seen(
    f: int, wa: float, wb: float, faces: np.ndarray, facing: np.ndarray, surface: np.ndarray
) -> tuple[float, float, float, float, float, float]:
    """The normal towards the seen side and the colour at these weights of face f."""
    wc = np.float32(1) - wa - wb
    a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
    side = facing[f]
    return (
        side * (wa * surface[a, 0] + wb * surface[b, 0] + wc * surface[c, 0]),
        side * (wa * surface[a, 1] + wb * surface[b, 1] + wc * surface[c, 1]),
        side * (wa * surface[a, 2] + wb * surface[b, 2] + wc * surface[c, 2]),
        wa * surface[a, 3] + wb * surface[b, 3] + wc * surface[c, 3],
        wa * surface[a, 4] + wb * surface[b, 4] + wc * surface[c, 4],
        wa * surface[a, 5] + wb * surface[b, 5] + wc * surface[c, 5],
    )


@compiled
def shade_pixels(
    face: np.ndarray,
    weights: np.ndarray,
    faces: np.ndarray,
    facing: np.ndarray,
    surface: np.ndarray,
    gloss: np.ndarray,
    light: tuple[float, ...],
    style: int,
    pixel_slope: float,
    tone: np.ndarray,
    tone_scale: float,
    supersample: int,
    picture: np.ndarray,
    mask: np.ndarray,
) -> None:
    """Light every covered pixel and lay it over `picture` and into `mask`; both are written to.

    Parameters
    ----------
    face, weights : (H * supersample, W * supersample[, 2])
        Of a Raster.
    faces : (F, 3) uint32
    facing : (F,) float32
        1 where the outside of the face is seen, -1 where its inside is.
    surface : (V, 6) float32
        Normal in view space, then linear colour.
    gloss : (F,) float32
    light : 20 floats
        `Light` in the order of its attributes, directions of length 1.
    style : int
        SOFT, TOON or VIEWPORT.
    pixel_slope : float
        Of the line of sight, from one pixel to the next: 1 / focal length in pixels.
    tone : (steps,) uint8
        Linear light to sRGB; `tone_scale` steps are a light of 1.
    picture : (H, W, 3) uint8
        Holds the background.
    mask : (H, W) uint8
    """
    height, width = mask.shape
    last_tone = len(tone) - 1
    samples = supersample * supersample
    for y in range(height):
        for x in range(width):
            count = 0
            nx = ny = nz = red = green = blue = shiny = 0.0
            for sub_y in range(y * supersample, (y + 1) * supersample):
                for sub_x in range(x * supersample, (x + 1) * supersample):
                    f = face[sub_y, sub_x]
                    if f < 0:
                        continue
                    count += 1
                    if style == TOON:
                        continue
                    nxs, nys, nzs, rs, gs, bs = _seen(
                        f, weights[sub_y, sub_x, 0], weights[sub_y, sub_x, 1], faces, facing, surface
                    )
                    nx += nxs
                    ny += nys
                    nz += nzs
                    red += rs
                    green += gs
                    blue += bs
                    shiny += gloss[f]
            if count == 0:
                continue
            eye, half = _directions(
                (0.5 * width - x - 0.5) * pixel_slope, (y + 0.5 - 0.5 * height) * pixel_slope, light
            )
            length = math.sqrt(nx * nx + ny * ny + nz * nz)
            if length > _ONE_SURFACE * count:
                unit = 1.0 / length
                lr, lg, lb, add = _lit(nx * unit, ny * unit, nz * unit, eye, half, shiny / count, light, style)
                red, green, blue = red * lr + add * count, green * lg + add * count, blue * lb + add * count
            else:
                red = green = blue = 0.0
                for sub_y in range(y * supersample, (y + 1) * supersample):
                    for sub_x in range(x * supersample, (x + 1) * supersample):
                        f = face[sub_y, sub_x]
                        if f < 0:
                            continue
                        nx, ny, nz, rs, gs, bs = _seen(
                            f, weights[sub_y, sub_x, 0], weights[sub_y, sub_x, 1], faces, facing, surface
                        )
                        unit = 1.0 / (math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12)
                        lr, lg, lb, add = _lit(nx * unit, ny * unit, nz * unit, eye, half, gloss[f], light, style)
                        red += rs * lr + add
                        green += gs * lg + add
                        blue += bs * lb + add
            scale = tone_scale / count
            shown_r = tone[max(int(min(red * scale, last_tone)), 0)]
            shown_g = tone[max(int(min(green * scale, last_tone)), 0)]
            shown_b = tone[max(int(min(blue * scale, last_tone)), 0)]
            if count == samples:
                mask[y, x] = 255
                picture[y, x, 0], picture[y, x, 1], picture[y, x, 2] = shown_r, shown_g, shown_b
            else:
                share = count / samples
                mask[y, x] = int(255.0 * share + 0.5)
                picture[y, x, 0] = int(shown_r * share + picture[y, x, 0] * (1.0 - share) + 0.5)
                picture[y, x, 1] = int(shown_g * share + picture[y, x, 1] * (1.0 - share) + 0.5)
                picture[y, x, 2] = int(shown_b * share + picture[y, x, 2] * (1.0 - share) + 0.5)
