"""A snapshot's numbers as SQL: values of levels, sums of the best N, sums within a band.

The text that runs is evidence; `_book_exact` says the same of one snapshot in decimals. A
level that is not there adds nothing; the middle is null where a side is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from ..instruments import Instrument

SIDES = ("bid", "ask")


def value(instrument: Instrument, side: str, level: int) -> str:
    """What stands at a level, in the unit of `_book.money`, as a double."""
    price, size = (f"{side}_{what}{suffix(level)}::DOUBLE" for what in ("price", "size"))
    contract = instrument.contract_size
    if contract is None:
        return size
    if instrument.inverse:
        return f"{size} * {contract:f}"
    return f"{price} * {size}" if contract == 1 else f"{price} * {size} * {contract:f}"


def suffix(level: int) -> str:
    """A level as columns of books name it."""
    return f"_{level}"


def best(count: int) -> dict[str, str]:
    """The sum of the best `count` levels, per side."""
    return {
        f"{side}_{count}": " + ".join(f"coalesce({side[0]}v{n}, 0)" for n in range(count))
        for side in SIDES
    }


def within(band: Decimal, levels: int) -> dict[str, str]:
    """The sum of the levels no farther from the middle than `band` of it, per side; null
    without a middle."""
    limits = {"bid": (">=", f"mid * (1 - {band:f})"), "ask": ("<=", f"mid * (1 + {band:f})")}
    made = {}
    for side, (beyond, limit) in limits.items():
        terms = (
            f"CASE WHEN {side[0]}p{n} {beyond} {limit} THEN {side[0]}v{n} ELSE 0 END"
            for n in range(levels)
        )
        made[f"{side}_within_{band:f}"] = f"CASE WHEN mid IS NOT NULL THEN {' + '.join(terms)} END"
    return made


def cut(band: Decimal, levels: int) -> dict[str, str]:
    """1 where the last level of a record still lies within the band: more may lie there."""
    last = levels - 1
    return {
        f"bid_cut_{band:f}": f"coalesce((bp{last} >= mid * (1 - {band:f}))::INT, 0)",
        f"ask_cut_{band:f}": f"coalesce((ap{last} <= mid * (1 + {band:f}))::INT, 0)",
    }


def snapshots(
    instrument: Instrument, levels: int, columns: Mapping[str, str], *, quotes: bool = False
) -> str:
    """ts, row_no and `columns` of every snapshot; {rows} stands for the table.

    Columns may speak of bp0 … and ap0 … (prices), bv0 … and av0 … (values) and mid.
    """
    inner = []
    for side in SIDES:
        for n in range(levels):
            inner.append(f"{side}_price{suffix(n)}::DOUBLE AS {side[0]}p{n}")
            inner.append(f"{value(instrument, side, n)} AS {side[0]}v{n}")
    table = f"({QUOTES_AS_BOOK})" if quotes else "{rows}"
    return (
        f"SELECT ts, row_no, {listed(columns)}\n"
        f"FROM (SELECT *, (bp0 + ap0) / 2 AS mid\n"
        f"      FROM (SELECT ts, row_no, {', '.join(inner)}\n            FROM {table}))"
    )


QUOTES_AS_BOOK = (
    "SELECT ts, row_no, bid_price AS bid_price_0, bid_size AS bid_size_0, "
    "ask_price AS ask_price_0, ask_size AS ask_size_0 FROM {rows}"
)
"""Best quotes as a book of one level."""


def listed(columns: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Columns as a SELECT list."""
    items = columns.items() if isinstance(columns, Mapping) else columns
    return ", ".join(f'{text} AS "{name}"' for name, text in items)
