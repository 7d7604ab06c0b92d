"""Speech against captured mouths, labelled phones, and the keys that a character gets.

Nothing is fitted here. Every captured clip is measured with kernels that were fitted without it, as
`training.fit_articulation` stored them; a clip that it never saw is measured with the shipped ones.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from sfp_core.character.character import Character
from sfp_core.curves.smooth import smooth, smoothing_named
from sfp_core.curves.take import build_take
from sfp_core.errors import SfpError
from sfp_core.face import Face, lip_aperture, mouth_width
from sfp_core.files import read_json
from sfp_core.formats import textgrid
from sfp_core.geometry import normalize
from sfp_core.layout import WFLW_98
from sfp_core.rig import ControllerCurves
from sfp_core.rigs.procedural import ProceduralCharacter
from sfp_core.speech import Heard, PhoneTrack, listen
from sfp_core.speech.articulators import Articulation, articulate
from sfp_core.speech.closures import lips_together, on_frames
from sfp_core.speech.kernels import MOVEMENTS, Kernels, shipped_kernels
from sfp_core.speech.mouth import Expression, Poser
from sfp_core.speech.visemes import SEALED
from sfp_core.timing import frame_count, parse_fps
from training.benchmarks.loop import ClipRecipe, clip_figures
from training.benchmarks.table import Figure
from training.captures import Capture, animators, shared_data, talkers
from training.fit_articulation import FOLDS, TRANSFER
from training.settings import from_table, read_toml

RECIPE = Path(__file__).parents[1] / "testsets" / "speech-1.toml"
PARTS = ("talkers", "animators", "phones", "keys", "speed")

_PHONE_CLASSES = (
    *("P B M", "F V", "TH DH", "T D N L S Z", "SH ZH CH JH", "K G NG HH"),
    *("R ER", "W UW OW UH", "AO OY", "AA AE AH AY AW", "EH EY IH IY Y"),
)
"""The viseme classes of the prototype; silence is the twelfth."""
_CLASS_OF = {phone: number for number, names in enumerate(_PHONE_CLASSES, 1) for phone in names.split()} | {"": 0}
_SCORE_HZ = 100


@dataclass(frozen=True)
class KeysRecipe:
    """The `[keys]` table: shares and seconds as explained there."""

    character: str
    fps: str
    closed_below: float
    opened_at_least: float
    around_seconds: float
    lags_ms: int

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return parse_fps(self.fps)


@dataclass(frozen=True)
class PhonesRecipe:
    """The `[phones]` table: labelled clips without suffix."""

    clear: str
    hard: str
    within_ms: float


@dataclass(frozen=True)
class SpeedRecipe:
    """The `[speed]` table."""

    sound: str
    transcript: str


@dataclass(frozen=True)
class SpeechRecipe:
    """A speech recipe as in `training/testsets`."""

    name: str
    version: int
    keys: KeysRecipe
    phones: PhonesRecipe
    speed: SpeedRecipe


def read_recipe(path: Path = RECIPE) -> SpeechRecipe:
    """The frozen recipe."""
    return from_table(SpeechRecipe, read_toml(path), where=path.name)


def run(*, parts: Iterable[str]) -> list[Figure]:
    """The figures of the issue "the speech engine", in the order of its table."""
    recipe, wanted = read_recipe(), set(parts)
    data = shared_data()
    figures: list[Figure] = []
    if "talkers" in wanted:
        figures += talker_figures(talkers(data))
    if "animators" in wanted:
        figures += animator_figures(animators(data))
    if "phones" in wanted:
        figures += phone_figures(recipe.phones, data)
    if "keys" in wanted:
        figures += key_figures(recipe, data)
    if "speed" in wanted:
        figures += speed_figures(recipe.speed)
    return figures


@cache
def _folds() -> Mapping[str, Kernels]:
    record = read_json(FOLDS)
    return {name: Kernels.from_json(one, where=f"{FOLDS.name}: {name}") for name, one in record["folds"].items()}


def kernels_without(name: str) -> Kernels:
    """Kernels that were fitted without a clip: its fold, or the shipped ones where no fit ever saw the clip."""
    folds = _folds()
    if name not in folds and name in shipped_kernels().provenance.get("clips", {}):
        raise SfpError(f"{name}: the shipped kernels saw it, and no fold leaves it out; run training.fit_articulation")
    return folds.get(name, shipped_kernels())


def plain_figure(key: str, captures: Sequence[Capture], movement: str, *, way: int = 0) -> list[Figure]:
    """The recorded plain ridge beside a figure; none where a clip here is none that the fit knew."""
    recorded = read_json(FOLDS)["plain_ridge_r"]
    if any(one.name not in recorded for one in captures):
        return []
    scores = [recorded[one.name][movement][way] for one in captures]
    return [_r(f" {key} ridge", scores, "the other clips of its kind", "recorded: plain ridge, phones and loudness")]


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's over the frames that both have; 0 where one of the two does not move."""
    count = min(len(one), len(other))
    one, other = one[:count], other[:count]
    return float(np.corrcoef(one, other)[0, 1]) if min(np.ptp(one), np.ptp(other)) > 1e-9 else 0.0


def mouth_points(articulation: Articulation, face: Face, *, fps: Fraction) -> np.ndarray:
    """Landmarks (T, 98, 2) of the mouth's movement alone: no blinks, brows or glances."""
    heard = articulation.heard
    frames = frame_count(heard.seconds, fps)
    times = np.arange(frames) / float(fps)
    seal, tuck = lips_together(
        on_frames(articulation.seals, fps, frames), on_frames(articulation.tucks, fps, frames), times
    )
    still, looking = np.zeros(frames), np.zeros((frames, 2))
    return Poser(face).pose(Expression(articulation.at(times), seal, tuck, still, still, looking))


def talker_figures(captures: Sequence[Capture]) -> list[Figure]:
    """`grid_text_r` and `grid_audio_r`: lip aperture of the landmarks against that of the captured face."""
    face = Character.load("toon").face
    scores: dict[str, list[float]] = {}
    for one in captures:
        for way, transcript in (("text", one.transcript), ("audio", None)):
            heard = listen(one.sound, transcript)
            articulation = articulate(heard, kernels=kernels_without(one.name))
            points = mouth_points(articulation, face, fps=one.fps)
            scores.setdefault(way, []).append(correlation(lip_aperture(points), one.measured["aperture"]))
            width = correlation(mouth_width(points), one.measured["width"])
            scores.setdefault(f"{way} width", []).append(width)
            ruled = articulation.rules.at(one.times)
            scores.setdefault(f"{way} rules", []).append(correlation(ruled[:, 0], one.measured["aperture"]))
            level = heard.loudness.level_at(one.times)
            scores.setdefault(f"{way} energy", []).append(correlation(level, one.measured["aperture"]))
    fitted = f"the other talkers and the animator's clips; {len(captures)} talkers left out in turn"
    figures = []
    for way, bounds, known in (("text", (0.65, 0.74), "0.60"), ("audio", (0.66, 0.74), "0.65 to 0.67")):
        note = f"lip aperture of landmarks, {'with transcript' if way == 'text' else 'sound alone'}; worst "
        note += f"{min(scores[way]):.2f}; plain ridge is known to reach {known}"
        figures.append(_r(f"grid_{way}_r", scores[way], fitted, note, *bounds))
        figures.append(_r(f" grid_{way} energy", scores[f"{way} energy"], "", "log energy on the same clips"))
        figures += plain_figure(f"grid_{way}", captures, "opening", way=int(way == "text"))
        figures.append(_r(f" grid_{way} rules", scores[f"{way} rules"], "", "jaw of the rules alone"))
        figures.append(_r(f" grid_{way} width", scores[f"{way} width"], fitted, "mouth width of landmarks"))
    return figures


def animator_figures(captures: Sequence[Capture]) -> list[Figure]:
    """`jaw_r`, `round_r` and the two of kernels that saw no animator's curves."""
    face = Character.load("toon").face
    heard = [listen(one.sound) for one in captures]
    scores: dict[str, list[float]] = {}
    for one, what in zip(captures, heard, strict=True):
        for way, kernels in (("", kernels_without(one.name)), ("_transfer", _folds()[TRANSFER])):
            articulation = articulate(what, kernels=kernels)
            moved = articulation.movements_at(one.times)
            points = mouth_points(articulation, face, fps=one.fps)
            chin = points[:, 16, 1] - points[:, 51, 1]
            for key, movement, seen in (("jaw", "jaw", chin), ("round", "rounding", -mouth_width(points))):
                truth = one.measured[movement]
                scores.setdefault(f"{key}{way}", []).append(correlation(moved[:, MOVEMENTS.index(movement)], truth))
                scores.setdefault(f"{key}{way} seen", []).append(correlation(seen, truth))
                level = what.loudness.level_at(one.times)
                scores.setdefault(f"{key}{way} energy", []).append(correlation(level, truth))
    others = f"the animator's other clips; {len(captures)} clips left out in turn"
    figures = []
    for way, fitted in (("", others), ("_transfer", "talkers alone (jaw and rounding: priors)")):
        for key, low, aim, known in (
            ("jaw", 0.75 if way else 0.82, 0.80 if way else 0.88, "0.81"),
            ("round", 0.48 if way else 0.55, 0.60 if way else 0.66, "0.50"),
        ):
            note = f"fitted movement against the animator's, sound alone; worst {min(scores[key + way]):.2f}"
            note += "" if way else f"; plain ridge is known to reach {known}"
            figures.append(_r(f"{key}{way}_r", scores[key + way], fitted, note, low, aim))
            seen = "chin of landmarks" if key == "jaw" else "narrowness of landmarks"
            figures.append(_r(f" {key}{way} seen", scores[f"{key}{way} seen"], fitted, seen))
            figures += [] if way else plain_figure(key, captures, {"jaw": "jaw", "round": "rounding"}[key])
            figures.append(_r(f" {key}{way} energy", scores[f"{key}{way} energy"], "", "log energy, same clips"))
    return figures


def phone_figures(recipe: PhonesRecipe, data: Path) -> list[Figure]:
    """Onsets with transcript, and classes of phones on speech frames by sound alone."""
    figures = []
    for kind, clip, onset, viseme, share in (
        ("clear", recipe.clear, (0.82, 0.90), (0.62, 0.75), 0.85),
        ("hard", recipe.hard, (0.70, 0.80), (0.50, 0.65), 0.70),
    ):
        truth, sound = textgrid.read(data / f"{clip}.TextGrid"), data / f"{clip}.wav"
        told, alone = listen(sound, data / f"{clip}.lab").track, listen(sound).track
        errors, matched = onset_errors(truth, told)
        within = float((errors * 1000 <= recipe.within_ms).mean()) if len(errors) else 0.0
        note = f"{clip}, rung {told.rung}, median {1000 * float(np.median(errors)):.0f} ms"
        figures.append(Figure(f"onset20_{kind}", within, "", *onset, note=note, more_is_better=True))
        note = "share of labelled phones that have a partner"
        figures.append(Figure(f"matched_share_{kind}", matched, "", share, note=note, more_is_better=True))
        score = viseme_accuracy(truth, alone)
        note = f"{clip}, rung {alone.rung}, 12 classes, {_SCORE_HZ} Hz"
        figures.append(Figure(f"viseme_{kind}", score, "", *viseme, note=note, more_is_better=True))
    return figures


def onset_errors(truth: PhoneTrack, found: PhoneTrack) -> tuple[np.ndarray, float]:
    """Absolute onset errors (M,) seconds of phones matched by edit distance to the same phone, and their share."""
    first, second = ([phone for phone in track.phones if phone.symbol] for track in (truth, found))
    pairs = [
        (one, other)
        for one, other in edit_pairs([phone.symbol for phone in first], [phone.symbol for phone in second])
        if first[one].symbol == second[other].symbol
    ]
    errors = np.array([abs(second[other].start_seconds - first[one].start_seconds) for one, other in pairs])
    return errors, len(pairs) / len(first) if first else 0.0


def edit_pairs(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Places that a shortest edit (insert, delete, replace: 1 each) sets against each other, rising."""
    cost = np.zeros((len(first) + 1, len(second) + 1), dtype=np.int64)
    cost[:, 0], cost[0] = np.arange(len(first) + 1), np.arange(len(second) + 1)
    for one in range(1, len(first) + 1):
        for other in range(1, len(second) + 1):
            replaced = cost[one - 1, other - 1] + (first[one - 1] != second[other - 1])
            cost[one, other] = min(replaced, cost[one - 1, other] + 1, cost[one, other - 1] + 1)
    one, other, pairs = len(first), len(second), []
    while one and other:
        if cost[one, other] == cost[one - 1, other - 1] + (first[one - 1] != second[other - 1]):
            one, other = one - 1, other - 1
            pairs.append((one, other))
        elif cost[one, other] == cost[one - 1, other] + 1:
            one -= 1
        else:
            other -= 1
    return pairs[::-1]


def viseme_accuracy(truth: PhoneTrack, found: PhoneTrack) -> float:
    """Share of labelled speech frames whose class is found."""
    labelled, heard = (_classes(track) for track in (truth, found))
    count = min(len(labelled), len(heard))
    spoken = labelled[:count] > 0
    return float((labelled[:count] == heard[:count])[spoken].mean()) if spoken.any() else 0.0


def _classes(track: PhoneTrack) -> np.ndarray:
    """(T,) int64 class of every hundredth of a second; 0 is silence."""
    found = np.zeros(int(float(track.seconds) * _SCORE_HZ), dtype=np.int64)
    for phone in track.phones:
        found[round(phone.start_seconds * _SCORE_HZ) : round(phone.end_seconds * _SCORE_HZ)] = _CLASS_OF[phone.symbol]
    return found


@dataclass(frozen=True)
class Keyed:
    """A character under its reduced keys: inner-lip aperture (T,) float64 on frames of the output rate."""

    heard: Heard
    aperture: np.ndarray


def keyed(heard: Heard, kernels: Kernels, recipe: KeysRecipe) -> Keyed:
    """The lips of the re-posed character, as its keys play: mapped, smoothed, reduced, evaluated again."""
    character, drawn = Character.load(recipe.character), ProceduralCharacter.named(recipe.character)
    articulation = articulate(heard, kernels=kernels)
    frames = frame_count(heard.seconds, recipe.rate)
    both = (articulation.seals, articulation.tucks)
    events = sorted(
        (event for kind in both for event in on_frames(kind, recipe.rate, frames)),
        key=lambda event: event.start_seconds,
    )
    values = character.controllers(mouth_points(articulation, character.face, fps=recipe.rate), even=True)
    dense = ControllerCurves(character.rig, recipe.rate, 0.0, values)
    take = build_take(
        smooth(dense, smoothing_named("normal", character.rig.names), events=events), events=events, layer="speech"
    )
    played = take.curves(character.rig).values
    return Keyed(heard, lip_aperture(np.stack([normalize(drawn.landmarks(row), WFLW_98)[0] for row in played])))


def key_figures(recipe: SpeechRecipe, data: Path) -> list[Figure]:
    """`closure` over all clips with words, `offset_ms` over the talkers, and speed and spectrum of the motion."""
    keys, captures = recipe.keys, talkers(data)
    seen = [(one, keyed(listen(one.sound, one.transcript), kernels_without(one.name), keys)) for one in captures]
    labelled = [
        keyed(listen(data / f"{clip}.wav", data / f"{clip}.lab"), shipped_kernels(), keys)
        for clip in (recipe.phones.clear, recipe.phones.hard)
    ]
    every = [*(one for _, one in seen), *labelled]
    face = Character.load(keys.character).face
    widest = float(lip_aperture(face.neutral)) + face.reach["mouth_open"]
    counts = [closures_kept(one, keys, widest=widest) for one in every]
    kept, spoken = (sum(column) for column in zip(*counts, strict=True))
    opened = min(float(np.percentile(one.aperture, 98)) / widest for one in every)
    lag = best_lag([(one, other.aperture) for one, other in seen], keys)
    speed, quick = zip(*(speed_and_spectrum(one.aperture, keys.rate) for one in labelled), strict=True)
    note = f"{kept} of {spoken} p b m on {len(every)} clips, {keys.character} at {keys.fps} fps, reduced keys"
    who = "the other talkers and the animator's clips"
    return [
        Figure("closure", 100.0 * kept / max(spoken, 1), "%", 95, 100, who, note, more_is_better=True),
        Figure(
            " opened",
            opened,
            "",
            keys.opened_at_least,
            note="narrowest clip's 98th percentile, of the widest opening",
            more_is_better=True,
        ),
        Figure("offset_ms", lag, "ms", 20, 10, who, "keyed against true aperture; at least -45, minus = face early"),
        Figure(" speed p99", max(speed), "ranges/s", 15, note="of the keyed aperture, the faster of two long clips"),
        Figure(" above 7 Hz", 100 * max(quick), "%", 2, note="of the keyed aperture's motion power"),
    ]


def closures_kept(played: Keyed, recipe: KeysRecipe, *, widest: float) -> tuple[int, int]:
    """How many /p b m/ close on a frame, and how many there are; none does where the mouth hardly opens."""
    full = float(np.percentile(played.aperture, 98))
    times = np.arange(len(played.aperture)) / float(recipe.rate)
    kept = spoken = 0
    for phone in played.heard.track.phones:
        if phone.symbol in SEALED:
            inside = (times >= phone.start_seconds - recipe.around_seconds) & (
                times <= phone.end_seconds + recipe.around_seconds
            )
            spoken += 1
            shut = inside.any() and played.aperture[inside].min() < recipe.closed_below * full
            kept += bool(shut and full >= recipe.opened_at_least * widest)
    return kept, spoken


def best_lag(pairs: Sequence[tuple[Capture, np.ndarray]], recipe: KeysRecipe) -> float:
    """Milliseconds by which the keyed lips are late (minus: early), where the mean correlation is best."""
    lags = np.arange(-recipe.lags_ms, recipe.lags_ms + 1, 5)
    inner = recipe.lags_ms / 1000
    means = np.zeros(len(lags))
    for capture, aperture in pairs:
        times = capture.times
        inside = (times >= inner) & (times <= times[-1] - inner)
        frames = np.arange(len(aperture)) / float(recipe.rate)
        truth = capture.measured["aperture"][inside]
        means += [correlation(np.interp(times[inside] + lag / 1000, frames, aperture), truth) for lag in lags]
    return float(lags[int(np.argmax(means))])


def speed_and_spectrum(aperture: np.ndarray, fps: Fraction) -> tuple[float, float]:
    """99th percentile of the speed in ranges a second, and the share of motion power above 7 Hz."""
    span = float(np.percentile(aperture, 98) - np.percentile(aperture, 2))
    speed = float(np.percentile(np.abs(np.diff(aperture)), 99)) * float(fps) / span
    power = np.abs(np.fft.rfft(aperture - aperture.mean())) ** 2
    return speed, float(power[np.fft.rfftfreq(len(aperture), 1 / float(fps)) > 7].sum() / power.sum())


def speed_figures(recipe: SpeedRecipe) -> list[Figure]:
    """`rtf` and `startup_s` of `sfp animate --no-preview` on one core."""
    named = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    before = {name: os.environ.get(name) for name in named}
    os.environ.update(dict.fromkeys(named, "1"))
    try:
        found = {
            one.key: one for one in clip_figures(ClipRecipe(f"speech/{recipe.sound}", f"speech/{recipe.transcript}"))
        }
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
    rtf, startup = found["rtf"], found["startup_s"]
    return [
        Figure("rtf", rtf.value, "", 0.1, 0.04, note=f"{rtf.note}, one thread, with mapping and keys"),
        Figure("startup_s", startup.value, "s", 2, 1, note=startup.note),
    ]


def _r(
    key: str, scores: Sequence[float], fitted: str, note: str, at_least: float | None = None, aim: float | None = None
) -> Figure:
    return Figure(key, float(np.mean(scores)), "", at_least, aim, fitted, note, more_is_better=True)
