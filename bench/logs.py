"""A gigabyte of logs of five formats → typed events, against `wc -l` over the same file.

The log is synthetic: lines of freqtrade, of a bot's own logging, of JSON, of an access log and
of a Go bot, a fifth of them refusals, with ids, prices and times that change from line to line.
LIQUEST_BENCH_MB sets its size; 1024 if not given. Timed is what the stage does from the file to
the Parquet parts (blocks, scan, write), by the clock and by the time of the processors, which
does not depend on what else the machine is doing; then the whole stage with zones, attempts and
digest, and the stage again with nothing changed.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench._child import measured
from liquest.case import parse_case
from liquest.logs import stage
from liquest.logs.blocks import prepare
from liquest.logs.parse import ParseTask, parse
from liquest.logs.recognise import reading_of
from liquest.run.executor import Threads
from liquest.run.progress import Silent
from liquest.vault.intake import Source

ROUNDS = 3
TARGET = 150
_BUSY = (
    '{{"code":-1008,"msg":"Server is currently overloaded with other requests. Please try again '
    'in a few minutes."}}'
)
_FORMS = (
    "{d} {h},{ms:03d} - freqtrade.worker - INFO - Bot heartbeat. PID=1, version='2025.9', "
    "state='RUNNING', {n} open positions, wallet synced",
    "{d} {h},{ms:03d} - bot.execution - INFO - Bot {b} | placing market order SELL {s} qty={q} "
    "reduceOnly=true newClientOrderId=x-{n}",
    "{d} {h},{ms:03d} - bot.execution - ERROR - Bot {b} | order failed clientOrderId=x-{n} after "
    "{l} ms Message: binance " + _BUSY,
    '{{"time":"{d}T{h}.{ms:03d}Z","level":"info","msg":"order accepted","symbol":"{s}","side":'
    '"sell","orderId":{n},"clientOrderId":"y-{n}","price":"{q}","qty":"{q}","latency_ms":{l}.25}}',
    '10.0.0.{b} - - [10/Oct/2025:{h} +0000] "POST /fapi/v1/order?symbol={s}&side=SELL&type=MARKET'
    '&quantity={q}&newClientOrderId=z-{n}&timestamp=17601297{n:05d} HTTP/1.1" 200 345 "-" '
    '"python-requests/2.31" 0.{l:03d}',
    "{d} {h}.{ms:03d} INFO biz/odmgr_live.go:1486 tick {s} last={q} mark={q} index={q} spread=0.02",
)
_SYMBOLS = ("ATOMUSDT", "BTCUSDT", "DOGEUSDT", "SOLUSDT")


def run() -> dict[str, Any]:
    """Rates in MB/s (10⁶ bytes), medians of three rounds; peak memory of the whole stage."""
    megabytes = int(os.environ.get("LIQUEST_BENCH_MB", "1024"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data" / "bot.log"
        path.parent.mkdir()
        _write(path, megabytes * 1_000_000)
        size = path.stat().st_size / 1e6
        _events(path, Path(folder))  # compiles, or loads what was compiled
        events, spent, lines, floor = [], [], 0, []
        for _ in range(ROUNDS):
            before = time.process_time()
            lines, seconds = _events(path, Path(folder))
            events.append(size / seconds)
            spent.append(size / (time.process_time() - before))
            floor.append(size / _wc(path))
        whole = measured("bench.logs", "whole", folder)
        again = measured("bench.logs", "whole", folder)
    return {
        "megabytes": round(size),
        "lines": lines,
        "workers": Threads().workers,
        "events_mb_per_s": round(median(events), 1),
        "events_target_mb_per_s": TARGET,
        "events_mb_per_cpu_s": round(median(spent), 1),
        "wc_mb_per_s": round(median(floor), 1),
        "events_over_wc": round(median(events) / median(floor), 3),
        "stage_mb_per_s": round(size / whole["result"], 1),
        "stage_peak_mb": whole["peak_mb"],
        "stage_again_s": again["result"],
    }


def _write(path: Path, size: int) -> None:
    """The log, second by second from 20:50 on, a thousand lines each."""
    written, number = 0, 0
    with path.open("w", encoding="utf-8") as out:
        while written < size:
            moment = 75_000 + number // 1000
            hour = f"{moment // 3600 % 24:02d}:{moment // 60 % 60:02d}:{moment % 60:02d}"
            lines = []
            for n in range(number, number + 1000):
                lines.append(
                    _FORMS[n % len(_FORMS)].format(
                        d="2025-10-10", h=hour, ms=n % 1000, b=n % 7, n=n, s=_SYMBOLS[n % 4],
                        q=f"{n % 977}.{n % 89:02d}", l=n % 400 + 5,
                    )
                )  # fmt: skip
            text = "\n".join(lines) + "\n"
            out.write(text)
            written += len(text)
            number += 1000


def _events(path: Path, folder: Path) -> tuple[int, float]:
    """Lines, and the seconds from the file to its Parquet parts."""
    source = Source("bot.log", path, path.stat().st_size, "0" * 64)
    target = folder / "parts"
    target.mkdir(exist_ok=True)
    started = time.perf_counter()
    reading = reading_of(source, [], [], 2025)
    assert reading is not None
    prepared = prepare(source, reading, folder / "scratch")
    tasks = [
        ParseTask(block, reading, source.sha256, target / f"{n}.parquet", 0, "given", 2025)
        for n, block in enumerate(prepared.blocks)
    ]
    done = list(Threads().map(parse, tasks))
    seconds = time.perf_counter() - started
    assert sum(d.rows for d in done) == prepared.lines
    return prepared.lines, seconds


def _wc(path: Path) -> float:
    started = time.perf_counter()
    subprocess.run(["wc", "-l", str(path)], check=True, capture_output=True)
    return time.perf_counter() - started


def whole(folder: str) -> float:
    """Seconds of the stage, its own start-up left out."""
    root = Path(folder)
    table = {
        "windows": {"w": {"from": "2025-10-10T20:50:00Z", "to": "2025-10-10T22:20:00Z"}},
        "source": [{"path": "data"}],
        "log": [{"files": "*", "tz": "UTC"}],
    }
    case = parse_case(table, root, "bench")
    started = time.perf_counter()
    logs, _ = stage.build(case, root / "out", Threads(), Silent())
    seconds = time.perf_counter() - started
    assert logs.files[0].attempt_rows
    return round(seconds, 2)
