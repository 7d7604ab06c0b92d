"""The loop that key reduction spends its time in, compiled: how far pieces of curve are from what they are to meet."""

import numpy as np

from sfp_core.compiled import compiled


@compiled
def worst_errors(
    fine: np.ndarray,
    begins: np.ndarray,
    steps: np.ndarray,
    samples: np.ndarray,
    ends: np.ndarray,
    rises: np.ndarray,
    pairs: np.ndarray,
    enough: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Largest error of each of n segments with the best of their pairs of slopes.

    Parameters
    ----------
    fine : (S,) float64
        What is to be met, in units of the tolerance; a segment i goes from `begins[i]` to `begins[i] + steps[i]`.
    samples : (n,) int64
        At how many places between its ends a segment is measured, evenly spread and rounded down.
    ends : (n, 2) float64
        Values at the two ends.
    rises : (n, 2, 3) float64
        Slope times length at the two ends, for each type of tangent.
    pairs : (m, 2) int64
        Types at the two ends, in order of preference.
    enough : float
        A segment beyond this is turned down at once: its error is infinite.

    Returns
    -------
    error : (n,) float64
        With the first pair within 1, else with the best.
    pair : (n,) int64
        Which one.
    """
    count = len(begins)
    error, chosen = np.zeros(count), np.zeros(count, dtype=np.int64)
    for index in range(count):
        first, step = ends[index, 0], ends[index, 1] - ends[index, 0]
        best = np.inf
        for number in range(len(pairs)):
            leave, arrive = rises[index, 0, pairs[number, 0]], rises[index, 1, pairs[number, 1]]
            curve, bend = 3.0 * step - 2.0 * leave - arrive, leave + arrive - 2.0 * step
            bound, worst = min(best, enough), 0.0
            for rank in range(1, samples[index] + 1):
                place = rank * steps[index] // (samples[index] + 1)
                share = place / steps[index]
                played = first + share * (leave + share * (curve + share * bend))
                worst = max(worst, abs(played - fine[begins[index] + place]))
                if worst > bound:
                    break
            if worst <= bound and worst < best:
                best, chosen[index] = worst, number
            if best <= 1.0:
                break
        error[index] = best
    return error, chosen
