"""Numeric kernels: compiled once, kept on disk, run without the interpreter lock.

A kernel works on plain NumPy arrays, in the order in which it is written: no reordering of
sums, so the same input gives the same bits on every run. Modules with kernels are imported
where they are used, not by the command line: the compiler takes half a second to load.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(kernel: F) -> F:
    """The kernel as machine code; it may call other compiled kernels."""
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(kernel))
