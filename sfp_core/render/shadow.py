"""Soft shadows of the key light: a depth map seen from the light, asked around every point.

The further the thing that throws the shadow, the softer its edge, as from a window and not from a bulb.
"""

import numpy as np

from sfp_core.compiled import compiled
from sfp_core.render.camera import Camera
from sfp_core.render.light import Rgb
from sfp_core.render.occlusion import fan, lightened, phase
from sfp_core.render.view import Surfaces, View, rastered

_MAP_PX = 416
_MARGIN_PX = 4
_TAPS = 12
# World units, of heads about 2.2 high.
_SOFTEST = 0.11  # radius of the softest edge
_SHARPEST = 0.018
_OFF_SURFACE = 0.014  # a point is moved out by this before it is looked up, so that no surface shades itself
_GROWTH = 0.22  # of an edge's radius with the distance of what throws it: half the light's width as an angle


def key_light(
    view: View, half: Surfaces, camera: Camera, direction: Rgb, *, strength: float, map_px: int = _MAP_PX
) -> np.ndarray:
    """How much of the key light reaches every pixel.

    Parameters
    ----------
    half : Surfaces
        Of `view` in steps of 2.
    direction : three floats
        View space, towards the light.
    strength : float
        0..1: the light lost in full shadow.
    map_px : int
        Side of the depth map.

    Returns
    -------
    unshadowed : (H, W) float32
        0..1; 1 where the surface is turned away from the light, which the light's own formula darkens, or empty.
    """
    axes = _light_axes(direction)
    points = camera.to_view(view.mesh.vertices) @ axes.T
    sound = np.isfinite(points).all(axis=1)
    if not sound.any() or not len(view.mesh.faces):
        return np.ones((view.height, view.width), dtype=np.float32)
    low, high = points[sound].min(axis=0), points[sound].max(axis=0)
    scale = (map_px - 2 * _MARGIN_PX) / max(float((high - low)[:2].max()), 1e-9)
    # 1 and more, as the rasteriser wants it: along parallel rays its "inverse depth" is linear, like the height here.
    nearness = points[:, 2] - low[2] + 1.0
    raster, _ = rastered(view.mesh, (points[:, :2] - low[:2]) * scale + _MARGIN_PX, nearness, map_px, map_px)
    dark = np.zeros_like(half.inverse_depth)
    _look_up(
        half.inverse_depth,
        half.normal,
        0.5 * view.width - 0.5,
        0.5 * view.height - 0.5,
        view.slope,
        camera.distance,
        axes,
        low,
        scale,
        raster.inverse_depth,
        fan(_TAPS // 2, 0.5),
        fan(_TAPS, 0.5),
        dark,
    )
    return lightened(dark, half.inverse_depth, view.inverse_depth, thickness=0.08, strength=strength)


def _light_axes(direction: Rgb) -> np.ndarray:
    """Rows: two axes across the light and the one towards it, (3, 3)."""
    ahead = np.asarray(direction, dtype=np.float64) / np.linalg.norm(direction)
    across = np.cross((0.0, 1.0, 0.0) if abs(ahead[1]) < 0.9 else (1.0, 0.0, 0.0), ahead)
    across /= np.linalg.norm(across)
    return np.stack([across, np.cross(ahead, across), ahead])


@compiled
def _look_up(
    near: np.ndarray,
    normal: np.ndarray,
    middle_x: float,
    middle_y: float,
    slope: float,
    distance: float,
    axes: np.ndarray,
    low: np.ndarray,
    scale: float,
    nearness: np.ndarray,
    few: np.ndarray,
    many: np.ndarray,
    dark: np.ndarray,
) -> None:
    side = nearness.shape[0]
    for half_y in range(dark.shape[0]):
        for half_x in range(dark.shape[1]):
            if near[half_y, half_x] <= 0:
                continue
            nx, ny, nz = normal[half_y, half_x, 0], normal[half_y, half_x, 1], normal[half_y, half_x, 2]
            to_light = nx * axes[2, 0] + ny * axes[2, 1] + nz * axes[2, 2]
            if to_light < -0.1:
                continue
            depth = 1.0 / near[half_y, half_x]
            out = _OFF_SURFACE * (1.0 + 1.5 * (1.0 - max(to_light, 0.0)))
            px = (2 * half_x - middle_x) * slope * depth + out * nx
            py = (middle_y - 2 * half_y) * slope * depth + out * ny
            pz = distance - depth + out * nz
            u = (px * axes[0, 0] + py * axes[0, 1] + pz * axes[0, 2] - low[0]) * scale + _MARGIN_PX
            v = (px * axes[1, 0] + py * axes[1, 1] + pz * axes[1, 2] - low[1]) * scale + _MARGIN_PX
            w = px * axes[2, 0] + py * axes[2, 1] + pz * axes[2, 2] - low[2] + 1.0
            turned = phase(half_y, half_x)
            allowed = 0.7 * (1.0 - to_light) / scale  # of a tap to the side: it may meet the same surface higher up
            radius = _SOFTEST
            for final in range(2):  # first: how far is what throws the shadow; then: how much of the light it takes
                blocked, gap = 0, 0.0
                directions, reach = (many if final else few), radius * scale
                taps = directions.shape[1]
                for tap in range(taps):
                    at_x = min(max(int(u + reach * directions[turned, tap, 0]), 0), side - 1)
                    at_y = min(max(int(v + reach * directions[turned, tap, 1]), 0), side - 1)
                    above = max(nearness[at_y, at_x] - w - allowed * reach * directions[turned, tap, 2], 0.0)
                    blocked += 1 if above > 0 else 0
                    gap += above
                if blocked == 0:
                    break
                if final:
                    dark[half_y, half_x] = blocked / taps
                else:
                    radius = min(max(_GROWTH * gap / blocked, _SHARPEST), _SOFTEST)
