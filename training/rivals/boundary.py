"""The map of a face's lines (contour, brows, nose, lids, lips) that AWing teaches beside its heatmaps.

Which landmarks make a line, and how wide lines are, from github.com/protossw512/AdaptiveWingLoss, data/dataloader.py,
AddBoundary. Grid space: cell (column c, row r) covers [c, c + 1) x [r, r + 1).
"""

from itertools import pairwise

import torch
from torch import Tensor

_SIGMA_CELLS = 1.0
_REACH_CELLS = 3.0  # further from any line the map is 0
_LINES = (
    *(range(33), range(33, 38), range(42, 47), range(51, 55), range(55, 60)),  # contour, brows, nose
    *(range(60, 65), (60, 67, 66, 65, 64), range(68, 73), (68, 75, 74, 73, 72)),  # lids
    *(range(76, 83), (76, 87, 86, 85, 84, 83, 82), range(88, 93), (88, 95, 94, 93, 92)),  # lips
)
_ENDS = tuple(zip(*(pair for line in _LINES for pair in pairwise(line)), strict=True))

ON_LINES = sorted({landmark for line in _LINES for landmark in line})  # the landmarks that the map depends on


def boundary_map(points: Tensor, grid: int) -> Tensor:
    """(B, G, G) in [0, 1]: how near a cell is to the lines through landmarks (B, N, 2) in grid space.

    Lines are straight between landmarks, where the public program draws splines: with two cells between landmarks the
    two differ by a few hundredths of a cell.
    """
    axis = torch.arange(grid, dtype=points.dtype, device=points.device) + 0.5
    cells = torch.cartesian_prod(axis, axis).flip(-1)  # (G*G, 2) as (x, y)
    start, end = points[:, _ENDS[0], None], points[:, _ENDS[1], None]  # (B, pieces, 1, 2)
    along = end - start
    share = ((cells - start) * along).sum(-1) / along.square().sum(-1).clamp(min=1e-9)
    away = (cells - start - share.clamp(0, 1)[..., None] * along).square().sum(-1).amin(1)  # (B, G*G), squared
    lines = torch.exp(-0.5 * away / _SIGMA_CELLS**2) * (away < _REACH_CELLS**2)
    return lines.view(-1, grid, grid)
