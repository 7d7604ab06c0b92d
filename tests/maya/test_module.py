"""The module as files: Python 3.7, no Qt needed, and its self-test."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "maya_plugin"
FILES = sorted(MODULE.rglob("*.py"))
PATHS = os.pathsep.join(str(path) for path in (ROOT / "tests" / "maya" / "fake", MODULE / "scripts"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_has_the_grammar_of_python_3_7(path):
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
    first = next(node for node in tree.body if not isinstance(node, ast.Expr))
    assert isinstance(first, ast.ImportFrom) and first.module == "__future__"


def test_it_has_the_library_of_python_3_7():
    vermin = shutil.which(
        "vermin", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    )
    if vermin is None:
        pytest.skip("vermin is not installed")
    done = subprocess.run([vermin, "-t=3.7-", "--no-tips", MODULE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_is_imported_without_qt_and_without_maya():
    """All but what speaks to Maya; no Qt anywhere."""
    code = """
import sys
for name in ("PySide2", "PySide6", "shiboken2", "shiboken6", "PyQt5", "maya"): sys.modules[name] = None
import sfp_maya.curves, sfp_maya.take_file, sfp_maya.environment, sfp_maya.worker, sfp_maya.report, sfp_maya.errors
import sfp_maya.batch, sfp_maya.selftest
assert "numpy" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": PATHS}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    modules = ", ".join(f"sfp_maya.{path.stem}" for path in (MODULE / "scripts" / "sfp_maya").glob("[a-z]*.py"))
    rest = f"import sys\nfor name in ('PySide2', 'PySide6'): sys.modules[name] = None\nimport {modules}"
    done = subprocess.run(
        [sys.executable, "-c", rest], env={**os.environ, "PYTHONPATH": PATHS}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def pythons():
    """This one, and a real 3.7 where one is found."""
    found = [*sorted(map(str, Path.home().glob(".pyenv/versions/3.7*/bin/python3.7"))), shutil.which("python3.7")]
    return [sys.executable, *[python for python in found if python][:1]]


@pytest.mark.parametrize("python", pythons(), ids=lambda path: Path(path).name)
def test_the_selftest_passes_in_the_fake(python, tmp_path):
    version = subprocess.run([python, "--version"], capture_output=True, text=True)
    if version.returncode:
        pytest.skip(f"{python} does not start")
    done = subprocess.run(
        [python, "-m", "sfp_maya.selftest", "-o", tmp_path / "result.json"],
        env={**os.environ, "PYTHONPATH": PATHS},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert (result["maya"], len(result["steps"]), all(step["ok"] for step in result["steps"])) == ("fake", 6, True)
    assert result["python"] == version.stdout.split()[1]


def test_nobody_claims_that_it_has_run_in_maya():
    assert "Not yet run in Maya" in (MODULE / "scripts" / "sfp_maya" / "selftest.py").read_text(encoding="utf-8")


def test_the_module_file_is_one_line_for_all_versions():
    lines = (MODULE / "sfp.mod").read_text(encoding="utf-8").splitlines()
    assert lines == ["+ sfp 1.0 ."]
    assert {path.name for path in MODULE.iterdir()} >= {"plug-ins", "scripts"}
