"""Meshes whose pictures are known, for the tests of this folder."""

import numpy as np
import pytest

from sfp_core.render.mesh import Mesh, Part

SKIN = (0.9, 0.7, 0.6)


def _sphere(radius=1.0, centre=(0.0, 0.0, 0.0), colour=SKIN, gloss=0.0, count=48, part=Part.SKIN):
    """Rings from pole to pole, counter-clockwise from outside."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, count), 2 * np.pi * np.arange(count) / count, indexing="ij")
    unit = np.stack([np.sin(polar) * np.sin(around), np.cos(polar), np.sin(polar) * np.cos(around)], axis=-1)
    ring, step = np.meshgrid(np.arange(count - 1), np.arange(count), indexing="ij")
    here, beside = (ring * count + step).ravel(), (ring * count + (step + 1) % count).ravel()
    faces = np.concatenate(
        [np.stack([here, here + count, beside + count], 1), np.stack([here, beside + count, beside], 1)]
    )
    vertices = radius * unit.reshape(-1, 3) + np.array(centre)
    colours = np.tile(colour, (len(vertices), 1))
    return Mesh(vertices, faces, colours, np.full(len(faces), gloss), np.full(len(faces), part))


def _plane(corner=(-3.0, -3.0, 0.0), along=(6.0, 0.0, 0.0), up=(0.0, 6.0, 0.0), colour=SKIN, count=24):
    """A parallelogram of count x count squares whose outside is along x up."""
    u, v = (axis.ravel() for axis in np.meshgrid(*[np.linspace(0, 1, count + 1)] * 2, indexing="xy"))
    vertices = np.array(corner) + u[:, None] * np.array(along) + v[:, None] * np.array(up)
    here = (np.arange(count)[:, None] * (count + 1) + np.arange(count)).ravel()
    above = here + count + 1
    faces = np.concatenate([np.stack([here, here + 1, above + 1], 1), np.stack([here, above + 1, above], 1)])
    return Mesh(vertices, faces, np.tile(colour, (len(vertices), 1)), np.zeros(len(faces)))


@pytest.fixture
def sphere():
    return _sphere


@pytest.fixture
def plane():
    return _plane
