"""Named faces by facial action: the seven expressions of FLSC, and the lip shapes of speech."""

# Lip shapes of speech, by action; a weight for each.
VISEMES: dict[str, dict[str, float]] = {
    "aa": {"jawOpen": 0.75},
    "ae": {"jawOpen": 0.55, "mouthStretchLeft": 0.4, "mouthStretchRight": 0.4},
    "ee": {"jawOpen": 0.15, "mouthStretchLeft": 0.7, "mouthStretchRight": 0.7, "mouthLowerDownMiddle": 0.4},
    "oh": {"jawOpen": 0.5, "mouthFunnel": 0.7},
    "oo": {"jawOpen": 0.12, "mouthPucker": 0.9},
    "pp": {"mouthPressLeft": 0.8, "mouthPressRight": 0.8},
    "ff": {"jawOpen": 0.12, "mouthRollLower": 0.9, "mouthUpperUpLeft": 0.3, "mouthUpperUpRight": 0.3},
    "ss": {"jawOpen": 0.05, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4, "mouthLowerDownMiddle": 0.7},
    "sh": {"mouthFunnel": 0.8, "jawOpen": 0.08},
    "th": {"jawOpen": 0.2, "tongueOut": 0.4},
}

# The seven expressions of FLSC, by action.
EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.5, "cheekSquintRight": 0.5},
    "sad": {"mouthFrownLeft": 0.8, "mouthFrownRight": 0.8, "browInnerUp": 0.8, "mouthShrugLower": 0.3},
    "surprise": {"eyeWideLeft": 1, "eyeWideRight": 1, "browInnerUp": 0.9, "browOuterUpLeft": 0.9,
                 "browOuterUpRight": 0.9, "jawOpen": 0.6},
    "angry": {"browDownLeft": 1, "browDownRight": 1, "mouthPressLeft": 0.6, "mouthPressRight": 0.6,
              "noseSneerLeft": 0.4, "noseSneerRight": 0.4, "eyeSquintLeft": 0.4, "eyeSquintRight": 0.4},
    "disgust": {"noseSneerLeft": 1, "noseSneerRight": 1, "mouthUpperUpLeft": 0.6, "mouthUpperUpRight": 0.6,
                "browDownLeft": 0.5, "browDownRight": 0.5, "mouthFrownLeft": 0.4, "mouthFrownRight": 0.4},
    "afraid": {"browInnerUp": 1, "eyeWideLeft": 0.9, "eyeWideRight": 0.9, "mouthStretchLeft": 0.8,
               "mouthStretchRight": 0.8, "jawOpen": 0.3},
}  # fmt: skip
