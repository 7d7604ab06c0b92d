import re
from fractions import Fraction
from pathlib import Path

import pytest

from sfp_core.errors import SfpError
from sfp_core.formats import phones_json, textgrid
from sfp_core.speech import Phone, PhoneTrack, Word, read_phones

TRACK = PhoneTrack(
    phones=(
        Phone(0.0, 0.25, ""),
        Phone(0.25, 0.37, "HH"),
        Phone(0.37, 0.5, "AY"),
        Phone(0.5, 0.71, ""),
        Phone(0.71, 1.1, "B"),
        Phone(1.1, 1.34375, "IY"),
    ),
    words=(Word(0.25, 0.5, "hi"), Word(0.71, 1.34375, "bee")),
    seconds=Fraction(21500, 16000),
    rung="file",
)


def test_long_format_is_written_as_praat_writes_it(tmp_path: Path) -> None:
    textgrid.write(tmp_path / "line.TextGrid", TRACK)
    text = (tmp_path / "line.TextGrid").read_text(encoding="utf-8")
    assert text.startswith('File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 1.34375\n')
    words, phones = text.split("    item [")[1:]
    assert 'name = "words"' in words and 'name = "phones"' in phones
    for tier, texts in ((words, ["", "hi", "", "bee"]), (phones, ["", "HH", "AY", "", "B", "IY"])):
        intervals = re.findall(r'xmin = (\S+)\s+xmax = (\S+)\s+text = "([^"]*)"', tier)
        assert [interval[2] for interval in intervals] == texts
        assert f"intervals: size = {len(texts)}\n" in tier
        ends = [0.0, *(float(interval[1]) for interval in intervals)]
        assert [float(interval[0]) for interval in intervals] == ends[:-1] and ends[-1] == 1.34375


@pytest.mark.parametrize("name", ["line.TextGrid", "line.json"])
def test_read_gives_what_was_written(tmp_path: Path, name: str) -> None:
    (textgrid if name.endswith("Grid") else phones_json).write(tmp_path / name, TRACK)
    assert read_phones(tmp_path / name) == TRACK


def test_json_keeps_the_rung_and_unknown_words(tmp_path: Path) -> None:
    track = PhoneTrack(TRACK.phones, TRACK.words, TRACK.seconds, "align_wide", ("zorblax",))
    phones_json.write(tmp_path / "line.json", track)
    assert phones_json.read(tmp_path / "line.json") == track


def test_short_format_and_other_aligners_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mfa.TextGrid"
    path.write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n3\n'
        '"TextTier"\n"marks"\n0\n1\n1\n0.5\n"click [1]: 7"\n'
        '"IntervalTier"\n"Words"\n0\n1\n3\n0\n0.4\n"<sil>"\n0.4\n0.9\n"He said ""No"""\n0.9\n1\n""\n'
        '"IntervalTier"\n"phone"\n0\n1\n3\n0\n0.4\n"sil"\n0.4\n0.9\n"OW1"\n0.9\n1\n"spn"\n',
        encoding="utf-16",
    )
    track = textgrid.read(path)
    assert [(phone.start_seconds, phone.symbol) for phone in track.phones] == [(0.0, ""), (0.4, "OW"), (0.9, "")]
    assert track.words == (Word(0.4, 0.9, 'he said "no"'),) and track.seconds == 1
    textgrid.write(tmp_path / "again.TextGrid", track)
    assert textgrid.read(tmp_path / "again.TextGrid") == track


def _grid(tier: str, rows: str) -> str:
    head = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n1\n'
    return head + f'"IntervalTier"\n"{tier}"\n0\n1\n{rows}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a TextGrid"),
        ("hello", "not a TextGrid"),
        (_grid("notes", '1\n0\n1\n"AA"\n'), "no tier named 'phones'; the tiers are 'notes'"),
        (_grid("phones", '1\n0\n1\n"Q7"\n'), "at 0.000 s: phone 'Q7' is unknown"),
        (_grid("phones", '2\n0\n1\n"AA"\n'), "ends early"),
        (_grid("phones", '1\n0.5\n0.2\n"AA"\n'), "runs backwards"),
    ],
    ids=["empty", "text", "other tier", "phone", "cut", "backwards"],
)
def test_broken_textgrid_names_file_and_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.TextGrid"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SfpError, match=message) as caught:
        textgrid.read(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": "sfp.curves", "version": 1}', "format is 'sfp.curves'"),
        ('{"format": "sfp.phones", "version": 9}', "newer"),
        ('{"format": "sfp.phones", "version": 1}', "'seconds' is missing"),
        ('{"format": "sfp.phones", "version": 1, "seconds": "x"}', "not of the kind"),
    ],
    ids=["format", "version", "missing", "kind"],
)
def test_broken_json_names_file_and_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SfpError, match=message) as caught:
        phones_json.read(path)
    assert str(caught.value).startswith(str(path))


def test_other_suffixes_and_empty_sounds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match=r"\.TextGrid or \.json"):
        read_phones(tmp_path / "line.srt")
    with pytest.raises(SfpError, match="more than 0"):
        textgrid.write(tmp_path / "none.TextGrid", PhoneTrack((), (), Fraction(0), "silence"))


@pytest.mark.parametrize("name", ["acoustic_corpus", "cold_corpus3"])
def test_textgrid_of_another_aligner_survives(shared_data: Path, tmp_path: Path, name: str) -> None:
    track = textgrid.read(shared_data / "speech" / "mfa" / f"{name}.TextGrid")
    assert len(track.phones) > 200 and len(track.words) > 50
    textgrid.write(tmp_path / "copy.TextGrid", track)
    assert textgrid.read(tmp_path / "copy.TextGrid") == track
