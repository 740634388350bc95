"""Numeric kernels: compiled once, kept on disk, run without the interpreter lock.

A kernel works on plain NumPy arrays, in the order in which it is written: no reordering of
sums, so the same input gives the same bits on every run. Modules with kernels are imported
where they are used, not by the command line: the compiler takes half a second to load.

A kernel may call kernels of other files, and the compiler's own cache looks only at the file
of the outermost one: after a change in a called kernel the old machine code would run on.
So machine code is kept in a folder named by the digest of every kernel of the package.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).parent.parent
KERNELS = "*_kernel.py"
"""Every file with kernels is named so."""
OWN = "LIQUEST_KERNELS"
"""Environment variable that names another folder for machine code."""
_STALE_S = 30 * 86_400


def digest(package: Path = PACKAGE) -> str:
    """Of the names and bytes of all kernels, 16 hex digits."""
    total = hashlib.sha256()
    for path in sorted(package.rglob(KERNELS)):
        total.update(f"{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes())
    return total.hexdigest()[:16]


def folder() -> Path | None:
    """Where machine code is kept, made if need be; None where nothing may be written."""
    given = os.environ.get(OWN)
    cache = os.environ.get("XDG_CACHE_HOME", "")
    roots = [Path(given)] if given else [
        PACKAGE / "__pycache__",
        Path(cache) / "liquest" if cache else Path.home() / ".cache" / "liquest",
    ]  # fmt: skip
    for root in roots:
        made = root / f"kernels-{digest()}"
        try:
            made.mkdir(parents=True, exist_ok=True)
            os.utime(made)
        except OSError:
            continue
        _sweep(root, made)
        return made
    return None


def _sweep(root: Path, keep: Path) -> None:
    """Take away machine code of other versions that was not used for a month."""
    for one in root.glob("kernels-*"):
        if one != keep and time.time() - one.stat().st_mtime > _STALE_S:
            shutil.rmtree(one, ignore_errors=True)


_KEPT = folder()
if _KEPT is not None and not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(_KEPT)  # type: ignore[attr-defined]


def compiled(kernel: F) -> F:
    """The kernel as machine code; it may call other compiled kernels."""
    return cast(F, numba.njit(cache=_KEPT is not None, nogil=True, fastmath=False)(kernel))
