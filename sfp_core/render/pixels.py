"""The compiled loop that lights the samples of a raster and makes pixels of them.

Vectors are in view space; light and colours are linear.
"""

import math

import numpy as np

from sfp_core.compiled import compiled, inlined
from sfp_core.render.lighting import TOON, directions, lit

# Samples of a pixel whose mean normal is at least this long lie on one smooth surface and are lit as one.
_ONE_SURFACE = 0.97
# -1 of a Raster: an index without a sign need not be asked whether it counts from the end.
_NO_FACE = np.uint32(0xFFFFFFFF)


@inlined
def _seen(
    f: np.uint32, wa: float, wb: float, count: int, faces: np.ndarray, facing: np.ndarray, surface: np.ndarray
) -> tuple[float, float, float, float, float, float]:
    """Sums over `count` samples of face f with weights that add up to wa and wb: normal to the seen side, colour."""
    wc = count - wa - wb
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
    parts: np.ndarray,
    light: tuple[float, ...],
    effects: tuple[float, ...],
    unoccluded: np.ndarray,
    unshadowed: np.ndarray,
    style: int,
    pixel_slope: float,
    tone: np.ndarray,
    tone_scale: float,
    supersample: int,
    picture: np.ndarray,
    mask: np.ndarray,
    tints: np.ndarray | None,
) -> None:
    """Light every covered pixel and lay it over `picture` and into `mask`; both are written to.

    Parameters
    ----------
    face, weights : (H * supersample, W * supersample[, 2])
        Of a Raster; `face` seen as uint32.
    faces : (F, 3) uint32
    facing : (F,) float32
        1 where the outside of the face is seen, -1 where its inside is.
    surface : (V, 6) float32
        Normal in view space, then linear colour.
    gloss : (F,) float32
    parts : (F,) uint8
    light, effects, style
        As `lit` takes them. TOON lights every sample.
    unoccluded, unshadowed : (H, W) float32
        As `lit` takes them; an array without rows stands for 1 everywhere.
    pixel_slope : float
        Of the line of sight, from one pixel to the next: 1 / focal length in pixels.
    tone : (steps,) uint8
        Linear light to sRGB; `tone_scale` steps are a light of 1.
    picture : (H, W, 3) uint8
        Holds the background.
    mask : (H, W) uint8
    tints : (H * supersample, W * supersample, 3) float32, optional
        Linear: what multiplies the colour of every sample. Without them Numba leaves their code out.
    """
    height, width = mask.shape
    last_tone = len(tone) - 1
    flat_face, flat_weights = face.reshape(-1), weights.reshape(-1, 2)  # as in `raster`
    stride = np.uint64(width * supersample)
    by_part = effects[0] > 0 or effects[1] > 0
    samples = supersample * supersample
    for y in range(height):
        for x in range(width):
            count = run = 0
            one_part = True
            last = np.uint32(_NO_FACE)
            wa = wb = nx = ny = nz = red = green = blue = shiny = 0.0
            tint_r = tint_g = tint_b = 0.0
            corner = np.uint64(y * supersample) * stride + np.uint64(x * supersample)
            for down in range(supersample):
                for across in range(supersample):
                    at = corner + np.uint64(down) * stride + np.uint64(across)
                    f = flat_face[at]
                    if f == _NO_FACE:
                        continue
                    count += 1
                    if style == TOON:
                        continue
                    if f != last:
                        if run:
                            one_part = one_part and parts[f] == parts[last]
                            nxs, nys, nzs, rs, gs, bs = _seen(last, wa, wb, run, faces, facing, surface)
                            if tints is not None:
                                rs, gs, bs = rs * tint_r / run, gs * tint_g / run, bs * tint_b / run
                                tint_r = tint_g = tint_b = 0.0
                            nx, ny, nz, red, green, blue = nx + nxs, ny + nys, nz + nzs, red + rs, green + gs, blue + bs
                            shiny += run * gloss[last]
                        last, run, wa, wb = f, 0, 0.0, 0.0
                    run += 1
                    if tints is not None:
                        row, column = y * supersample + down, x * supersample + across
                        tint_r += tints[row, column, 0]
                        tint_g += tints[row, column, 1]
                        tint_b += tints[row, column, 2]
                    wa += flat_weights[at, 0]
                    wb += flat_weights[at, 1]
            if run:
                nxs, nys, nzs, rs, gs, bs = _seen(last, wa, wb, run, faces, facing, surface)
                if tints is not None:
                    rs, gs, bs = rs * tint_r / run, gs * tint_g / run, bs * tint_b / run
                nx, ny, nz, red, green, blue = nx + nxs, ny + nys, nz + nzs, red + rs, green + gs, blue + bs
                shiny += run * gloss[last]
            if count == 0:
                continue
            eye, half = directions((0.5 * width - x - 0.5) * pixel_slope, (y + 0.5 - 0.5 * height) * pixel_slope, light)
            length = math.sqrt(nx * nx + ny * ny + nz * nz)
            open_to_all = float(unoccluded[y, x]) if len(unoccluded) else 1.0
            open_to_key = float(unshadowed[y, x]) if len(unshadowed) else 1.0
            if length > _ONE_SURFACE * count and (one_part or not by_part):
                unit = 1.0 / length
                normal = (nx * unit, ny * unit, nz * unit)
                shiny /= count
                lr, lg, lb, add = lit(
                    normal, eye, half, shiny, parts[last], light, effects, open_to_all, open_to_key, style
                )
                red, green, blue = red * lr + add * count, green * lg + add * count, blue * lb + add * count
            else:
                red = green = blue = 0.0
                for down in range(supersample):
                    for across in range(supersample):
                        at = corner + np.uint64(down) * stride + np.uint64(across)
                        f = flat_face[at]
                        if f == _NO_FACE:
                            continue
                        wa, wb = flat_weights[at, 0], flat_weights[at, 1]
                        nx, ny, nz, rs, gs, bs = _seen(f, wa, wb, 1, faces, facing, surface)
                        if tints is not None:
                            row, column = y * supersample + down, x * supersample + across
                            rs, gs, bs = (
                                rs * tints[row, column, 0],
                                gs * tints[row, column, 1],
                                bs * tints[row, column, 2],
                            )
                        unit = 1.0 / (math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12)
                        normal = (nx * unit, ny * unit, nz * unit)
                        shiny = float(gloss[f])
                        lr, lg, lb, add = lit(
                            normal, eye, half, shiny, parts[f], light, effects, open_to_all, open_to_key, style
                        )
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
