"""Run a function of a bench in a fresh process and take its wall time and peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_CODE = """
import importlib, json, resource, sys
module, function, *args = sys.argv[1:]
result = getattr(importlib.import_module(module), function)(*args)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"result": result, "peak_mb": round(peak)}))
"""


def measured(module: str, function: str, *args: str) -> dict[str, Any]:
    """{"result", "peak_mb", "seconds"}: seconds include the start of the interpreter."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _CODE, module, function, *args],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    answer["seconds"] = round(time.perf_counter() - started, 2)
    return answer
