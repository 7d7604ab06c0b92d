import logging
import os
import pickle
import zipfile
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import torch

from makeittalk_bridge.checkpoints import AUTOVC, CONTENT, SPEAKER, Published, load_network
from sfp_core.errors import SfpError
from tests.makeittalk.layout import FILES, SHAPES, random_tensors, write_checkpoint

PUBLISHED: dict[str, Published[Any]] = {"autovc": AUTOVC, "content": CONTENT, "speaker": SPEAKER}


def _refused(path: Path, published: Published[Any] = CONTENT) -> str:
    with pytest.raises(SfpError) as told:
        load_network(path, published)
    message = str(told.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.fixture
def content(tmp_path: Path) -> dict[str, torch.Tensor]:
    return random_tensors("content", 7)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_number_arrives_in_its_place(flat_folder: Path, name: str) -> None:
    network = load_network(flat_folder / FILES[name], PUBLISHED[name])
    truth = random_tensors(name, list(FILES).index(name))
    found = network.state_dict()
    assert found.keys() == truth.keys()
    assert all(torch.equal(found[key], tensor) for key, tensor in truth.items())
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("name", ["content", "speaker"])
def test_files_of_old_torch_are_read(tmp_path: Path, name: str) -> None:
    tensors = random_tensors(name, 3)
    path = tmp_path / "old.pth"
    torch.save({PUBLISHED[name].key: tensors}, path, _use_new_zipfile_serialization=False)
    found = load_network(path, PUBLISHED[name]).state_dict()
    assert all(torch.equal(found[key], tensor) for key, tensor in tensors.items())


def test_half_precision_becomes_single(tmp_path: Path, content: dict[str, torch.Tensor]) -> None:
    content["fc.6.weight"] = content["fc.6.weight"].half()
    network = load_network(write_checkpoint(tmp_path / "half.pth", "content", content), CONTENT)
    assert torch.equal(network.fc[6].weight, content["fc.6.weight"].float())


def test_names_of_data_parallel_are_adapted_and_told(
    tmp_path: Path, content: dict[str, torch.Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    path = write_checkpoint(tmp_path / "p.pth", "content", {f"module.{key}": value for key, value in content.items()})
    with caplog.at_level(logging.WARNING, logger="makeittalk_bridge"):
        found = load_network(path, CONTENT).state_dict()
    assert all(torch.equal(found[key], tensor) for key, tensor in content.items())
    assert caplog.messages == [f"{path}: its names begin with 'module.', as DataParallel writes them; taken off"]


def test_everything_that_does_not_fit_is_listed_at_once(tmp_path: Path, content: dict[str, torch.Tensor]) -> None:
    del content["fc.6.bias"], content["bilstm.weight_hh_l2"]
    content["fc.0.weight"] = torch.zeros(512, 400)
    content["fc_prior.0.bias"] = torch.zeros(256, dtype=torch.int64)
    content["bilstm.bias_hh_l0"] = torch.full((1024,), float("nan"))
    content["fc.7.weight"] = content["mouth\nfull"] = torch.zeros(3)
    message = _refused(write_checkpoint(tmp_path / "c.pth", "content", content))
    assert message.removeprefix(f"{tmp_path / 'c.pth'}: ") == (
        "model_g_face_id: 2 tensors missing: bilstm.weight_hh_l2, fc.6.bias; "
        "2 not expected: fc.7.weight, 'mouth\\nfull'; "
        "3 that do not fit: fc_prior.0.bias is of torch.int64, not torch.float32, "
        "bilstm.bias_hh_l0 is not finite, fc.0.weight is 512x400, not 512x460; "
        "expected the 37 of MakeItTalk's ckpt_content_branch.pth"
    )


def test_all_names_are_listed_where_none_fits(tmp_path: Path) -> None:
    message = _refused(write_checkpoint(tmp_path / "c.pth", "content", {"weight": torch.zeros(1)}))
    assert all(name in message for name in SHAPES["content"])


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (3, "fc.6.bias is a int"),
        (torch.zeros(204).to_sparse(), "fc.6.bias is a torch.sparse_coo tensor on cpu"),
        (torch.zeros(204, device="meta"), "fc.6.bias is a torch.strided tensor on meta"),
        (torch.zeros(()), "fc.6.bias is one number, not 204"),
    ],
    ids=["number", "sparse", "meta", "scalar"],
)
def test_what_is_no_plain_tensor_is_named(
    tmp_path: Path, content: dict[str, torch.Tensor], value: Any, what: str
) -> None:
    content["fc.6.bias"] = value
    assert what in _refused(write_checkpoint(tmp_path / "c.pth", "content", content))


@pytest.mark.parametrize(("given", "wanted"), list(permutations(FILES, 2)))
def test_files_taken_for_each_other_are_told_apart(flat_folder: Path, given: str, wanted: str) -> None:
    message = _refused(flat_folder / FILES[given], PUBLISHED[wanted])
    assert f"no '{PUBLISHED[wanted].key}' in it, but {PUBLISHED[given].key}, epoch; expected MakeItTalk's" in message


class _Bomb:
    """Runs a command when it is unpickled carelessly."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("kind", ["new", "old", "plain pickle", "inside the tensors"])
def test_a_pickle_bomb_does_not_go_off(tmp_path: Path, content: dict[str, Any], kind: str) -> None:
    path, target = tmp_path / "bomb.pth", tmp_path / "exploded"
    if kind == "plain pickle":
        path.write_bytes(pickle.dumps({"model_g_face_id": _Bomb(target)}))
    elif kind == "inside the tensors":
        torch.save({"model_g_face_id": {**content, "fc.6.bias": _Bomb(target)}}, path)
    else:
        torch.save({"model_g_face_id": _Bomb(target)}, path, _use_new_zipfile_serialization=kind == "new")
    assert "not a checkpoint that can be read safely" in _refused(path)
    assert not target.exists()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
@pytest.mark.parametrize("new", [True, False], ids=["new", "old"])
def test_a_file_cut_short_is_refused(tmp_path: Path, content: dict[str, Any], share: float, new: bool) -> None:
    path = tmp_path / "cut.pth"
    torch.save({"model_g_face_id": content}, path, _use_new_zipfile_serialization=new)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "it may be cut short" in _refused(path)


def test_a_zip_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "zip.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data/0", bytes(1000))
    content = bytearray(path.read_bytes())
    promised = content.index(b"PK\x01\x02") + 24  # of the unpacked size, in the zip's table of contents
    content[promised : promised + 4] = (2_000_000_000).to_bytes(4, "little")
    path.write_bytes(content)
    assert "2000 MB; expected a checkpoint of MakeItTalk" in _refused(path)


@pytest.mark.parametrize(
    ("saved", "what"),
    [
        (torch.zeros(3), "holds a Tensor; expected a checkpoint"),
        ({}, "no 'model_g_face_id' in it, but nothing"),
        ({"model_g_face_id": [1, 2]}, "model_g_face_id: holds a list; expected the named tensors"),
        ({"model_g_face_id": {str(i): 0 for i in range(2000)}}, "model_g_face_id: holds 2000 tensors"),
        ({"line\nbreak": 1}, "no 'model_g_face_id' in it, but 'line\\nbreak'"),
    ],
    ids=["tensor", "empty", "list", "many", "strange name"],
)
def test_other_content_is_told(tmp_path: Path, saved: Any, what: str) -> None:
    torch.save(saved, tmp_path / "c.pth")
    assert what in _refused(tmp_path / "c.pth")


def test_a_scripted_module_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.pth"
    with zipfile.ZipFile(path, "w") as archive:  # what torch takes for TorchScript
        archive.writestr("archive/constants.pkl", pickle.dumps(()))
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/version", "3\n")
    assert "not a checkpoint that can be read safely" in _refused(path)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    assert "no such file" in _refused(tmp_path)
    assert "no such file" in _refused(tmp_path / "nothing.pth")
