"""Sums of a book: the SQL against decimals, level by level, and what a snapshot holds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND
from liquest.instruments import INVERSE, LINEAR, SPOT, Instrument
from liquest.measures._book import held_at, money
from liquest.measures._book_exact import Level, Snapshot
from liquest.measures._book_sql import best, cut, snapshots, within
from liquest.tape.tracks import Track

D = Decimal
COIN = Instrument("v", "ATOMUSDT", SPOT, "ATOM", "USDT")
SWAP = Instrument("okx", "BTC-USDT-SWAP", LINEAR, "BTC", "USDT", D("0.01"))
INVERTED = Instrument("binance", "ATOMUSD_PERP", INVERSE, "ATOM", "USD", D(10))
UNKNOWN = Instrument("okx", "FIL-USDT-SWAP", LINEAR, "FIL", "USDT", None)
LEVELS = 4

SIDE = st.lists(
    st.tuples(st.integers(1, 50), st.integers(0, 10**6)), max_size=LEVELS, unique_by=lambda x: x[0]
)


def side(drawn: list[tuple[int, int]], *, bids: bool) -> tuple[Level, ...]:
    rows = sorted(drawn, reverse=bids)
    offset = 0 if bids else 60
    return tuple(Level(D(p + offset) / 4, D(s) / 1000) for p, s in rows)


def by_sql(one: Snapshot, instrument: Instrument, columns: dict[str, str]) -> dict[str, object]:
    """The columns of one snapshot, through the database."""
    cells = ["1 AS ts", "1 AS row_no"]
    for name in ("bid", "ask"):
        for n in range(LEVELS):
            held = one.levels(name)
            for what in ("price", "size"):
                text = str(getattr(held[n], what)) if n < len(held) else "NULL"
                cells.append(f"{text}::DECIMAL(18, 6) AS {name}_{what}_{n}")
    query = snapshots(instrument, LEVELS, columns).format(rows=f"(SELECT {', '.join(cells)})")
    with duckdb.connect() as db:
        got = db.execute(query)
        names = [d[0] for d in got.description or ()]
        return dict(zip(names, got.fetchall()[0], strict=True))


def near(value: object, exact: Decimal | None) -> bool:
    if exact is None or value is None:
        return exact is None and value is None
    return abs(D(str(value)) - exact) <= D("1e-9") * max(abs(exact), D(1))


@settings(max_examples=120, deadline=None)
@given(SIDE, SIDE, st.sampled_from([COIN, SWAP, INVERTED, UNKNOWN]), st.integers(1, LEVELS),
       st.sampled_from(["0.001", "0.05", "0.5", "1"]))  # fmt: skip
def test_sql_and_decimals_agree(
    bids: list[tuple[int, int]], asks: list[tuple[int, int]], instrument: Instrument, count: int,
    share: str,
) -> None:  # fmt: skip
    one = Snapshot(side(bids, bids=True), side(asks, bids=False))
    found = by_sql(one, instrument, best(count) | within(D(share), LEVELS))
    for name in ("bid", "ask"):
        assert near(found[f"{name}_{count}"], one.best(instrument, name, count))
        # On the band's very edge a double may fall to either side.
        middle = one.middle
        edge = middle is not None and any(
            abs(abs(x.price / middle - 1) - D(share)) < D("1e-12") for x in one.levels(name)
        )
        if not edge:
            assert near(found[f"{name}_within_{share}"], one.within(instrument, name, D(share)))


def test_values_by_kind_of_contract() -> None:
    one = Snapshot((Level(D(100), D(3)),), (Level(D(101), D(2)),))
    assert [one.best(i, "bid", 5) for i in (COIN, SWAP, INVERTED, UNKNOWN)] == [300, 3, 30, 3]
    assert one.spread is not None and abs(one.spread - D("99.5025")) < D("0.0001")
    assert Snapshot((), one.ask).spread is None
    assert Snapshot((), one.ask).within(COIN, "ask", D(1)) is None


def test_a_record_cut_within_the_band_says_so() -> None:
    deep = tuple(Level(D(100 - n), D(1)) for n in range(LEVELS))
    one = Snapshot(deep, tuple(Level(D(101 + n), D(1)) for n in range(LEVELS)))
    found = by_sql(one, COIN, cut(D("0.1"), LEVELS) | cut(D("0.001"), LEVELS))
    assert [found[f"{s}_cut_{b}"] for s in ("bid", "ask") for b in ("0.1", "0.001")] == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("instrument", "unit", "notes"),
    [(COIN, "USD", ("stablecoin-unknown",)), (INVERTED, "USD", ()),
     (UNKNOWN, "contracts", ("contract-size-unknown",))],
)  # fmt: skip
def test_units_of_money(instrument: Instrument, unit: str, notes: tuple[str, ...]) -> None:
    assert money(Track(Path(), instrument, "book", "book", 0, ())) == (unit, notes)


def test_a_snapshot_holds_to_the_next_and_no_longer_than_it_may() -> None:
    ts = np.array([10, 20, 30], dtype=np.int64) * SECOND
    ends = np.array([10, 11, 20, 21, 32, 33, 34], dtype=np.int64) * SECOND
    assert list(held_at(ts, ends, 2)) == [-1, 0, -1, 1, 2, -1, -1]
    assert list(held_at(ts, ends, 60)) == [-1, 0, 0, 1, 2, 2, 2]
