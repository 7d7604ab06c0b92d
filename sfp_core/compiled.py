"""The one way in which the rooms of this package compile a loop with Numba."""

from collections.abc import Callable
from typing import TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile `function` at its first call and keep the result on disk where a disk takes it.

    Strict floating point: the same input gives the same bits on every call. Division by 0 gives infinity or NaN,
    as in NumPy. Where neither the package's folder nor the
    user's cache folder can be written, Numba refuses to cache at all; then the function is compiled once a process.
    """
    try:
        return numba.njit(cache=True, error_model="numpy")(function)  # type: ignore[no-any-return]
    except RuntimeError:  # Numba: "cannot cache function ...: no locator available for file ..."
        return numba.njit(error_model="numpy")(function)  # type: ignore[no-any-return]


def inlined(function: Function) -> Function:
    """Compile `function` into those that call it.

    For what runs once a pixel: a function that comes from the disk is only linked, and the call costs more than the
    formula.

    Numba looks at the file of the caller alone: after a change here, touch the files that call it, or what they keep on
    disk stays as it was.
    """
    return numba.njit(inline="always", error_model="numpy")(function)  # type: ignore[no-any-return]
