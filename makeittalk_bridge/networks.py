"""The three networks of a MakeItTalk folder with the numbers that belong to them, on one device."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from makeittalk_bridge.autovc import AutoVC
from makeittalk_bridge.checkpoints import AUTOVC, CONTENT, SPEAKER, load_network
from makeittalk_bridge.content import Content
from makeittalk_bridge.folder import find_files, read_standard_face, read_statistics, read_voice
from makeittalk_bridge.speaker import Speaker
from sfp_core.errors import SfpError


@dataclass(frozen=True)
class Networks:
    """What is loaded once and used for every sound.

    Attributes
    ----------
    target_voice : (256,) float32
        The voice that every sound is converted to; the branches know no other.
    mel_means, mel_deviations : (80,) float32
        Of converted sounds; the branches hear (mel - mean) / deviation.
    standard_face : (68, 3) float64
        As in its file; a template takes its depth from here.
    """

    autovc: AutoVC
    content: Content
    speaker: Speaker
    target_voice: np.ndarray
    mel_means: np.ndarray
    mel_deviations: np.ndarray
    standard_face: np.ndarray
    device: torch.device


def load_networks(folder: Path, *, device: str | torch.device = "cpu") -> Networks:
    """Everything from a checkout of MakeItTalk or a flat folder.

    Raises
    ------
    SfpError
        Files missing or not what they should be, or no such device.
    """
    files = find_files(folder)
    chosen = _device(device)
    means, deviations = read_statistics(files.statistics)
    return Networks(
        autovc=load_network(files.autovc, AUTOVC, device=chosen),
        content=load_network(files.content, CONTENT, device=chosen),
        speaker=load_network(files.speaker, SPEAKER, device=chosen),
        target_voice=read_voice(files.target_voice),
        mel_means=means,
        mel_deviations=deviations,
        standard_face=read_standard_face(files.standard_face),
        device=chosen,
    )


def _device(name: str | torch.device) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # torch says either, by device
        raise SfpError(f"device {name}: torch cannot use it here; expected cpu, or cuda where there is one") from error
    return device
