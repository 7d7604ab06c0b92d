"""Light presets: the light and the shading style of a picture, by name."""

from dataclasses import dataclass

import numpy as np

from sfp_core.render.light import DEFAULT_LIGHT, LIGHTS, NO_EFFECTS, Effects, Light, Rgb
from sfp_core.render.shade import Style
from training.faces.recipe import Recipe

_RICH = 0.35  # share of the soft pictures with occlusion, windows in the eyes and shine on the hair
_PRESETS = ("studio", "key", "toon", "viewport", "low", "coloured", "back")
_SHARES = (0.16, 0.42, 0.12, 0.12, 0.06, 0.06, 0.06)
_DRAWN_SHARES = (0.30, 0.60, 0.10, 0.0, 0.0, 0.0, 0.0)  # who draws a face gives it light to be read by
_PLAIN_SHARES = (0.14, 0.56, 0.15, 0.15, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Lighting:
    """A light, the way surfaces answer it, what is added, and the preset's name."""

    name: str
    light: Light
    style: Style
    effects: Effects = NO_EFFECTS


def random_lighting(rng: np.random.Generator, *, recipe: Recipe, drawn: bool = False) -> Lighting:
    """A preset, varied: a friendly key mostly, flat bands, a work view, and light that makes a face hard to read.

    Pictures that will be `drawn` get the friendly ones alone.
    """
    shares = _DRAWN_SHARES if drawn else _SHARES if recipe.staged else _PLAIN_SHARES
    name = str(rng.choice(_PRESETS, p=shares))
    if name in ("toon", "viewport"):
        return Lighting(name, _key(rng), "toon" if name == "toon" else "viewport")
    makers = {"studio": _studio, "key": _key, "low": _low, "coloured": _coloured, "back": _back}
    light = makers[name](rng) if recipe.staged or name != "studio" else DEFAULT_LIGHT
    return Lighting(name, light, "soft", _effects(rng) if recipe.staged else NO_EFFECTS)


def _effects(rng: np.random.Generator) -> Effects:
    if rng.random() > _RICH:
        return NO_EFFECTS
    return Effects(occlusion=rng.uniform(0.3, 1.0), eyes=rng.uniform(0.0, 1.0), hair=rng.uniform(0.0, 1.0))


def _studio(rng: np.random.Generator) -> Light:
    """A ready-made light, friendly ones mostly."""
    return LIGHTS[str(rng.choice(("studio", "studio", "overcast", "window", "sunset", "below")))]


def _key(rng: np.random.Generator) -> Light:
    warmth = rng.uniform(-0.15, 0.15)
    return Light(
        direction=_direction(rng, (-0.9, 0.9), (-0.2, 0.9), (0.35, 1.0)),
        key=rng.uniform(0.5, 1.0),
        fill_direction=_direction(rng, (-1, 1), (-0.3, 0.3), (0.2, 0.8)),
        fill=rng.uniform(0.0, 0.3),
        ambient=rng.uniform(0.12, 0.4),
        rim=rng.uniform(0.0, 0.4),
        wrap=rng.uniform(0.1, 0.6),
        tint=(1.0 + warmth, 1.0, 1.0 - warmth),
    )


def _low(rng: np.random.Generator) -> Light:
    """Little light, often from one side."""
    if rng.random() < 0.3:
        return LIGHTS[str(rng.choice(("low", "moon")))]
    return Light(
        direction=_direction(rng, (-1.0, 1.0), (-0.4, 0.8), (0.1, 0.8)),
        key=rng.uniform(0.12, 0.4),
        fill=rng.uniform(0.0, 0.06),
        ambient=rng.uniform(0.04, 0.10),
        rim=rng.uniform(0.0, 0.25),
        wrap=rng.uniform(0.1, 0.5),
    )


def _coloured(rng: np.random.Generator) -> Light:
    """Two gels, as on a stage or from a screen."""
    if rng.random() < 0.2:
        return LIGHTS["neon"]
    return Light(
        direction=_direction(rng, (-1.0, 1.0), (-0.3, 0.8), (0.2, 0.9)),
        key=rng.uniform(0.5, 0.9),
        fill_direction=_direction(rng, (-1.0, 1.0), (-0.4, 0.4), (0.1, 0.6)),
        fill=rng.uniform(0.2, 0.6),
        ambient=rng.uniform(0.10, 0.25),
        rim=rng.uniform(0.1, 0.5),
        tint=_gel(rng),
        fill_tint=_gel(rng),
    )


def _back(rng: np.random.Generator) -> Light:
    """The key behind the head, the face in its shade."""
    return Light(
        direction=_direction(rng, (-1.0, 1.0), (0.1, 0.9), (-1.0, -0.3)),
        key=rng.uniform(0.7, 1.3),
        fill=rng.uniform(0.05, 0.25),
        ambient=rng.uniform(0.10, 0.28),
        rim=rng.uniform(0.4, 0.9),
        wrap=rng.uniform(0.3, 0.6),
    )


def _direction(rng: np.random.Generator, *spans: tuple[float, float]) -> Rgb:
    x, y, z = (float(rng.uniform(*span)) for span in spans)
    return x, y, z


def _gel(rng: np.random.Generator) -> Rgb:
    colour = rng.uniform(0.25, 1.0, 3)
    red, green, blue = (colour * 1.2 / colour.max()).tolist()
    return red, green, blue
