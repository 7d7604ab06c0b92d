"""A small rig of our own: a smooth, nonlinear map of 12 controllers to 98 landmarks, and a detector that knows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from sfp_core.character.capture import Capture, capture_character
from sfp_core.character.character import Character
from sfp_core.character.fit import FitConfig, FitReport, fit_character
from sfp_core.character.fit_forward import ForwardConfig
from sfp_core.character.fit_mapper import MapperConfig
from sfp_core.character.observe import PASSES, observe
from sfp_core.character.poses import pose_set
from sfp_core.landmarks import Landmarks
from sfp_core.layout import WFLW_98
from sfp_core.rig import ControllerSpec, RigSpec

SIZE = 64
SCALE_PX = 25.0  # of an inter-ocular distance in the pictures
NOISE = 0.003  # of the inter-ocular distance: spread of the detector at one picture


def dots_rig() -> RigSpec:
    """Twelve controllers, one of them without effect; limits and neutrals of many kinds."""
    specs = (
        ControllerSpec("jaw.ty", -1, 0, 0),
        ControllerSpec("jaw.tx", -1, 1, 0),
        ControllerSpec("lf_corner.tx", -1, 1, 0),
        ControllerSpec("rg_corner.tx", -1, 1, 0),
        ControllerSpec("lf_corner.ty", -2, 2, 0),
        ControllerSpec("rg_corner.ty", -2, 2, 0),
        ControllerSpec("lf_lid.rx", 0, 40, 30, "angle_deg"),  # neutral that is not zero
        ControllerSpec("rg_lid.rx", 0, 40, 30, "angle_deg"),
        ControllerSpec("lf_brow.ty", -1, 1, 0),
        ControllerSpec("rg_brow.ty", -1, 1, 0),
        ControllerSpec("pucker.ty", 0, 1, 0),
        ControllerSpec("tongue.tz", 0, 1, 0),
    )
    pairs = {"lf_corner.tx": "rg_corner.tx", "lf_corner.ty": "rg_corner.ty"}
    pairs |= {"lf_lid.rx": "rg_lid.rx", "lf_brow.ty": "rg_brow.ty"}
    return RigSpec("dots", specs, pairs | {other: name for name, other in pairs.items()})


def dots_neutral() -> np.ndarray:
    """(98, 2) canonical: a face of circles and arcs."""
    points = np.zeros((98, 2))

    def arc(indices: range, centre: tuple[float, float], radii: tuple[float, float], degrees: np.ndarray) -> None:
        angle = np.deg2rad(degrees)
        points[list(indices)] = np.stack(
            [centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)], axis=1
        )

    arc(range(0, 33), (0, 0.1), (0.75, 0.95), np.linspace(180, 0, 33))
    arc(range(33, 38), (-0.32, -0.18), (0.22, 0.1), np.linspace(180, 360, 5))
    arc(range(38, 42), (-0.32, -0.14), (0.2, 0.06), np.linspace(350, 190, 4))
    arc(range(42, 47), (0.32, -0.18), (0.22, 0.1), np.linspace(180, 360, 5))
    arc(range(47, 51), (0.32, -0.14), (0.2, 0.06), np.linspace(350, 190, 4))
    points[51:55] = np.stack([np.zeros(4), np.linspace(0, 0.3, 4)], axis=1)
    arc(range(55, 60), (0, 0.3), (0.12, 0.08), np.linspace(180, 0, 5))
    arc(range(60, 68), (-0.34, 0), (0.16, 0.1), np.linspace(180, 495, 8))
    arc(range(68, 76), (0.34, 0), (0.16, 0.1), np.linspace(180, 495, 8))
    arc(range(76, 88), (0, 0.6), (0.25, 0.08), np.linspace(180, 510, 12))
    arc(range(88, 96), (0, 0.6), (0.2, 0.01), np.linspace(180, 495, 8))
    points[96:] = [[-0.34, 0], [0.34, 0]]
    return points


def dots_landmarks(values: np.ndarray) -> np.ndarray:
    """(P, 12) controller values -> (P, 98, 2) canonical landmarks; shapes interact as on a face."""
    spec = dots_rig()
    moved = (values - spec.neutral) / (spec.maximum - spec.minimum)
    jaw, side, lf_out, rg_out, lf_up, rg_up, lf_lid, rg_lid, lf_brow, rg_brow, pucker, _ = moved.T[:, :, None]
    points = np.tile(dots_neutral(), (len(values), 1, 1))
    mouth = np.r_[76:96]
    rest = points[0, mouth]
    across = rest[:, 0] / 0.25
    low = np.clip((rest[:, 1] - 0.6) / 0.08, 0, 1)
    image_left, image_right = np.clip(-across, 0, 1), np.clip(across, 0, 1)  # the character's right is image left
    drop = -0.35 * jaw
    points[:, mouth, 1] += drop * low * (1 + 0.3 * lf_out + 0.3 * rg_out)
    points[:, mouth, 0] *= 1 - 0.45 * pucker - 0.15 * drop
    points[:, mouth, 1] += 0.5 * pucker * (rest[:, 1] - 0.6)  # thicker lips: else wide corners would undo a pucker
    points[:, mouth, 0] += 0.16 * (lf_out * image_right - rg_out * image_left) * (1 - 0.4 * pucker) + 0.15 * side * low
    points[:, mouth, 1] -= 0.3 * (lf_up * image_right**2 + rg_up * image_left**2)
    chin = np.sin(np.linspace(0, np.pi, 33)) ** 3
    points[:, :33, 1] += drop * chin
    points[:, :33, 0] += 0.2 * side * chin
    for first, lid in ((60, rg_lid), (68, lf_lid)):
        upper = np.arange(first + 1, first + 4)
        points[:, upper, 1] -= np.where(lid < 0, 0.2, 0.12) * lid  # down closes: more way than up
    for group, brow in (("left_brow", rg_brow), ("right_brow", lf_brow)):
        points[:, WFLW_98.group(group), 1] -= 0.2 * np.sin(brow)
    return points


@dataclass
class Dots:
    """The rig as something to render: its pictures are the pose's number in 4 x 4 black and white blocks."""

    rig: RigSpec = field(default_factory=dots_rig)
    seen: list[np.ndarray] = field(default_factory=list)
    colour: int = 255

    def landmarks(self, values: np.ndarray) -> np.ndarray:
        """(P, 12) controller values -> (P, 98, 2) canonical landmarks."""
        return dots_landmarks(values)

    def picture(self, values: np.ndarray, *, size: int = SIZE) -> np.ndarray:
        """A picture that `DotsDetector` can read."""
        number = len(self.seen)
        self.seen.append(np.array(values))
        bits = np.array([number >> bit & 1 for bit in range(16)], dtype=np.uint8).reshape(4, 4)
        return np.repeat(np.kron(bits * self.colour, np.ones((size // 4, size // 4), np.uint8))[..., None], 3, axis=2)


@dataclass(frozen=True)
class DotsFace:
    """What `DotsDetector` finds."""

    landmarks: Landmarks
    box: tuple[float, float, float, float]


@dataclass
class DotsDetector:
    """A stand-in for the detector: exact landmarks of the picture's pose under noise, turned and shifted a little."""

    dots: Dots
    noise: float = NOISE
    sha256: str = "0" * 64
    blind: bool = False
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def detect(self, image: np.ndarray) -> list[DotsFace]:
        """One face, or none for a blind detector."""
        return [] if self.blind else [self._face(image)]

    def detect_many(
        self, pictures: Iterable[np.ndarray], boxes: Iterable[tuple[float, float, float, float]], *, passes: int
    ) -> list[DotsFace]:
        """One face a picture."""
        assert passes == PASSES
        return [self._face(picture) for picture, _ in zip(pictures, boxes, strict=True)]

    def _face(self, picture: np.ndarray) -> DotsFace:
        block = len(picture) // 4
        bits = picture[block // 2 :: block, block // 2 :: block, 0].ravel() > 100
        values = self.dots.seen[int((bits << np.arange(16)).sum())]
        points = self.dots.landmarks(values[None])[0] + self.noise * self.rng.standard_normal((98, 2))
        angle = self.rng.normal(0, 0.02)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        pixels = points @ turn.T * SCALE_PX * self.rng.uniform(0.98, 1.02) + SIZE / 2
        return DotsFace(Landmarks(pixels, WFLW_98), (5.0, 5.0, 60.0, 60.0))


@pytest.fixture
def dots() -> Dots:
    """The rig; nothing has been drawn of it."""
    return Dots()


@pytest.fixture
def detector_of() -> type[DotsDetector]:
    """The stand-in detector: `detector_of(dots, noise=0)`."""
    return DotsDetector


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Character, FitReport, Capture]:
    """A character fitted to 1200 poses as the stand-in detector sees them: some seconds of one core."""
    folder = tmp_path_factory.mktemp("dots")
    dots = Dots()
    capture = capture_character(dots, pose_set(dots.rig, count=1200, seed=3), folder, size=SIZE)
    observation = observe(capture, folder, DotsDetector(dots))
    config = FitConfig(
        forward=ForwardConfig(steps=400, hidden=48), mapper=MapperConfig(hidden=96, steps=800, made=10_000)
    )
    character, report = fit_character(capture, observation, config, thumbnail=Path(folder / "00000.jpg"))
    return character, report, capture
