"""`judge` over every claim of the embedded case, on findings that a run has left."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._child import measured
from liquest.case import read_case
from liquest.claims.stage import judge
from liquest.claims.stored import files_of
from liquest.investigate import investigate
from liquest.run.executor import Threads
from liquest.run.progress import Silent

CASE = Path(__file__).parent.parent / "cases" / "2025-10-11"


def run() -> dict[str, Any]:
    """Seconds from the files of findings to the verdicts, nothing kept and then all kept; the
    start of the interpreter is in the last figure only."""
    os.environ.pop("LIQUEST_DATA", None)
    with tempfile.TemporaryDirectory() as out:
        measured("bench.judge", "computed", out)
        cold = measured("bench.judge", "judged", out)
        warm = measured("bench.judge", "judged", out)
    return {
        "claims": cold["result"]["claims"],
        "tests": cold["result"]["tests"],
        "findings_in_files": cold["result"]["findings"],
        "judge_cold_s": cold["result"]["seconds"],
        "judge_kept_s": warm["result"]["seconds"],
        "judge_target_s": 2,
        "peak_mb": cold["peak_mb"],
        "with_interpreter_s": cold["seconds"],
    }


def computed(out: str) -> None:
    """What judge stands on; not counted."""
    investigate(read_case(CASE), Path(out), Threads(), Silent())
    for path in (Path(out) / "findings").glob("claims.*"):
        path.unlink()


def judged(out: str) -> dict[str, Any]:
    """One whole judgement, the reading of case and claims included."""
    begun = time.perf_counter()
    done = judge(read_case(CASE), Path(out))
    seconds = round(time.perf_counter() - begun, 2)
    lines = sum(path.read_bytes().count(b"\n") for path in files_of(Path(out)))
    return {
        "claims": len(done.trials),
        "tests": sum(len(t.claim.tests) for t in done.trials),
        "findings": lines,
        "seconds": seconds,
    }
