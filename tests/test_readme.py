"""Every command of the README is run, or is listed here with the reason why not."""

import re
import shlex
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import soundfile
from PIL import Image

from sfp_core.cli import main
from sfp_core.render.film import write_film
from sfp_core.rigs.procedural import ProceduralCharacter

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

NOT_RUN = {
    "make demo": "sets up an environment; its one command, sfp demo, is run in tests/test_imports.py",
    "make test": "is what runs this",
    'pip install "torch>=2.6,<2.14"': "installs; the Makefile does it before this runs",
    "pip install .": "installs; the Makefile does it before this runs",
    "sfp character create hero.vrm": "minutes; tests/rigs/gltf and benchmark mapper do it with a file that they write",
    "sfp animate line.wav --character hero.character --rig hero.vrm -o takes/hero": "needs that; tests/rigs/gltf do it",
}
# Long work is run on less of it: only this differs from the README.
LESS = {"4000": "140"}
MORE = {"train": ["--steps", "60", "--box", "56", "69", "200", "232"]}


def _commands(language: str) -> list[str]:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def _arguments(command: str) -> list[str]:
    words = [LESS.get(word, word) for word in shlex.split(command)[1:]]
    return words + [extra for word in words for extra in MORE.get(word, [])]


SFP_COMMANDS = [command for command in _commands("sh") if command.startswith("sfp ") and command not in NOT_RUN]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, line: Path, line_text: str) -> Iterator[Path]:
    """A folder with what the README's reader has: a line, its transcript, a portrait."""
    folder = tmp_path_factory.mktemp("desk")
    samples, rate = soundfile.read(line)
    soundfile.write(folder / "line.wav", samples[: 2 * rate], rate)  # two seconds are enough to see that it works
    (folder / "line.txt").write_text(line_text, encoding="utf-8")
    toon = ProceduralCharacter.named("toon")
    portrait = toon.picture(toon.rig.neutral, size=256)
    Image.fromarray(portrait).save(folder / "portrait.png")
    write_film(folder / "film.mp4", [portrait] * 6, fps=Fraction(24), sound=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


def test_every_command_is_run_or_excused() -> None:
    assert set(_commands("sh")) == {*SFP_COMMANDS, *NOT_RUN}


@pytest.mark.parametrize("command", SFP_COMMANDS)
def test_a_command_of_the_readme(desk: Path, command: str) -> None:
    arguments = _arguments(command)
    assert main(arguments) == 0
    if "-o" in arguments:
        assert (desk / arguments[arguments.index("-o") + 1]).exists()


def test_the_commands_without_make_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    windows = "\n".join(_commands("bat"))
    for word in ("torch>=2.6,<2.14", "-c constraints.txt -e", "sfp demo -o demo", 'pytest -m "not slow"'):
        assert word in makefile
        assert word in windows


def test_every_file_that_the_readme_links_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
