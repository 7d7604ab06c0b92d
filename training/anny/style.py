"""Where the control points of the stylising warp lie on a human head, and where a style puts them."""

from dataclasses import dataclass

import numpy as np

from sfp_core.heads.domain import domain_of
from training.anny.person import Style
from training.anny.warp import ThinPlate

_PIVOT_Y = 0.0  # the level of the eyes: crown and length work up and down from here
_WIDTH_AT = np.array([-1.08, -0.72, -0.25, 0.30, 0.80])  # heights of chin, jaw, cheeks, temples, skull
_EYES_CLEAR = 1.10  # eyeballs keep this many radii from the middle of the face
_LIP_CLEAR = 0.07  # between nose and upper lip, head units
_SINK = 0.72  # how much of an eyeball's growth goes backwards
_REACH = 1.15  # of an eye's growth into its surroundings, radii
_SOFTNESS = 2e-3  # of the warp, head units: neighbouring points of different wishes do not crease it
# Skull points as domain directions from (0, 0, -0.1), rad, the character's left and the middle.
_SKULL = (
    *((0.0, 1.55), (0.0, 0.80), (0.48, 0.72), (0.95, 1.05), (0.0, 1.20)),
    *((1.00, 0.35), (0.85, -0.10), (0.62, -0.40), (1.15, -0.62), (0.75, -0.82), (0.40, -0.92)),
    *((0.0, 2.3), (0.0, 3.0), (2.1, 0.5), (2.2, -0.35), (1.6, 0.75)),
)
_NECK = ((0.0, -1.18, 0.25), (0.45, -1.12, -0.15), (0.0, -1.15, -0.75), (0.0, -1.34, 0.2), (0.50, -1.34, -0.3))
_NECK_AXIS = np.array([0.0, 0.0, -0.25])
_EAR_ROOT = np.array([0.74, -0.08, -0.12])  # on the mean head
_BALL = np.array([[0, 0, -1], [0, 1, -0.2], [0, -1, -0.2], [1, 0, -0.2], [-1, 0, -0.2]], dtype=np.float64)
_NOSE, _MOUTH = (51, 52, 53, 54, 55, 57, 59), (76, 78, 79, 80, 82, 84, 85, 86)
_RIMS = (tuple(range(68, 76)), tuple(range(60, 68)))  # landmarks of the lids, the character's left first


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Which vertices carry control points; found once on the mean head."""

    skull: np.ndarray
    ears: np.ndarray
    neck: np.ndarray

    @classmethod
    def on(cls, mean: np.ndarray, skin: np.ndarray, mirror: np.ndarray) -> "Skeleton":
        """`mean` (V, 3), `skin` the vertices (n,) to choose from."""
        ears = skin[(mean[skin, 0] > 0.80) & (np.abs(mean[skin, 1] + 0.1) < 0.45) & (mean[skin, 2] < 0.2)]
        plain = np.setdiff1d(skin, np.concatenate([ears, mirror[ears]]))
        plain = plain[mean[plain, 0] >= -1e-9]
        unit = mean[plain] - (0.0, 0.0, -0.1)
        placed = domain_of(unit)
        skull = [plain[np.argmin(np.linalg.norm(placed - goal, axis=1))] for goal in _SKULL]
        neck = [plain[np.argmin(np.linalg.norm(mean[plain] - goal, axis=1))] for goal in _NECK]
        places = mean[ears]
        tips = [ears[np.argmax(places[:, 1])], ears[np.argmin(places[:, 1])], ears[np.argmax(places[:, 0])]]

        def both(rows: list[np.ndarray]) -> np.ndarray:
            return np.unique(np.concatenate([rows, mirror[rows]]))

        return cls(both(skull), both(tips), both(neck))


def _head_map(points: np.ndarray, style: Style) -> np.ndarray:
    """The large proportions: widths by height, crown, length, back."""
    y = points[:, 1]
    factors = [style.chin, style.jaw, style.cheeks, style.cranium, (1 + style.cranium) / 2]
    width = np.interp(y, _WIDTH_AT, factors)
    out = points.copy()
    out[:, 0] *= width
    over = y - _PIVOT_Y
    out[:, 1] = _PIVOT_Y + over * np.where(over > 0, style.crown, style.length)
    out[:, 2] = np.where(points[:, 2] < 0, points[:, 2] * style.back, points[:, 2])
    upper, lower = np.clip((y - 0.2) / 0.4, 0, 1), np.clip((-0.72 - y) / 0.3, 0, 1)
    front = np.clip(points[:, 2] / 0.4, 0, 1)
    out[:, 2] += front * (upper * style.forehead_out + lower * style.chin_out)
    return out


@dataclass(frozen=True, eq=False)
class Stylised:
    """A warp with the eyeballs it makes: centres (2, 3), radii (2,)."""

    warp: ThinPlate
    centres: np.ndarray
    radii: np.ndarray


def stylise(
    style: Style,
    vertices: np.ndarray,
    landmarks: np.ndarray,
    brows: np.ndarray,
    centres: np.ndarray,
    radii: np.ndarray,
    skeleton: Skeleton,
) -> Stylised:
    """The warp of a style for one resting human head.

    Parameters
    ----------
    vertices : (V, 3) float64
    landmarks : (98, 3) float64
        Of the resting head; the contour is not used.
    brows : (2, 3, 3) float64
        Outer end, middle and inner end of each brow.
    centres, radii : (2, 3), (2,) float64
        The eyeballs, the character's left first.
    """
    new_radii = radii * style.eye_size
    new_centres = _head_map(centres, style)
    for side, sign in ((0, 1.0), (1, -1.0)):
        across = sign * new_centres[side, 0] + style.eye_apart
        new_centres[side, 0] = sign * max(across, _EYES_CLEAR * new_radii[side])
        new_centres[side, 1] += style.eye_up
        new_centres[side, 2] -= (style.eye_size - 1) * radii[side] * _SINK
    source, target = [], []

    def add(points: np.ndarray, goals: np.ndarray) -> None:
        source.append(points)
        target.append(goals)

    def pushed(points: np.ndarray) -> np.ndarray:
        """By the proportions, and away from growing and moving eyes."""
        out = _head_map(points, style)
        for side in (0, 1):
            away = points - centres[side]
            distance = np.linalg.norm(away, axis=1)
            near = np.exp(-((np.maximum(distance / radii[side] - 1, 0) / _REACH) ** 2))[:, None]
            flat = away * (1.0, 1.0, 0.25) / distance[:, None]
            carried = new_centres[side] - _head_map(centres[side : side + 1], style)[0]
            out += near * ((new_radii[side] - radii[side]) * flat + carried * (1.0, 1.0, 0.0))
        return out

    for side, sign in ((0, 1.0), (1, -1.0)):
        ball = _BALL * (sign, 1.0, 1.0) / np.linalg.norm(_BALL, axis=1, keepdims=True)
        add(centres[side] + ball * radii[side], new_centres[side] + ball * new_radii[side])
        rim = landmarks[list(_RIMS[side])]
        add(rim, new_centres[side] + _opened(rim - centres[side], style, sign) * style.eye_size)
        add(brows[side], pushed(brows[side]) + np.array([0.0, style.brow_up, 0.0]))
    add(vertices[skeleton.skull], pushed(vertices[skeleton.skull]))
    neck = vertices[skeleton.neck]
    thick = _NECK_AXIS + (neck - _NECK_AXIS) * (style.neck, 1.0, style.neck)
    add(neck, np.stack([thick[:, 0], _head_map(neck, style)[:, 1], thick[:, 2]], axis=-1))
    ears = vertices[skeleton.ears]
    side = np.sign(ears[:, :1])
    root = _EAR_ROOT * np.concatenate([side, np.ones_like(side), np.ones_like(side)], axis=1)
    off = side * (style.ears_out, 0.0, 0.0) - (0.0, 0.0, 0.3 * style.ears_out)
    add(ears, _head_map(root, style) + (ears - root) * style.ears + off)
    roots = _EAR_ROOT * np.array([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])
    add(roots, _head_map(roots, style))
    _add_nose_and_mouth(style, landmarks, add)
    return Stylised(
        ThinPlate.between(np.concatenate(source), np.concatenate(target), softness=_SOFTNESS), new_centres, new_radii
    )


def _opened(rim: np.ndarray, style: Style, sign: float) -> np.ndarray:
    """Lid points (n, 3) about the eyeball's centre, opened and tilted on the ball."""
    elevation = np.arctan2(rim[:, 1], rim[:, 2])
    shut = elevation[[0, 4]].mean()
    wider = np.clip(shut + (elevation - shut) * style.eye_open, -1.1, 1.1)
    reach = np.hypot(rim[:, 1], rim[:, 2])
    across = rim[:, 0]
    up, out = reach * np.sin(wider), reach * np.cos(wider)
    cosine, sine = np.cos(sign * style.eye_tilt), np.sin(sign * style.eye_tilt)
    return np.stack([across * cosine - up * sine, across * sine + up * cosine, out], axis=-1)


def _add_nose_and_mouth(style: Style, landmarks: np.ndarray, add) -> None:  # type: ignore[no-untyped-def]
    nose = landmarks[list(_NOSE)]
    pivot = np.array([0.0, float(landmarks[52, 1]), float(landmarks[59, 2]) - 0.05])
    moved = _head_map(pivot[None], style)[0] + (0.0, style.nose_up, 0.0)
    factors = np.array([style.nose * style.nose_width, style.nose, style.nose * style.nose_out])
    root = np.clip((landmarks[51, 1] - nose[:, 1]) / 0.12, 0.15, 1.0)[:, None]  # the bridge's root hardly follows
    goals = moved + (nose - pivot) * (1 + (factors - 1) * root)
    goals[0, 1] = _head_map(nose[:1], style)[0, 1] + 0.3 * style.nose_up
    add(nose, goals)
    low = goals[_NOSE.index(57), 1]
    lips = landmarks[list(_MOUTH)]
    centre = np.array([0.0, float(landmarks[90, 1]), float(landmarks[76, 2])])
    place = _head_map(centre[None], style)[0] + (0.0, style.mouth_up, 0.0)
    half = (float(landmarks[79, 1]) - centre[1]) * style.lips
    chin = _head_map(np.array([[0.0, -1.05, 0.8]]), style)[0, 1]
    place[1] = np.clip(place[1], chin + 0.22, max(low - _LIP_CLEAR - half, chin + 0.22))
    inside = centre + np.array([[0.0, 0.0, -0.25], [0.16, 0.0, -0.12], [-0.16, 0.0, -0.12]])
    points = np.concatenate([lips, inside])
    add(points, place + (points - centre) * (style.mouth_width, style.lips, 0.5 + 0.5 * style.lips))
