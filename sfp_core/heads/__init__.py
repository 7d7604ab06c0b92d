"""Procedural cartoon heads: identity -> surface -> posed mesh, with exact 98 landmarks from any camera."""
