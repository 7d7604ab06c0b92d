"""The 256 numbers that stand for a voice, as Resemblyzer measures them."""

import warnings

import numpy as np

from makeittalk_bridge.folder import checked_voice
from sfp_core.errors import SfpError
from sfp_core.speech.audio import SPEECH_HZ

_PIECE = 60 * SPEECH_HZ  # measured minute by minute, as in the original


def measured_voice(samples: np.ndarray) -> np.ndarray:
    """(256,) float32, the mean over the whole minutes of a sound (a shorter one is measured whole).

    Parameters
    ----------
    samples : (n,) float
        16 kHz, full scale 1.

    Raises
    ------
    SfpError
        Resemblyzer is not installed, or hears no voice in it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the packages that it imports
            from resemblyzer import VoiceEncoder, preprocess_wav
    except ImportError as error:
        raise SfpError(
            "the voice cannot be measured, because the package resemblyzer is not installed; install it with: "
            "pip install resemblyzer, or give the voice's 256 numbers (MakeItTalk's own obama_emb.txt holds one voice)"
        ) from error
    spoken = preprocess_wav(samples.astype(np.float32))  # pauses are cut out
    if len(spoken) == 0:
        raise SfpError("the voice cannot be measured, because there is no speech in the sound; give its 256 numbers")
    encoder = VoiceEncoder("cpu", verbose=False)
    pieces = [spoken[_PIECE * i : _PIECE * (i + 1)] for i in range(max(1, len(spoken) // _PIECE))]
    voices = [encoder.embed_utterance(piece, rate=2) for piece in pieces]
    return checked_voice(np.mean(voices, axis=0), where="the voice that resemblyzer measured")
