"""A strict stand-in for Maya, for tests alone: it knows few commands, and refuses all that Maya would refuse.

What commands, flags, modes and types there are comes from `facts.json`; how they behave is written here, each rule
with the page it follows. Pages are those of Autodesk's Maya 2024 documentation: "Commands: NAME" is
CommandsPython/NAME.html, "Nodes: NAME" is Nodes/NAME.html of Maya-Tech-Docs.

Nothing here is proof of what Maya does. Where the pages are silent the harder case was chosen.
"""
