"""Rigs that we pose and draw ourselves."""
