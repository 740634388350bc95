"""Candles over REST, through ccxt (extra `candles`): venues that publish no archive.

    ccxt://coinbaseexchange/ATOM%2FUSD?timeframe=1m&from=…&to=…     how a request is named

Prices are taken as the text that the venue sent, never as a float. The answers themselves
are sealed too, one JSON line a page, because the candles are what ccxt made of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from ..clock import DAY, format_time, parse_time
from ..errors import Text, UsageError
from . import wanted as files
from .failures import Absent, Refused, Unreachable
from .names import unsafe
from .pacing import backoff
from .transfer import Companion, Obtained
from .wanted import Plan, Wanted
from .web import Again, Web

MINUTES = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "4h": 240, "1d": 1440}
_BYTES = 62
"""Roughly what one candle takes, with the answer that it came from."""
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_PAGES = 2_000
INSTALL = "pip install 'liquest[candles]'"


class Exchange(Protocol):
    """What is asked of an exchange of ccxt."""

    last_http_response: Any

    def fetch_ohlcv(
        self, symbol: str, timeframe: str, since: int, limit: int | None
    ) -> list[list[Any]]: ...


Opener = Callable[[str], Exchange]


@dataclass(frozen=True)
class Asked:
    """One request: an exchange as ccxt names it, symbols (BTC/USDT), days."""

    exchange: str
    symbols: tuple[str, ...]
    days: tuple[date, ...]
    timeframe: str = "1m"

    def __post_init__(self) -> None:
        if self.timeframe not in MINUTES:
            raise UsageError(
                Text(f"there is no interval '{self.timeframe}'", f"没有周期“{self.timeframe}”"),
                remedy=Text(f"Choose {', '.join(MINUTES)}.", f"可选：{'、'.join(MINUTES)}。"),
            )
        for symbol in self.symbols:
            if unsafe(_flat(symbol)) is not None or not re.fullmatch(
                r"[^\s/.][^\s/]*/[^\s/]+", symbol
            ):
                raise UsageError(
                    Text(f"{symbol!r} is no pair", f"{symbol!r} 不是有效的交易对"),
                    remedy=Text("Write it as BTC/USDT.", "请写成 BTC/USDT 的形式。"),
                )


def plan(asked: Asked) -> Plan:
    """One file a symbol and day; sizes are estimates."""
    done = Plan()
    per_day = DAY // 60_000_000 // MINUTES[asked.timeframe]
    for symbol in asked.symbols:
        for day in asked.days:
            start = parse_time(day.isoformat() + "T00:00:00Z")
            query = {
                "timeframe": asked.timeframe, "from": format_time(start, digits=0),
                "to": format_time(start + DAY, digits=0),
            }  # fmt: skip
            name = f"{asked.exchange}_{_flat(symbol)}_{asked.timeframe}_{day.isoformat()}.json"
            done.wanted.append(
                Wanted(
                    "candles", f"{asked.exchange}/{name}",
                    f"ccxt://{asked.exchange}/{quote(symbol, safe='')}?{urlencode(query)}",
                    instrument=symbol, kind=f"{asked.exchange} {asked.timeframe}",
                    date=day.isoformat(), size=per_day * _BYTES, rough=True,
                )
            )  # fmt: skip
    return done


def _flat(symbol: str) -> str:
    return symbol.replace("/", "-").replace(":", "-")


def open_exchange(name: str) -> Exchange:
    """The exchange of ccxt by that name, numbers as text; raises UsageError without ccxt."""
    try:
        ccxt = importlib.import_module("ccxt")
    except ImportError:
        raise UsageError(
            Text("candles need ccxt, which is not installed", "获取 K 线需要 ccxt，尚未安装"),
            remedy=Text(f"Run: {INSTALL}", f"请运行：{INSTALL}"),
        ) from None
    if name not in ccxt.exchanges:
        raise UsageError(
            Text(f"ccxt knows no exchange '{name}'", f"ccxt 中没有交易所“{name}”"),
            remedy=Text("See: python -c 'import ccxt; print(ccxt.exchanges)'",
                        "请查看：python -c 'import ccxt; print(ccxt.exchanges)'"),
        )  # fmt: skip
    made = getattr(ccxt, name)({"enableRateLimit": True, "timeout": 30_000})
    made.number = str
    made.parse_json = _exact_json
    exchange: Exchange = made
    return exchange


def _exact_json(text: str) -> Any:
    """The answer with decimals as text: ccxt's own reading would make floats of them."""
    stripped = text.strip() if isinstance(text, str) else ""
    return json.loads(stripped, parse_float=str) if stripped[:1] in ("{", "[") else None


class Candles:
    """Candle requests carried out. Each exchange is opened once and asked by one thread at a
    time, so that its own rate limit holds."""

    def __init__(self, web: Web, opener: Opener = open_exchange) -> None:
        self._web = web
        self._opener = opener
        self._open: dict[str, Exchange] = {}
        self._lock = threading.Lock()

    def obtain(self, wanted: Wanted, folder: Path) -> Obtained:
        """The candles of a day as JSON; raises Absent when the venue has none."""
        parts = urlsplit(wanted.url)
        name, symbol = parts.netloc, unquote(parts.path.removeprefix("/"))
        query = parse_qs(parts.query)
        frame = query["timeframe"][0]
        start, end = (parse_time(query[k][0]) // 1000 for k in ("from", "to"))
        with self._lock:
            if name not in self._open:
                self._open[name] = self._opener(name)
            rows, pages = self._rows(wanted.url, self._open[name], symbol, frame, start, end)
        if not rows:
            raise Absent(wanted.url, 200)
        path = folder / (files.of(wanted).key.rsplit("/", 1)[-1] + ".part")
        path.write_text(_document(name, symbol, frame, rows), encoding="utf-8")
        body = "".join(json.dumps(p, ensure_ascii=False) + "\n" for p in pages).encode()
        companion = Companion(
            wanted.key.removesuffix(".json") + ".pages.jsonl", wanted.url + "#pages", body,
            "application/jsonl", files.of(wanted, more="answers of the venue, one a line").note(),
        )  # fmt: skip
        version = getattr(importlib.import_module("ccxt"), "__version__", "") if _has() else ""
        return Obtained(
            path, files.of(wanted, more=f"ccxt {version}".strip()),
            f"ccxt fetch_ohlcv, {len(pages)} pages", "application/json", [companion],
        )  # fmt: skip

    def _rows(
        self, url: str, exchange: Exchange, symbol: str, frame: str, start: int, end: int
    ) -> tuple[dict[int, Sequence[str]], list[str]]:
        """Candles by open time in ms, `start <= t < end`, and the answers they came in."""
        step = MINUTES[frame] * 60_000
        rows: dict[int, Sequence[str]] = {}
        pages: list[str] = []
        at = start
        for _ in range(_PAGES):
            page = self._page(url, exchange, symbol, frame, at, (end - at) // step)
            pages.append(str(getattr(exchange, "last_http_response", "") or ""))
            times = []
            for row in page:
                opened = int(row[0])
                times.append(opened)
                if start <= opened < end:
                    rows[opened] = [_number(url, cell) for cell in row[1:6]]
            # A page that is empty or behind may lie in a hole; venues return at least 100.
            later = max(times, default=0) + step
            at = later if later > at else at + 100 * step
            if at >= end:
                break
        return dict(sorted(rows.items())), pages

    def _page(
        self, url: str, exchange: Exchange, symbol: str, frame: str, at: int, most: int
    ) -> list[list[Any]]:
        def once() -> list[list[Any]]:
            try:
                return exchange.fetch_ohlcv(symbol, frame, at, min(most, 1000) or None)
            except Exception as error:  # noqa: BLE001 - ccxt's tree is known by name only
                kinds = {c.__name__ for c in type(error).__mro__}
                why = f"{type(error).__name__}: {error}"[:200]
                if "BadSymbol" in kinds:
                    raise Absent(url, 404) from None
                if "NetworkError" in kinds:
                    raise Again(why) from None
                raise Refused(
                    Text(f"the venue answers: {why}", f"交易场所返回：{why}"), where=url
                ) from None

        limits = self._web.limits
        for attempt in range(1, limits.attempts + 1):
            try:
                return once()
            except Again as problem:
                if attempt == limits.attempts:
                    raise Unreachable(url, attempt, problem.why) from None
                self._web.time.sleep(backoff(attempt, limits, self._web.time.random()))
        raise Unreachable(url, limits.attempts, "")


def _has() -> bool:
    return importlib.util.find_spec("ccxt") is not None


def _number(url: str, cell: Any) -> str:
    """The cell as JSON writes it; a float would have lost digits and is refused."""
    text = "null" if cell is None else str(cell)
    if isinstance(cell, float) or (text != "null" and _NUMBER.fullmatch(text) is None):
        raise Refused(Text(f"{cell!r} is no exact number", f"{cell!r} 不是精确数字"), where=url)
    return text


def _document(name: str, symbol: str, frame: str, rows: dict[int, Sequence[str]]) -> str:
    """As the reader of candles takes it, every number in the venue's own digits."""
    head = json.dumps({"exchange": name, "symbol": symbol, "timeframe": frame})[:-1]
    lines = ",\n".join(f"[{t},{','.join(cells)}]" for t, cells in rows.items())
    return f'{head}, "candles": [\n{lines}\n]}}\n'
