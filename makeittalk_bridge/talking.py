"""The whole way: a sound and a face in, the landmarks of the talking face out."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from makeittalk_bridge.folder import find_files, read_standard_face, read_voice
from makeittalk_bridge.hearing import hear
from makeittalk_bridge.networks import load_networks
from makeittalk_bridge.postprocess import PostProcessing
from makeittalk_bridge.predict import Windows, predict
from makeittalk_bridge.sequence import landmarks_of
from makeittalk_bridge.still import template_from
from makeittalk_bridge.template import Template, TemplateOptions, template_of
from sfp_core.errors import SfpError
from sfp_core.landmarks import LandmarkSequence
from sfp_core.layout import ibug68_from_wflw98

_STEPS = 100  # in which progress is told


def talking(
    sound: Path,
    folder: Path,
    *,
    face: Path | np.ndarray,
    voice: Path | None = None,
    seed: int = 0,
    blinks: bool = True,
    windows: Windows = "overlapping",
    head_apart: bool = True,
    options: TemplateOptions | None = None,
    device: str = "cpu",
    step: Callable[[int, int], None] | None = None,
) -> tuple[LandmarkSequence, tuple[str, ...]]:
    """68 landmarks of a face that says what is said in a sound, to its end, at 62.5 frames a second, and warnings.

    Parameters
    ----------
    folder : Path
        A checkout of MakeItTalk, or a folder with its six files.
    face : Path or (98, 2) float
        A picture with one face, or the landmarks of a face at rest.
    voice : Path, optional
        256 numbers of the speaker's voice. Left out: measured, or where Resemblyzer is not installed the folder's own.
    seed : int
        Of the blinks.
    windows, head_apart
        As in `predict` and `landmarks_of`.
    step : callable, optional
        Is told how many parts of how many are done.

    Raises
    ------
    SfpError
        Anything about the input that does not fit.
    """
    if seed < 0:
        raise SfpError(f"seed is {seed}; expected a whole number of at least 0")
    files = find_files(folder)
    template = _template(face, read_standard_face(files.standard_face), options)
    warnings = template.warnings
    if voice is None and find_spec("resemblyzer") is None:
        voice = files.target_voice
        warnings += (
            "the voice is not measured, because resemblyzer is not installed: the head moves as with the voice of "
            f"{voice.name}; pip install resemblyzer, or give the voice's numbers with --voice FILE",
        )
    heard = hear(sound, voice=None if voice is None else read_voice(voice), to_the_end=True)
    talk = predict(
        heard,
        load_networks(folder, device=device),
        template.points,
        options=PostProcessing(blinks=blinks),
        windows=windows,
        seed=seed,
        progress=None if step is None else lambda share: step(round(share * _STEPS), _STEPS),
    )
    return landmarks_of(talk, head_apart=head_apart), warnings


def _template(face: Path | np.ndarray, standard_face: np.ndarray, options: TemplateOptions | None) -> Template:
    if isinstance(face, Path):
        return template_from(face, standard_face, options=options)
    return template_of(ibug68_from_wflw98(face), standard_face, options=options, where="the character's face")
