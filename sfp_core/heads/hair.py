"""Hair in the styles of `HAIR_STYLES`: a combed shell over the scalp, and tapered locks over it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sfp_core.heads.comb import FACE, HAIR_GLOSS, Comb, combed_back, drawn_to, parted, whorled
from sfp_core.heads.domain import smoothstep
from sfp_core.heads.fitting import Fitting
from sfp_core.heads.grooming import Growth, grow, ray
from sfp_core.heads.identity import Look, Wear
from sfp_core.heads.solids import grid_faces, solid, sphere, unit
from sfp_core.render.mesh import Mesh, Part, merged


def hair_mesh(fit: Fitting, look: Look, wear: Wear) -> Mesh:
    """The hair of a head that wears it so; empty for "bald". At most some 12,000 triangles; the same for the same wear.

    Parameters
    ----------
    fit : Fitting
        Of the resting head, of any family.
    """
    comb = Comb(fit, look, wear, np.random.default_rng([wear.hair_seed, 71]))
    style: Callable[[Comb], list[Mesh]] = _STYLES[wear.hair]
    meshes = style(comb)
    if wear.fringe != "none" and wear.hair != "bald":
        meshes.append(_fringe(comb))
    return merged(meshes)


def _bald(comb: Comb) -> list[Mesh]:
    return []


def _buzz(comb: Comb) -> list[Mesh]:
    thin = 0.022 / max(comb.volume, 1e-3)
    return [comb.shell(lambda out: 40 * out[:, 0] + 31 * out[:, 2], share=thin, groove=0.3)]


def _front_row(comb: Comb, count: int, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    azimuth = np.linspace(-reach, reach, count) + comb.rng.uniform(-0.04, 0.04, count)
    elevation = comb.edge(azimuth) + 0.10 + comb.rng.uniform(0, 0.12, count)
    return azimuth, elevation, comb.scalp(azimuth, elevation, 0.45 * comb.volume)


def _nape(comb: Comb, *, length: float = 0.30, count: int = 17) -> Mesh:
    azimuth = np.linspace(1.75, 2 * np.pi - 1.75, count)
    elevation = comb.edge(azimuth) + 0.30
    roots = comb.scalp(azimuth, elevation, 0.55 * comb.volume)
    growth = Growth(length, pull=(0.0, -0.25, 0.0), clearance=0.03, cling=0.45)
    return comb.locks(roots, ray(azimuth, elevation - 1.5), growth, width=0.10, steps=6, flatness=0.35, tip=3.0)


def _sideburns(comb: Comb, length: float = 0.34) -> Mesh:
    azimuth = np.concatenate([[1.10, 1.20, 1.30], [-1.10, -1.20, -1.30]])
    elevation = np.tile([0.42, 0.38, 0.36], 2)
    roots = comb.scalp(azimuth, elevation, 0.45 * comb.volume)
    growth = Growth(length, pull=(0.0, -0.3, 0.0), clearance=0.02, cling=0.5)
    return comb.locks(roots, ray(azimuth, elevation - 1.5), growth, width=0.085, steps=6, flatness=0.3)


def _top_locks(comb: Comb, count: int, *, length: float, width: float, forward: float, lift: float) -> Mesh:
    """Short overlapping locks all over the skull, lying down from the whorl."""
    golden = np.pi * (3 - np.sqrt(5))
    number = np.arange(count)
    azimuth = number * golden
    share = ((number + 0.5) / count) ** 0.6
    elevation = np.pi / 2 - share * (np.pi / 2 - (comb.edge(azimuth) + 0.16))
    out = ray(azimuth, elevation)
    roots = comb.fit.on_skin(out, 0.55 * comb.volume)
    whorl = np.array([0.06, 0.9, -0.30])
    away = unit(roots - whorl * 1.1)
    flow = unit(away - (away * out).sum(axis=1, keepdims=True) * out)
    flow = unit(flow + np.array([0.35, 0.0, forward]) * smoothstep(out[:, 1], 0.2, 0.8)[:, None] + lift * out)
    growth = Growth(length, pull=(0.0, -0.16, 0.0), clearance=0.78 * comb.volume, cling=0.35)
    return comb.locks(roots, flow, growth, width=width, steps=8, flatness=0.32, tip=1.8)


def _crop(comb: Comb) -> list[Mesh]:
    azimuth, _, roots = _front_row(comb, 11, 0.85)
    growth = Growth(0.34, pull=(0.02, -0.22, -0.02), clearance=0.035, cling=0.25)
    towards = ray(azimuth * 0.8 + 0.25, np.full(11, -0.15))
    front = comb.locks(roots, towards, growth, width=0.115, steps=7, flatness=0.5)
    top = _top_locks(comb, 40, length=0.52, width=0.15, forward=0.8, lift=0.1)
    return [comb.shell(whorled(comb, count=22)), top, front, _nape(comb), _sideburns(comb)]


def _side_part(comb: Comb) -> list[Mesh]:
    side = 1.0 if comb.wear.hair_seed % 2 == 0 else -1.0
    place = 0.34 * side

    def height(out: np.ndarray) -> np.ndarray:
        away = (out[:, 0] - place) * -side  # above 0 on the full side
        top = smoothstep(out[:, 1], 0.2, 0.7)
        part = 1 - 0.75 * np.exp(-((away / 0.06) ** 2)) * smoothstep(out[:, 1], 0.45, 0.7)
        return np.asarray((0.62 + top * (0.85 * smoothstep(away, 0.0, 0.35))) * part)

    across = np.linspace(0.55, -0.70, 12)
    roots = comb.fit.on_skin(
        unit(np.stack([np.full(12, place - 0.03 * side), np.full(12, 0.85), across], axis=-1)), 0.9 * comb.volume
    )
    towards = np.stack([np.full(12, -side), np.full(12, 0.62), 0.25 + 0.1 * across], axis=-1)
    growth = Growth(1.15, pull=(0.0, -0.30, -0.02), clearance=1.05 * comb.volume)
    sweep = comb.locks(roots, towards, growth, width=0.13, steps=11, flatness=0.5, spread=0.12)
    azimuth = np.linspace(0.45, 0.70, 3) * side
    short = comb.scalp(azimuth, comb.edge(azimuth) + 0.2)
    lick = comb.locks(
        short, np.tile([side, 0.0, 0.1], (3, 1)), Growth(0.4, clearance=0.03), width=0.1, steps=6, flatness=0.4
    )
    return [comb.shell(parted(comb, place=place, count=7.5), height=height), sweep, lick, _nape(comb), _sideburns(comb)]


def _quiff(comb: Comb) -> list[Mesh]:
    def height(out: np.ndarray) -> np.ndarray:
        front = smoothstep(out[:, 2], -0.35, 0.75) * smoothstep(out[:, 1], 0.35, 0.8)
        return np.asarray(0.55 + 1.25 * front * np.exp(-((out[:, 0] / 0.55) ** 2)))

    azimuth = np.tile(np.linspace(-0.72, 0.72, 9), 2) + np.repeat([0.0, 0.08], 9)
    elevation = comb.edge(azimuth) + np.repeat([0.06, 0.32], 9)
    roots = comb.scalp(azimuth, elevation, 0.5 * comb.volume)
    lean = comb.rng.uniform(-0.25, 0.25)
    towards = np.stack([0.35 * np.sin(azimuth) + lean, np.full(18, 0.95), np.full(18, 0.75)], axis=-1)
    growth = Growth(0.95, pull=(0.03, -0.05, -0.40), clearance=0.8 * comb.volume)
    front = comb.locks(roots, towards, growth, width=0.145, steps=10, flatness=0.6, spread=0.2)
    return [comb.shell(combed_back(comb, count=5.5), height=height), front, _nape(comb), _sideburns(comb)]


def _long(comb: Comb, *, wave: float) -> list[Mesh]:
    length = 1.95 * comb.wear.hair_length
    place = comb.rng.choice([0.0, 0.22, -0.22])

    def height(out: np.ndarray) -> np.ndarray:
        part = np.exp(-(((out[:, 0] - place) / 0.05) ** 2)) * smoothstep(out[:, 1], 0.4, 0.7)
        return np.asarray(0.95 - 0.6 * part)

    return [
        comb.shell(parted(comb, place=float(place), count=6.5), height=height),
        comb.curtain(length, wave=wave),
        comb.hanging(length, 30, 0.21 - 0.05 * wave, wave=wave, tip=2.6 if wave else 5.0),
        _face_frame(comb, float(place), length, wave),
    ]


def _face_frame(comb: Comb, place: float, length: float, wave: float) -> Mesh:
    """Two broad locks a side that leave the parting and run down beside the face."""
    side = np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    back = np.tile([0.42, 0.20, -0.05], 2)
    roots = comb.fit.on_skin(unit(np.stack([place + 0.03 * side, np.full(6, 0.88), back], axis=-1)), 0.8 * comb.volume)
    towards = np.stack([side, np.full(6, 0.05), np.tile([0.05, 0.0, -0.1], 2)], axis=-1)
    growth = Growth(length + 1.15, pull=(0.0, -0.30, 0.0), clearance=0.85 * comb.volume, cling=0.4)
    return comb.locks(
        roots, towards, growth, width=0.19, steps=15, flatness=0.3, spread=0.08, tip=3.5,
        bend=lambda paths: comb.waved(paths, wave, 0.0),
    )  # fmt: skip


def _straight(comb: Comb) -> list[Mesh]:
    return _long(comb, wave=0.0)


def _wavy(comb: Comb) -> list[Mesh]:
    return _long(comb, wave=1.0)


def _bob(comb: Comb) -> list[Mesh]:
    length = 0.78 * comb.wear.hair_length
    return [
        comb.shell(parted(comb, place=0.15, count=6.5), height=lambda out: 1.0 - 0.15 * out[:, 1]),
        comb.curtain(length, curl=0.10),
        comb.hanging(length, 30, 0.19, curl=0.14, tip=5.0),
        _face_frame(comb, 0.15, length - 0.12, 0.0),
    ]


def _curly(comb: Comb) -> list[Mesh]:
    """Ringlets from all over the skull."""
    count, steps = 50, 20
    golden = np.pi * (3 - np.sqrt(5))
    number = np.arange(count)
    azimuth = number * golden
    reach = ((number + 0.5) / count) ** 0.55
    elevation = np.pi / 2 - reach * (np.pi / 2 - comb.edge(azimuth) - 0.14)
    roots = comb.scalp(azimuth, elevation, 0.7 * comb.volume)
    front = np.abs((azimuth + np.pi) % (2 * np.pi) - np.pi) < FACE
    length = np.where(front, 0.36, 0.95 * comb.wear.hair_length)
    growth = Growth(1.0, pull=(0.0, -0.34, 0.0), clearance=0.9 * comb.volume)
    paths = grow(comb.fit, roots, ray(azimuth, elevation - 0.5), growth, steps=steps, scale=length)
    along = np.linspace(0, 1, steps + 1)[None, :, None]
    out = unit(paths * (1.0, 0.6, 1.0))
    across = unit(np.cross(out, np.gradient(paths, axis=1)))
    turns = (0.7 + 2.7 * length)[:, None, None]
    phase = comb.rng.uniform(0, 2 * np.pi, (count, 1, 1)) + 2 * np.pi * turns * along
    coil = 0.085 * np.minimum(1.0, 6 * along)
    paths = paths + coil * (np.cos(phase) * across + np.sin(phase) * out)
    ringlets = comb.painted_locks(paths, 0.098, flatness=0.75, sides=5, tip=5.0)
    return [comb.shell(lambda o: 9 * o[:, 0] + 4 * np.sin(5 * o[:, 1] + 4 * o[:, 2]), groove=0.4), ringlets]


def _afro(comb: Comb) -> list[Mesh]:
    """A round cloud of curls."""
    centres = _scattered(170)
    cloud = 0.22 + 1.6 * comb.volume

    def height(out: np.ndarray) -> np.ndarray:
        nearest = np.partition(2.0 - 2.0 * out @ centres.T, 1, axis=1)
        bumps = np.sqrt(np.maximum(nearest[:, 1], 0)) - np.sqrt(np.maximum(nearest[:, 0], 0))
        return np.asarray((cloud / comb.volume) * (0.68 + 0.9 * np.minimum(bumps, 0.16)))

    def curls(out: np.ndarray) -> np.ndarray:
        return np.asarray(11 * out[:, 0] + 3 * np.sin(13 * out[:, 1]) + 3 * np.sin(12 * out[:, 2]))

    out = _scattered(270)
    azimuth, elevation = np.arctan2(out[:, 0], out[:, 2]), np.arcsin(out[:, 1])
    over = elevation - comb.edge(azimuth)
    out, over = out[over > 0.03], over[over > 0.03]
    places = comb.fit.on_skin(
        out, 0.84 * cloud * np.minimum(over / 0.35, 1.0) ** 0.5 * comb.rng.uniform(0.9, 1.06, len(out))
    )
    ball, faces = sphere((0.125, 0.125, 0.125), around=7, down=5)
    size = comb.rng.uniform(0.75, 1.2, (len(places), 1, 1))
    vertices = (places[:, None] + ball[None] * size).reshape(-1, 3)
    starts = (np.arange(len(places)) * len(ball))[:, None, None]
    tone = np.repeat(comb.rng.uniform(-0.12, 0.12, len(places)), len(ball))
    outer = np.tile((ball @ np.array([0.0, 1.0, 0.0])) / 0.125, len(places))
    colours = comb.paint(np.full(len(vertices), 0.3), 0.85 + 0.15 * outer, tone)
    tufts = solid(vertices, (faces[None] + starts).reshape(-1, 3), colours, gloss=0.06, part=Part.HAIR)
    return [comb.shell(curls, height=height, groove=0.06), tufts]


def _scattered(count: int) -> np.ndarray:
    """Directions spread evenly, (count, 3)."""
    number = np.arange(count) + 0.5
    y = 1 - 2 * number / count
    azimuth = number * np.pi * (3 - np.sqrt(5))
    radius = np.sqrt(1 - y * y)
    return np.stack([radius * np.sin(azimuth), y, radius * np.cos(azimuth)], axis=-1)


def _tail(comb: Comb, tie: np.ndarray, out: np.ndarray, length: float) -> list[Mesh]:
    """A tail of thick locks from the place `tie` (3,), leaving along `out` (3,), with its band."""
    count = 11
    angle = np.arange(count) * np.pi * (3 - np.sqrt(5))
    a = unit(np.cross(out, (0.0, 0.3, 0.95)))
    b = np.cross(out, a)
    around = (np.cos(angle)[:, None] * a + np.sin(angle)[:, None] * b) * np.sqrt((np.arange(count) + 0.3) / count)[
        :, None
    ]
    roots = tie + 0.055 * around
    growth = Growth(length, pull=(0.0, -0.20, 0.0), clearance=0.14)
    wave = comb.rng.uniform(0.0, 0.6)
    tail = comb.locks(
        roots, out + 0.55 * around, growth, width=0.135, steps=13, flatness=0.75, spread=0.14, tip=3.0,
        bend=lambda paths: comb.waved(paths, wave, 0.0),
    )  # fmt: skip
    band, faces = sphere((0.12, 0.12, 0.06), around=16, down=8)
    frame = np.stack([a, b, out])
    colour = np.asarray(comb.wear.hat_colour)
    return [tail, solid(band @ frame + tie, faces, colour, gloss=0.2, part=Part.WEAR)]


def _ponytail(comb: Comb) -> list[Mesh]:
    direction = unit(np.array([0.0, 0.62, -0.78]))
    tie = comb.fit.on_skin(direction, comb.volume * 0.6 + 0.07)
    loose = _loose_strands(comb)
    shell = comb.shell(drawn_to(comb, direction, count=34), share=0.75)
    return [shell, *_tail(comb, tie, unit(np.array([0.0, 0.55, -0.85])), 1.35 * comb.wear.hair_length), loose]


def _loose_strands(comb: Comb) -> Mesh:
    """Two thin locks that escape before the ears."""
    azimuth = np.array([1.02, 1.12, -1.02, -1.12])
    elevation = comb.edge(azimuth) + 0.10
    roots = comb.scalp(azimuth, elevation, 0.3 * comb.volume)
    growth = Growth(0.62, pull=(0.0, -0.26, 0.0), clearance=0.03)
    towards = ray(azimuth, elevation - 0.9)
    return comb.locks(roots, towards, growth, width=0.045, steps=9, flatness=0.5)


def _pigtails(comb: Comb) -> list[Mesh]:
    def strands(out: np.ndarray) -> np.ndarray:
        height = np.arctan2(out[:, 1] - 0.05, out[:, 2] + 0.25)
        return np.asarray(5.5 * height + np.where(out[:, 0] > 0, 0.0, 0.5))

    def height(out: np.ndarray) -> np.ndarray:
        return np.asarray(0.9 - 0.6 * np.exp(-((out[:, 0] / 0.045) ** 2)) * (out[:, 1] > 0))

    pieces = [comb.shell(strands, height=height, share=0.8), _loose_strands(comb)]
    for sign in (1.0, -1.0):
        direction = unit(np.array([sign * 0.86, 0.34, -0.38]))
        tie = comb.fit.on_skin(direction, comb.volume * 0.7 + 0.06)
        pieces += _tail(comb, tie, unit(np.array([sign * 0.92, 0.25, -0.30])), 1.15 * comb.wear.hair_length)
    return pieces


def _bun(comb: Comb) -> list[Mesh]:
    direction = unit(np.array([0.0, 0.90, -0.44]))
    size = 0.30 + 0.4 * comb.volume
    centre = comb.fit.on_skin(direction, comb.volume + 0.55 * size)
    vertices, faces = sphere((size, size * 0.78, size), around=36, down=20)
    turn = np.arctan2(vertices[:, 0], vertices[:, 2])
    coil = 4.0 * turn / np.pi + 2.2 * vertices[:, 1] / size
    ridge = np.abs(np.sin(np.pi * coil))
    vertices = vertices * (0.90 + 0.12 * ridge**0.6)[:, None]
    axis = direction
    a = unit(np.cross(axis, (0.0, 0.0, 1.0)))
    frame = np.stack([a, axis, np.cross(a, axis)])
    streak = comb.rng.uniform(-0.1, 0.1, 64)[np.floor(coil).astype(np.int64) % 64]
    colours = comb.paint(np.full(len(vertices), 0.5), 0.60 + 0.40 * ridge**0.5, streak)
    ball = solid(vertices @ frame + centre, faces, colours, gloss=HAIR_GLOSS, part=Part.HAIR)
    return [comb.shell(drawn_to(comb, direction, count=34), share=0.75), ball, _loose_strands(comb)]


def _spiky(comb: Comb) -> list[Mesh]:
    out = _scattered(88)
    azimuth, elevation = np.arctan2(out[:, 0], out[:, 2]), np.arcsin(out[:, 1])
    out = out[elevation > comb.edge(azimuth) + 0.20]
    roots = comb.fit.on_skin(out, 0.35 * comb.volume)
    away = unit(out - np.array([0.0, 0.75, 0.55]))  # from above the forehead, back and down
    flow = unit(away - (away * out).sum(axis=1, keepdims=True) * out)
    swept = 0.62 * out + flow + np.array([0.0, 0.25, 0.0]) + comb.rng.normal(0, 0.12, out.shape)
    growth = Growth(0.55 + 1.1 * comb.volume, pull=(0.0, -0.05, -0.02), clearance=0.5 * comb.volume)
    spikes = comb.locks(roots, swept, growth, width=0.22, steps=6, flatness=0.55, spread=0.25, tip=1.3)
    azimuth, _, front = _front_row(comb, 7, 0.80)
    bangs = comb.locks(
        front, ray(azimuth + 0.3, np.full(7, 0.35)), Growth(0.48, pull=(0.06, -0.20, 0.0), clearance=0.03), width=0.15,
        steps=6, flatness=0.4, tip=1.2,
    )  # fmt: skip
    return [comb.shell(whorled(comb, count=18)), spikes, bangs, _nape(comb, length=0.42), _sideburns(comb, 0.42)]


def _receding(comb: Comb) -> list[Mesh]:
    def low(azimuth: np.ndarray) -> np.ndarray:
        around = np.abs((azimuth + np.pi) % (2 * np.pi) - np.pi)
        bays = 0.40 * np.exp(-(((around - 0.62) / 0.28) ** 2)) + 0.26 * np.exp(-((around / 0.5) ** 2))
        return np.asarray(np.minimum(comb.edge(azimuth) + bays, 1.40))

    return [comb.shell(combed_back(comb, count=6.5), low=low, share=0.55), _nape(comb), _sideburns(comb)]


def _tufts(comb: Comb) -> list[Mesh]:
    """A bald crown over a ring of hair that stands off at the sides."""
    columns, rows = 72, 10
    azimuth = np.linspace(1.02, 2 * np.pi - 1.02, columns)
    top = np.interp(np.abs(azimuth - np.pi), [0.0, 1.2, 1.75, 2.1], [0.10, 0.34, 0.52, 0.40])
    bottom = np.minimum(comb.edge(azimuth), top - 0.06)
    share = np.linspace(0, 1, rows)[:, None]
    elevation = top * (1 - share) + bottom * share
    out = ray(np.broadcast_to(azimuth, elevation.shape), elevation).reshape(-1, 3)
    ends = np.minimum(1.0, 8 * np.minimum(np.linspace(0, 1, columns), np.linspace(1, 0, columns)))
    lift = (comb.volume * np.sin(np.pi * share) ** 0.6 * ends - 0.02).ravel()
    groove = np.abs(np.sin(np.linspace(0, 22 * np.pi, columns)))
    shade = np.broadcast_to(0.65 + 0.35 * groove, elevation.shape).ravel()
    colours = comb.paint(np.full(len(out), 0.4), shade, np.zeros(len(out)))
    faces = grid_faces(rows, columns, closed=False)[:, ::-1]
    ring = solid(comb.fit.on_skin(out, lift), faces, colours, gloss=HAIR_GLOSS, part=Part.HAIR)
    roots_at = np.concatenate([np.linspace(1.15, 2.4, 11), -np.linspace(1.15, 2.4, 11)])
    height = np.tile([0.36, 0.20], 11)
    roots = comb.scalp(roots_at, height, 0.4 * comb.volume)
    towards = ray(roots_at + 0.5 * np.sign(roots_at), height + 0.15) + np.array([0.0, 0.15, -0.2])
    growth = Growth(0.22 + 0.9 * comb.volume, pull=(0.0, -0.06, -0.05), clearance=0.03)
    return [ring, comb.locks(roots, towards, growth, width=0.13, steps=7, flatness=0.6, spread=0.3, tip=1.5)]


def _mohawk(comb: Comb) -> list[Mesh]:
    count = 26
    place = np.linspace(-0.05, np.pi * 0.92, count) + comb.wear.hairline
    place = place[place < np.pi + 0.35]
    middle = np.stack([np.zeros(len(place)), np.sin(place), np.cos(place)], axis=-1)
    height = 0.46 + 1.7 * comb.volume
    paths = []
    for side in (-0.045, 0.0, 0.045):
        roots = comb.fit.on_skin(middle, -0.02) + np.array([side, 0.0, 0.0])
        towards = middle + np.array([2.2 * side, 0.10, -0.22])
        profile = height * (0.62 + 0.38 * np.sin(np.linspace(0.35, 2.9, len(place))))
        growth = Growth(1.0, pull=(0.0, 0.0, -0.07), clearance=-1.0)
        scale = profile * comb.rng.uniform(0.85, 1.12, len(place)) * (1.0 if side == 0 else 0.86)
        paths.append(grow(comb.fit, roots, towards, growth, steps=7, scale=scale))
    crest = comb.painted_locks(np.concatenate(paths), 0.135, flatness=0.6, tip=1.5)
    return [*_buzz(comb), crest]


def _fringe(comb: Comb) -> Mesh:
    """Hair from the front hairline down over the brows."""
    kind = comb.wear.fringe
    count = {"straight": 17, "swept": 14, "wispy": 10}[kind]
    azimuth = np.linspace(-0.92, 0.92, count)
    elevation = comb.edge(azimuth) + 0.22
    roots = comb.scalp(azimuth, elevation, 0.75 * comb.volume)
    eye_top = comb.fit.eyes[0, 1] + 0.62 * comb.fit.eye_radius
    drop = np.maximum(roots[:, 1] - eye_top, 0.25) + 0.12
    lean = {"straight": 0.0, "swept": 0.9, "wispy": 0.3}[kind] * (1 if comb.wear.hair_seed % 2 else -1)
    towards = ray(azimuth * 0.9 + 0.5 * lean, np.full(count, 0.05))
    growth = Growth(1.0, pull=(0.10 * lean, -0.34, 0.0), clearance=0.055)
    scale = drop * (1.12 + 0.30 * abs(lean)) * comb.rng.uniform(0.92, 1.06, count)
    paths = grow(comb.fit, roots, towards, growth, steps=9, scale=scale)
    width = {"straight": 0.115, "swept": 0.13, "wispy": 0.075}[kind]
    return comb.painted_locks(paths, width, flatness=0.38, tip=4.0 if kind == "straight" else 2.0)


_STYLES: dict[str, Callable[[Comb], list[Mesh]]] = {
    "bald": _bald,
    "buzz": _buzz,
    "crop": _crop,
    "side_part": _side_part,
    "quiff": _quiff,
    "straight": _straight,
    "wavy": _wavy,
    "curly": _curly,
    "afro": _afro,
    "bob": _bob,
    "ponytail": _ponytail,
    "pigtails": _pigtails,
    "bun": _bun,
    "spiky": _spiky,
    "receding": _receding,
    "tufts": _tufts,
    "mohawk": _mohawk,
}
