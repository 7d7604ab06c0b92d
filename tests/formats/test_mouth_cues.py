"""Mouth shapes for drawn characters: that nothing which shows is lost, and what the files say."""

import json
import random
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import pytest

from sfp_core.curves.take import SoundReference, Spoken, Take
from sfp_core.errors import SfpError
from sfp_core.formats.mouth_cues import write_rhubarb, write_toon_boom_dat
from sfp_core.speech.mouth_shapes import DIPHTHONGS, SHAPES, MouthCue, mouth_cues
from sfp_core.speech.phones import ARPABET, VOWELS

RATES = [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60), Fraction(12)]
CLOSED = {"P": "A", "B": "A", "M": "A", "F": "G", "V": "G"}
Phones = list[tuple[float, float, str]]


def said(text: str, *, each: float = 0.1, pause: float = 0.4) -> Phones:
    """Phones of equal length; `_` is a pause, and `AA:0.3` lasts as it says."""
    phones: Phones = []
    time = 0.0
    for word in text.split():
        name, _, seconds = word.partition(":")
        length = float(seconds) if seconds else pause if name == "_" else each
        phones.append((time, time + length, "" if name == "_" else name))
        time += length
    return phones


def chatter(seed: int, seconds: float = 20.0) -> Phones:
    """Consonants and vowels at random, in stretches with pauses between."""
    rng = random.Random(seed)
    consonants = sorted(ARPABET - VOWELS)
    phones: Phones = []
    time = 0.0
    while time < seconds:
        if rng.random() < 0.07 and phones and phones[-1][2]:
            name, length = "", rng.choice([0.05, 0.2, 0.6])
        else:
            name = rng.choice(sorted(VOWELS) if rng.random() < 0.45 else consonants)
            length = rng.uniform(0.03, 0.2)
        phones.append((time, time + length, name))
        time += length
    return phones


def shown(phones: Phones, fps: Fraction = Fraction(24)) -> tuple[tuple[MouthCue, ...], list[str]]:
    """The cues, and the shape on every frame."""
    frames = int(phones[-1][1] * fps) + 1
    cues = mouth_cues(phones, fps=fps, frames=frames)
    ends = [*(cue.first for cue in cues[1:]), frames]
    return cues, [cue.shape for cue, end in zip(cues, ends, strict=True) for _ in range(cue.first, end)]


def shapes(text: str, **lengths: float) -> str:
    return "".join(cue.shape for cue in shown(said(text, **lengths))[0])


# Which shapes


def test_every_phone_has_a_shape() -> None:
    assert {*SHAPES, *DIPHTHONGS} == ARPABET
    assert not set(SHAPES) & set(DIPHTHONGS)


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        *[(name, "A") for name in "PBM"],
        *[(name, "G") for name in "FV"],
        *[("UW", "F"), ("W", "F"), ("UH", "F"), ("AO", "E"), ("ER", "E"), ("IY", "B"), ("IH", "B")],
        *[("EH", "C"), ("AE", "C"), ("AA", "D"), ("AH", "D"), ("S", "B"), ("K", "B"), ("L", "H")],
        *[("AY", "DB"), ("AW", "DF"), ("EY", "CB"), ("OW", "EF"), ("OY", "EB")],
    ],
)
def test_a_long_phone_by_itself(phone: str, expected: str) -> None:
    assert shapes(f"_ {phone}:0.3 _") == f"X{expected}X"


def test_a_short_ah_is_less_open() -> None:
    assert shapes("_ AH:0.1 _") == "XCX"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("_ S T UW:0.2 _", "XFX"),  # stew: rounded from the start
        ("_ K AA:0.2 R _", "XCDBX"),  # car: the throat goes half along
        ("_ B EH:0.15 T ER:0.15 _", "XACEX"),  # better
        ("_ S IY:0.2 _", "XBX"),
        ("_ M AA:0.15 M AA:0.15 _", "XADADX"),
        ("_ OW:0.3 P:0.1 AH:0.12 N _", "XEFACBX"),
    ],
)
def test_consonants_go_along_with_their_vowel(text: str, expected: str) -> None:
    assert shapes(text) == expected


def test_a_pause_rests_and_a_short_silence_does_not() -> None:
    assert shapes("AA:0.2 _ AA:0.2", pause=0.3) == "DXD"
    assert shapes("AA:0.2 _ AA:0.2", pause=0.1) == "D"


def test_lips_part_before_a_plosive_is_over() -> None:
    cues, _ = shown([(0.0, 0.5, ""), (0.5, 0.7, "P"), (0.7, 1.2, "AA")], Fraction(100))
    assert [(cue.first, cue.shape) for cue in cues] == [(0, "X"), (50, "A"), (63, "D")]


# On frames


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_chatter_flickers_nowhere_and_loses_no_closure(fps: Fraction, seed: int) -> None:
    phones = chatter(seed)
    cues, frames = shown(phones, fps)
    assert cues[0].first == 0
    runs = [(shape, len(list(group))) for shape, group in groupby(frames)]
    assert [shape for shape, _ in runs] == [cue.shape for cue in cues]  # each differs from the one before

    # Closures in the order of the phones; neighbours alike, with nothing but a short silence between, are one.
    spoken = [name for start, end, name in phones if name or end - start >= 0.12]
    closures = [shape for shape, _ in groupby(CLOSED.get(name, "") for name in spoken)]
    assert [shape for shape, _ in runs if shape in "AG"] == [shape for shape in closures if shape]

    least = max(1, round(0.07 * fps))
    for index, (shape, length) in enumerate(runs[1:-1], start=1):
        if shape not in "AG" and length < least:  # only what keeps two closures apart may be so brief
            before = next((one for one, _ in runs[index::-1] if one in "AG"), "none before")
            after = next((one for one, _ in runs[index:] if one in "AG"), "none after")
            assert before == after


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_shapes_come_when_they_are_said(fps: Fraction) -> None:
    phones = chatter(11)
    cues, frames = shown(phones, fps)
    reach = int(0.16 * fps) + 1
    for start, end, name in phones:
        first, last = int(start * fps), int(end * fps)
        if name in CLOSED:
            assert CLOSED[name] in frames[max(first - reach, 0) : last + reach]
        elif not name and end - start >= 0.5:
            assert frames[int((start + end) / 2 * fps)] == "X"
    changes = sum(1 for _ in groupby(name for _, _, name in phones))
    assert len(cues) < changes  # fewer drawings than phones


def test_a_slow_rate_still_shows_every_closure_of_quick_speech() -> None:
    assert shapes("_ P AA P AA P AA _", each=0.06).count("A") == 3
    cues, _ = shown(said("_ P AA P AA P AA _", each=0.06), Fraction(10))
    assert [cue.shape for cue in cues].count("A") == 3


# Files


def take_of_speech(fps: Fraction = Fraction(24), *, sound: str = "line.wav", phones: Phones | None = None) -> Take:
    spoken = phones or said("_:0.25 HH:0.05 AY:0.4 _:0.3")
    frames = int(spoken[-1][1] * fps) + 1
    return Take("toon", fps, frames, SoundReference(sound), (), (), Spoken(phones=tuple(spoken)))


def test_the_files_of_hi(tmp_path: Path) -> None:
    take = take_of_speech()
    assert write_rhubarb(tmp_path / "a.tsv", take).read_text() == ("0.000\tX\n0.250\tD\n0.542\tB\n0.709\tX\n1.042\tX\n")
    assert write_rhubarb(tmp_path / "a.json", take).read_text() == (
        '{\n  "metadata": {\n    "soundFile": "line.wav",\n    "duration": 1.042\n  },\n  "mouthCues": [\n'
        '    { "start": 0.000, "end": 0.250, "value": "X" },\n'
        '    { "start": 0.250, "end": 0.542, "value": "D" },\n'
        '    { "start": 0.542, "end": 0.709, "value": "B" },\n'
        '    { "start": 0.709, "end": 1.042, "value": "X" }\n  ]\n}\n'
    )
    dat = write_toon_boom_dat(tmp_path / "a.dat", take)
    assert dat.read_text() == "MohoSwitch1\n1 X\n7 D\n14 B\n18 X\n26 X\n"
    blair = write_toon_boom_dat(tmp_path / "b.dat", take, preston_blair=True)
    assert blair.read_text() == "MohoSwitch1\n1 rest\n7 AI\n14 etc\n18 rest\n26 rest\n"


@pytest.mark.parametrize("fps", [*RATES, Fraction(120), Fraction(37, 3)], ids=str)
def test_all_files_tell_the_same_frames(tmp_path: Path, fps: Fraction) -> None:
    take = take_of_speech(fps, phones=chatter(4, 30))
    assert take.spoken is not None
    cues = mouth_cues(take.spoken.phones, fps=fps, frames=take.frames)
    frames = [*((cue.first, cue.shape) for cue in cues), (take.frames, "X")]

    lines = [line.split("\t") for line in write_rhubarb(tmp_path / "a.tsv", take).read_text().splitlines()]
    assert [(int(float(time) * fps), shape) for time, shape in lines] == frames  # the frame at or before
    assert [round(float(time) * fps) for time, _ in lines] == [frame for frame, _ in frames]  # and the nearest

    content = json.loads(write_rhubarb(tmp_path / "a.json", take).read_text())
    assert [[f"{cue['start']:.3f}", cue["value"]] for cue in content["mouthCues"]] == lines[:-1]
    assert [cue["end"] for cue in content["mouthCues"]] == [float(time) for time, _ in lines[1:]]
    assert content["metadata"]["duration"] == float(lines[-1][0])

    switch = write_toon_boom_dat(tmp_path / "a.dat", take).read_text().splitlines()
    assert switch[0] == "MohoSwitch1"
    assert [line.split() for line in switch[1:]] == [[str(frame + 1), shape] for frame, shape in frames]


def test_a_start_frame_puts_rest_before(tmp_path: Path) -> None:
    take = take_of_speech(phones=said("AA:0.5 _:0.5"))
    assert write_rhubarb(tmp_path / "a.tsv", take, start_frame=24).read_text() == (
        "0.000\tX\n1.000\tD\n1.500\tX\n2.042\tX\n"
    )
    assert write_toon_boom_dat(tmp_path / "a.dat", take, start_frame=24).read_text() == (
        "MohoSwitch1\n25 D\n37 X\n50 X\n"
    )
    resting = take_of_speech(phones=said("_:0.5 AA:0.5"))
    text = write_rhubarb(tmp_path / "b.tsv", resting, start_frame=24).read_text()
    assert text == "0.000\tX\n1.500\tD\n2.042\tX\n"


def test_odd_names_of_sounds_stay_json(tmp_path: Path) -> None:
    path = write_rhubarb(tmp_path / "a.json", take_of_speech(sound='C:\\a "b"\\ü.wav'))
    assert json.loads(path.read_text(encoding="utf-8"))["metadata"]["soundFile"] == 'C:\\a "b"\\ü.wav'
    silent = Take("toon", Fraction(24), 5, None, (), (), Spoken(phones=((0.0, 0.2, "AA"),)))
    assert json.loads(write_rhubarb(tmp_path / "b.json", silent).read_text())["metadata"]["soundFile"] == ""


@pytest.mark.parametrize("spoken", [None, Spoken(), Spoken(words=((0.0, 1.0, "hi"),))], ids=["none", "empty", "words"])
@pytest.mark.parametrize("write", [write_rhubarb, write_toon_boom_dat])
def test_a_take_that_says_nothing_is_refused(tmp_path: Path, write, spoken: Spoken | None) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SfpError, match=r"a\.tsv: the take of toon does not know what is said"):
        write(tmp_path / "a.tsv", Take("toon", Fraction(24), 5, None, (), (), spoken))
    assert not list(tmp_path.iterdir())


def test_other_suffixes_phones_and_starts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"a\.xml: \.xml; expected \.tsv or \.json"):
        write_rhubarb(tmp_path / "a.xml", take_of_speech())
    with pytest.raises(SfpError, match=r"a\.tsv: phone 'Q' is unknown"):
        write_rhubarb(tmp_path / "a.tsv", take_of_speech(phones=[(0.0, 1.0, "Q")]))
    with pytest.raises(SfpError, match="start frame -1"):
        write_rhubarb(tmp_path / "a.tsv", take_of_speech(), start_frame=-1)
    assert not list(tmp_path.iterdir())
