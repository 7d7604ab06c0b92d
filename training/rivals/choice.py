"""The rivals by name."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from sfp_core.errors import SfpError
from training.rivals.awing import AwingConfig, AwingTrainee
from training.rivals.hrnet import HrnetConfig, HrnetTrainee
from training.rivals.pipnet import PipnetConfig, PipnetTrainee

RivalName = Literal["pipnet", "awing", "hrnet"]
RivalConfig = PipnetConfig | AwingConfig | HrnetConfig
RivalTrainee = PipnetTrainee | AwingTrainee | HrnetTrainee

PIPNET_GRID = 8  # cells a side, as published (256 px, stride 32)


def rival_named(name: RivalName, input_px: int, neighbours: Sequence[Sequence[int]]) -> RivalTrainee:
    """The published network for crops of `input_px` pixels a side.

    At 256 px as published. Otherwise PIPNet keeps its grid of 8 x 8 cells (128 px is its stride of 16), and the maps
    of AWing and HRNet have a quarter of the crop's side, as published.

    Parameters
    ----------
    name : str
    input_px : int
        For PIPNet 128 or 256; for AWing a multiple of 64, for HRNet of 32.
    neighbours : (98, K) int
        Nearest landmarks of the training faces' mean (`codec.nearest_landmarks`); only PIPNet uses them.

    Raises
    ------
    SfpError
        No such rival, or a size it cannot have.
    """
    config: dict[str, Any] = {"input_px": input_px}
    if name == "pipnet":
        config |= {"stride": input_px // PIPNET_GRID, "neighbours": len(neighbours[0]) if len(neighbours) else 0}
    return rival_of_config(name, config, neighbours)


def rival_of_config(name: str, config: Mapping[str, Any], neighbours: Sequence[Sequence[int]]) -> RivalTrainee:
    """The network of a configuration, given as the fields of its dataclass.

    Raises
    ------
    SfpError
        No such rival, or sizes that do not fit.
    TypeError
        Fields that the rival's dataclass does not have.
    """
    if name == "pipnet":
        return PipnetTrainee(PipnetConfig(**config), neighbours)
    if name == "awing":
        return AwingTrainee(AwingConfig(**config))
    if name == "hrnet":
        return HrnetTrainee(HrnetConfig(**config))
    raise SfpError(f"rival is {name!r}; expected one of {', '.join(get_args(RivalName))}")
