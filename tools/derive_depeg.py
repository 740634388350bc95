"""Make facts/usde_onchain.parquet of cases/2025-10-11 again from the pool's state by block.

    python tools/derive_depeg.py DATA [CASE]

DATA/depeg/USDEUSDT_uniswap_per_block.parquet holds, for every block, the state in which the
block left a Uniswap v3 pool of USDe and USDT: sqrtPrice (Q64.96), token0Price, token1Price.
token1Price is the USDT that one USDe is worth, token0Price its inverse: the pool's token0 is
the one with 18 decimals (the tick is negative), which is USDe, and a subgraph's token1Price
is token1 per token0. The price is computed anew from sqrtPrice and must agree with the
column, or nothing is written.

Writes one-minute bars of the states, 20:45–22:30 UTC, in the layout of the other facts, and
prints the entry for provenance.json. A pool has a state and no trades here: volumes and
counts stay empty.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import NamedTuple

import duckdb

from liquest.clock import MINUTE, SECOND, parse_time
from liquest.findings import plain, rounded
from liquest.tape.reading import literal

FROM, TO = "2025-10-10T20:45:00Z", "2025-10-10T22:30:00Z"
SOURCE = "depeg/USDEUSDT_uniswap_per_block.parquet"
TARGET = "facts/usde_onchain.parquet"
DECIMALS = 18 - 6
"""Decimals of USDe less those of USDT."""
PLACES = 12
TOLERANCE = Decimal("1e-18")
NOTE = (
    "One-minute bars of USDe in USDT in a Uniswap v3 pool, 20:45–22:30 UTC: the price after "
    "each block (USDT per USDe, from sqrtPrice, 12 decimals), no fee in it; no trades, no volume",
    "Uniswap v3 资金池中 USDe 兑 USDT 的一分钟 K 线，20:45–22:30 UTC：每个区块之后的价格（每 USDe "
    "折 USDT，由 sqrtPrice 计算，保留 12 位小数），不含手续费；无成交与成交量",
)


class State(NamedTuple):
    """The pool after one block: `ts` (µs) of the block, USDT per USDe."""

    ts: int
    price: Decimal


class Bar(NamedTuple):
    """The states of one minute."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


def price_of(sqrt_price: int) -> Decimal:
    """Units of token1 for one token0: (sqrtPrice / 2^96)² · 10^(decimals of 0 − of 1)."""
    with localcontext(prec=80):
        return Decimal(sqrt_price) ** 2 / Decimal(2) ** 192 * Decimal(10) ** DECIMALS


def state_of(seconds: int, sqrt_price: str, token1_price: str) -> State:
    """One block's state; ends the program when the column says something else."""
    price = price_of(int(sqrt_price))
    if abs(price - Decimal(token1_price)) > TOLERANCE:
        sys.exit(f"sqrtPrice {sqrt_price} gives {price}, token1Price is {token1_price}")
    return State(seconds * SECOND, rounded(price, PLACES))


def bars_of(states: Iterable[State]) -> list[Bar]:
    """Minute by minute; a minute without a block has no bar."""
    minutes: dict[int, list[Decimal]] = {}
    for state in states:
        minutes.setdefault(state.ts // MINUTE * MINUTE, []).append(state.price)
    return [Bar(ts, p[0], max(p), min(p), p[-1]) for ts, p in sorted(minutes.items())]


def main(data: Path, case_folder: Path) -> None:
    """Read the states, write the bars, print their provenance."""
    source = data / SOURCE
    db = duckdb.connect(config={"threads": 1})
    first, last = (parse_time(t) // SECOND for t in (FROM, TO))
    rows = db.execute(
        f"SELECT timestamp, sqrtPrice, token1Price FROM {literal(str(source))} "
        f"WHERE timestamp >= {first} AND timestamp < {last} ORDER BY blockNumber"
    ).fetchall()
    bars = bars_of(state_of(*row) for row in rows)
    db.execute("CREATE TABLE bars (ts BIGINT, open TEXT, high TEXT, low TEXT, close TEXT)")
    db.executemany(
        "INSERT INTO bars VALUES (?, ?, ?, ?, ?)", [(b.ts, *map(plain, b[1:])) for b in bars]
    )
    target = case_folder / TARGET
    db.execute(
        "COPY (SELECT 'uniswap' AS venue, 'spot' AS kind, 'USDEUSDT' AS symbol, "
        f"'trade' AS series, {MINUTE}::BIGINT AS duration, *, "
        "NULL::TEXT AS volume, NULL::TEXT AS notional, NULL::BIGINT AS n, "
        "NULL::BIGINT AS low_ts, NULL::BIGINT AS high_ts, NULL::BIGINT AS low_n, "
        "NULL::BIGINT AS high_n, NULL::TEXT AS low_volume, NULL::TEXT AS high_volume "
        f"FROM bars ORDER BY ts) TO {literal(str(target))} (FORMAT parquet, "
        "COMPRESSION zstd, COMPRESSION_LEVEL 19, PARQUET_VERSION v2)"
    )
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    entry = {TARGET: {"note": list(NOTE), "files": [{"name": source.name, "sha256": digest}]}}
    print(f"{target.name}: {len(bars)} rows from {len(rows)} blocks, {target.stat().st_size} B")
    print(json.dumps(entry, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    here = Path(__file__).parent.parent / "cases" / "2025-10-11"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else here)
