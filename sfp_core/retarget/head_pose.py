"""How a filmed head is turned, told from its landmarks, and the same landmarks as seen from the front.

With pitch p and yaw y, a point (X, Y) of the face (y down) that lies Z nearer to the viewer than the outer eye corners
comes to

    x = cos y * X - sin y sin p * Y + sin y cos p * Z
    y = cos p * Y + sin p * Z
    z = -sin y * X - cos y sin p * Y + cos y cos p * Z

and appears, up to a similarity, at (x, y) / (1 - z / D), D the usual distance of cameras. X and Y are the clip's own:
the middle over time, made the same on both sides. So a clip in which the head is turned all the time keeps its yaw,
while its pitch is counted from its own middle: a long nose and a raised head look alike in two dimensions. Z is that
of the mean of the built-in heads, the nose's scaled with its length.
"""

from dataclasses import replace

import numpy as np

from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import WFLW_98
from sfp_core.retarget.clips import canonical

# Depth in front of the outer eye corners, inter-ocular distances: the mean of the built-in characters at rest.
# fmt: off
_CONTOUR_Z = (-0.45, -0.42, -0.38, -0.33, -0.29, -0.27, -0.28, -0.28, -0.26, -0.24, -0.21, -0.17, -0.14, -0.12, -0.10,
              -0.09)
_BROW_Z = (-0.02, 0.03, 0.07, 0.10, 0.11, 0.13, 0.13, 0.11, 0.06)  # 33 to 41
_NOSE_Z = (0.14, 0.17, 0.26, 0.32, 0.21, 0.20, 0.21, 0.20, 0.21)  # 51 to 59
_EYE_Z = (0.00, 0.09, 0.11, 0.09, 0.00, 0.09, 0.11, 0.09)  # 60 to 67, and 68 to 75
_LIP_Z = (0.09, 0.13, 0.15, 0.15, 0.15, 0.13, 0.09, 0.10, 0.13, 0.13, 0.13, 0.10,  # outer, 76 to 87
          0.09, 0.11, 0.12, 0.11, 0.09, 0.11, 0.12, 0.11)  # inner, 88 to 95
# fmt: on
_MEAN_NOSE = 0.32  # from the eye line to the tip, the same heads
_CHIN_Z, _PUPIL_Z = -0.08, 0.13

_DISTANCE = 9.0  # of the camera, inter-ocular distances: 0.8 m before a person
_RIGID = np.array([60, 64, 68, 72, 51, 52, 53, 54, 57])  # do not act: eye corners, nose bridge and base
_NOSE = WFLW_98.group("nose")
_NOISE = 0.015  # of a rigid landmark against the model, inter-ocular distances
_USUAL_DEG = 20.0  # how far heads turn: what keeps a still head's angles small
_FARTHEST_DEG = 55.0
_STEPS, _ROUNDS = 6, 3
_SLOW_SECONDS = 0.03  # a head is slower than its landmarks' noise


def _depths() -> np.ndarray:
    mirror = np.array(WFLW_98.mirror)
    depth = np.zeros(98)
    depth[:16], depth[16] = _CONTOUR_Z, _CHIN_Z
    depth[33:42], depth[51:60], depth[60:68], depth[76:96], depth[96] = _BROW_Z, _NOSE_Z, _EYE_Z, _LIP_Z, _PUPIL_Z
    for group in ("contour", "right_brow", "right_eye", "right_pupil"):
        here = WFLW_98.group(group)
        empty = here[17:] if group == "contour" else here
        depth[empty] = depth[mirror[empty]]
    return depth


def frontal(sequence: LandmarkSequence) -> LandmarkSequence:
    """The sequence in canonical space, as if the head had looked at the viewer; `head_deg` says how it was turned.

    Canonical landmarks hold no head motion (see `LandmarkSequence`) and come back as they are.

    Raises
    ------
    SfpError
        As `canonical`.
    """
    upright = canonical(sequence)
    if sequence.space == "canonical" or sequence.frames == 0:
        return upright
    turns, facing = turned_back(upright.points, fps=float(upright.fps))
    head_deg = np.zeros((upright.frames, 3)) if upright.head_deg is None else np.array(upright.head_deg)
    if sequence.head_deg is None:
        head_deg[:, :2] = turns
    return replace(upright, points=facing, head_deg=head_deg)


def turned_back(points: np.ndarray, *, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Pitch and yaw (T, 2) degrees of canonical landmarks (T, 98, 2), and the landmarks as seen from the front."""
    flat = np.array(WFLW_98.mirror)
    facing, angles = points, np.zeros((len(points), 2))
    for _ in range(_ROUNDS):
        middle = np.median(facing, axis=0)
        middle = (middle + middle[flat] * (-1, 1)) / 2
        depth = _depths()
        depth[_NOSE] *= np.clip(middle[54, 1] / _MEAN_NOSE, 0.4, 2.0)
        angles = _angles(points, middle, depth, start=angles)
        angles[:, 0] -= np.median(angles[:, 0])
        angles = _slowed(angles, _SLOW_SECONDS * fps)
        facing = _faced(points, middle, depth, angles)
    return np.rad2deg(angles), facing


def _turn(angles: np.ndarray) -> np.ndarray:
    """(T, 3, 3): how columns (X, Y, Z) turn under angles (T, 2) in radians, pitch and yaw."""
    (sp, sy), (cp, cy) = np.sin(angles).T, np.cos(angles).T
    rows = [[cy, -sy * sp, sy * cp], [np.zeros_like(sp), cp, sp], [-sy, -cy * sp, cy * cp]]
    return np.moveaxis(np.array(rows), -1, 0)


def _seen(points: np.ndarray, depth: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """(T, N, 2): where points (N, 2), seen from the front, of depth (N,) appear under angles (T, 2)."""
    flat = points * (1 - depth / _DISTANCE)[:, None]
    turned = np.column_stack([flat, depth]) @ _turn(angles).transpose(0, 2, 1)
    return np.asarray(turned[..., :2] / (1 - turned[..., 2:] / _DISTANCE))


def _laid_on(points: np.ndarray, model: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The similarity p -> factor (p - centre) + goal, as complex (T, 1), that lays the rigid points on the model's."""
    flat, target = points[..., 0] + 1j * points[..., 1], model[..., 0] + 1j * model[..., 1]
    centre, goal = flat.mean(axis=1, keepdims=True), target.mean(axis=1, keepdims=True)
    spread = flat - centre
    power = np.maximum((np.abs(spread) ** 2).sum(axis=1, keepdims=True), 1e-12)
    return (spread.conj() * (target - goal)).sum(axis=1, keepdims=True) / power, centre, goal


def _misfit(points: np.ndarray, shape: np.ndarray, depth: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """(T, 2 n) in units of the noise, over the rigid points."""
    model = _seen(shape, depth, angles)
    factor, centre, goal = _laid_on(points, model)
    laid = (points[..., 0] + 1j * points[..., 1] - centre) * factor + goal
    misfit = np.stack([laid.real, laid.imag], axis=-1) - model
    return np.asarray(misfit.reshape(len(points), -1) / _NOISE)


def _angles(points: np.ndarray, shape: np.ndarray, depth: np.ndarray, *, start: np.ndarray) -> np.ndarray:
    """Pitch and yaw (T, 2) in radians, by Gauss-Newton with a prior of the usual."""
    rigid, front, deep = points[:, _RIGID], shape[_RIGID], depth[_RIGID]
    usual, small = np.deg2rad(_USUAL_DEG), 1e-4
    angles = start.copy()
    for _ in range(_STEPS):
        misfit = _misfit(rigid, front, deep, angles)
        slopes = np.stack(
            [(_misfit(rigid, front, deep, angles + small * axis) - misfit) / small for axis in np.eye(2)], axis=-1
        )
        square = np.einsum("tmi,tmj->tij", slopes, slopes) + np.eye(2) / usual**2
        pull = np.einsum("tmi,tm->ti", slopes, misfit) + angles / usual**2
        angles = angles - np.linalg.solve(square, pull[..., None])[..., 0]
        angles = np.clip(angles, -np.deg2rad(_FARTHEST_DEG), np.deg2rad(_FARTHEST_DEG))
    return angles


def _slowed(angles: np.ndarray, sigma_frames: float) -> np.ndarray:
    """Angles (T, 2) under a Gaussian; beyond the ends the first and the last go on."""
    if len(angles) < 2 or sigma_frames <= 0:
        return angles
    reach = max(1, int(np.ceil(3 * sigma_frames)))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_frames) ** 2)
    padded = np.pad(angles, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, taps / taps.sum(), mode="valid") for column in padded.T], axis=1)


def _faced(points: np.ndarray, shape: np.ndarray, depth: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """(T, 98, 2): the points turned to the front, and laid into canonical space again."""
    factor, centre, goal = _laid_on(points[:, _RIGID], _seen(shape[_RIGID], depth[_RIGID], angles))
    laid = (points[..., 0] + 1j * points[..., 1] - centre) * factor + goal
    turn = _turn(angles)
    both = np.stack([laid.real, laid.imag], axis=-1)
    # both * (1 - z / D) = (x, y), linear in X and Y once Z is known
    system = turn[:, None, :2, :2] + both[..., None] * turn[:, None, 2:, :2] / _DISTANCE
    known = both - (turn[:, None, :2, 2] + both * turn[:, None, 2, 2:] / _DISTANCE) * depth[:, None]
    flat = np.linalg.solve(system, known[..., None])[..., 0] / (1 - depth / _DISTANCE)[:, None]
    x, y = flat[..., 0], flat[..., 1]
    left, right = x[:, [60]] + 1j * y[:, [60]], x[:, [72]] + 1j * y[:, [72]]
    level = ((x + 1j * y) - (left + right) / 2) / (right - left)
    return np.stack([level.real, level.imag], axis=-1)
