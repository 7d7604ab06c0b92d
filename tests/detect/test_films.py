"""A face followed through a film: identity, losing and finding it again, films read, drawn on and refused."""

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from sfp_core.detect.codec import Codec, CodecConfig
from sfp_core.detect.crop import CropRegion, tight_box
from sfp_core.detect.detector import Detection, Detector
from sfp_core.detect.films import Film
from sfp_core.detect.finder import FoundFace
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.detect.passes import Pass
from sfp_core.errors import SfpError
from sfp_core.formats.landmarks_npz import read_landmarks_npz
from sfp_core.geometry import nme
from sfp_core.layout import WFLW_98
from sfp_core.render.film import write_film
from sfp_core.rigs.procedural import ProceduralCharacter

SHAPE = np.random.default_rng(2).uniform(-20, 20, (98, 2))


class DotPass(Pass):
    """Sees bright dots instead of faces: a picture holds its faces' centres in its first pixels."""

    def __call__(
        self, pictures: Sequence[np.ndarray], regions: Sequence[CropRegion], *, both_ways: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        points, confidence = [], []
        for picture, region in zip(pictures, regions, strict=True):
            centres = [centre for centre in picture[0, :2, :2].astype(float) if centre.any()]
            middle = np.array([region.centre_x, region.centre_y])
            near = min(centres, key=lambda centre: float(np.linalg.norm(centre - middle)), default=middle)
            points.append(SHAPE + near)
            confidence.append(np.full(98, 0.9 if np.linalg.norm(near - middle) < 20 and centres else 0.1))
        return np.stack(points), np.stack(confidence)


class Dots(Detector):
    """Finds bright dots instead of faces."""

    def __init__(self) -> None:
        config = NetworkConfig(
            input_px=32, stem_channels=(8, 16), stem_blocks=(0, 1), channels=16, stages=1, depth=2, neighbours=0
        )
        codec = Codec(CodecConfig(), grid=8, neighbours=[[(i + 1) % 98] for i in range(98)])
        super().__init__(DotPass(StackedHourglass(config), codec))
        self.asked = 0

    @property
    def finder(self) -> "Dots":  # type: ignore[override]
        return self

    def find(self, picture: np.ndarray) -> list[FoundFace]:
        self.asked += 1
        return [FoundFace(tight_box(SHAPE + centre), 0.9) for centre in picture[0, :2, :2] if centre.any()]


def _frame(*centres: tuple[int, int]) -> np.ndarray:
    picture = np.zeros((200, 200, 3), np.uint8)
    for index, centre in enumerate(centres):
        picture[0, index, :2] = centre
    return picture


def _centres(found: list[Detection | None]) -> list[tuple[int, int] | None]:
    return [
        None if one is None else tuple((one.landmarks.points - SHAPE).mean(axis=0).round().astype(int)) for one in found
    ]


def test_one_face_is_followed_past_another() -> None:
    """The second face comes to be named first, as finders do; the track stays with its own."""
    film = [_frame((50, 100), (150, 100)), *[_frame((150, 100), (50 + 5 * i, 100)) for i in range(1, 8)]]
    detector = Dots()
    assert _centres(detector.track(film, steadied=False)) == [(50 + 5 * i, 100) for i in range(8)]
    assert detector.asked == 1
    other = detector.track(film, tight_box(SHAPE + np.array([150, 100])), steadied=False)
    assert _centres(other) == [(150, 100)] * 8


def test_a_lost_face_is_none_and_is_found_again_nearest_to_where_it_was() -> None:
    film = [_frame((50, 50)), _frame(), _frame(), _frame((180, 180), (75, 50))]
    assert _centres(Dots().track(film, steadied=False)) == [(50, 50), None, None, (75, 50)]


def test_frames_are_let_go_and_the_filter_is_on_by_default() -> None:
    rng = np.random.default_rng(0)
    wobble = [(100 + int(x), 100 + int(y)) for x, y in rng.integers(-1, 2, (48, 2))]
    raw = Dots().track((_frame(one) for one in wobble), steadied=False)
    still = Dots().track((_frame(one) for one in wobble), fps=Fraction(24))

    def motion(found: list[Detection | None]) -> float:
        points = np.stack([one.landmarks.points for one in found if one is not None])
        return float(np.abs(np.diff(points, axis=0)).mean())

    assert len(still) == 48 and motion(still) < 0.3 * motion(raw)
    assert Dots().track([]) == []


TOON = ProceduralCharacter.named("toon")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of the built-in character at rest."""
    picture = TOON.picture(TOON.rig.neutral, size=192)
    return write_film(tmp_path_factory.mktemp("film") / "rest.mp4", [picture] * 8, fps=Fraction(24000, 1001))


def test_a_film_tells_its_rate_and_gives_its_pictures(film: Path) -> None:
    opened = Film.open(film)
    assert (opened.fps, opened.frames, opened.sound) == (Fraction(24000, 1001), 8, False)
    pictures = list(opened.pictures())
    assert len(pictures) == 8
    # H.264 at crf 18 and yuv420p: a few grey levels
    assert np.abs(pictures[3].astype(int) - TOON.picture(TOON.rig.neutral, size=192)).mean() < 4


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "cannot be opened as a film"), (b"no film at all" * 90, "cannot be opened as a film"), (None, "no such")],
    ids=["empty", "text", "missing"],
)
def test_what_is_no_film_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "x.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SfpError, match=f"x.mp4: {told}"):
        Film.open(path)


def test_a_film_cut_short_is_told_with_the_frame(tmp_path: Path, film: Path) -> None:
    cut = tmp_path / "cut.mp4"
    content = film.read_bytes()
    cut.write_bytes(content[: content.index(b"mdat") + 300])
    with pytest.raises(SfpError, match=r"cut\.mp4: (frame \d+: the film is broken|ends after \d+ of 8 frames)"):
        list(Film.open(cut).pictures())


def _patched(film: Path, path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """The film with another display matrix (a, b, c, d) in its track header (ISO/IEC 14496-12, 8.3.2)."""
    a, b, c, d = (number << 16 for number in matrix)
    content = film.read_bytes()
    # 4 bytes of version and flags, 20 of times and numbers, 8 reserved, 8 of layer, group, volume
    start = content.index(b"tkhd") + 4 + 40
    new = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], ">i4").tobytes()
    path.write_bytes(content[:start] + new + content[start + 36 :])
    return path


@pytest.mark.parametrize(
    ("matrix", "turn"),
    [
        ((1, 0, 0, 1), lambda picture: picture),
        ((0, 1, -1, 0), lambda picture: np.rot90(picture, -1)),  # to the right becomes down: a quarter clockwise
        ((-1, 0, 0, -1), lambda picture: np.rot90(picture, 2)),
        ((0, -1, 1, 0), lambda picture: np.rot90(picture)),
        ((-1, 0, 0, 1), lambda picture: picture[:, ::-1]),
        ((1, 0, 0, -1), lambda picture: picture[::-1]),
        ((0, 1, 1, 0), lambda picture: picture.swapaxes(0, 1)),
        ((0, -1, -1, 0), lambda picture: np.rot90(picture, 2).swapaxes(0, 1)),
    ],
    ids=["upright", "right", "over", "left", "mirrored", "upside", "main_diagonal", "other_diagonal"],
)
def test_pictures_come_as_the_display_matrix_says(tmp_path: Path, matrix: tuple, turn: Callable) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3)).astype(np.uint8).repeat(16, 0).repeat(16, 1)
    film = write_film(tmp_path / "a.mp4", [picture] * 2, fps=Fraction(24))
    stored = next(Film.open(film).pictures())
    turned = next(Film.open(_patched(film, tmp_path / "b.mp4", matrix)).pictures())
    assert np.array_equal(turned, turn(stored))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])  # the first tells that its mean is no rate, the second does not
def test_a_film_of_uneven_rate_gives_the_picture_of_every_time(tmp_path: Path, suffix: str) -> None:
    """Phones film so: here every thirtieth of a second at first, every tenth then."""
    ticks = [20 * index for index in range(15)] + [300 + 60 * index for index in range(15)]  # 1/600 s
    path = tmp_path / f"uneven{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"bf": "0", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 600)
        for index, tick in enumerate(ticks):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 8 * index, np.uint8), format="rgb24")
            frame.pts, frame.time_base = tick, Fraction(1, 600)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    film = Film.open(path)
    assert film.fps == 30 and film.frames in (0, 58)
    shown = [round(float(picture.mean()) / 8) for picture in film.pictures()]
    times = np.arange(58) / 30
    # a picture is shown until the next one comes; a thousandth of a second for Matroska's rounding
    expected = np.searchsorted(np.array(ticks) / 600, times + 1e-3, side="right") - 1
    assert shown == expected.tolist()


def test_a_film_of_one_picture_and_one_of_sound_alone(tmp_path: Path, line: Path, sfp: Callable) -> None:
    one = write_film(tmp_path / "one.mp4", [TOON.picture(TOON.rig.neutral, size=192)], fps=Fraction(24))
    assert sfp("detect", one, "-o", tmp_path / "one.npz").code == 0
    assert read_landmarks_npz(tmp_path / "one.npz").frames == 1
    assert sfp("draw", tmp_path / "one.npz", one, "-o", tmp_path / "drawn.mp4").code == 0
    (tmp_path / "sound.mp4").write_bytes(line.read_bytes())
    done = sfp("detect", tmp_path / "sound.mp4")
    assert done.code == 1 and done.err == f"sfp: error: {tmp_path / 'sound.mp4'}: holds no pictures; expected a film\n"


def test_sfp_follows_a_film_and_draws_on_it(tmp_path: Path, film: Path, sfp: Callable) -> None:
    landmarks, drawn = tmp_path / "l.npz", tmp_path / "drawn.mp4"
    done = sfp("detect", film, "-o", landmarks)
    assert done.code == 0, done.err
    sequence = read_landmarks_npz(landmarks)
    assert (sequence.frames, sequence.space, sequence.fps) == (8, "image", Fraction(24000, 1001))
    truth = TOON.landmarks(TOON.rig.neutral, size=192)
    assert nme(sequence.points, np.repeat(truth[None], 8, axis=0), WFLW_98).max() < 0.07
    done = sfp("draw", landmarks, film, "-o", drawn, "--progress", "json")
    assert done.code == 0, done.err
    assert json.loads(done.err.splitlines()[-1]) == {
        **{"event": "done", "stage": "draw", "done": 8, "total": 8, "message": ""}
    }
    pairs = zip(Film.open(drawn).pictures(), Film.open(film).pictures(), strict=True)
    assert all((np.abs(new.astype(int) - old).max(axis=2) > 60).sum() > 200 for new, old in pairs)


def test_a_film_refuses_what_is_for_pictures(tmp_path: Path, film: Path, sfp: Callable) -> None:
    for arguments, told in (
        (("detect", film, "--json"), "a film gives one face as .npz"),
        (("detect", film, "-o", tmp_path / "x.json"), "the landmarks of a film are written as .npz"),
        (("draw", tmp_path / "x.json", film, "-o", tmp_path / "y.mp4"), "landmarks of a film are .npz"),
    ):
        done = sfp(*arguments)
        assert done.code == 1 and told in done.err and done.err.count("\n") == 1


def test_drawing_refuses_another_films_landmarks_and_to_write_over_what_it_reads(
    tmp_path: Path, film: Path, sfp: Callable
) -> None:
    picture = TOON.picture(TOON.rig.neutral, size=192)
    other = write_film(tmp_path / "other.mp4", [picture] * 14, fps=Fraction(24000, 1001))
    slow = write_film(tmp_path / "slow.mp4", [picture] * 8, fps=Fraction(12))
    landmarks = tmp_path / "l.npz"
    assert sfp("detect", film, "-o", landmarks).code == 0
    for wrong in (other, slow):
        done = sfp("draw", landmarks, wrong, "-o", tmp_path / "drawn.mp4")
        assert done.code == 1 and "do not belong together" in done.err and done.err.count("\n") == 1
    for mine in (landmarks, film):
        before = mine.read_bytes()
        done = sfp("draw", landmarks, film, "-o", mine)
        assert done.code == 1 and f"{mine}: is what is read here" in done.err
        assert mine.read_bytes() == before
