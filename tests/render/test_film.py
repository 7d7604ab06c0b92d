from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile

from sfp_core.errors import SfpError
from sfp_core.render.film import write_film

AAC_FRAME_SECONDS = 1024 / 48000
NTSC = Fraction(24000, 1001)


def numbered(count, width=96, height=64):
    """A red picture whose left half turns yellow with the picture's number."""
    for index in range(count):
        picture = np.zeros((height, width, 3), dtype=np.uint8)
        picture[..., 0] = 200
        picture[:, : width // 2, 1] = 2 * index % 256
        yield picture


def write_sound(path, seconds, rate=16000, channels=1, click_seconds=1.0):
    sound = np.zeros((round(seconds * rate), channels), dtype=np.float32)
    sound[round(click_seconds * rate)] = 0.9
    soundfile.write(path, sound, rate)
    return path


def decoded_sound(path):
    with av.open(str(path)) as film:
        blocks = list(film.decode(audio=0))
        assert blocks[0].pts == 0
        return np.concatenate([block.to_ndarray()[0] for block in blocks]), blocks[0].sample_rate


@pytest.mark.parametrize("fps", [Fraction(24), NTSC, Fraction(25, 2), Fraction(60)], ids=str)
def test_pictures_come_back_at_their_exact_times(tmp_path, fps):
    path = write_film(tmp_path / "film.mp4", numbered(50), fps=fps)
    with av.open(str(path)) as film:
        video = film.streams.video[0]
        assert (video.codec_context.name, video.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.average_rate, video.frames) == (96, 64, fps, 50)
        frames = list(film.decode(video))
        film.seek(0)
        packets = [packet for packet in film.demux(video) if packet.pts is not None]
    assert [packet.dts for packet in packets] == [packet.pts for packet in packets]  # no picture waits for a later one
    assert [frame.pts * frame.time_base for frame in frames] == [index / fps for index in range(50)]
    for index, (frame, picture) in enumerate(zip(frames, numbered(50), strict=True)):
        shown = frame.to_ndarray(format="rgb24").astype(int)
        # Away from the border between the colours; a picture early or late is 2 levels off, a wrong matrix 20.
        for column in (20, 76):
            mean = shown[8:-8, column - 8 : column + 8].mean(axis=(0, 1))
            np.testing.assert_allclose(mean, picture[0, column], atol=3.0, err_msg=f"picture {index}")


def test_colours_are_marked_as_those_that_were_written(tmp_path):
    path = write_film(tmp_path / "film.mp4", numbered(2), fps=NTSC)
    with av.open(str(path)) as film:
        context = film.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("name", "rate", "channels"),
    [("speech.wav", 16000, 1), ("song.flac", 44100, 2), ("odd.wav", 22050, 1), ("film.ogg", 48000, 2)],
)
def test_a_click_in_the_sound_is_heard_at_its_time(tmp_path, name, rate, channels):
    sound = write_sound(tmp_path / name, 2.345, rate, channels)
    path = write_film(tmp_path / "film.mp4", numbered(60), fps=NTSC, sound=sound)
    heard, heard_rate = decoded_sound(path)
    assert np.argmax(np.abs(heard)) / heard_rate == pytest.approx(1.0, abs=0.001)  # 30 ms would be a wrong offset
    assert 2.345 <= len(heard) / heard_rate < 2.345 + AAC_FRAME_SECONDS


def test_the_sound_of_another_film_can_be_used(tmp_path):
    first = write_film(
        tmp_path / "one.mp4", numbered(30), fps=NTSC, sound=write_sound(tmp_path / "s.wav", 1.5, click_seconds=0.7)
    )
    heard, rate = decoded_sound(write_film(tmp_path / "two.mov", numbered(30), fps=Fraction(30), sound=first))
    assert np.argmax(np.abs(heard)) / rate == pytest.approx(0.7, abs=0.001)


def test_a_sound_that_its_file_lets_begin_late_begins_at_zero(tmp_path):
    late = tmp_path / "late.mka"
    samples = np.zeros((1, 32000), dtype=np.int16)
    samples[0, 16000] = 30000
    with av.open(str(late), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16000, layout="mono")
        block = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        block.sample_rate, block.pts, block.time_base = 16000, 8000, Fraction(1, 16000)
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    with av.open(str(late)) as container:
        assert next(container.decode(audio=0)).time == 0.5
    heard, rate = decoded_sound(write_film(tmp_path / "film.mp4", numbered(60), fps=NTSC, sound=late))
    assert np.argmax(np.abs(heard)) / rate == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("pictures", [3, 200], ids=["short-film", "long-film"])
def test_sound_is_kept_whole_whatever_the_number_of_pictures(tmp_path, pictures):
    sound = write_sound(tmp_path / "s.wav", 4.0)
    heard, rate = decoded_sound(write_film(tmp_path / "f.mp4", numbered(pictures), fps=Fraction(25), sound=sound))
    assert 4.0 <= len(heard) / rate < 4.0 + AAC_FRAME_SECONDS


def test_pictures_are_taken_one_at_a_time_and_counted(tmp_path):
    taken, written = [], []

    def pictures():
        for index, picture in enumerate(numbered(20)):
            assert len(written) >= index - 1
            taken.append(index)
            yield picture

    write_film(tmp_path / "film.mp4", pictures(), fps=NTSC, progress=written.append)
    assert taken == list(range(20)) and written == list(range(1, 21))


def test_the_index_comes_before_the_pictures_so_that_a_browser_can_start(tmp_path):
    content = write_film(tmp_path / "film.mp4", numbered(5), fps=NTSC).read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_a_failed_film_leaves_the_old_one_and_nothing_else(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")

    def pictures():
        yield from numbered(3)
        raise RuntimeError("the renderer broke")

    with pytest.raises(RuntimeError, match="the renderer broke"):
        write_film(path, pictures(), fps=NTSC)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "pictures", "message"),
    [
        ("film.avi", numbered(1), "expected a name that ends in"),
        ("film.mp4", [], "no pictures"),
        ("film.mp4", numbered(1, width=97), "97 x 64 pixels; H.264 needs even sizes"),
        ("film.mp4", [np.zeros((64, 64, 3))], "picture 0 is float64"),
        ("film.mp4", [np.zeros((64, 64, 3), np.uint8), np.zeros((64, 32, 3), np.uint8)], "picture 1 has shape"),
    ],
    ids=["suffix", "none", "odd", "kind", "change"],
)
def test_film_refuses_pictures_that_do_not_fit(tmp_path, name, pictures, message):
    with pytest.raises(SfpError, match=message):
        write_film(tmp_path / name, pictures, fps=NTSC)
    assert not list(tmp_path.iterdir())


def test_film_refuses_sounds_that_are_none(tmp_path):
    silent = write_film(tmp_path / "silent.mp4", numbered(2), fps=NTSC)
    text = tmp_path / "text.wav"
    text.write_text("not a sound", encoding="utf-8")
    for sound, message in ((silent, "holds no sound"), (text, "cannot be opened"), (tmp_path / "no.wav", "no.wav")):
        with pytest.raises(SfpError, match=message):
            write_film(tmp_path / "film.mp4", numbered(2), fps=NTSC, sound=sound)
    assert not (tmp_path / "film.mp4").exists()
    with pytest.raises(SfpError, match="frame rate 0"):
        write_film(tmp_path / "film.mp4", numbered(2), fps=Fraction(0))
