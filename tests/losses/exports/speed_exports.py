"""Prints how fast a clean trades file is read: python speed_exports.py [rows]."""

from __future__ import annotations

import random
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from _export_files import layout_of, moment, sheet

from liquest.clock import SECOND, parse_time
from liquest.losses.exports import read_exports


def written(path: Path, rows: int) -> Path:
    """Trades of three contracts, two in three seconds apart, as the venue writes them."""
    drawn, at = random.Random(1), parse_time("2025-10-10T00:00:00Z")
    made = []
    for n in range(rows):
        at += drawn.choice((0, 0, 1, 2)) * SECOND
        price, quantity = 100_000 + drawn.randrange(200_000) / 10, drawn.randrange(1, 2000) / 1000
        made.append({
            "uid": "123456789", "time": moment(at), "symbol": drawn.choice(("BTCUSDT", "ETHUSDT")),
            "side": drawn.choice(("BUY", "SELL")), "place": "BOTH", "price": f"{price}",
            "quantity": f"{quantity}", "amount": f"{price * quantity:.8f}",
            "fee": f"{price * quantity * 0.0005:.8f} USDT",
            "realised": drawn.choice(("0E-8", f"{drawn.random() * 100:.8f}")), "buyer": "true",
            "maker": "false", "trade_id": str(7_000_000_000 + n), "order_id": str(n // 3),
        })  # fmt: skip
    return sheet(path, layout_of("trades"), made)


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with TemporaryDirectory() as folder:
        file = written(Path(folder) / "trades.csv", asked)
        size = file.stat().st_size
        wall, busy = time.perf_counter(), time.process_time()
        exports, problems = read_exports([file])
        wall, busy = time.perf_counter() - wall, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(exports.trades):,} trades ({size / 2**20:.0f} MiB) in {wall:.2f} s, "
        f"{busy:.2f} s of one core: {len(exports.trades) / busy:,.0f} rows/s a core, "
        f"peak {peak:.0f} MiB, {len(problems)} problems"
    )
