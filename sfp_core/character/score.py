"""How well a mapper answers on poses it was not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sfp_core.rig import RigSpec

FAILED_MSE = 0.06  # paper 6.1; every controller is scaled to [0, 1] by its range first


@dataclass(frozen=True)
class ControllerScore:
    """One controller's errors, shares of its range.

    Attributes
    ----------
    error, neutral_error : float
        Mean absolute error, and that of always answering neutral, over the poses that move the controller.
    mse, failing_rate : float
        Over all poses: mean squared error, and the share of poses whose squared error is above 0.06.
    """

    name: str
    error: float
    neutral_error: float
    mse: float
    failing_rate: float


@dataclass(frozen=True)
class Score:
    """Errors over poses, all in shares of the controllers' ranges.

    Attributes
    ----------
    poses : int
    mse, neutral_mse : float
        Mean squared error over poses and controllers; the second of always answering neutral.
    failing_rate : float
        Share of poses whose own mean squared error is above 0.06.
    mean_error, neutral_mean_error : float
        Mean absolute error over the controllers that a pose moves.
    controllers : tuple of ControllerScore
        Those that a pose moves.
    by_pose : tuple of float
        Mean squared error of each pose.
    """

    poses: int
    mse: float
    neutral_mse: float
    failing_rate: float
    mean_error: float
    neutral_mean_error: float
    controllers: tuple[ControllerScore, ...]
    by_pose: tuple[float, ...]

    def record(self) -> dict[str, Any]:
        """The figures for a training record."""
        figures = {
            "mse": self.mse,
            "mse_vs_neutral": self.mse / self.neutral_mse if self.neutral_mse else 0.0,
            "failing_rate_percent": 100 * self.failing_rate,
            "mean_error": self.mean_error,
            "mean_error_vs_neutral": self.mean_error / self.neutral_mean_error if self.neutral_mean_error else 0.0,
        }
        return {"poses": self.poses} | {name: round(value, 6) for name, value in figures.items()}


def score(rig: RigSpec, answered: np.ndarray, truth: np.ndarray, *, counted: Sequence[bool] | np.ndarray) -> Score:
    """Score shares (P, K) against the true ones, over the controllers `counted` (K,)."""
    kept = np.flatnonzero(counted)
    neutral = rig.to_unit(rig.neutral)
    error, motion = np.abs(answered - truth)[:, kept], np.abs(truth - neutral)[:, kept]
    moved = motion > 1e-9
    by_pose = (error**2).mean(axis=1)
    controllers = tuple(
        ControllerScore(
            rig.names[k],
            float(error[moved[:, i], i].mean()),
            float(motion[moved[:, i], i].mean()),
            float((error[:, i] ** 2).mean()),
            float((error[:, i] ** 2 > FAILED_MSE).mean()),
        )
        for i, k in enumerate(kept)
        if moved[:, i].any()
    )
    return Score(
        len(truth),
        float(by_pose.mean()),
        float((motion**2).mean()),
        float((by_pose > FAILED_MSE).mean()),
        float(error[moved].mean()) if moved.any() else 0.0,
        float(motion[moved].mean()) if moved.any() else 0.0,
        controllers,
        tuple(by_pose.tolist()),
    )
