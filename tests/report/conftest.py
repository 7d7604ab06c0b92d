"""A browser that tests look at pages with, and takes to make pages of."""

import contextlib
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from sfp_core.curves.take import Channel, Layer, SoundReference, Spoken, Take
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.rig import Keys
from sfp_core.target import CURVES

_PATIENCE_SECONDS = 60


class Browser:
    """Headless Chromium, driven over its own pipe (the DevTools protocol): no driver and no port is needed."""

    def __init__(self, program: str, profile: Path) -> None:
        import fcntl  # POSIX alone, as this class is

        ours, theirs = zip(os.pipe()[::-1], os.pipe(), strict=True)  # we write and read; they read 3 and write 4
        self._write, self._read = ours
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in theirs]  # out of the way of 3 and 4
        options = ("--headless=new", "--no-sandbox", "--remote-debugging-pipe", f"--user-data-dir={profile}")
        quiet = ("--disable-gpu", "--mute-audio", "--no-first-run", "--autoplay-policy=no-user-gesture-required")
        self._process = os.posix_spawn(
            program,
            [program, *options, *quiet],
            os.environ,
            file_actions=[
                *((os.POSIX_SPAWN_OPEN, standard, os.devnull, os.O_RDWR, 0) for standard in range(3)),
                *((os.POSIX_SPAWN_DUP2, end, wanted) for end, wanted in zip(ends, (3, 4), strict=True)),
            ],
            setpgroup=0,
        )
        for end in (*theirs, *ends):
            os.close(end)
        self._sent, self._buffer, self._session = 0, b"", ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer; events that come meanwhile are kept."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._until(lambda answer: answer.get("id") == self._sent)["result"]

    def open(self, page: Path, address: str = "", *, size: tuple[int, int] = (1440, 900)) -> None:
        """Load a page from disk and wait until its script has drawn."""
        self.events.clear()
        width, height = size
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url="about:blank")  # so that another hash alone is a new page too
        self.call("Page.navigate", url=f"{page.resolve().as_uri()}{address}")
        self.wait("document.readyState === 'complete' && document.getElementById('status')?.dataset.keysDrawn")

    def value(self, script: str) -> Any:
        """What a piece of script gives."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str) -> None:
        """Until a condition holds."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while not self.value(script):
            assert time.monotonic() < end, f"never true: {script}; {self.complaints()}"
            time.sleep(0.02)

    def press(self, key: str, *, text: str = "", modifiers: int = 0) -> None:
        """A key, down and up."""
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                text=text if kind == "keyDown" else "",
                modifiers=modifiers,
            )

    def drag(self, start: tuple[float, float], end: tuple[float, float], *, modifiers: int = 0) -> None:
        """The left button from one place of the window to another; the same place is a click."""
        steps = [("mousePressed", start), ("mouseMoved", end), ("mouseReleased", end)]
        for kind, (x, y) in [("mouseMoved", start), *steps]:
            held = (
                {} if (kind, (x, y)) == ("mouseMoved", start) and start != end else {"button": "left", "clickCount": 1}
            )
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, modifiers=modifiers, **held)

    def wheel(self, x: float, y: float, amount: float, *, modifiers: int = 0) -> None:
        """The wheel at a place of the window."""
        self.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=amount, modifiers=modifiers)

    def complaints(self) -> list[str]:
        """Errors of the script, and what the page's policy had to refuse."""
        self.value("0")  # events that are on their way arrive
        thrown = [e for e in self.events if e["method"] == "Runtime.exceptionThrown"]
        logged = [e for e in self.events if e["method"] == "Log.entryAdded"]
        errors = [e for e in logged if e["params"]["entry"]["level"] == "error"]
        return [json.dumps(event["params"]) for event in (*thrown, *errors)]

    def requests(self) -> list[str]:
        """The address of everything that the page asked for."""
        sent = [event for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def close(self) -> None:
        """End the process that was started, and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._write)
        os.close(self._read)

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            while b"\0" in self._buffer:
                line, _, self._buffer = self._buffer.partition(b"\0")
                message = json.loads(line)
                if wanted(message):
                    assert "error" not in message, message["error"]
                    return message
                self.events.append(message)
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            block = os.read(self._read, 1 << 20)
            assert block, "the browser has ended"
            self._buffer += block


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium; tests that want it are skipped where it is not found."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or os.name != "posix":
        pytest.skip("no chromium is installed, so no page can be looked at")
    opened = Browser(program, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


TYPES = ("auto", "linear", "flat", "step", "stepnext", "spline", "clamped", "plateau", "fixed")


def keys_of_all_types(generator: np.random.Generator, count: int, low: float, high: float) -> Keys:
    """Keys at uneven, not always whole frames, with every tangent type somewhere."""
    frames = np.cumsum(generator.choice([0.5, 1, 2, 3, 7], count)) - 1.0
    kinds = [tuple(generator.permutation(np.resize(TYPES, count)).tolist()) for _ in range(2)]
    slopes = generator.normal(0, 3 * (high - low), (2, count))
    return Keys(frames, generator.uniform(low, high, count), kinds[0], kinds[1], *slopes)


def make_take() -> Take:
    """Two layers over the same controllers, every tangent type, one key, none; words, closures, edits, odd names."""
    generator = np.random.default_rng(4)
    none = Keys(np.zeros(0), np.zeros(0), (), (), np.zeros(0), np.zeros(0))
    one = Keys(np.array([12.0]), np.array([0.25]), ("auto",), ("auto",), np.zeros(1), np.zeros(1))
    keys = keys_of_all_types
    channels = (
        Channel("jaw.ty", "speech", "linear", (-1.0, 0.5), -0.1, keys(generator, 30, -1.0, 0.5), 0.0081, ((10, 20.5),)),
        Channel("jaw.ty", "mood", "linear", (-1.0, 0.5), -0.1, keys(generator, 12, -1.0, 0.5), 0.004),
        Channel("head.rx", "mood", "angle_deg", (-30.0, 30.0), 5.0, keys(generator, 25, -30.0, 30.0), 0.01),
        Channel("lf_up_lid.ty", "speech", "linear", (0.0, 1.0), 0.8, keys(generator, 20, 0.0, 1.0), 0.002),
        Channel("brow.ty", "speech", "none", (0.0, 1.0), 0.3, one),
        Channel("nose.ty", "speech", "linear", (0.0, 1.0), 0.3, none),
    )
    spoken = Spoken(
        ((0.25, 0.5, "my"), (0.5, 1.0, "friend"), (1.5, 2.0, "show")),
        ((0.0, 0.25, ""), (0.25, 0.35, "M"), (0.35, 0.5, "AY"), (0.5, 0.6, "F"), (0.6, 2.5, "EH")),
    )
    layers = (Layer("speech", 1.0), Layer("mood", 0.4))
    return Take("toon", Fraction(24000, 1001), 72, SoundReference("line.wav", "", 0.125), layers, channels, spoken)


def write_take(folder: Path, take: Take) -> Path:
    """The take's folder, with a sound of 2.5 s: silence, then a tone that grows."""
    write_curves_json(folder / CURVES, take)
    if take.sound is not None:
        time_seconds = np.arange(int(2.5 * 16000)) / 16000
        tone = np.sin(2 * np.pi * 220 * time_seconds) * np.clip(time_seconds - 0.5, 0, 1) * 0.6
        soundfile.write(folder / take.sound.file, tone, 16000)
    return folder


@pytest.fixture
def take() -> Take:
    """See `make_take`."""
    return make_take()


@pytest.fixture
def folder(tmp_path: Path, take: Take) -> Path:
    """The same in a folder, with its sound and without film and summary."""
    (tmp_path / "shot one").mkdir()
    return write_take(tmp_path / "shot one", take)
