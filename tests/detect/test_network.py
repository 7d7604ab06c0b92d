"""The stacked hourglass."""

import copy
from dataclasses import replace

import pytest
import torch

from sfp_core.detect.detector_file import fuse_normalisation
from sfp_core.detect.network import NetworkConfig, StackedHourglass
from sfp_core.errors import SfpError

TINY = NetworkConfig(
    input_px=32,
    stem_channels=(8, 16),
    stem_blocks=(0, 1),
    channels=16,
    stages=2,
    depth=2,
    inner_channels=8,
    head_channels=8,
    neighbours=3,
)


def _network(config: NetworkConfig = TINY) -> StackedHourglass:
    torch.manual_seed(0)
    network = StackedHourglass(config)
    with torch.no_grad():  # one pass in training mode, so that normalisation has something to remember
        network(torch.randn(8, 3, config.input_px, config.input_px))
    return network.eval()


def test_the_networks_of_the_paper_have_the_maps_of_the_paper() -> None:
    with torch.device("meta"):
        network = StackedHourglass(NetworkConfig())
        stages = network(torch.empty(2, 3, 256, 256), cells=torch.empty(2, 98, dtype=torch.int64))
        features = torch.empty(1, 256, 16, 16)
        whole = network.stages[0].neighbour_x(features)
    assert len(stages) == 4
    for maps in stages:
        assert maps.position.shape == (2, 98, 16, 16)
        assert maps.offset.shape == (2, 98, 2, 16, 16)
        assert maps.neighbour is not None
        assert maps.neighbour.shape == (2, 98, 10, 2)
    assert whole.shape == (1, 980, 16, 16)


def test_reading_single_cells_gives_what_the_whole_maps_hold() -> None:
    head = _network().stages[1].neighbour_x
    features = torch.randn(4, TINY.channels, TINY.grid, TINY.grid)
    cells = torch.randint(0, TINY.grid**2, (4, 98))
    with torch.no_grad():
        whole = head(features).view(4, 98, TINY.neighbours, -1)
        expected = torch.stack([whole[:, n].gather(2, cells[:, n, None, None].expand(-1, 3, -1)) for n in range(98)], 1)
        assert torch.allclose(head.read_at(features, cells), expected[..., 0], atol=1e-6)


def test_leaving_the_neighbour_heads_out_changes_nothing_else() -> None:
    network = _network()
    bare = StackedHourglass(replace(TINY, neighbours=0))
    kept = {name: tensor for name, tensor in network.state_dict().items() if ".neighbour_" not in name}
    bare.load_state_dict(kept)  # strict: no name is missing, none too many
    crops = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        for mine, theirs in zip(bare.eval()(crops), network(crops, votes=True), strict=True):
            assert torch.equal(mine.position, theirs.position)
            assert torch.equal(mine.offset, theirs.offset)
            assert mine.neighbour is None and theirs.neighbour is not None


def test_votes_are_read_at_the_peak() -> None:
    with torch.no_grad():
        maps = _network()(torch.randn(2, 3, 32, 32), votes=True)[-1]
    assert torch.equal(maps.cells, maps.position.flatten(2).argmax(2))


@pytest.mark.parametrize("merge", ["concat", "add"])
def test_every_weight_is_taught(merge: str) -> None:
    network = _network(replace(TINY, merge=merge)).train()  # type: ignore[arg-type]
    stages = network(torch.randn(4, 3, 32, 32), cells=torch.randint(0, 64, (4, 98)))
    loss = sum(m.position.square().sum() + m.offset.square().sum() + m.neighbour.square().sum() for m in stages)
    loss.backward()
    untaught = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert untaught == []


def test_the_maps_of_a_stage_reach_the_next() -> None:
    network = _network()
    crops = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        before = network(crops)[1].position
        network.stages[0].position.maps.weight.mul_(30)
        assert (network(crops)[1].position - before).abs().max() > 1e-4


def test_folding_normalisation_into_convolutions_changes_nothing() -> None:
    network = _network()
    fused = copy.deepcopy(network)
    fuse_normalisation(fused)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in fused.modules())
    crops = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(fused(crops)[-1].position, network(crops)[-1].position, atol=1e-4)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"input_px": 40}, "cannot be halved"),
        ({"stem_blocks": (1,)}, "stem_channels has 2 numbers, but stem_blocks 1"),
        ({"merge": "multiply"}, "merge is 'multiply'"),
        ({"stages": 0}, "must be 1 or more"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_sizes_that_do_not_fit_are_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(SfpError, match=told):
        replace(TINY, **change)  # type: ignore[arg-type]
