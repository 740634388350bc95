"""What a writer of its own writes is read back exactly: any numbers, zones, forms of file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from _export_files import layout_of, moment, read, sheet, shown
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import HOUR, SECOND
from liquest.losses.entries import Order, Ref, Trade, Transaction

SECONDS = st.integers(1_577_836_800, 1_798_761_600)
"""2020 to 2027."""
ABOVE_ZERO = st.decimals(min_value="0.00000001", max_value=10**9, places=8)
SIGNED = st.decimals(min_value=-(10**9), max_value=10**9, places=8)
MARKETS = st.sampled_from([("usdm", "ATOMUSDT", "USDT"), ("coinm", "ETHUSD_PERP", "ETH"),
                           ("coinm", "BTCUSD_251226", "BTC"),
                           ("usdm", "BTCUSDC", "USDC")])  # fmt: skip
FORMS = st.fixed_dictionaries({
    "lang": st.sampled_from(["en", "zh"]),
    "encoding": st.sampled_from(["utf-8-sig", "utf-8", "utf-16", "gb18030"]),
    "form": st.sampled_from([(True, ","), (False, ","), (False, ";"), (False, "\t"), (True, ",")]),
})  # fmt: skip
SIDES = {("en", 1): "BUY", ("en", -1): "SELL", ("zh", 1): "买入", ("zh", -1): "卖出"}
PLACES = {("en", "B"): "BOTH", ("en", "L"): "LONG", ("en", "S"): "SHORT",
          ("zh", "B"): "BOTH", ("zh", "L"): "多", ("zh", "S"): "空"}  # fmt: skip


@st.composite
def trades(draw: st.DrawFn) -> list[Trade]:
    market, symbol, asset = draw(MARKETS)
    count = draw(st.integers(1, 8))
    start = draw(SECONDS)
    return [
        Trade(
            (start + n) * SECOND, market, symbol, draw(st.sampled_from([1, -1])),
            draw(st.sampled_from("BLS")), draw(ABOVE_ZERO), draw(ABOVE_ZERO),
            draw(ABOVE_ZERO) if market == "usdm" else None, draw(SIGNED),
            draw(st.sampled_from([asset, "BNB"])), draw(SIGNED), draw(st.booleans()),
            str(7_000_000_000 + n), str(draw(st.integers(1, 10**18))), Ref(0, n + 2),
        )
        for n in range(count)
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(trades(), FORMS, st.integers(-12, 14), st.booleans(), st.sampled_from(["", " "]))
def test_trades(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[Trade], form: dict[str, Any],
    hours: int, short: bool, blank: str,
) -> None:  # fmt: skip
    """Rows as the venue writes them are read in one look, with blanks cell by cell: alike."""
    lang = form["lang"]
    layout = dict(layout_of("trades", wanted[0].market))
    layout[lang] = [h.replace("UTC", f"UTC{hours:+d}") for h in layout[lang]]
    rows = [
        {
            "uid": "123456789", "time": moment(t.ts + hours * HOUR, short=short),
            "symbol": t.symbol, "side": SIDES[lang, t.side], "place": PLACES[lang, t.place],
            "price": shown(t.price) + blank, "quantity": shown(t.quantity),
            "amount": "" if t.amount is None else shown(t.amount),
            "fee": f"{shown(t.fee, 8)}{' ' * short}{t.fee_asset}", "realised": shown(t.realised, 8),
            "maker": str(t.maker).lower(), "trade_id": t.trade_id, "order_id": t.order_id,
        }
        for t in wanted
    ]  # fmt: skip
    quotes, delimiter = form["form"]
    path = sheet(
        tmp_path_factory.mktemp("t") / "t.csv", layout, rows, lang=lang,
        encoding=form["encoding"], quotes=quotes, delimiter=delimiter,
    )  # fmt: skip
    exports, problems = read(path)
    assert exports.trades == wanted
    assert problems == [] and exports.files[0].market == wanted[0].market


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(
        st.sampled_from(["REALIZED_PNL", "FUNDING_FEE", "COMMISSION", "TRANSFER",
                         "INSURANCE_CLEAR", "POSITION_CLAIM_TRANSFER", "SOMETHING_NEW"]),
        SIGNED, st.sampled_from(["USDT", "USDC", "BNB"]), st.integers(0, 3)),
        min_size=1, max_size=12),
    SECONDS, FORMS,
)  # fmt: skip
def test_transactions(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, Decimal, str, int]],
    start: int, form: dict[str, Any],
) -> None:  # fmt: skip
    """The order of the file is kept within a second; a transfer has no symbol."""
    wanted, second = [], start
    for n, (kind, amount, asset, gap) in enumerate(drawn):
        second += gap
        symbol = "" if kind == "TRANSFER" else "ATOMUSDT"
        wanted.append(Transaction(second * SECOND, "usdm", kind, amount, asset, symbol,
                                  str(n), Ref(0, n + 2)))  # fmt: skip
    if not any(t.symbol for t in wanted):
        wanted[0] = wanted[0]._replace(asset="USDT")
    rows = [
        {"time": moment(t.ts), "type": t.type, "amount": shown(t.amount, 8), "asset": t.asset,
         "symbol": t.symbol, "id": t.id}
        for t in wanted
    ]  # fmt: skip
    quotes, delimiter = form["form"]
    path = sheet(
        tmp_path_factory.mktemp("c") / "c.csv", layout_of("transactions"), rows,
        lang=form["lang"], encoding=form["encoding"], quotes=quotes, delimiter=delimiter,
    )  # fmt: skip
    exports, problems = read(path)
    assert exports.transactions == wanted and problems == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(
        st.sampled_from([1, -1]), ABOVE_ZERO, ABOVE_ZERO, st.sampled_from(["0", "part", "all"]),
        st.sampled_from(["FILLED", "EXPIRED", "CANCELED", "NEW", "REJECTED"])),
        min_size=1, max_size=8),
    MARKETS, SECONDS, FORMS,
)  # fmt: skip
def test_orders(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[int, Decimal, Decimal, str, str]], where: tuple[str, str, str], start: int,
    form: dict[str, Any],
) -> None:  # fmt: skip
    market, symbol, _ = where
    wanted = []
    for n, (side, price, quantity, filled, status) in enumerate(drawn):
        executed = {"0": Decimal(0), "part": quantity / 2, "all": quantity}[filled]
        ts = (start + 10 * n) * SECOND
        wanted.append(Order(
            ts, ts + 3 * SECOND, market, symbol, str(9000 + n), f"autoclose-{ts // 1000}-{n}",
            "LIMIT", side, "B", price, price if executed else None, quantity, executed,
            executed * price if market == "usdm" else None, None, status, "IOC", None,
            Ref(0, n + 2),
        ))  # fmt: skip
    rows = [
        {
            "uid": "1", "time": moment(o.ts), "updated": moment(o.updated), "symbol": o.symbol,
            "order_id": o.order_id, "client_id": o.client_id, "type": o.type,
            "side": SIDES[form["lang"], o.side], "place": "BOTH", "price": shown(o.price or price),
            "average": shown(o.average or Decimal(0)), "quantity": shown(o.quantity),
            "executed": shown(o.executed), "stop": "0", "status": o.status, "tif": o.tif,
            "executed_quote": shown(o.executed_quote or Decimal(0)),
        }
        for o in wanted
    ]  # fmt: skip
    quotes, delimiter = form["form"]
    path = sheet(
        tmp_path_factory.mktemp("o") / "o.csv", layout_of("orders", market), rows,
        lang=form["lang"], encoding=form["encoding"], quotes=quotes, delimiter=delimiter,
    )  # fmt: skip
    exports, problems = read(path)
    assert exports.orders == wanted and problems == []
