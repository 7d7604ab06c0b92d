"""Random faces to learn from: sparse and dense actions, feelings with speech, extremes; lids, gaze and one-sidedness.

The label of a face is a rule, not an opinion. Where a pose was mixed from expressions, the one with the largest share
names it, if that share reaches `LABEL_SHARE`. Where it was drawn from free actions or from mouths alone, it is named by
the expression that it resembles (`label_of`), if it resembles one. Every other face is neutral, that is: none of the
six. Lids and gaze are added afterwards and change no label.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.heads.actions import ACTIONS
from sfp_core.heads.expressions import (
    EXPRESSION_NAMES,
    LIDS,
    MOUTHS,
    STRENGTHS,
    VISEMES,
    Side,
    Strength,
    blended,
    expression,
    gaze,
    mirror_name,
    one_sided,
    spoken,
)

Kind = Literal["sparse", "dense", "expression", "expression_viseme", "speech", "extreme", "lids", "crowd"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Shares of the kinds in a data set: half sparse actions, three tenths speech with feeling, two tenths extremes.
SHARES: Mapping[Kind, float] = MappingProxyType(
    {
        "sparse": 0.36,
        "dense": 0.08,
        "lids": 0.06,
        "speech": 0.06,
        "expression_viseme": 0.14,
        "expression": 0.10,
        "extreme": 0.20,
        "crowd": 0.0,  # no face looks so; but rigs are pictured so when they are captured
    }
)
ONE_SIDED_SHARE = 0.30
LABEL_SHARE = 0.35  # an expression weaker than this is not seen
LIKENESS = 0.65  # cosine; the most alike two of the table, disgust and anger, reach 0.55
_FEELINGS = tuple(name for name in EXPRESSION_NAMES if name != "neutral")
_STRENGTH_SHARE: Mapping[Strength, float] = MappingProxyType({"slight": 0.5, "clear": 0.8, "extreme": 1.0})
_UPPER_FACE = ("brow", "eye", "cheek", "nose")
_BROW_LED = ("sad", "surprise", "angry", "afraid")  # seen from brows and lids alone; the others need their mouth
_TONGUE_REACH = 2.5  # the tongue comes out this many times as far as the jaw is open
_FREE_ACTIONS = tuple(name for name in ACTIONS if not name.startswith(("eyeLook", "eyeBlink", "jawOpen")))
_WIDE_MOUTHS = ("shout", "laugh", "yawn", "hollow")
_FREE_NOISE = 0.25  # how strong the odd free action beside an expression is at most


def _vector(face: Mapping[str, float]) -> np.ndarray:
    """(actions,) strengths without gaze."""
    return np.array([0.0 if name.startswith("eyeLook") else face.get(name, 0.0) for name in ACTIONS])


_CLEAR = np.stack([_vector(expression(name)) for name in _FEELINGS])


@dataclass(frozen=True)
class Pose:
    """What a face does.

    Attributes
    ----------
    strengths : mapping of action to float
        Within [0, 1]; names left out are 0.
    expression : str
        One of FLSC's seven, by the rule of this module.
    kind : str
        The one of `KINDS` it was drawn as.
    """

    strengths: Mapping[str, float] = field(default_factory=dict)
    expression: str = "neutral"
    kind: Kind = "sparse"

    def __post_init__(self) -> None:
        if self.expression not in EXPRESSION_NAMES:
            raise SfpError(f"pose: expression {self.expression!r}; expected one of {', '.join(EXPRESSION_NAMES)}")
        outside = sorted(name for name, value in self.strengths.items() if not 0.0 <= value <= 1.0)
        if outside:
            raise SfpError(f"pose: {', '.join(outside)} outside 0 to 1; expected strengths within it")
        object.__setattr__(self, "strengths", dict(self.strengths))


def sample_pose(rng: np.random.Generator, kind: Kind | None = None) -> Pose:
    """A random face of this kind; of a kind drawn by `SHARES` where none is given.

    Raises
    ------
    SfpError
        There is no such kind.
    """
    if kind is None:
        kind = KINDS[int(rng.choice(len(KINDS), p=[SHARES[name] for name in KINDS]))]
    if kind not in KINDS:
        raise SfpError(f"kind of pose {kind!r} is unknown; expected one of {', '.join(KINDS)}")
    label, face = _drawn(rng, kind)
    if rng.random() < ONE_SIDED_SHARE:
        side: Side = "Left" if rng.random() < 0.5 else "Right"
        face = one_sided(face, side, other=rng.uniform(0.0, 0.6))
    lids = _lids(rng, often=kind == "lids")
    look = gaze(rng.normal(0.0, 0.45), rng.normal(0.0, 0.35)) if rng.random() < 0.8 else {}
    total = blended([(face, 1.0), (lids, 1.0), (look, 1.0)])
    if "tongueOut" in total:
        total["tongueOut"] = min(total["tongueOut"], _TONGUE_REACH * total.get("jawOpen", 0.0))
    return Pose({name: float(value) for name, value in total.items() if value > 0.0}, label, kind)


def random_actions(rng: np.random.Generator) -> dict[str, float]:
    """Action strengths of a random face of any kind: `sample_pose` without its label."""
    return dict(sample_pose(rng).strengths)


def _drawn(rng: np.random.Generator, kind: Kind) -> tuple[str, dict[str, float]]:
    """Label and action strengths before lids, gaze and one-sidedness."""
    if kind == "expression":
        return _expression(rng)
    if kind == "expression_viseme":
        label, face = _expression(rng)
        return label, spoken(face, _speech(rng), strength=rng.uniform(0.4, 1.0))
    if kind == "extreme":
        return _extreme(rng)
    if kind == "sparse":
        face = _sparse(rng)
    elif kind == "dense":
        face = _dense(rng)
    elif kind == "crowd":
        face = _crowd(rng)
    elif kind == "lids":
        face = _few(rng, 2, 0.5)
    else:
        face = _speech(rng)
    return label_of(face), face


def label_of(face: Mapping[str, float]) -> str:
    """The expression that action strengths resemble, else neutral.

    A face resembles an expression when the two point the same way (cosine of at least `LIKENESS` over all actions but
    gaze) and the face goes at least `LABEL_SHARE` of the way to the clear expression.
    """
    found = _vector(face)
    likeness = _CLEAR @ found / np.maximum(np.linalg.norm(_CLEAR, axis=1) * np.linalg.norm(found), 1e-9)
    share = _CLEAR @ found / (_CLEAR**2).sum(axis=1)
    best = int(np.argmax(likeness))
    return _FEELINGS[best] if likeness[best] >= LIKENESS and share[best] >= LABEL_SHARE else "neutral"


def _few(rng: np.random.Generator, most: int, strongest: float) -> dict[str, float]:
    """One to `most` free actions, half of those with two sides on both."""
    face: dict[str, float] = {}
    for name in rng.choice(_FREE_ACTIONS, size=int(rng.integers(1, most + 1)), replace=False):
        face[str(name)] = value = rng.uniform(0.0, strongest)
        if rng.random() < 0.5:
            face[mirror_name(str(name))] = value
    return _without_conflicts(face)


def _sparse(rng: np.random.Generator) -> dict[str, float]:
    face = _few(rng, 6, 1.0)
    if rng.random() < 0.5:
        face["jawOpen"] = _opening(rng)
    return face


def _dense(rng: np.random.Generator) -> dict[str, float]:
    face = {name: rng.uniform(0.0, 0.8) for name in _FREE_ACTIONS if rng.random() < 0.3}
    if rng.random() < 0.6:
        face["jawOpen"] = _opening(rng)
    return _without_conflicts(face)


def _crowd(rng: np.random.Generator) -> dict[str, float]:
    """Many actions far out at once, as random poses of a rig are; half of those with two sides on both."""
    face: dict[str, float] = {}
    for name in rng.choice(_FREE_ACTIONS, size=int(rng.integers(10, 24)), replace=False):
        face[str(name)] = value = rng.uniform(0.4, 1.0)
        if rng.random() < 0.5:
            face[mirror_name(str(name))] = value
    if rng.random() < 0.4:
        face["jawOpen"] = _opening(rng)
    return _without_conflicts(face)


def _opening(rng: np.random.Generator) -> float:
    """Mouths are often wide open: a detector that sees few of them reads them too small."""
    return float(rng.uniform(0.0, 1.0) if rng.random() < 0.6 else rng.uniform(0.6, 1.0))


def _speech(rng: np.random.Generator) -> dict[str, float]:
    """Between two lip shapes, as most frames of speech are."""
    first, second = (VISEMES[str(name)] for name in rng.choice(list(VISEMES), size=2))
    share, loud = rng.uniform(), rng.uniform(0.4, 1.2)
    return blended([(first, share * loud), (second, (1 - share) * loud)])


def _expression(rng: np.random.Generator) -> tuple[str, dict[str, float]]:
    """One expression, at times with another mixed in and with the odd free action."""
    name = str(rng.choice(_FEELINGS))
    strength = STRENGTHS[int(rng.choice(len(STRENGTHS), p=(0.3, 0.45, 0.25)))]
    weight = rng.uniform(0.6, 1.0)
    shares = {name: weight * _STRENGTH_SHARE[strength]}
    parts = [(expression(name, strength), weight)]
    if rng.random() < 0.2:
        other = str(rng.choice([feeling for feeling in _FEELINGS if feeling != name]))
        second = rng.uniform(0.1, 0.5)
        parts.append((expression(other), second))
        shares[other] = second * _STRENGTH_SHARE["clear"]
    if rng.random() < 0.4:
        parts.append((_few(rng, 3, _FREE_NOISE), 1.0))
    return _label(shares), _without_conflicts(blended(parts))


def _label(shares: Mapping[str, float]) -> str:
    name = max(shares, key=lambda feeling: shares[feeling])
    return name if shares[name] >= LABEL_SHARE else "neutral"


def _extreme(rng: np.random.Generator) -> tuple[str, dict[str, float]]:
    """Very wide or strange mouths, strongest expressions, and both at once."""
    draw = rng.random()
    if draw < 0.35:
        name = str(rng.choice(_FEELINGS))
        return name, expression(name, "extreme")
    mouth = MOUTHS[str(rng.choice(_WIDE_MOUTHS if draw < 0.75 else list(MOUTHS)))]
    weight = rng.uniform(0.75, 1.0)
    if rng.random() < 0.4:
        return label_of(mouth), blended([(mouth, weight)])
    label = str(rng.choice(_BROW_LED))  # its brows and lids above the mouth: they tell the feeling
    upper = {n: value for n, value in expression(label, "extreme").items() if n.startswith(_UPPER_FACE)}
    return label, _without_conflicts(blended([(mouth, weight), (upper, rng.uniform(0.5, 1.0))]))


def _lids(rng: np.random.Generator, *, often: bool) -> dict[str, float]:
    """Blinks, half-shut lids and winks, one time of four; always when `often`."""
    if not often and rng.random() > 0.25:
        return {}
    draw = rng.random()
    if draw < 0.35:
        return dict(LIDS["blink"])
    if draw < 0.60:
        shut = rng.uniform(0.15, 0.9)
        return {"eyeBlinkLeft": shut, "eyeBlinkRight": float(np.clip(shut + rng.normal(0.0, 0.1), 0.0, 1.0))}
    if draw < 0.80:
        return dict(LIDS[str(rng.choice(["wink_left", "wink_right"]))])
    return dict(LIDS[str(rng.choice(["squint", "wide"]))])


# Actions that undo each other; drawn together, the weaker one is left out.
_OPPOSITES = (
    ("mouthLeft", "mouthRight"),
    ("jawLeft", "jawRight"),
    ("mouthUp", "mouthDown"),
    ("mouthUpperOut", "mouthRollUpper"),
    ("mouthLowerOut", "mouthRollLower"),
    ("mouthPucker", "mouthStretchLeft"),
    ("mouthPucker", "mouthStretchRight"),
    *(
        (first + side, second + side)
        for side in ("Left", "Right")
        for first, second in (
            ("mouthSmile", "mouthFrown"),
            ("mouthStretch", "mouthNarrow"),
            ("mouthUpperUp", "mouthUpperDown"),
            ("mouthLowerDown", "mouthLowerUp"),
            ("browInnerUp", "browInnerDown"),
            ("browMiddleUp", "browMiddleDown"),
            ("browOuterUp", "browOuterDown"),
            ("eyeWide", "eyeSquint"),
        )
    ),
)


def _without_conflicts(face: dict[str, float]) -> dict[str, float]:
    """Without the weaker one of two actions that undo each other; small ones may stay."""
    kept = dict(face)
    for first, second in _OPPOSITES:
        weaker = min(first, second, key=lambda name: kept.get(name, 0.0))
        if min(kept.get(first, 0.0), kept.get(second, 0.0)) > 0.2:
            del kept[weaker]
    return kept
