"""What single lines mean: kind, action, class, code, and everything that they name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from _log_cases import held, read_lines

HEAD = "2025-10-10 20:56:22,438 - bot.execution - "
BUSY = (
    '{"code":-1008,"msg":"Server is currently overloaded with other requests. Please try again in '
    'a few minutes."}'
)
EXEMPT = (
    '{"code":-1008,"msg":"Request throttled by system-level protection. Reduce-only/close-position '
    'orders are exempt. Please try again."}'
)


def event(line: str) -> dict[str, Any]:
    """The only event of a log of one line."""
    (one,) = read_lines(line).events
    return one


LINES: dict[str, tuple[str, dict[str, Any]]] = {
    "the seed's": (
        f"ERROR - 下单失败 错误码：1008 {BUSY}",
        {"kind": "refused", "action": "order", "class": "overload", "code": -1008,
         "wording": "binance -1008: Server is currently overloaded with othe", "level": "error"},
    ),
    "a code whose sign was lost": (
        "ERROR - order failed, error 1008", {"kind": "refused", "class": "overload", "code": -1008},
    ),
    "no code, but its text": (
        "ERROR - Server is currently overloaded with other requests. Please try again in a few "
        "minutes.", {"kind": "refused", "class": "overload", "code": -1008},
    ),
    "a connection closed with 1008 is no order error": (
        "WARNING - websocket closed with code 1008 (policy violation)", {"kind": "note"},
    ),
    "of the house's own notes": (
        'ERROR - Bot 1 | close Message: binance {"code":-2010,"msg":"Order would trigger '
        'immediately."}', {"kind": "refused", "class": "validation", "code": -2010,
                           "venue": "binance"},
    ),
    "a text that exempts others says nothing of this order": (
        f"ERROR - create_order failed: {EXEMPT}",
        {"kind": "refused", "action": "order", "class": "overload", "code": -1008},
    ),
    "and takes nothing from the line around it": (
        f"ERROR - reduce-only order failed: {EXEMPT}",
        {"kind": "refused", "action": "reduce-only", "class": "overload", "code": -1008},
    ),
    "not placing does not cancel": (
        'ERROR - new order failed {"code":-2010,"msg":"This account may not place or cancel '
        'orders."}', {"kind": "refused", "action": "order", "class": "validation", "code": -2010},
    ),
    "a rate limit is of the client": (
        'WARNING - binance 429 Too Many Requests {"code":-1003,"msg":"Too many requests; current '
        'limit is 2400 requests per minute."}', {"class": "rate-limit", "code": -1003},
    ),
    "execution unknown": (
        'ERROR - {"code":-1007,"msg":"Timeout waiting for response from backend server. Send '
        'status unknown; execution status unknown."}',
        {"kind": "refused", "class": "unknown-execution", "code": -1007},
    ),
    "the client gave up": (
        "ERROR - order request timed out (10000 ms)",
        {"kind": "unanswered", "class": "unknown-execution", "latency": 10_000_000},
    ),
    "the connection broke": (
        "ERROR - place order: ('Connection aborted.', ConnectionResetError(104))",
        {"kind": "unanswered", "action": "order", "class": "network"},
    ),
    "reduce-only": (
        "INFO - sending order symbol=ATOMUSDT side=SELL type=MARKET quantity=100.5 reduceOnly=true",
        {"kind": "sent", "action": "reduce-only", "symbol": "ATOMUSDT", "side": "sell",
         "quantity": Decimal("100.5")},
    ),
    "hedge mode tells open": (
        "INFO - placing order side=BUY positionSide=LONG symbol=BTCUSDT price=113600.1",
        {"action": "open", "side": "buy", "price": Decimal("113600.1")},
    ),
    "hedge mode tells close": (
        "INFO - placing order side=BUY positionSide=SHORT symbol=BTCUSDT", {"action": "close"},
    ),
    "one-way mode does not": (
        "INFO - placing order side=BUY positionSide=BOTH symbol=BTCUSDT", {"action": "order"},
    ),
    "Chinese": ("INFO - 平仓下单 SELL ATOMUSDT @ 3.21", {"action": "close", "side": "sell",
                                                      "price": Decimal("3.21")}),
    "a transfer": ("ERROR - 划转失败 binance {\"code\":-1008}", {"action": "transfer",
                                                         "class": "overload"}),
    "a login": ("ERROR - login failed: 2FA request timed out", {"action": "login",
                                                                "kind": "unanswered"}),
    "a cancellation": ("INFO - order cancelled clientOrderId=x1", {"action": "cancel",
                                                                   "kind": "accepted"}),
    "a query is none of order entry": (
        "ERROR - binance GET https://fapi.binance.com/fapi/v2/account 503 Service Unavailable",
        {"action": "query", "class": "overload", "market": "linear-perpetual"},
    ),
    "a fill": (
        "INFO - order filled symbol=ATOM/USDT:USDT side=buy avgPrice=1.688 filled=78.85 "
        "orderId=77", {"kind": "filled", "symbol": "ATOM/USDT:USDT", "price": Decimal("1.688")},
    ),
    "freqtrade": (
        'WARNING - create_order() returned exception: "Could not place sell order due to '
        f'ExchangeNotAvailable. Message: binance {BUSY}"',
        {"kind": "refused", "action": "order", "class": "overload", "code": -1008},
    ),
    "python-binance": (
        "ERROR - APIError(code=-2019): Margin is insufficient.",
        {"kind": "refused", "class": "validation", "code": -2019},
    ),
    "Bybit": (
        'ERROR - bybit {"retCode":10006,"retMsg":"Too many visits"}',
        {"class": "rate-limit", "code": 10006, "venue": "bybit"},
    ),
    "OKX wraps the order's own code": (
        'ERROR - okx {"code":"1","data":[{"sCode":"51008","sMsg":"Insufficient balance"}]}',
        {"class": "validation", "code": 51008, "venue": "okx"},
    ),
    "success is no code": ('INFO - okx {"code":"0","data":[{"ordId":"1"}]}', {"kind": "note"}),
    "nothing of interest": ("INFO - heartbeat, 3 open positions", {"kind": "note"}),
    "a figure is no error": ("ERROR - PnL -1008 USDT", {"kind": "note"}),
    "words alone at info level are no refusal": ("INFO - market is overloaded with sellers",
                                                 {"kind": "note"}),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_line(name: str) -> None:
    line, facts = LINES[name]
    found = event(HEAD + line)
    assert {k: found.get(k) for k in facts} == facts
    if facts["kind"] == "note" if "kind" in facts else False:
        assert "class" not in found


def test_the_seeds_moment() -> None:
    """4:56:22.438 in UTC+8 is 20:56:22.438 UTC."""
    more = '[[log]]\nfiles = "*"\ntz = "UTC+8"\n'
    got = read_lines(f"2025-10-11 04:56:22.438 ERROR order failed {BUSY}", more=more)
    assert got.column("ts") == [1_760_129_782_438_000]
    assert got.events[0]["zone"] == "given"


def test_a_traceback_belongs_to_the_line_before_it() -> None:
    got = read_lines(
        HEAD + "ERROR - order failed",
        "Traceback (most recent call last):",
        '  File "bot.py", line 3, in place',
        "requests.exceptions.HTTPError: 503 Server Error",
        "",
        "During handling of the above exception, another exception occurred:",
        f"ccxt.base.errors.ExchangeNotAvailable: binance {BUSY}",
        HEAD + "INFO - heartbeat",
    )
    first, second = got.events
    assert (first["row_no"], first["row_last"], first["code"]) == (1, 7, -1008)
    assert (second["row_no"], second["kind"]) == (8, "note")
    assert got.codes == []


def test_ids_link_lines_and_are_not_kept(tmp_path: Any) -> None:
    got = read_lines(
        HEAD + "INFO - sending order newClientOrderId=abc", HEAD + 'INFO - {"clientOrderId":"abc"}'
    )
    assert len({e["client_ref"] for e in got.events}) == 1
    assert all("abc" not in str(v) for e in got.events for v in e.values())


def test_a_name_that_could_be_a_key_is_no_client() -> None:
    key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aPE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
    got = read_lines(f"{HEAD}INFO - order placed client={key}", f"{HEAD}INFO - x account=main")
    assert got.column("client") == ["data/bot.log", "main"]


def test_a_logger_before_a_message_is_no_client() -> None:
    got = read_lines(
        "2025-10-10 20:56:22,438:ERROR:bot:order failed",
        "2025-10-10 20:56:22,438 ERROR bot: order failed",
        "2025-10-10 20:56:22.438 | ERROR    | bot:place:41 - order failed",
        HEAD + 'INFO - {"bot_id":7,"msg":"order placed"}', HEAD + "INFO - order placed bot=7",
    )  # fmt: skip
    assert got.column("client") == ["data/bot.log"] * 3 + ["7", "7"]


def test_interfaces_by_their_hosts(tmp_path: Any) -> None:
    got = read_lines(HEAD + "INFO - order placed url=https://fapi-mm.binance.com/fapi/v1/order?x=1")
    assert got.column("interface") == ["fapi-mm.binance.com"]


def test_a_price_with_many_digits_stays_exact() -> None:
    got = read_lines(
        HEAD + "INFO - order placed symbol=BONKUSDT price=0.00001287",
        HEAD + "INFO - order placed symbol=X price=123456789012345678",
        HEAD + "INFO - order placed symbol=PEPEUSDT price=0.000000000000000123",
    )
    assert got.column("price") == [
        Decimal("0.00001287"), Decimal("123456789012345678"), Decimal("0.000000000000000123"),
    ]  # fmt: skip


def test_the_case_names_client_venue_and_words(tmp_path: Any) -> None:
    more = """
[[log]]
files = "data/mine.*"
tz = "+08:00"
venue = "OKX"
client = "desk 3"
interface = "api-mm.okx.com"
pattern = "<{time}> {level}# {client} # {message}"
latency = "ms"
words = { refused = ["下不了单"], close = ["清仓"] }
"""
    text = (
        "<2025-10-11 04:56:22> E# x\n"
        "<2025-10-11 04:56:22.438> ERROR# bot 7 # 清仓 下不了单 latency=35\n"
        "<2025-10-11 04:56:23.438> INFO# bot 7 # hello\n"
    )
    got = held(tmp_path, {"mine.txt": text}, more)
    one = got.events[0]
    facts = {
        "ts": 1_760_129_782_438_000, "format": "pattern", "venue": "okx", "client": "bot 7",
        "interface": "api-mm.okx.com", "kind": "refused", "action": "close", "latency": 35_000,
    }  # fmt: skip
    assert {k: one.get(k) for k in facts} == facts
    assert got.codes == ["no-time"]
