"""What a result depends on besides its input: the code that made it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent.parent


@cache
def code(*names: str) -> str:
    """A digest of the package's source below `names` (folders or files)."""
    total = hashlib.sha256()
    for name in names:
        root = PACKAGE / name
        for path in [root] if root.is_file() else sorted(root.rglob("*.py")):
            total.update(path.relative_to(PACKAGE).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def of(*values: Any) -> str:
    """A digest of plain values, the same in every process."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
