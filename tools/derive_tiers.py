"""Make the shipped table of maintenance tiers again from the venue's list of brackets.

    python tools/derive_tiers.py BRACKETS [TABLE]

BRACKETS is a CSV (or gzip) of USDⓈ-M brackets as of 2025-10-09. It names contracts without
their date of delivery, so the tiers of BTCUSDT and ETHUSDT stand three times: first those of
the perpetual, then twice the same tiers, of the two quarterly contracts. Those get the dates
on which contracts of the current and the next quarter are delivered, the last Friday of each.
Numbers are written without trailing zeros; the largest 64-bit number as cap means none.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from liquest.findings import plain
from liquest.rules.tiers import COLUMNS, SHIPPED, read_tiers

DAY = date(2025, 10, 9)
NO_CAP = Decimal(2**63 - 1)
AMOUNTS = COLUMNS[2:]


def main(source: Path, target: Path) -> None:
    """Write the table and read it back; prints what it holds."""
    ladders = list(_ladders(source))
    named: dict[str, list[dict[str, str]]] = {}
    for symbol, rows in ladders:
        name = symbol
        for delivery in _deliveries(DAY):
            if name not in named:
                break
            name = f"{symbol}_{delivery:%y%m%d}"
        if name in named:
            sys.exit(f"{symbol} stands more than three times")
        named[name] = rows
    for symbol in [n for n in named if "_" in n]:
        base = symbol.partition("_")[0]
        twins = [named[n] for n in named if n.startswith(f"{base}_")]
        if any(one != twins[0] for one in twins) or len(twins) != 2:
            sys.exit(f"the quarterly tiers of {base} differ: their order would matter")
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for symbol in sorted(named):
            for row in named[symbol]:
                writer.writerow([symbol, row["bracket"], *(_amount(row, c) for c in AMOUNTS)])
    table = read_tiers(target)
    print(
        f"{target.name}: {len(table)} contracts of {len({s for s, _ in ladders})} symbols, "
        f"{sum(map(len, table.values()))} tiers, {target.stat().st_size} B"
    )


def _ladders(source: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Symbol and rows of every contract; a new one starts where the bracket is 1."""
    data = source.read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
    rows: list[dict[str, str]] = []
    for row in csv.DictReader(io.StringIO(text)):
        if row["bracket"] == "1" and rows:
            yield rows[0]["symbol"], rows
            rows = []
        rows.append(row)
    yield rows[0]["symbol"], rows


def _amount(row: dict[str, str], column: str) -> str:
    value = Decimal(row[column])
    return "" if column == "notional_cap" and value >= NO_CAP else plain(value)


def _deliveries(day: date) -> tuple[date, date]:
    """The last Fridays of the next two quarters that end after `day`."""
    found = []
    for quarter in range(day.year * 4 + (day.month - 1) // 3, day.year * 4 + 8):
        year, start = divmod(quarter + 1, 4)
        end = date(year, start * 3 + 1, 1) - timedelta(days=1)
        friday = end - timedelta(days=(end.weekday() - 4) % 7)
        if friday > day:
            found.append(friday)
    return found[0], found[1]


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else SHIPPED)
