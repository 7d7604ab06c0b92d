"""Film and sound in data URIs, decoded again."""

import base64
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from sfp_core.detect.films import Film
from sfp_core.errors import SfpError
from sfp_core.render.film import write_film
from sfp_core.report.media import film_media, sound_media
from sfp_core.speech.audio import read_blocks

FPS = Fraction(24)


def decoded(uri: str, path: Path) -> Path:
    path.write_bytes(base64.b64decode(uri.split(";base64,")[1], validate=True))
    return path


def test_the_sound_is_the_same_and_starts_at_the_same_time(tmp_path: Path) -> None:
    seconds = np.arange(48000) / 48000
    click = np.where(np.abs(seconds - 0.5) < 0.02, np.sin(2 * np.pi * 440 * seconds), 0)
    soundfile.write(tmp_path / "click.wav", click * 0.8, 48000)
    media = sound_media(tmp_path / "click.wav")
    assert media.uri.startswith("data:audio/mp4;base64,")
    back = np.concatenate(list(read_blocks(decoded(media.uri, tmp_path / "back.m4a"))))
    first = np.concatenate(list(read_blocks(tmp_path / "click.wav")))
    shifts = range(-400, 401)  # 25 ms either way; a frame is 42 ms
    alike = [float(np.dot(np.roll(back[: len(first)], -shift), first[: len(back)])) for shift in shifts]
    assert abs(shifts[int(np.argmax(alike))]) <= 16  # 1 ms
    assert max(alike) > 0.95 * float(np.dot(first, first))


def test_a_larger_film_is_made_smaller_and_keeps_shape_length_and_sound(tmp_path: Path, line: Path) -> None:
    picture = np.zeros((160, 320, 3), np.uint8)
    picture[:, :160] = 200
    write_film(tmp_path / "film.mp4", [picture] * 24, fps=FPS, sound=line)
    media, doubts = film_media(tmp_path / "film.mp4", frames=24, fps=FPS, size=128)
    assert (media.sound, doubts) == (True, ())
    small = Film.open(decoded(media.uri, tmp_path / "small.mp4"))
    assert (small.fps, small.frames, small.sound) == (FPS, 24, True)
    pictures = list(small.pictures())
    assert {one.shape for one in pictures} == {(64, 128, 3)}
    assert np.abs(pictures[12][:, 8:56].astype(int) - 200).max() <= 6
    assert pictures[12][:, 72:].max() <= 6


def test_a_film_that_is_small_enough_stays_as_it_is(tmp_path: Path) -> None:
    write_film(tmp_path / "film.mp4", [np.zeros((64, 64, 3), np.uint8)] * 5, fps=FPS)
    media, _ = film_media(tmp_path / "film.mp4", frames=5, fps=FPS, size=64)
    assert decoded(media.uri, tmp_path / "back.mp4").read_bytes() == (tmp_path / "film.mp4").read_bytes()
    assert not media.sound


def test_what_is_no_sound_is_told(tmp_path: Path) -> None:
    write_film(tmp_path / "mute.mp4", [np.zeros((64, 64, 3), np.uint8)] * 5, fps=FPS)
    (tmp_path / "text.wav").write_text("no sound", encoding="utf-8")
    with pytest.raises(SfpError, match=r"mute\.mp4: there is no sound in this file"):
        sound_media(tmp_path / "mute.mp4")
    with pytest.raises(SfpError, match=r"text\.wav: the sound cannot be put on the page"):
        sound_media(tmp_path / "text.wav")
    with av.open(str(tmp_path / "mute.mp4")) as film:  # it is a film all the same
        assert film.streams.video
