"""The page in a browser: what its script draws, plays and answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfp_core.curves.maya_curve import evaluate
from sfp_core.curves.take import Channel, SoundReference, Take
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.render.film import write_film
from sfp_core.report import write_report
from sfp_core.rig import Keys

STATUS = "({...document.getElementById('status').dataset})"


@pytest.fixture
def show(browser: Any, folder: Path) -> Callable[..., Path]:
    """Write the page of the folder and open it."""

    def open_page(address: str = "", **options: Any) -> Path:
        write_report(folder, folder / "page.html", **options)
        browser.open(folder / "page.html", address)
        return folder / "page.html"

    return open_page


def box(browser: Any, selector: str) -> tuple[float, float, float, float]:
    """left, top, width and height of an element in the window."""
    rectangle = (
        f"(e => [e.left, e.top, e.width, e.height])(document.querySelector('{selector}').getBoundingClientRect())"
    )
    return tuple(browser.value(rectangle))


def status(browser: Any) -> dict[str, str]:
    return dict(browser.value(STATUS))


def test_the_page_asks_for_nothing_and_complains_of_nothing(browser: Any, show: Callable, folder: Path) -> None:
    write_film(folder / "preview.mp4", [np.zeros((64, 64, 3), np.uint8)] * 72, fps=Fraction(24000, 1001))
    page = show()
    assert [url for url in browser.requests() if not url.startswith("data:")] == [page.as_uri()]
    assert browser.complaints() == []
    assert browser.value("film.videoWidth") == 64


def test_its_policy_stops_what_would_leave_or_break_in(browser: Any, show: Callable) -> None:
    show()
    tried = """(() => { const script = document.createElement('script'); script.textContent = 'window.broken = 1';
        document.body.append(script); const image = new Image(); image.src = 'http://localhost:9/x.png';
        document.body.append(image); })()"""
    browser.value(tried)
    browser.wait("document.images[0].complete")
    assert browser.value("window.broken === undefined")
    assert len([one for one in browser.complaints() if "Content Security Policy" in one]) == 2


def test_what_is_drawn_is_what_python_plays(browser: Any, show: Callable, take: Take) -> None:
    show("#selftest")
    seen = json.loads(browser.value("document.getElementById('selftest').textContent"))
    frames = np.array(seen["frames"])
    assert (frames[0], frames[-1], len(frames)) == (-1, 72.75, 4 * 72 + 8)
    for channel, drawn in zip(take.channels, seen["channels"], strict=True):
        keys = channel.keys
        played = evaluate(keys, frames, take.fps) if keys.count else np.full(len(frames), channel.neutral)
        assert np.abs(np.array(drawn["values"]) - played).max() <= 1e-9
        inside = frames[~np.isin(frames, keys.frames)]  # at a key of type step the pen goes straight up
        expected = evaluate(keys, inside, take.fps) if keys.count else np.full(len(inside), channel.neutral)
        assert np.abs(along(drawn["path"], inside) - expected).max() <= 1e-9
    names = list(dict.fromkeys(channel.controller for channel in take.channels))
    assert [name for name, _ in seen["played"]] == names
    mixed = take.curves(take.rig_spec()).values
    whole = (frames >= 0) & (frames <= 71) & (frames % 1 == 0)
    for place, (_, values) in enumerate(seen["played"]):
        assert np.abs(np.array(values)[whole] - mixed[:, place]).max() <= 1e-9


def along(path: list[list[float]], frames: np.ndarray) -> np.ndarray:
    """Values of a path of lines and Beziers at rising frames, by de Casteljau's construction."""
    found = np.full(len(frames), np.nan)
    pen = np.array(path[0])
    for piece in path[1:]:
        points = np.array([pen, *np.reshape(piece, (-1, 2))])
        pen = points[-1]
        if points[-1, 0] <= points[0, 0]:
            continue
        within = (frames >= points[0, 0]) & (frames <= points[-1, 0])
        share = (frames[within] - points[0, 0]) / (points[-1, 0] - points[0, 0])
        assert np.allclose(np.diff(points[:, 0]), np.diff(points[:, 0])[0])  # then the share is the parameter
        values = np.repeat(points[:, 1:], within.sum(), axis=1)
        while len(values) > 1:
            values = values[:-1] + share * (values[1:] - values[:-1])
        found[within] = values[0]
    return found


def test_the_status_counts_curves_and_keys_and_tells_where_the_playhead_is(
    browser: Any, show: Callable, take: Take
) -> None:
    show("#t=1.5")
    told = status(browser)
    moving = [channel for channel in take.channels if channel.keys.count > 1]
    keys = sum(channel.keys.count for channel in moving)
    assert (int(told["channels"]), int(told["keys"])) == (len(moving), keys)
    assert (int(told["frame"]), float(told["seconds"])) == (int(1.5 * take.fps), 1.5)
    assert int(told["keysDrawn"]) > 0
    left, _, width, _ = box(browser, "#lane-ruler")
    playhead = box(browser, "#playhead")[0] - left
    assert abs(playhead - (1.5 * float(take.fps) + 0.71) / (71 + 2 * 0.71) * width) <= 1  # 1 % of air at both ends
    browser.value("location.hash = '#t=0.5'")
    browser.wait(f"{STATUS}.seconds === '0.500000'")


def test_every_key_in_view_is_drawn_where_it_is(browser: Any, show: Callable, take: Take) -> None:
    show("#from=20&to=40&filter=jaw speech")
    keys = take.channels[0].keys
    inside = keys.frames[(keys.frames > 20) & (keys.frames <= 40)]
    assert int(status(browser)["keysDrawn"]) == len(inside)
    left, top, width, height = box(browser, ".row:not([hidden]) canvas")
    for frame in inside[[0, -1]]:
        browser.call(
            "Input.dispatchMouseEvent", type="mouseMoved", x=left + (frame - 20) / 20 * width, y=top + height / 2
        )
        place = keys.frames.tolist().index(frame)
        said = browser.value("document.getElementById('tip').textContent").splitlines()
        assert said[1] == f"key {place + 1} of {keys.count}, frame {frame:g}"
        assert said[2].startswith(f"in {keys.in_types[place]}, ")
        assert said[3].startswith(f"out {keys.out_types[place]}, ")


def test_the_curve_is_on_the_picture(browser: Any, show: Callable, take: Take) -> None:
    """Pixels of a row's canvas: in every column the curve's colour is at the curve's value."""
    show("#from=20&to=40&filter=up_lid")
    channel = take.channels[3]
    colours = """(() => { const canvas = document.querySelector('.row:not([hidden]) canvas');
        const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); const out = [];
        for (let x = 4; x < canvas.width - 60; x += 1) { let sum = 0, mass = 0;
          for (let y = 0; y < canvas.height; y += 1) { const at = 4 * (y * canvas.width + x);
            const weight = Math.max(0, data[at] - data[at + 2] - 60); sum += weight * (y + 0.5); mass += weight; }
          out.push(mass > 0 ? sum / mass : null); }
        return [canvas.width, canvas.height, out]; })()"""
    width, height, found = browser.value(colours)
    columns = np.arange(4, width - 60) + 0.5
    frames = 20 + columns / width * 20
    values = evaluate(channel.keys, frames, take.fps)
    row = np.array([np.nan if value is None else value for value in found])
    slope, offset = np.polyfit(values[np.isfinite(row)], row[np.isfinite(row)], 1)
    smooth = np.abs(np.gradient(values * slope)) < 3  # jumps hold many values in one column
    off = np.abs(row - (slope * values + offset))[smooth & np.isfinite(row)]
    assert len(off) > 0.3 * len(columns)
    assert np.quantile(off, 0.9) < 0.6
    assert slope < 0  # up is more
    assert -slope * np.ptp(values) > 0.3 * height


def test_the_wheel_zooms_at_the_pointer_and_a_click_seeks(browser: Any, show: Callable, take: Take) -> None:
    show()
    left, top, width, height = box(browser, "#lane-wave")

    shares = (0.26, 0.515, 0.76)  # none is half-way between two frames

    def clicked(share: float) -> int:
        place = (left + share * width, top + height / 2)
        browser.drag(place, place)
        return round(float(status(browser)["seconds"]) * float(take.fps))

    before = [clicked(share) for share in shares]
    assert before[1] == 37  # 0.515 of 71 frames with 1 % of air at both ends
    browser.wheel(left + 0.515 * width, top + height / 2, -400)
    browser.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    after = [clicked(share) for share in shares]
    assert after[1] == before[1]
    spans = [span[2] - span[0] for span in (before, after)]
    assert abs(spans[1] - spans[0] / np.e) <= 1  # so much for 400 pixels of wheel
    browser.press("0", text="0")
    assert [clicked(share) for share in shares] == before


def test_keys_move_the_playhead_by_frames_and_by_keys(browser: Any, show: Callable, take: Take) -> None:
    show("#t=1&filter=jaw speech")
    keys = take.channels[0].keys.frames
    frame = int(take.fps)
    browser.press("ArrowRight")
    assert int(status(browser)["frame"]) == frame + 1
    browser.press("ArrowLeft", modifiers=8)
    assert int(status(browser)["frame"]) == frame - 9
    browser.press("End")
    assert int(status(browser)["frame"]) == 71
    browser.press("Home")
    browser.press(".", text=".")
    assert float(status(browser)["seconds"]) == pytest.approx(keys[keys > 0][0] / float(take.fps), abs=1e-6)
    browser.press(".", text=".")
    browser.press(",", text=",")
    assert float(status(browser)["seconds"]) == pytest.approx(keys[keys > 0][0] / float(take.fps), abs=1e-6)


def test_typing_in_the_filter_is_not_steering(browser: Any, show: Callable) -> None:
    show("#t=1")
    before = status(browser)
    browser.press("/", text="/")
    for letter in "head":
        browser.press(letter, text=letter)
    browser.press(" ", text=" ")
    browser.press("ArrowLeft")
    after = status(browser)
    assert after["frame"] == before["frame"]
    browser.wait(f"{STATUS}.channels === '1' && {STATUS}.keys === '25'")
    assert not browser.value("document.body.classList.contains('playing')")
    browser.press("Escape")
    browser.wait(f"{STATUS}.channels === '{before['channels']}'")


def test_layers_and_resting_controllers_can_be_hidden_and_shown(browser: Any, show: Callable) -> None:
    show()
    browser.value("[...document.querySelectorAll('#layers button')].find(b => b.textContent.includes('mood')).click()")
    browser.wait(f"{STATUS}.channels === '2'")
    browser.value("document.getElementById('resting').click()")
    browser.wait(f"{STATUS}.channels === '4'")
    assert browser.value("document.querySelectorAll('.row:not([hidden])').length") == 4


def playing(browser: Any) -> float:
    browser.press(" ", text=" ")
    browser.wait(f"Number({STATUS}.seconds) > 0.4")
    return float(status(browser)["seconds"])


def test_the_playhead_and_the_film_run_together(browser: Any, show: Callable, folder: Path, take: Take) -> None:
    pictures = (np.full((64, 64, 3), 3 * index, np.uint8) for index in range(72))
    write_film(folder / "preview.mp4", pictures, fps=take.fps)
    show()
    playing(browser)
    both = f"new Promise(done => requestAnimationFrame(() => done([Number({STATUS}.seconds), film.currentTime])))"
    clock_seconds, film_seconds = browser.value(both)
    assert abs(clock_seconds - film_seconds) < 0.2  # a busy machine shows few pictures a second
    browser.press(" ", text=" ")
    assert browser.value("film.paused && sound.paused")
    stopped = status(browser)["seconds"]
    browser.value("location.hash = '#t=2.0'")
    browser.wait("!film.seeking && Math.abs(film.currentTime - 2) < 0.01")
    shade = """(() => { const canvas = document.createElement('canvas'); const context = canvas.getContext('2d');
        context.drawImage(film, 0, 0); return context.getImageData(32, 32, 1, 1).data[0]; })()"""
    assert float(stopped) > 0.4
    assert abs(browser.value(shade) / 3 - int(2 * take.fps)) <= 0.7  # the picture of that very frame


def test_sound_alone_and_silence_move_the_playhead_too(browser: Any, show: Callable, folder: Path, take: Take) -> None:
    show()
    assert playing(browser) < 2.6
    write_curves_json(folder / "take.curves.json", replace(take, sound=None))
    show()
    assert browser.value("document.querySelectorAll('audio, video').length") == 0
    assert playing(browser) < 2.6
    browser.wait("!document.body.classList.contains('playing')")  # it stops at the end
    assert float(status(browser)["seconds"]) == pytest.approx(71 / float(take.fps), abs=1e-6)


def test_a_selection_loops(browser: Any, show: Callable, folder: Path, take: Take) -> None:
    write_curves_json(folder / "take.curves.json", replace(take, sound=None))
    show("#from=0&to=40")
    left, top, width, height = box(browser, ".row:not([hidden]) canvas")
    browser.drag((left + 0.25 * width, top + height / 2), (left + 0.5 * width, top + height / 2))
    assert "selected 10 to 20, 10 frames" in browser.value("document.getElementById('status').textContent")
    browser.press(" ", text=" ")
    seen = browser.value(f"""new Promise(done => {{ const seen = []; let jumps = 0;
        const look = () => {{ seen.push(Number({STATUS}.seconds));
          if (seen[seen.length - 1] < seen[seen.length - 2]) jumps += 1;
          if (jumps < 3) requestAnimationFrame(look); else done(seen); }}; look(); }})""")
    frames = np.array(seen) * float(take.fps)
    frames = frames[np.argmax(np.abs(frames - 10) < 5) :]  # it began at 0
    assert frames.min() >= 10 - 1e-3
    assert frames.max() <= 20 + 1e-3


@pytest.mark.parametrize("case", ["one frame", "no channels", "no words and no sound", "script in a name"])
def test_odd_takes_are_drawn(browser: Any, show: Callable, folder: Path, take: Take, case: str) -> None:
    changed = {
        "one frame": replace(take, frames=1, sound=None, spoken=None),
        "no channels": replace(take, channels=(), layers=()),
        "no words and no sound": replace(take, sound=None, spoken=None),
        "script in a name": replace(
            take,
            rig="</script><script>document.title = 'out'</script>",
            channels=tuple(replace(one, controller=f"<b>{one.controller}</b>") for one in take.channels),
        ),
    }[case]
    write_curves_json(folder / "take.curves.json", changed)
    show("#t=9")
    assert browser.complaints() == []
    assert browser.value("document.title") == f"shot one - {changed.rig}"
    assert browser.value("document.querySelectorAll('.row b b').length") == 0
    last = max(changed.frames - 1, 2.625 * float(take.fps) if changed.sound else 0) / float(take.fps)
    assert float(status(browser)["seconds"]) == pytest.approx(last, abs=2e-3)


def test_a_missing_sound_is_a_warning_that_is_seen(browser: Any, show: Callable, folder: Path) -> None:
    (folder / "line.wav").unlink()
    show()
    said = browser.value("document.getElementById('warnings').textContent")
    assert "line.wav: the sound of this take is not there" in said
    assert browser.value("document.getElementById('warnings').offsetHeight") > 0
    assert box(browser, "#lane-wave")[3] == 0  # no empty lane


def test_a_hundred_channels_of_a_minute_stay_quick(browser: Any, show: Callable, folder: Path, take: Take) -> None:
    """Rows off the screen are not drawn, whatever the list's length; a bound in rows holds on any machine."""
    count = 361  # every fourth frame, as a lively take
    values = np.random.default_rng(0).uniform(-1, 1, count)
    kinds = ("auto",) * count
    keys = Keys(4.0 * np.arange(count), values, kinds, kinds, np.zeros(count), np.zeros(count))
    channels = tuple(Channel(f"jaw{i}.ty", "speech", "linear", (-1.0, 1.0), 0.0, keys) for i in range(100))
    large = replace(take, frames=1441, channels=channels, sound=SoundReference("line.wav"))
    write_curves_json(folder / "take.curves.json", large)
    show()
    assert status(browser)["keys"] == str(100 * count)
    drawn = "[...document.querySelectorAll('.row canvas')].filter(c => c.width > 0 && c.style.width).length"
    browser.wait(f"{drawn} > 15")  # those near the screen follow when there is time
    assert browser.value(drawn) < 30
    browser.value("document.getElementById('rows').scrollTop = 1e6")
    last = "[...document.querySelectorAll('.row canvas')].slice(-1)[0].style.width"
    browser.wait(last)
    browser.wait(f"{drawn} < 40")  # and those left behind are forgotten
