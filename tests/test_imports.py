"""Who may import whom (the rooms), and what the way from sound to keys must not load."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("sfp_core", "training", "makeittalk_bridge", "maya_plugin")
MAY_IMPORT = {
    "sfp_core": {"sfp_core"},
    "training": {"training", "sfp_core"},
    "makeittalk_bridge": {"makeittalk_bridge", "sfp_core"},
    "maya_plugin": {"maya_plugin"},
}
# Layers of sfp_core, lowest first. A module may import its own layer and those below; a new module is placed here.
LAYERS = (
    {"errors", "layout", "landmarks", "rig", "face", "progress"},
    {"geometry", "timing", "files", "weights", "target", "summary", "compiled"},
    {"render", "heads", "curves"},
    {"rigs", "speech", "formats"},
    {"retarget", "hearing", "detect", "character"},
    {"motion", "preview", "playback", "report", "file_info", "doctor"},
    {"animate"},
    {"cli", "__main__"},
)
LAYER_OF = {name: rank for rank, names in enumerate(LAYERS) for name in names}
# Between rooms of one layer only these: who -> whom.
WITHIN_LAYER = {
    "landmarks": {"errors", "layout"},
    "layout": {"errors"},
    "rig": {"errors"},
    "face": {"errors", "layout"},
    "progress": {"errors"},
    "geometry": {"timing"},
    "weights": {"files"},
    "target": {"files"},
    "heads": {"render"},
    "speech": {"formats"},
    "formats": {"speech", "rigs"},
    "playback": {"preview"},
    "character": {"detect", "retarget"},
    "__main__": {"cli"},
}
HEAVY = ("torch", "cv2", "librosa", "sklearn")


def _modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, full module name) of every import, those inside functions too."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    wrong = []
    for path in _modules(room):
        command_line = path.is_relative_to(ROOT / "sfp_core" / "cli")
        for line, name in _imports(path):
            top = name.split(".")[0]
            allowed = top in MAY_IMPORT[room] or (command_line and top == "makeittalk_bridge")
            if top in (*ROOMS, "tests") and not allowed:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {name}")
    assert not wrong


def test_maya_plugin_imports_the_standard_library_maya_and_qt_alone() -> None:
    qt = {"PySide2", "PySide6", "shiboken2", "shiboken6"}
    allowed = {*sys.stdlib_module_names, *qt, "maya", "maya_plugin", "sfp_maya"}
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in _modules("maya_plugin")
        for line, name in _imports(path)
        if name.split(".")[0] not in allowed
    ]
    assert not wrong


def test_every_module_of_the_core_has_a_layer() -> None:
    core = ROOT / "sfp_core"
    found = {path.relative_to(core).parts[0].removesuffix(".py") for path in _modules("sfp_core")} - {"__init__"}
    assert found <= set(LAYER_OF), f"give these a layer: {sorted(found - set(LAYER_OF))}"


def test_lower_layers_know_nothing_of_higher_ones() -> None:
    wrong = []
    for path in _modules("sfp_core"):
        own = path.relative_to(ROOT / "sfp_core").parts[0].removesuffix(".py")
        for line, name in _imports(path):
            parts = name.split(".")
            if parts[0] != "sfp_core" or len(parts) < 2 or parts[1] not in LAYER_OF or parts[1] == own:
                continue
            other = parts[1]
            above = LAYER_OF[other] > LAYER_OF[own]
            beside = LAYER_OF[other] == LAYER_OF[own] and other not in WITHIN_LAYER.get(own, set())
            if above or beside:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {own} imports {other}")
    assert not wrong


def _loaded(code: str) -> set[str]:
    """Top-level modules that a fresh process has loaded after `code`."""
    code += "\nimport sys; print('\\n'.join(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_importing_the_core_loads_nothing_beyond_the_standard_library() -> None:
    loaded = _loaded("import sfp_core")
    assert "sfp_core" in loaded
    assert not loaded & {*HEAVY, "numpy", "scipy", "numba", "typer", "av"}


def test_the_command_line_itself_loads_no_numbers() -> None:
    assert not _loaded("import sfp_core.cli.app") & {*HEAVY, "numpy", "scipy", "numba", "av", "pocketsphinx"}


def test_sound_to_keys_loads_no_torch(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from sfp_core.cli import main
code = main(["demo", "--no-preview", "-o", {str(tmp_path / "take")!r}])
assert code == 0, code
"""
    loaded = _loaded(code)
    assert {"numpy", "pocketsphinx"} <= loaded
    assert not loaded & set(HEAVY)
    assert (tmp_path / "take" / "take.ma").is_file()
