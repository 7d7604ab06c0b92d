"""A recorded line of dialogue in, an animated stylised character out. Importing this loads no torch."""

__version__ = "0.1.0"
