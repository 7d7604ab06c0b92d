from pathlib import Path

import pytest

from sfp_core.errors import SfpError
from sfp_core.speech.letters import pronounced
from sfp_core.speech.numerals import cardinal, ordinal, year
from sfp_core.speech.phones import ARPABET
from sfp_core.speech.text import read_transcript, spoken_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, WORLD!", "hello world"),
        ("I don\u2019t know\u2026 it's O'Neil's", "i don't know it's o'neil's"),
        ("[sighs] Well (quietly), *coughs* yes.", "well yes"),
        ("BOB: Open up!\nANN: No.", "open up no"),
        ("Mr. Fox & Dr. Bear", "mister fox and doctor bear"),
        ("42 21st 1984 2005 1900 3.14 007", "forty two twenty first nineteen eighty four two thousand five "
         "nineteen hundred three point one four zero zero seven"),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
        ("$3.50, 10:05 p.m., 12:00", "three dollars fifty ten oh five p m twelve o'clock"),
        ("50% of the '90s", "fifty percent of the nineties"),
        ("well-known naïve café", "well known naive cafe"),
        ("4K x2", "four k x two"),
        ("?! ... — \"\"", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_words_as_they_are_spoken(text: str, words: str) -> None:
    assert spoken_words(text) == words.split()


def test_words_are_their_own_transcript() -> None:
    words = spoken_words("At 10:05 on the 21st, Mr. O'Neil paid $3.50 — OK?")
    assert spoken_words(" ".join(words)) == words


def test_every_number_is_told_apart() -> None:
    said = [" ".join(cardinal(number)) for number in range(3000)]
    assert len(set(said)) == len(said)
    assert " ".join(ordinal(12)) == "twelfth" and " ".join(ordinal(40)) == "fortieth"
    assert " ".join(year(1805)) == "eighteen oh five"


def test_transcript_is_a_file_or_itself(tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_text("\ufeffHello there", encoding="utf-8")
    assert read_transcript(path) == read_transcript(str(path)) == "Hello there"
    assert read_transcript("Hello there") == "Hello there"
    assert read_transcript("so long " * 500) == "so long " * 500


def test_transcript_file_must_be_there_and_text(tmp_path: Path) -> None:
    with pytest.raises(SfpError, match="no such file"):
        read_transcript(tmp_path / "absent.txt")
    with pytest.raises(SfpError, match="no such file"):
        read_transcript(str(tmp_path / "absent.txt"))
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(SfpError, match="UTF-8"):
        read_transcript(tmp_path / "bytes.txt")


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("gandalf", "G AE N D AE L F"),
        ("foxworth", "F AA K S W ER TH"),
        ("bamboozle", "B AE M B UW Z AH L"),
        ("mumbling", "M AH M B L IH NG"),
        ("wug", "W AH G"),
        ("thoughtful", "TH AO T F AH L"),
        ("knight", "N AY T"),
        ("phone", "F OW N"),
        ("tv", "T IY V IY"),
    ],
)
def test_unknown_words_sound_right(word: str, phones: str) -> None:
    assert pronounced(word) == tuple(phones.split())


@pytest.mark.parametrize("word", ["zzz", "a", "'", "qwrtpsdf", "aeiouy", "yyyy", "xylophone's", "éa", "o'o'o"])
def test_any_letters_have_a_pronunciation(word: str) -> None:
    assert pronounced(word) and set(pronounced(word)) <= ARPABET


def test_rules_agree_with_the_dictionary() -> None:
    """A fifth of the phones wrong over the whole dictionary, names included; 0.35 would be a broken table."""
    import difflib

    from pocketsphinx import get_model_path

    lines = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    entries = [line.split() for line in lines[::331]]
    entries = [entry for entry in entries if entry[0].isalpha()]
    wrong = total = 0
    for word, *truth in entries:
        matches = difflib.SequenceMatcher(None, pronounced(word), truth, autojunk=False).get_matching_blocks()
        wrong += max(len(truth), len(pronounced(word))) - sum(match.size for match in matches)
        total += len(truth)
    assert len(entries) > 300 and wrong / total < 0.25
