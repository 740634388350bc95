"""All measures on the full ticks of the day, cold, and the run after it with nothing changed."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import _data
from bench._child import measured
from liquest.case import read_case
from liquest.investigate import investigate
from liquest.measures import stage as measure_stage
from liquest.run.executor import Threads
from liquest.run.progress import Silent
from liquest.tape import stage as tape_stage

CASE = Path(__file__).parent.parent / "cases" / "2025-10-11"


def run() -> dict[str, Any]:
    """Seconds and peak memory: tape, measures cold, the whole command again with no change."""
    files = _data.ticks()
    if not files:
        return _data.ABSENT
    os.environ["LIQUEST_DATA"] = str(files[0].parent)
    with tempfile.TemporaryDirectory() as out:
        cold = measured("bench.measures", "cold", out)
        whole = measured("bench.measures", "whole", out)
        warm = measured("bench.measures", "whole", out)
    return {
        "tape_s": cold["result"]["tape_s"],
        "measures_cold_s": cold["result"]["measures_s"],
        "measures_cold_target_s": 15,
        "measures_by_name_s": cold["result"]["by_name"],
        "findings": cold["result"]["findings"],
        "peak_mb": cold["peak_mb"],
        "peak_target_mb": 1024,
        "investigate_after_measures_s": whole["seconds"],
        "investigate_warm_s": warm["seconds"],
        "investigate_warm_target_s": 2,
        "warm_changed": warm["result"],
    }


def cold(out: str) -> dict[str, Any]:
    """Tape, then every measure by itself."""
    case = read_case(CASE)
    started = time.perf_counter()
    tape = tape_stage.build(case, Path(out), Threads(), Silent())
    taped = time.perf_counter()
    by_name = {}
    findings = 0
    for name in measure_stage.measures():
        begun = time.perf_counter()
        found = measure_stage.build(case, tape.lake, Path(out), Threads(), Silent(), [name])
        by_name[name] = round(time.perf_counter() - begun, 2)
        findings += len(found.findings)
    return {
        "tape_s": round(taped - started, 2),
        "measures_s": round(time.perf_counter() - taped, 2),
        "by_name": by_name,
        "findings": findings,
    }


def whole(out: str) -> bool:
    """The command `investigate`; whether anything was made anew."""
    done = investigate(read_case(CASE), Path(out), Threads(), Silent())
    return done.fresh or done.measured.fresh
