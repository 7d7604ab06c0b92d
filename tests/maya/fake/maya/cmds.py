"""`maya.cmds`: what the fake knows, what plug-ins have registered, and nothing else."""

from __future__ import annotations

from typing import Any

from maya_fake import interface_commands, key_commands, node_commands, session_commands
from maya_fake.registry import COMMANDS
from maya_fake.scene import SESSION

assert interface_commands and key_commands and node_commands and session_commands  # they register what they define


def __getattr__(name: str) -> Any:
    if name in COMMANDS:
        return COMMANDS[name]
    if name in SESSION.commands:
        return SESSION.commands[name]
    raise AttributeError(f"module 'maya.cmds' has no attribute '{name}'")
