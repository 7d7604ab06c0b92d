"""A made-up character of any number of controllers, for measuring the speed of mapping and nothing else."""

from typing import get_args

import numpy as np

from sfp_core.character.character import Character
from sfp_core.character.fit import FitConfig
from sfp_core.face import Face, Reach
from sfp_core.geometry import normalize
from sfp_core.layout import WFLW_98
from sfp_core.rig import ControllerSpec, RigSpec
from sfp_core.rigs.procedural import ProceduralCharacter

_LAYERS = ("first", "second", "third")
_EFFECT = 0.02  # of the inter-ocular distance: what a controller of such a rig usually does to a landmark


def made_up_character(controllers: int, *, hidden: int, components: int, seed: int) -> Character:
    """Networks of the sizes that a fit gives, with random numbers that move landmarks as controllers do."""
    rng = np.random.default_rng(seed)
    rig = RigSpec("made up", tuple(ControllerSpec(f"c{i:03d}.ty", -1, 1) for i in range(controllers)))
    drawn = ProceduralCharacter.named("toon")
    neutral = normalize(drawn.landmarks(drawn.rig.neutral), WFLW_98)[0]
    coordinates = neutral.size
    axes = np.linalg.qr(rng.normal(size=(coordinates, components)))[0]  # components at right angles, as whitening gives
    noise = _EFFECT / 4
    straight = rng.normal(size=(2 * controllers, components))
    rest = np.full(controllers, 0.5)
    forward = {
        "neutral": rest,
        "straight": straight,
        "bent": 0.2 * rng.normal(size=straight.shape),
        "basis": axes / noise,
        "back": axes.T * noise,
        "tolerance": np.full(controllers, 0.1),
        **_perceptron(2 * controllers, 96, components, rng),
    }
    mapper = {
        "basis": axes / noise,
        "linear": np.linalg.pinv(straight[:controllers] / 2 + straight[controllers:] / 2),
        "neutral": rest,
        **_perceptron(components, hidden, controllers, rng),
    }
    reaches: tuple[Reach, ...] = get_args(Reach)
    single = {name: tensor.astype(np.float32) for name, tensor in mapper.items()}
    return Character(
        rig,
        Face(neutral, WFLW_98, dict.fromkeys(reaches, 0.1)),
        single,
        {name: tensor.astype(np.float32) for name, tensor in forward.items()},
        FitConfig().refine,
    )


def _perceptron(inputs: int, hidden: int, outputs: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Small beside the straight path, as it is after a fit."""
    sizes = ((inputs, hidden), (hidden, hidden), (hidden, outputs))
    tensors = {}
    for layer, (rows, columns) in zip(_LAYERS, sizes, strict=True):
        tensors[f"{layer}.weight"] = 0.3 * rng.normal(size=(rows, columns)) / np.sqrt(rows)
        tensors[f"{layer}.bias"] = np.zeros(columns)
    return tensors


def made_up_motion(character: Character, frames: int, *, seed: int) -> np.ndarray:
    """Landmarks (frames, 98, 2) of a film in which all controllers swing slowly."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None] / 24
    hz, phase = rng.uniform(0.2, 1.5, len(character.rig.names)), rng.uniform(0, 2 * np.pi, len(character.rig.names))
    return character.landmarks(0.5 * np.sin(2 * np.pi * hz * time + phase))
