"""Study files."""

from pathlib import Path

import pytest

from sfp_core.errors import SfpError
from training.study.plan import configuration, read_study

STUDIES = sorted((Path(__file__).parents[3] / "training" / "studies").glob("*.toml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_study_can_be_run(path: Path) -> None:
    study = read_study(path)
    assert study.name.startswith(path.stem)
    for entry in study.entries:
        config = configuration(entry)
        for table, changes in entry.changed.items():
            for key, value in changes.items():
                assert getattr(getattr(config, table), key) == value


def test_ours_is_what_is_shipped() -> None:
    """The entry that figures are claimed for is the shipped network, not a better one."""
    rivals = read_study(next(path for path in STUDIES if path.stem == "rivals"))
    ours = next(entry for entry in rivals.entries if entry.name == "ours")
    assert not ours.changed and ours.config == "compact.toml" and not ours.rival


_HEAD = 'name = "x"\n[budget]\nsteps = 3\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_HEAD, "no \\[\\[entry\\]\\]"),
        ('name = "x"\n[[entry]]\nname = "a"\n', "no table \\[budget\\]"),
        (_HEAD + '[[entry]]\nname = "a"\n[[entry]]\nname = "a"\n', "two entries have one name"),
        (_HEAD + '[[entry]]\nname = "a"\nafter = "b"\n[[entry]]\nname = "b"\n', "no earlier entry"),
        (_HEAD + '[[entry]]\nname = "a"\nrivl = "hrnet"\n', "rivl: unknown key"),
    ],
    ids=["no entries", "no budget", "names repeat", "after a later one", "misspelt"],
)
def test_study_files_that_do_not_fit_are_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SfpError, match=told):
        read_study(path)
