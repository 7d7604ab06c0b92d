"""The page as text: what it holds of the take, and that nothing breaks out of it or is fetched by it."""

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from sfp_core.curves.maya_curve import tangent_slopes
from sfp_core.curves.take import Channel, Layer, SoundReference, Spoken, Take
from sfp_core.errors import SfpError
from sfp_core.files import sha256_of, write_json
from sfp_core.formats.curves_json import write_curves_json
from sfp_core.render.film import write_film
from sfp_core.report import find, write_report
from sfp_core.report.data import figures
from sfp_core.report.media import LARGEST_BYTES
from sfp_core.report.page import page
from sfp_core.rig import Keys


class Elements(HTMLParser):
    """Every element that a browser would make of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag if tag != "script" else f"script {dict(attrs).get('type') or ''}".strip()

    def handle_data(self, data: str) -> None:
        self.text[self._inside] = self.text.get(self._inside, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def embedded(text: str) -> dict:
    return json.loads(Elements(text).text["script application/json"])


def keys_from(entry: dict, tangents: list[str]) -> Keys:
    kinds = [tuple(tangents[place] for place in entry[name]) for name in ("in_types", "out_types")]
    return Keys(
        np.array(entry["frames"], dtype=float),
        np.array(entry["values"], dtype=float),
        kinds[0],
        kinds[1],
        np.array(entry["in_slopes"], dtype=float),
        np.array(entry["out_slopes"], dtype=float),
    )


def take_from(data: dict) -> Take:
    """The take, made again of what the page holds."""
    channels = tuple(
        Channel(
            one["controller"],
            one["layer"],
            one["unit"],
            tuple(one["limits"]),
            one["neutral"],
            keys_from(one["keys"], data["tangents"]),
            one["worst_error"],
            tuple(tuple(span) for span in one["edited"]),
        )
        for one in data["channels"]
    )
    spoken = Spoken(tuple(map(tuple, data["words"])), tuple(map(tuple, data["phones"])))
    layers = tuple(Layer(name, weight) for name, weight in data["layers"])
    sound = SoundReference(data["sound"], "", data["sound_starts"])
    return Take(data["rig"], Fraction(data["fps"]), data["frames"], sound, layers, channels, spoken)


def facts(channel: Channel) -> tuple:
    """All of a channel but the slopes of its keys."""
    keys = channel.keys
    columns = (keys.frames.tolist(), keys.values.tolist(), keys.in_types, keys.out_types)
    return (channel.controller, channel.layer, channel.unit, channel.limits, channel.neutral, channel.edited, *columns)


def test_the_page_holds_the_take_to_the_last_bit(folder: Path, take: Take) -> None:
    back = take_from(embedded(page(find(folder))))
    assert replace(back, channels=()) == replace(take, channels=())
    assert [facts(channel) for channel in back.channels] == [facts(channel) for channel in take.channels]
    assert [channel.worst_error for channel in back.channels] == [channel.worst_error for channel in take.channels]
    for channel, other in zip(take.channels, back.channels, strict=True):
        in_slopes, out_slopes = tangent_slopes(channel.keys, take.fps)
        assert np.array_equal(other.keys.in_slopes, in_slopes)
        assert np.array_equal(other.keys.out_slopes, out_slopes)


def test_closures_are_on_frames_and_touch_the_phones_that_make_them(folder: Path, take: Take) -> None:
    data = embedded(page(find(folder)))
    (seal, tuck) = data["closures"]
    assert (seal[2], tuck[2]) == ("lip_seal", "lip_tuck")
    for (start, end, _), (first, last) in ((seal, (0.25, 0.35)), (tuck, (0.5, 0.6))):
        assert start < last
        assert end > first
        assert np.floor(end * float(take.fps) + 1e-9) >= np.ceil(start * float(take.fps) - 1e-9)  # a frame is within
    assert [one["held"] for one in data["channels"]] == [True, True, False, False, False, False]


NASTY = [
    "</script><script>document.title='out'</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--<script>",
    "{{script}} & &lt; ]]> \\u003c",
    "קול \u2028 \U0001f642 ​é",
    "\ud800 alone",
    "__proto__",
]


@pytest.mark.parametrize("name", NASTY, ids=lambda name: ascii(name)[:24])
def test_no_name_breaks_out(folder: Path, take: Take, name: str) -> None:
    plain = Elements(page(find(folder)))
    channels = tuple(
        replace(channel, controller=f"{name}.{index}", layer=name if channel.layer == "mood" else channel.layer)
        for index, channel in enumerate(take.channels)
    )
    odd = replace(
        take,
        rig=name,
        layers=(take.layers[0], Layer(name, 0.4)),
        channels=channels,
        sound=SoundReference(name),
        spoken=Spoken(((0.0, 1.0, name),), ((0.0, 1.0, name),)),
    )
    found = replace(find(folder), name=name, take=odd, warnings=(name,), summary={name: name, "seconds": name})
    text = page(found)
    text.encode("utf-8")
    elements = Elements(text)
    assert [tag for tag, _ in elements.found] == [tag for tag, _ in plain.found]
    assert elements.text["script"] == plain.text["script"]
    assert elements.text["title"] == html.unescape(html.escape(f"{name} - {name}".encode("utf-8", "replace").decode()))
    data = embedded(text)
    assert data["rig"] == data["name"] == data["warnings"][0] == data["words"][0][2] == data["layers"][1][0] == name
    assert data["channels"][0]["controller"] == f"{name}.0"


def test_nothing_is_fetched_and_only_its_own_script_may_run(folder: Path) -> None:
    write_film(folder / "preview.mp4", [np.zeros((64, 64, 3), np.uint8)] * 72, fps=Fraction(24000, 1001))
    write_report(folder, folder / "page.html")
    text = (folder / "page.html").read_text(encoding="utf-8")
    assert "http:" not in text
    assert "https:" not in text
    elements = Elements(text)
    addresses = [
        value for _, attributes in elements.found for name, value in attributes.items() if name in ("src", "href")
    ]
    assert [address.split(";")[0] for address in addresses if address] == ["data:video/mp4", "data:audio/mp4"]
    assert not [name for _, attributes in elements.found for name in attributes if name == "style" or name[:2] == "on"]
    policy = elements.attributes("meta")[1]["content"] or ""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for rule, tag in (("script-src", "script"), ("style-src", "style")):
        digest = base64.b64encode(hashlib.sha256(elements.text[tag].encode("utf-8")).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_the_film_is_the_folders_to_the_byte(folder: Path) -> None:
    write_film(folder / "preview.mp4", [np.zeros((64, 64, 3), np.uint8)] * 72, fps=Fraction(24000, 1001))
    made = write_report(folder, folder / "page.html")
    text = (folder / "page.html").read_text(encoding="utf-8")
    (film,) = Elements(text).attributes("video")
    coded = (film["src"] or "").removeprefix("data:video/mp4;base64,")
    assert base64.b64decode(coded, validate=True) == (folder / "preview.mp4").read_bytes()
    assert made.size_bytes == (folder / "page.html").stat().st_size
    assert (made.channels, made.warnings) == (6, ("summary.json: no such file; the figures of the run are left out",))


def test_without_a_film_the_sound_alone_is_there(folder: Path) -> None:
    write_film(folder / "preview.mp4", [np.zeros((64, 64, 3), np.uint8)] * 72, fps=Fraction(24000, 1001))
    write_report(folder, folder / "page.html", film=False)
    elements = Elements((folder / "page.html").read_text(encoding="utf-8"))
    assert (len(elements.attributes("video")), len(elements.attributes("audio"))) == (0, 1)


def test_another_takes_film_is_told(folder: Path) -> None:
    write_film(folder / "preview.mp4", [np.zeros((64, 64, 3), np.uint8)] * 50, fps=Fraction(24))
    told = write_report(folder, folder / "page.html").warnings[-1]
    assert told.startswith("preview.mp4: 50 pictures at 24 fps, but the take has 72 frames at 24000/1001")


@pytest.mark.parametrize(("harm", "told"), [
    (lambda folder: (folder / "line.wav").unlink(), "line.wav: the sound of this take is not there"),
    (lambda folder: (folder / "line.wav").write_bytes(b"no sound at all"), "not a sound that can be read"),
    (lambda folder: (folder / "preview.mp4").write_bytes(b"no film at all"), "the page goes without the film"),
    (lambda folder: (folder / "summary.json").write_text("{", encoding="utf-8"), "summary.json:"),
    (lambda folder: write_json(folder / "summary.json", {"warnings": ["too loud <b>"]}), "too loud <b>"),
], ids=["missing sound", "broken sound", "broken film", "broken summary", "warning of the run"])  # fmt: skip
def test_what_is_wrong_is_a_warning_on_the_page(folder: Path, harm, told: str) -> None:
    harm(folder)
    made = write_report(folder, folder / "page.html")
    assert [one for one in made.warnings if told in one]
    data = embedded((folder / "page.html").read_text(encoding="utf-8"))
    assert tuple(data["warnings"]) == made.warnings
    assert (data["waveform"] is None) == ("sound" in told)


def test_a_sound_that_was_changed_since_is_told(folder: Path, take: Take) -> None:
    known = replace(take, sound=SoundReference("line.wav", sha256_of(folder / "line.wav")))
    write_curves_json(folder / "take.curves.json", known)
    assert not [one for one in find(folder).warnings if "line.wav" in one]
    write_curves_json(folder / "take.curves.json", replace(take, sound=SoundReference("line.wav", "0" * 64)))
    assert "line.wav: is not the sound that this take was made with; it was changed since" in find(folder).warnings


def test_a_file_alone_takes_no_other_takes_film_or_figures(folder: Path, take: Take) -> None:
    write_film(folder / "preview.mp4", [np.zeros((64, 64, 3), np.uint8)] * 72, fps=take.fps)
    write_json(folder / "summary.json", {"engine": "speech"})
    write_curves_json(folder / "other.curves.json", take)
    inside, alone = find(folder / "take.curves.json"), find(folder / "other.curves.json")
    assert (inside.name, inside.film, inside.summary) == ("shot one", folder / "preview.mp4", {"engine": "speech"})
    assert (alone.name, alone.film, alone.summary, alone.warnings) == ("other", None, {}, ())
    assert alone.sound == inside.sound == folder / "line.wav"


def test_no_take_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"take\.curves\.json: no such file"):
        write_report(tmp_path, tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_figures_are_told_in_words_and_stages_last() -> None:
    summary = {"speech_share": 0.824, "stage_seconds": {"keys": 0.5}, "unknown_words": ["zorb", "glip"], "rung": "",
               "fps": "24", "keys": 12, "of_tomorrow": 3, "worst_error": "odd"}  # fmt: skip
    assert figures(summary) == [
        ["speech", "82% of the time"],
        ["unknown words", "zorb, glip"],
        ["keys", "12"],
        ["of tomorrow", "3"],
        ["worst error of the keys", "odd"],
        ["stage keys", "0.50 s"],
    ]


def test_a_film_too_large_for_a_page_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_film(folder / "preview.mp4", [np.zeros((64, 64, 3), np.uint8)] * 72, fps=Fraction(24000, 1001))
    monkeypatch.setattr("sfp_core.report.media.LARGEST_BYTES", 100_000)
    with (folder / "preview.mp4").open("ab") as film:
        film.write(b"\0\0\0\0free" + bytes(100_000))
    made = write_report(folder, folder / "page.html")
    assert "too large for a page" in made.warnings[-1]
    assert made.size_bytes < 300_000
    assert LARGEST_BYTES == 64 * 2**20


def test_the_page_grows_with_the_keys_alone(folder: Path, take: Take) -> None:
    """100 channels of 60 s with a key on every frame, which no take of ours has: some 70 bytes a key."""
    count = 1441
    values = np.random.default_rng(0).uniform(-1, 1, count)
    kinds = ("auto",) * count
    keys = Keys(np.arange(count, dtype=float), values, kinds, kinds, np.zeros(count), np.zeros(count))
    channels = tuple(Channel(f"c{i}.ty", "speech", "linear", (-1.0, 1.0), 0.0, keys) for i in range(100))
    large = replace(take, frames=count, channels=channels)
    text = page(replace(find(folder), take=large))
    assert len(text) < 100 * count * 80


def test_the_script_is_ours_alone() -> None:
    data = Path(__file__).parents[2] / "sfp_core" / "data" / "report"
    for script in data.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|fetch\(", text
        )
