"""The figures of one run: `summary.json`, process age and peak memory."""

import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

_IMPORTED = time.perf_counter()


@dataclass(frozen=True)
class Summary:
    """What `summary.json` holds, in its order.

    Attributes
    ----------
    seconds : float
        Length of the sound, or of the landmarks where they come from no sound.
    fps : str
        Exact rate, as `24` or `24000/1001`.
    rung : str
        Which step of the speech cascade gave the phones; empty for other engines.
    speech_share : float
        Share of the time that is speech, 0 to 1.
    stage_seconds : mapping of str to float
        Wall-clock seconds of each stage, the film (`preview`) included.
    startup_s : float
        Seconds from the start of the process until the first stage began.
    rtf : float
        Seconds of all stages but the film, over `seconds`.
    peak_mb : float
        Largest resident memory of the main process, 10^6 bytes.
    worst_error : float
        Largest error of the keys in any channel, as share of that controller's range.
    """

    seconds: float
    fps: str
    frames: int
    engine: str
    rung: str
    speech_share: float
    unknown_words: tuple[str, ...]
    warnings: tuple[str, ...]
    stage_seconds: Mapping[str, float]
    startup_s: float
    rtf: float
    peak_mb: float
    channels: int
    moving_channels: int
    keys: int
    worst_error: float

    def to_json(self) -> dict[str, Any]:
        """The file's content; numbers are rounded to what they can tell."""
        content = asdict(self)
        content["stage_seconds"] = {name: round(seconds, 3) for name, seconds in self.stage_seconds.items()}
        for name, digits in {"seconds": 4, "speech_share": 3, "startup_s": 3, "rtf": 4, "peak_mb": 1}.items():
            content[name] = round(content[name], digits)
        content["worst_error"] = float(f"{self.worst_error:.3g}")
        return content


def rate_text(fps: Fraction) -> str:
    """An exact rate as text: `24`, or `24000/1001`."""
    return str(fps)


def process_age_s() -> float:
    """Seconds since this process started; where the system does not tell, since this module was imported."""
    try:
        # proc(5): field 22 is the start in clock ticks since boot; the command's name, field 2, may contain spaces
        fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError):
        return time.perf_counter() - _IMPORTED


def peak_mb() -> float:
    """Largest resident memory of this process so far, 10^6 bytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: getrusage's figure is inherited from a larger parent across exec, VmHWM is our own
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace"), re.MULTILINE)
        if found:
            return int(found[1]) * 1024 / 1e6
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
