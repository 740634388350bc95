"""DuckDB connections: one per thread, kept warm, bounded in memory, without the network."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import duckdb

MEMORY_MB = 512
"""Memory limit of one worker's connection; larger sorts and joins spill to disk."""

_local = threading.local()


def connection() -> duckdb.DuckDBPyConnection:
    """This thread's connection: one thread, rows in file order, nothing loaded from outside.

    What does not fit into memory goes to a folder of this process below TMPDIR.
    """
    made: duckdb.DuckDBPyConnection | None = getattr(_local, "connection", None)
    if made is None:
        spill = Path(tempfile.gettempdir()) / f"liquest-{os.getpid()}-{threading.get_ident()}"
        made = duckdb.connect(
            config={
                "threads": 1,
                "memory_limit": f"{MEMORY_MB}MB",
                "preserve_insertion_order": "true",
                "autoinstall_known_extensions": "false",
                "temp_directory": str(spill),
            }
        )
        _local.connection = made
    return made
