"""Write docs/example: a small synthetic tape of a coin that does not exist, on three venues.

    python tools/make_example.py

Ten minutes of trades; in the fifth, one venue's book is thin and its price falls to half of
the others'. Everything in it is made up by a seeded formula.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
from decimal import Decimal
from pathlib import Path

OUT = Path(__file__).parent.parent / "docs" / "example"
START = 1_735_689_600_000_000  # 2025-01-01T00:00:00Z
VENUES = {"coinbase": "EXM-USD", "kraken": "EXM/USD", "binance": "EXMUSDT"}


def main() -> None:
    """One gz file of trades per venue, in the tick layout."""
    OUT.mkdir(parents=True, exist_ok=True)
    for seed, (venue, symbol) in enumerate(VENUES.items()):
        rng = random.Random(seed)
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(
            ["exchange", "symbol", "timestamp", "local_timestamp", "id", "side", "price", "amount"]
        )
        ts, level = START, 100.0
        for number in range(1, 1501):
            ts += rng.randint(100_000, 700_000)
            minute = (ts - START) // 60_000_000
            if minute >= 10:
                break
            level *= 1 + rng.gauss(0, 0.0004) - (0.004 if 4 <= minute < 5 else 0)
            price = level
            if venue == "binance" and minute == 4:
                price *= 1 - 0.5 * ((ts - START) % 60_000_000) / 60_000_000
            side = "sell" if rng.random() < (0.9 if minute == 4 else 0.5) else "buy"
            amount = Decimal(rng.randint(1, 5000)) / 1000
            rows.writerow([venue, symbol, ts, ts + 3_000, number, side, f"{price:.2f}", amount])
        name = f"synthetic_{venue}_trades_2025-01-01.csv.gz"
        with (
            (OUT / name).open("wb") as raw,
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        ):
            packed.write(text.getvalue().encode())
        print(f"{name}: {number} rows")


if __name__ == "__main__":
    main()
