"""A made case with the shapes of the real one: windows, findings, inventory, price paths.

The lows are those of the event; everything around them is made by arithmetic, so that the
same numbers come out in every run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from liquest.case import Case
from liquest.clock import SECOND, Window, format_time, parse_time
from liquest.dossier.inputs import Inputs
from liquest.errors import Text
from liquest.findings import Finding, Input, Method
from liquest.problems import ABSENT, ASIDE, UNREAD, Problem

D = Decimal
START = parse_time("2025-10-10T20:45:00Z")
WINDOWS = (
    Window("crash", parse_time("2025-10-10T21:10:00Z"), parse_time("2025-10-10T21:40:00Z")),
    Window("scramble", parse_time("2025-10-10T20:50:00Z"), parse_time("2025-10-10T22:20:00Z")),
)
METHOD = Method(
    "low",
    Text("Lowest price in the window", "时间窗内最低价"),
    Text("The lowest traded price with start ≤ t < end.", "起止之间的最低成交价。"),
    "SELECT min(price) FROM rows WHERE price < 10 AND price > 0",
)
HOSTILE = "</script><img src=x onerror=alert(1)>"
Track = tuple[str, str, str, str, str]
"""venue, symbol, kind, quote, low"""
LOWS: dict[str, tuple[Track, ...]] = {
    "ATOM": (
        ("binance", "ATOMUSDT", "spot", "USDT", "0.001"),
        ("binance", "ATOMUSD_PERP", "inverse-perpetual", "USD", "1.055"),
        ("coinbase", "ATOM-USD", "spot", "USD", "3.56"),
        ("gemini", "ATOMUSD", "spot", "USD", "3.123"),
    ),
    "BTC": (
        ("gemini", "BTCUSD", "spot", "USD", "107000"),
        ("binance", "BTCUSD_PERP", "inverse-perpetual", "USD", "101389.7"),
        ("coinbase", "BTC-USD", "spot", "USD", "107000"),
    ),
    "SKY": (
        ("binance", "SKYUSDT", "spot", "USDT", "0.03491"),
        ("coinbase", "SKY-USD", "spot", "USD", "0.03489"),
        ("gemini", "SKYUSD", "spot", "USD", "0.0541"),
    ),
}


def case(*, windows: tuple[Window, ...] = WINDOWS, title: str = "A made case") -> Case:
    """A case without files."""
    return Case(Path("made"), "made", Text(title, "合成案件"), {w.name: w for w in windows})


def digest(name: str) -> str:
    """A stand-in for a SHA-256 that is the same in every run."""
    return (name.encode().hex() * 64)[:64]


def finding(
    name: str,
    subject: dict[str, str],
    value: Decimal | int | str | None,
    unit: str,
    *,
    at: int | None = None,
    window: Window | None = WINDOWS[0],
    source: str = "",
    row: int = 17,
    params: Mapping[str, Any] | None = None,
    caveats: tuple[str, ...] = (),
) -> Finding:
    """A finding with one decisive row and the rows around it."""
    sha = digest(source or subject.get("instrument", "none"))
    return Finding(
        name, subject, value, unit, METHOD.id, at, window, params or {},
        (Input(sha, row, row, "extreme"), Input(sha, 2, 9000)), 9000, caveats,
    )  # fmt: skip


def subject(track: Track) -> dict[str, str]:
    venue, symbol, kind, _, _ = track
    return {"venue": venue, "instrument": symbol, "kind": kind, "price": "trade"}


def low_findings(tracks: tuple[Track, ...], resolution: str = "trade") -> Iterator[Finding]:
    """The low of each track in every window, with its counts."""
    for track in tracks:
        quote, low = track[3], D(track[4])
        for i, window in enumerate(WINDOWS):
            at = window.start + (637 + i) * SECOND + 689_043
            of: dict[str, Any] = {"at": at, "window": window, "params": {"resolution": resolution}}
            yield finding("low", subject(track), low, quote, caveats=("thin",), **of)
            yield finding("low.n_at", subject(track), 2, "trades", **of)
            yield finding("low.n_near", subject(track), 92, "trades", **of)
            yield finding("high", subject(track), low * 3, quote, **of)


def other_findings() -> Iterator[Finding]:
    """One or more of every other measure, and of one that nobody knows."""
    tracks = LOWS["ATOM"]
    own = {"coin": "ATOM", **subject(tracks[1])}
    at = WINDOWS[0].start + 700 * SECOND
    for part, value in (("of_higher", "0.703652"), ("of_lower", "2.374408")):
        against = {"against": "coinbase:spot:ATOM-USD trade"}
        yield finding(f"gap.{part}", {**own, **against}, D(value), "ratio", at=at)
    median = {**own, "against": "median of others"}
    yield finding("dislocation.max_below", median, D("-0.694737"), "ratio", at=at)
    for limit, seconds in (("0.05", 1279), ("0.10", 1196), ("0.50", 0)):
        params = {"threshold": D(limit), "direction": "below"}
        yield finding("dislocation.time_below", median, seconds, "s", params=params)
    for level, micros in (("0.5", 635_000_000), ("0.95", None)):
        caveats = () if micros else ("not-recovered",)
        yield finding("recovery.time", own, micros, "us", params={"level": level}, caveats=caveats)
    run = WINDOWS[0].start + 637 * SECOND + 689_043
    parts: tuple[tuple[str, Decimal | int, str], ...] = (
        ("from", D("1.688"), "USDT"), ("to", D("0.001"), "USDT"), ("trades", 92, "trades"),
        ("range", D("0.999408"), "ratio"),
        ("quantity", D("9695.33"), "ATOM"), ("at_extreme.quantity", D("2531.178"), "ATOM"),
        ("at_extreme.notional", D("2.531178"), "USDT"),
    )  # fmt: skip
    for name, amount, unit in parts:
        yield finding(f"sweep.{name}", subject(tracks[0]), amount, unit, at=run)
        less = D("0.1") if name == "range" else amount
        yield finding(f"sweep.{name}", subject(tracks[0]), less, unit, at=run + SECOND)
    yield finding(
        "sweep.return_time", subject(tracks[0]), 30_000, "us", at=run, params={"price": D("1.00")}
    )
    share = {"venue": "binance", "kind": "spot", "against": "second-lowest venue"}
    for least in (2, 3):
        params = {"threshold": D("0.10"), "min_venues": least}
        yield finding("outliers.share", share, D("0.25"), "ratio", params=params)
    yield finding("silence.longest", own, D("18"), "s", at=at)
    yield finding("silence.ratio", own, D("3.712"), "ratio", at=at)
    marks = {**subject(tracks[1]), "coin": "ATOM", "price": "mark"}
    yield finding("low", marks, D("1.31"), "USD", at=at, params={"resolution": "60s"},
                  caveats=("bar-resolution",))  # fmt: skip
    for window, low, span in (("150", "1.9", ("1.6", "1.95")), ("30", "1.2", ("1.2", "1.2"))):
        params = {"scenario": f"mark.window={window}", "low": span[0], "high": span[1]}
        for name in ("mark_low", "long_leverage"):
            yield finding(f"replay.window.{name}", marks, D(low), "USD", at=at, params=params,
                          caveats=("exogenous", "index-weights-unknown"))  # fmt: skip
    yield finding(
        "replay.grace.privilege", {"venue": "binance", "class": "vip"}, D("947881.01"), "USD",
        params={"scenario": "grace.vip=86400", "low": "693579.13", "high": "1803488.9"},
        caveats=("synthetic",), window=None,
    )  # fmt: skip
    onset = {"threshold": D("0.10"), "direction": "below"}
    yield finding("dislocation.onset", median, 280, "s", at=at - 300 * SECOND, params=onset)
    yield finding("liquidity.slowest", own, 4, "trades", at=at)
    yield finding("novelty.words", {"account": "7"}, "a text", "text", window=None)


def outline(track: Track, buckets: int = 300, step: int = 5) -> dict[str, Any]:
    """A path that falls to the track's low in its middle bucket and comes back."""
    venue, symbol, kind, quote, low = track
    deep = float(low)
    close = [
        round(deep * (1.6 + 0.5 * math.cos(i / buckets * 6.283) + 0.002 * (i % 7)), 6)
        for i in range(buckets)
    ]
    lowest = [min(c, round(c * 0.997, 6)) for c in close]
    lowest[buckets // 2] = deep
    return {
        "venue": venue, "instrument": symbol, "kind": kind, "price": "trade", "quote": quote,
        "coin": "", "resolution": "1s", "t0": START // SECOND,
        "x": [i * step for i in range(buckets)],
        "lo": lowest, "hi": [round(c * 1.003, 6) for c in close], "close": close,
    }  # fmt: skip


def outlines(coins: Mapping[str, tuple[Track, ...]], buckets: int = 300) -> dict[str, Any]:
    """The paths of all coins, as the tape hands them on."""
    return {
        "windows": [w.json() for w in WINDOWS],
        "step": 5,
        "coins": {c: {"tracks": [outline(t, buckets) for t in ts]} for c, ts in coins.items()},
    }


def sources(coins: Mapping[str, tuple[Track, ...]]) -> list[dict[str, Any]]:
    """A tick file for each track and a file that no reader took."""
    listed: list[dict[str, Any]] = [
        {
            "name": f"$LIQUEST_DATA/{track[0]}_trades_{track[1]}.csv.gz",
            "sha256": digest(track[1]),
            "size": 123_456,
            "format": "tick-csv",
            "record": "trades",
            "rows": 9000,
            "read": True,
            "instruments": [
                {
                    "venue": track[0], "instrument": track[1], "kind": track[2], "rows": 9000,
                    "from": format_time(START), "to": format_time(START + 6000 * SECOND),
                }
            ],
            "problems": 3,
            "origin": None,
        }
        for tracks in coins.values()
        for track in tracks
    ]  # fmt: skip
    listed[0]["origin"] = {
        "files": [{"name": "ticks.csv.gz", "sha256": digest("ticks")}],
        "note": ["one-second bars of ticks", "由逐笔成交合成的秒线"],
    }
    return [
        *listed,
        {
            "name": "notes.docx", "sha256": digest("notes"), "size": 99, "format": "", "record": "",
            "rows": 0, "read": False, "instruments": [], "problems": 1, "origin": None,
        },
    ]  # fmt: skip


def problems() -> list[Problem]:
    return [
        Problem("repeat", ASIDE, Text("the same row stood before", "与前面某行重复"),
                "a.csv", digest("a"), 17, 19, 3, "1,2,3"),
        Problem("missing-day", ABSENT, Text("no rows of 2025-10-09", "缺少 2025-10-09"), "a.csv"),
        Problem("unknown-format", UNREAD, Text("no reader takes it", "无法识别"), "notes.docx"),
    ]  # fmt: skip


def inputs(
    *,
    findings: list[Finding] | None = None,
    coins: Mapping[str, tuple[Track, ...]] = LOWS,
    buckets: int = 300,
) -> Inputs:
    """Everything that the page takes, of the made case."""
    made = findings
    if made is None:
        made = [f for tracks in coins.values() for f in low_findings(tracks)]
        made += other_findings()
    return Inputs(
        sources(coins), problems(), made, {METHOD.id: METHOD.json()}, outlines(coins, buckets),
        None, "0.1.0",
    )  # fmt: skip


def many_coins(number: int, tracks: int = 4) -> dict[str, tuple[Track, ...]]:
    """Coins of made names with a track on each of several venues."""
    venues = (
        ("binance", "{}USDT", "spot", "USDT"), ("coinbase", "{}-USD", "spot", "USD"),
        ("gemini", "{}USD", "spot", "USD"), ("binance", "{}USD_PERP", "inverse-perpetual", "USD"),
    )  # fmt: skip
    return {
        f"C{i:03d}": tuple(
            (v, symbol.format(f"C{i:03d}"), kind, quote, str(1 + i + j))
            for j, (v, symbol, kind, quote) in enumerate(venues[:tracks])
        )
        for i in range(number)
    }
