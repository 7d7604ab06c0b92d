"""The commands, flags, modes and types of `facts.json`, from the stubs of `types-maya` (MIT).

    python tests/maya/fake/make_facts.py

The stubs are made from Autodesk's command reference of Maya 2025. Only commands that the module or its tests use are
kept; a flag is listed for each mode in which it may be given, with the type of its value.
"""

import ast
import json
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE / "facts.json"
ROOT = HERE.parents[2]
# What only the scenes of the tests are made with.
FOR_TESTS = {"redo", "namespace", "loadPlugin", "unloadPlugin", "select", "transformLimits"}
MODES = {"query": "query", "q": "query", "edit": "edit", "e": "edit"}


def used_commands() -> set[str]:
    """Every `cmds.NAME` in the module."""
    names = set(FOR_TESTS)
    for path in (ROOT / "maya_plugin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "cmds":
                names.add(node.attr)
    return names


def stub_file() -> Path:
    """The installed `maya-stubs/cmds.pyi`."""
    return Path(str(metadata.distribution("types-maya").locate_file("maya-stubs/cmds.pyi")))


def facts(names: set[str]) -> dict[str, object]:
    """The table for these commands."""
    commands: dict[str, dict[str, dict[str, str]]] = {}
    for node in ast.parse(stub_file().read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or node.name not in names:
            continue
        flags = {one.arg: ast.unparse(one.annotation) for one in node.args.kwonlyargs if one.annotation is not None}
        mode = next(
            (MODES[name] for name, kind in flags.items() if name in MODES and kind == "Literal[True]"), "create"
        )
        own = {name: kind for name, kind in flags.items() if not (name in MODES and MODES[name] == mode)}
        commands.setdefault(node.name, {}).setdefault(mode, {}).update(own)
    source = (
        f"types-maya {metadata.version('types-maya')} (MIT), maya-stubs/cmds.pyi, made from the Maya 2025 reference"
    )
    ordered = {
        name: {mode: dict(sorted(flags.items())) for mode, flags in sorted(modes.items())}
        for name, modes in sorted(commands.items())
    }
    return {"source": source, "commands": ordered}


def as_text(table: dict[str, object]) -> str:
    """One line a mode: short, and readable in a diff."""
    commands = table["commands"]
    assert isinstance(commands, dict)
    lines = [
        f"  {json.dumps(name)}: {{\n"
        + ",\n".join(f"   {json.dumps(mode)}: {json.dumps(flags)}" for mode, flags in modes.items())
        + "\n  }"
        for name, modes in commands.items()
    ]
    return f'{{\n "source": {json.dumps(table["source"])},\n "commands": {{\n' + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    FACTS.write_text(as_text(facts(used_commands())), encoding="utf-8")
    sys.stdout.write(f"{FACTS}\n")
