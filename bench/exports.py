"""Exports of an account: rows of a clean trades file, as CSV and as a workbook, for one core.

Processor seconds are taken, which another user of the machine does not disturb; the best of
some runs stands, in processes of their own.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._child import measured
from liquest.clock import SECOND, format_time, parse_time
from liquest.losses.exports import read_exports

ROWS = 200_000
BOOK_ROWS = 20_000
RUNS = 3
HEADER = (
    "Uid", "Time(UTC)", "Symbol", "Side", "Position Side", "Price", "Quantity", "Amount", "Fee",
    "Realized Profit", "Buyer", "Maker", "Trade Id", "Order Id",
)  # fmt: skip


def rows(count: int) -> list[tuple[str, ...]]:
    """Trades of two contracts, up to two seconds apart, as the venue writes them."""
    drawn, at = random.Random(1), parse_time("2025-10-10T00:00:00Z")
    made: list[tuple[str, ...]] = []
    for n in range(count):
        at += drawn.choice((0, 0, 1, 2)) * SECOND
        price, quantity = 100_000 + drawn.randrange(200_000) / 10, drawn.randrange(1, 2000) / 1000
        made.append((
            "123456789", format_time(at, digits=0).replace("T", " ").rstrip("Z"),
            drawn.choice(("BTCUSDT", "ETHUSDT")), drawn.choice(("BUY", "SELL")), "BOTH",
            f"{price}", f"{quantity}", f"{price * quantity:.8f}",
            f"{price * quantity * 0.0005:.8f} USDT",
            drawn.choice(("0E-8", f"{drawn.random() * 100:.8f}")), "true", "false",
            str(7_000_000_000 + n), str(n // 3),
        ))  # fmt: skip
    return made


def write_csv(path: str) -> int:
    """Quoted, with a byte order mark; its bytes."""
    lines = (",".join(f'"{cell}"' for cell in line) + "\n" for line in (HEADER, *rows(ROWS)))
    Path(path).write_text("".join(lines), encoding="utf-8-sig")
    return Path(path).stat().st_size


def write_book(path: str) -> int:
    """All cells texts; its bytes."""
    from openpyxl import Workbook

    made = Workbook(write_only=True)
    sheet = made.create_sheet("trades")
    for line in (HEADER, *rows(BOOK_ROWS)):
        sheet.append(line)
    made.save(path)
    return Path(path).stat().st_size


def read(path: str) -> float:
    """Processor seconds of reading a file."""
    started = time.process_time()
    exports, problems = read_exports([Path(path)])
    spent = time.process_time() - started
    if problems or not exports.trades:
        raise SystemExit(f"the file of the bench is not read clean: {problems[:1]}")
    return spent


def run() -> dict[str, Any]:
    """Rows a second and core of both, and peak memory."""
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, write, count in (
            ("csv", "write_csv", ROWS), ("xlsx", "write_book", BOOK_ROWS),
        ):  # fmt: skip
            path = f"{folder}/trades.{name}"
            size = measured("bench.exports", write, path)["result"]
            done = [measured("bench.exports", "read", path) for _ in range(RUNS)]
            best = min(one["result"] for one in done)
            result |= {
                f"{name}_rows": count,
                f"{name}_mb": round(size / 2**20, 1),
                f"{name}_rows_per_s_core": round(count / best),
                f"{name}_peak_mb": max(one["peak_mb"] for one in done),
            }
    result["csv_target_rows_per_s_core"] = 150_000
    return result
