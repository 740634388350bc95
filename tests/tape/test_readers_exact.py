"""Any list of trades, written in any layout, reads back to the last digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from _tape import read

DAY = 1_760_054_400_000_000


class Trade(NamedTuple):
    """A trade as it happened, `price` and `size` as some program printed them."""

    id: int
    us: int
    price: str
    size: str
    side: str


def _printed(number: Decimal, how: str) -> str:
    """Plain, with trailing zeros, or with an exponent as JavaScript and Python print it."""
    if how == "exponent":
        digits, exponent = number.as_tuple().digits, int(number.as_tuple().exponent)
        first, rest = str(digits[0]), "".join(map(str, digits[1:]))
        power = exponent + len(digits) - 1
        return f"{first}{'.' + rest if rest else ''}e{power:+03d}"
    plain = format(number, "f")
    return plain + ("00" if how == "zeros" and "." in plain else "")


def _decimals(most_whole: int, places: int) -> st.SearchStrategy[str]:
    def build(parts: tuple[int, int, str]) -> str:
        unscaled, scale, how = parts
        return _printed(Decimal(unscaled).scaleb(-scale), how)

    scaled = st.integers(0, places).flatmap(
        lambda scale: st.tuples(
            st.integers(1, most_whole * 10**scale), st.just(scale),
            st.sampled_from(["plain", "zeros", "exponent"]),
        )
    )  # fmt: skip
    return scaled.map(build)


TRADES = st.lists(
    st.builds(
        Trade,
        st.just(0),
        st.integers(0, 86_399_999).map(lambda ms: DAY + ms * 1000),
        _decimals(125_000, 12),
        _decimals(1_446_889_422, 8),
        st.sampled_from(["buy", "sell"]),
    ),
    min_size=1,
    max_size=12,
).map(lambda found: [t._replace(id=7_000_000_000 + i) for i, t in enumerate(found)])


def _lines(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows] if header else rows) + "\n"


def _binance_spot(trades: list[Trade]) -> str:
    return _lines("", [
        f"{t.id},{t.price},{t.size},1,{t.us},{t.side == 'sell'},True" for t in trades
    ])  # fmt: skip


def _binance_futures(trades: list[Trade]) -> str:
    return _lines("id,price,qty,quote_qty,time,is_buyer_maker", [
        f"{t.id},{t.price},{t.size},1,{t.us // 1000},{'true' if t.side == 'sell' else 'false'}"
        for t in trades
    ])  # fmt: skip


def _binance_aggregates(trades: list[Trade]) -> str:
    header = "is_buyer_maker,transact_time,last_trade_id,first_trade_id,quantity,price,agg_trade_id"
    return _lines(header, [
        f"{'true' if t.side == 'sell' else 'false'},{t.us // 1000},9,8,{t.size},{t.price},{t.id}"
        for t in trades
    ])  # fmt: skip


def _bybit(trades: list[Trade]) -> str:
    return _lines("timestamp,symbol,side,size,price,tickDirection,trdMatchID", [
        f"{t.us // 10**6}.{t.us % 10**6:06d},BTCUSDT,{t.side.title()},{t.size},{t.price},x,{t.id}"
        for t in trades
    ])  # fmt: skip


def _bybit_spot(trades: list[Trade]) -> str:
    return _lines("id,timestamp,price,volume,side", [
        f"{t.id},{t.us // 1000},{t.price},{t.size},{t.side}" for t in trades
    ])  # fmt: skip


def _okx(trades: list[Trade]) -> str:
    return _lines("instrument_name,trade_id,side,price,size,created_time", [
        f"BTC-USDT,{t.id},{t.side},{t.price},{t.size},{t.us // 1000}" for t in trades
    ])  # fmt: skip


def _ticks(trades: list[Trade]) -> str:
    return _lines("exchange,symbol,timestamp,local_timestamp,id,side,price,amount", [
        f"coinbase,BTC-USD,{t.us},{t.us},{t.id},{t.side},{t.price},{t.size}" for t in trades
    ])  # fmt: skip


def _json(trades: list[Trade]) -> str:
    records = [
        f'{{"id":"{t.id}","timestamp":{t.us // 1000},"symbol":"BTC/USD","side":"{t.side}",'
        f'"price":{t.price},"amount":{json.dumps(t.size)}}}'
        for t in trades
    ]
    return f"[{','.join(records)}]"


WRITERS: dict[str, Callable[[list[Trade]], str]] = {
    "BTCUSDT-trades-2025-10-10.csv": _binance_spot,
    "BTCUSDT-um-trades-2025-10-10.zip": _binance_futures,
    "BTCUSDT-um-aggTrades-2025-10-10.csv": _binance_aggregates,
    "trading/BTCUSDT/BTCUSDT2025-10-10.csv.gz": _bybit,
    "spot/BTCUSDT/BTCUSDT_2025-10-10.csv.gz": _bybit_spot,
    "BTC-USDT-trades-2025-10-10.zip": _okx,
    "coinbase_trades_2025-10-10_BTC-USD.csv": _ticks,
    "coinbase_BTC-USD_trades.json": _json,
}


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trades=TRADES)
def test_trades_read_back_exactly(name: str, trades: list[Trade]) -> None:
    got = read(name, WRITERS[name](trades))
    # Times come in any order here, which is noted and changes nothing.
    assert set(got.codes) <= {"disorder"}, got.words
    first = 1 if name.endswith(".json") or name == "BTCUSDT-trades-2025-10-10.csv" else 2
    assert [
        (row["row_no"], int(row["id"]), row["ts"], row["price"], row["raw_size"], row["side"])
        for row in got.rows
    ] == [
        (first + i, t.id, t.us, Decimal(t.price), Decimal(t.size), t.side)
        for i, t in enumerate(trades)
    ]


@pytest.mark.parametrize(
    ("price", "size"),
    [
        ("0.000000000001", "1446889422"), ("1e-12", "0.5"), ("125000.123456789012", "1e-08"),
        ("4.06", "1446889422.12345678"),
    ],
)  # fmt: skip
def test_digits_that_the_first_rows_do_not_show(price: str, size: str) -> None:
    many = [Trade(i, DAY + i * 1000, "4.06", "1.5", "buy") for i in range(5000)]
    many[4321] = many[4321]._replace(price=price, size=size)
    got = read("BTCUSDT-um-trades-2025-10-10.csv", _binance_futures(many))
    assert got.loaded.problems == []
    assert (got.rows[4321]["price"], got.rows[4321]["raw_size"]) == (Decimal(price), Decimal(size))
    assert sum(got.column("price")) == Decimal("4.06") * 4999 + Decimal(price)
