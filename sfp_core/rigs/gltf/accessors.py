"""Arrays of a glTF document, checked against the bytes that are really there before anything is allocated."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sfp_core.errors import SfpError
from sfp_core.rigs.gltf.document import Document
from sfp_core.rigs.gltf.entry import Entry

MOST_ELEMENTS = 4_000_000  # of one array

_TYPES: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of an array that is 0 elsewhere.

    Attributes
    ----------
    indices : (n,) int64
        Rising.
    values : (n, k) float64
    """

    indices: np.ndarray
    values: np.ndarray


class Accessors:
    """The arrays of a document by their numbers."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._entries = document.all("accessors")

    def floats(self, owner: Entry, key: str, widths: tuple[int, ...], *, count: int | None = None) -> np.ndarray:
        """The array that `owner`'s value `key` names, as finite numbers.

        Parameters
        ----------
        widths : tuple of int
            Numbers in a row that are allowed.
        count : int, optional
            Rows that it must have.

        Returns
        -------
        (n, width) float64
            Whole numbers that stand for shares are turned into them (`normalized`).

        Raises
        ------
        SfpError
            No such array, another form than expected, bytes that are not there, or numbers that are not finite.
        """
        entry, kind, width, rows = self._form(owner, key, widths, count)
        if count is None and "bufferView" not in entry:  # nothing but the file's word says how many rows there are
            raise SfpError(f"{entry.where}: {key} must have a buffer view")
        result = np.zeros((rows, width), dtype=np.float64)
        if "bufferView" in entry:
            result[:] = _real(self._plain(entry, kind, width, rows), kind, entry)
        if "sparse" in entry:
            changed = self._changed(entry, kind, width, rows)
            result[changed.indices] = changed.values
        return _finite(result, entry)

    def rows(self, owner: Entry, key: str, width: int, *, count: int) -> Rows:
        """As `floats`, only the rows that are not 0: of a morph target most are."""
        entry, kind, width, rows = self._form(owner, key, (width,), count)
        if "bufferView" not in entry and "sparse" in entry:
            changed = self._changed(entry, kind, width, rows)
            return Rows(changed.indices, _finite(changed.values, entry))
        if "bufferView" not in entry:
            return Rows(np.zeros(0, dtype=np.int64), np.zeros((0, width)))
        values = self.floats(owner, key, (width,), count=count)
        indices = np.flatnonzero((values != 0).any(axis=1))
        return Rows(indices, values[indices])

    def integers(self, owner: Entry, key: str, width: int, *, below: int, count: int | None = None) -> np.ndarray:
        """Whole numbers from 0, (n, width) int64, each less than `below`."""
        entry, kind, width, rows = self._form(owner, key, (width,), count)
        if kind.kind != "u":
            raise SfpError(f"{entry.where}: componentType {kind.name}; expected whole numbers without a sign")
        if "sparse" in entry or "bufferView" not in entry:
            raise SfpError(f"{entry.where}: {key} must have a buffer view and no sparse part")
        result = self._plain(entry, kind, width, rows).astype(np.int64)
        if result.size and result.max() >= below:
            raise SfpError(f"{entry.where}: {key} names number {result.max()}; expected less than {below}")
        return result

    def _form(
        self, owner: Entry, key: str, widths: tuple[int, ...], count: int | None
    ) -> tuple[Entry, np.dtype[Any], int, int]:
        entry = self._entries[owner.index(key, len(self._entries))]
        kind = _kind(entry)
        width = _WIDTHS.get(entry.text("type"))
        if width not in widths:
            expected = " or ".join(name for name, wide in _WIDTHS.items() if wide in widths)
            raise entry.problem("type", f"{expected} for {key}")
        rows = entry.integer("count", low=1, high=MOST_ELEMENTS)
        if count is not None and rows != count:
            raise SfpError(f"{entry.where}: {rows} rows for {key}; expected {count}, as many as there are vertices")
        return entry, kind, int(width or 0), rows

    def _plain(self, entry: Entry, kind: np.dtype[Any], width: int, rows: int) -> np.ndarray:
        number = entry.index("bufferView", len(self._document.all("bufferViews")))
        data, stride = self._document.view(number)
        return _laid_out(data, entry.integer("byteOffset", 0), stride, kind, width, rows, entry)

    def _changed(self, entry: Entry, kind: np.dtype[Any], width: int, rows: int) -> Rows:
        sparse = entry.child("sparse")
        count = sparse.integer("count", low=1, high=rows)
        places, values = sparse.child("indices"), sparse.child("values")
        views = len(self._document.all("bufferViews"))
        place_kind = _kind(places)
        if place_kind.kind != "u":
            raise places.problem("componentType", "whole numbers without a sign")
        data, _ = self._document.view(places.index("bufferView", views))
        indices = _laid_out(data, places.integer("byteOffset", 0), 0, place_kind, 1, count, places)[:, 0]
        indices = indices.astype(np.int64)
        if indices.max() >= rows or (np.diff(indices) <= 0).any():
            raise SfpError(f"{places.where}: indices must rise and stay below {rows}")
        data, _ = self._document.view(values.index("bufferView", views))
        found = _laid_out(data, values.integer("byteOffset", 0), 0, kind, width, count, values)
        return Rows(indices, _real(found, kind, entry))


def _kind(entry: Entry) -> np.dtype[Any]:
    number = entry.integer("componentType")
    if number not in _TYPES:
        raise entry.problem("componentType", f"one of {', '.join(str(known) for known in _TYPES)}")
    return _TYPES[number]


def _laid_out(
    data: memoryview, offset: int, stride: int, kind: np.dtype[Any], width: int, rows: int, entry: Entry
) -> np.ndarray:
    """(rows, width) of `kind` over `data`, not copied."""
    step = stride or kind.itemsize * width
    end = offset + step * (rows - 1) + kind.itemsize * width
    if step < kind.itemsize * width:
        raise SfpError(f"{entry.where}: a stride of {step} bytes is less than one row has")
    if end > len(data):
        raise SfpError(f"{entry.where}: {rows} rows end at byte {end} of a buffer view of {len(data)} bytes")
    return np.ndarray((rows, width), dtype=kind, buffer=data, offset=offset, strides=(step, kind.itemsize))


def _real(array: np.ndarray, kind: np.dtype[Any], entry: Entry) -> np.ndarray:
    real = array.astype(np.float64)
    if entry.flag("normalized") and kind.kind in "iu":
        real = np.maximum(real / np.iinfo(kind).max, -1.0)
    return np.asarray(real)


def _finite(array: np.ndarray, entry: Entry) -> np.ndarray:
    if not np.isfinite(array).all():
        raise SfpError(f"{entry.where}: a number in row {np.argwhere(~np.isfinite(array))[0, 0]} is not finite")
    return array
