"""The kernels of the log reader against their plain references."""

from __future__ import annotations

import string
from decimal import Decimal
from functools import cache

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liquest.logs import line as columns
from liquest.logs.line import NONE
from liquest.logs.plain import Line, number, read_line
from liquest.logs.readers import layouts
from liquest.logs.scanner import Scanner, scanner
from liquest.logs.spec import NOTHING
from liquest.logs.time_kernel import time_at
from liquest.logs.times import read_time
from liquest.logs.value_kernel import FNV_PRIME, FNV_START, hash_of, number_at

PRINTABLE = string.digits + string.ascii_letters + " -_:.,/|[](){}\"'\\=@#%&+"


def raw(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("latin-1"), dtype=np.uint8).copy()


def pieces(*options: object) -> st.SearchStrategy[str]:
    """One of each, put together."""
    parts = [st.sampled_from(o) if isinstance(o, tuple) else o for o in options]
    return st.tuples(*parts).map("".join)


two = st.integers(0, 61).map(lambda n: f"{n:02d}") | st.integers(0, 40).map(str)
CALENDAR = pieces(
    ("2025", "2024", "1969", "9999"), ("-", "/", "."), two, ("-", "/", "."), two,
    ("T", " ", "_", "x"), two, (":",), two, (":",), two,
    ("", ".5", ",438", ".123456789", ":211", ":2111", ",", ".", "5"),
    ("", " AM", "PM", " PMX"),
    ("", " ", "Z", "Zx", " UTC", "GMT", "+08:00", "-0500", " +0800", " -1008", "+15:00", " - bot"),
)  # fmt: skip
WEB = pieces(("10", "1", "32"), ("/",), ("Oct", "feb", "Foo"), ("/2025:", "/205:"),
             ("20:56:22", "1:02:03.5"), ("", " +0000", " -1008"))  # fmt: skip
SYSLOG = pieces(("Oct ", "OCT  ", "Feb   ", "Foo "), ("10", "1", "30"),
                (" 20:56:22", " 1:02:03.5", "x"), ("", " +0000", " host"))  # fmt: skip
EPOCH = pieces(st.text(string.digits, min_size=1, max_size=21), ("", ".5", ".", ".1234567", "x"))


@settings(max_examples=2000, deadline=None)
@given(
    CALENDAR | WEB | SYSLOG | EPOCH | st.text(PRINTABLE, max_size=30), st.sampled_from([0, 2025])
)
@example(text="9300000000000000000", year=0)
def test_times(text: str, year: int) -> None:
    data = raw(text + "\n")
    found, us, zoned, end = time_at(data, 0, len(data) - 1, year)
    plain = read_time(text, 0, year)
    assert (found, (us, zoned, end) if found else None) == (plain is not None, plain)


NUMBERS = pieces(
    ("", "-", "+"), st.text(string.digits, max_size=20),
    ("", ",123", ",123,456", ",12", ",1234"), ("", ".", ".5", ".000", ".123456789"),
    ("", "e5", "E-7", "e+25", "e", "e-30"), ("", " ", "x", ",", "."),
)  # fmt: skip


@settings(max_examples=2000, deadline=None)
@given(NUMBERS)
def test_numbers(text: str) -> None:
    data = raw(text + "\n")
    value, places, end, _ = number_at(data, 0, len(data) - 1)
    plain = number(text, 0)
    assert (end >= 0) == (plain is not None)
    if plain is not None:
        assert (Decimal(value).scaleb(-places), end) == plain[:2]


def fnv(text: bytes) -> int:
    """FNV-1a as its authors state it."""
    total = FNV_START
    for byte in text:
        total = (total ^ byte) * FNV_PRIME % 2**64
    return total & (2**63 - 1)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40))
def test_hashes(text: bytes) -> None:
    assert hash_of(np.frombuffer(text + b"\n", dtype=np.uint8).copy(), 0, len(text)) == fnv(text)


def mix(total: int, text: bytes) -> int:
    """Words of eight bytes, little end first; the last one has its length on top."""
    words = [text[at : at + 8] for at in range(0, len(text) // 8 * 8, 8)]
    rest = text[len(text) // 8 * 8 :]
    words.append(rest.ljust(7, b"\0") + bytes([len(rest)]))
    for word in words:
        total = (total ^ int.from_bytes(word, "little")) * FNV_PRIME % 2**64
        total ^= total >> 32
    return total & (2**63 - 1)


@cache
def tool() -> Scanner:
    return scanner(NOTHING)


def scanned(text: str) -> dict[str, int] | None:
    """The row of one line by the names of its columns; None when it is no event."""
    seen = tool().scan(raw(text + "\n"), year=2025)
    if not seen.rows.shape[1]:
        return None
    names = [n for n in dir(columns) if n.isupper() and isinstance(getattr(columns, n), int)]
    return {
        n: int(seen.rows[at, 0])
        for n in names
        if n not in ("NONE", "WIDTH") and (at := getattr(columns, n)) < columns.WIDTH
        and seen.rows[at, 0] != NONE and n not in ("NEW", "PARTLY", "FILLED", "CANCELED",
                                                   "REJECTED", "EXPIRED", "LONGEST_VALUE")
    }  # fmt: skip


def expected(text: str, line: Line) -> dict[str, int]:
    """What the kernels should put into the row of a line."""
    forms = len(layouts())
    stripped = text.rstrip("\r \t")
    assert line.us is not None and line.time is not None
    row: dict[str, int | None] = {
        "LINE": 0, "LAST": 0, "TIME": line.us, "ZONED": int(line.zoned),
        "TIME_AT": line.time[0], "TIME_END": line.time[1],
        "FORM": line.form if line.form is not None
        else forms if text.startswith("{") else forms + 1,
        "MASK": sum(tool().words.bit(m) for m in line.meanings), "LEVEL": line.level,
        "WORDING": line.wording, "CODE": line.code,
        "LOOSE_CODE": None if line.code is None else int(line.loose), "STATUS": line.status,
        "STATE": line.state, "SIDE": line.side, "POSITION": line.position,
        "LATENCY": line.latency, "EXCHANGE_TIME": line.exchange_us,
        "REDUCE": None if line.reduce is None else int(line.reduce),
        "CLOSE": None if line.close is None else int(line.close),
        "ORDER_REF": None if line.order_id is None else fnv(line.order_id.encode("latin-1")),
        "CLIENT_REF": None if line.client_id is None else fnv(line.client_id.encode("latin-1")),
        "HASH": mix(
            mix(FNV_START >> 1, stripped[: line.time[0]].encode("latin-1")),
            stripped[line.time[1] :].encode("latin-1"),
        ),
    }  # fmt: skip
    for name, place in (("SYMBOL", line.symbol), ("CLIENT", line.client),
                        ("INTERFACE", line.interface)):  # fmt: skip
        if place is not None:
            length = place[1] - place[0]
            row[f"{name}_AT"] = place[0]
            row[f"{name}_LEN"] = -length if name == "SYMBOL" and line.bare else length
    return {k: v for k, v in row.items() if v is not None}


def agree(text: str) -> None:
    """Kernels and reference find the same in a line."""
    line = read_line(text, layouts(), tool().words, 2025)
    stripped = text.rstrip("\r \t")
    cut = stripped.startswith("{") and not stripped.endswith("}")
    row = scanned(text)
    if line.us is None or cut or not stripped:
        assert row is None
        return
    assert row is not None
    for name in ("PRICE", "AVERAGE", "QUANTITY"):
        value = getattr(line, name.lower())
        got = None
        if name in row:
            got = Decimal(row.pop(name)).scaleb(-row.pop(f"{name}_PLACES"))
        assert got == value, name
    assert row == expected(text, line)


HEADS = (
    "2025-10-11 04:56:22,438 - bot.execution - ERROR - ", "2025-10-11 04:56:22.438 | INFO | ",
    "[2025-10-10T20:56:22Z] [warn] ", "2025/09/22 06:02:28.621 ERROR biz/x.go:1 ", "1760129782438 ",
    '10.0.0.1 - - [10/Oct/2025:20:56:22 +0000] "POST /fapi/v1/order HTTP/1.1" 503 145 ',
    '{"time":"2025-10-10T20:56:22.438Z","level":"error",', "Oct 10 20:56:22 host bot[12]: ",
    "time=2025-10-10T20:56:22Z level=error ", "ERROR 2025-10-11 04:56:22 ", "", "\x1b[31m",
    "{'timestamp': 1760129782438, ",
)  # fmt: skip
BODIES = (
    '"code":-1008,"msg":"Server is currently overloaded with other requests. Please try again in '
    'a few minutes."', "error -1008", "error: 1008", "code=503", "symbol=ATOMUSDT&side=SELL",
    "'symbol': 'BTC/USDT:USDT'", "SELL ATOMUSDT @ 1.234", "price=113,600.1", "price: 113,600",
    '"price":"1e-5"', "qty=0.002", "latency_ms=12.5", "took 30 ms", "elapsed: 1.2s", "latency=3",
    "reduceOnly=true", "closePosition: false", "positionSide=LONG", "clientOrderId=x-ab",
    '\\"orderId\\":123', "status=NEW", '"status":429', "status=504", "timed out (10000 ms)",
    "order placed", "下单失败", "耗时 12 毫秒", "transactTime=1760129782500", "client=bot-1",
    "host=fapi.binance.com", "url=https://fapi.binance.com/fapi/v1/order", "GET /fapi/v1/order",
    "websocket closed code 1008", "Traceback (most recent call last)", "level=warn", "}", '"}', "{",
    "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. "
    "Please try again.", "This account may not place or cancel orders.", "reduce-only", "cancel",
    "ccxt.base.errors.RequestTimeout: binance POST", "Too many requests; current limit is 5",
    '"e":"ORDER_TRADE_UPDATE","E":1568879465651', '"t":1760129782438', "BTC-USDT-SWAP", "5USDT",
)  # fmt: skip


@settings(max_examples=2000, deadline=None)
@given(
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(BODIES) | st.text(PRINTABLE, max_size=12), max_size=6),
    st.sampled_from([" ", ",", "", ", "]),
    st.sampled_from(["", "}", " \r", '"}']),
)
def test_lines(head: str, bodies: list[str], between: str, tail: str) -> None:
    text = head + between.join(bodies) + tail
    agree(text.encode().decode("latin-1").replace("\n", " "))


@settings(max_examples=500, deadline=None)
@given(st.text(PRINTABLE + "\x00\x1b\xe6\xef\xbc\x9a", max_size=80))
def test_noise(text: str) -> None:
    agree(text)


def test_every_example_alone() -> None:
    for head in HEADS:
        for body in BODIES:
            agree((head + body).encode().decode("latin-1"))
            agree((head + body + "}").encode().decode("latin-1"))
