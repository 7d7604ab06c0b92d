"""Landmarks to Gaussian maps and back by the highest cell: what AWing and HRNet share.

Grid space: cell (column c, row r) covers [c, c + 1) x [r, r + 1). B pictures, N landmarks, G cells a side.
"""

import torch
from torch import Tensor

QUARTER_CELL = 0.25  # the shift of both public programs: HRNet's decode_preds, AWing's get_preds_fromhm


def gaussian_maps(points: Tensor, grid: int, *, sigma_cells: float, reach_cells: float, rounded: bool) -> Tensor:
    """Maps (B, N, G, G) in [0, 1] that are taught for landmarks (B, N, 2) in grid space.

    A landmark outside the crop is taught at the nearest place in it. (The public programs draw what the crop holds of
    the Gaussian, which is nothing from 3 sigma outside; an empty map has no peak to find.)

    Parameters
    ----------
    sigma_cells : float
        Of the Gaussian, whose peak is 1.
    reach_cells : float
        Cells whose centre is further away than this along x or y are 0.
    rounded : bool
        Put the Gaussian on the centre of the landmark's cell, as the public programs do, and not on the landmark.
        Then nothing within the cell is taught, and the best possible error is up to half a cell, not a quarter.
    """
    inside = points.clamp(0, grid)
    if rounded:
        inside = points.floor().clamp(0, grid - 1) + 0.5
    centres = torch.arange(grid, dtype=points.dtype, device=points.device) + 0.5
    away = inside[..., None] - centres  # (B, N, 2, G)
    axis = torch.exp(-0.5 * (away / sigma_cells) ** 2) * (away.abs() <= reach_cells)
    return axis[:, :, 1, :, None] * axis[:, :, 0, None, :]


def shifted_peaks(maps: Tensor) -> Tensor:
    """Landmarks (B, N, 2) in grid space: the centre of the highest cell, a quarter cell towards its higher neighbour.

    Along x and along y; between equal neighbours, and in cells on the border, there is no shift.
    """
    grid = maps.shape[-1]
    flat = maps.flatten(2)
    cells = flat.argmax(2)  # (B, N)
    place = torch.stack([cells % grid, cells // grid], -1)
    steps = torch.tensor([1, grid], device=maps.device)  # to the next cell along x and along y
    inner = ((place > 0) & (place < grid - 1)).all(-1, keepdim=True)
    around = torch.where(inner, cells[..., None], grid + 1)  # any inner cell stands in for those on the border
    higher = flat.gather(2, around + steps) - flat.gather(2, around - steps)
    return place + 0.5 + QUARTER_CELL * higher.sign() * inner
