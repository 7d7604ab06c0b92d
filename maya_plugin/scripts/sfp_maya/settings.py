"""What the tool remembers from session to session, in Maya's option variables."""

from __future__ import annotations

from maya import cmds

_ENVIRONMENT = "sfpEnvironment"


def chosen_environment() -> str:
    """The environment of `sfp` that was chosen, "" where none was."""
    if not cmds.optionVar(exists=_ENVIRONMENT):
        return ""
    return str(cmds.optionVar(query=_ENVIRONMENT))  # type: ignore[call-overload]  # takes the variable's name


def choose_environment(place: str) -> None:
    """Remember a Python environment, a Python, or an `sfp` program."""
    cmds.optionVar(stringValue=(_ENVIRONMENT, place))
