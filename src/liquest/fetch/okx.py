"""OKX's public archive: trades by day, no listing, no published checksums.

    trades/daily/YYYYMMDD/SYMBOL-trades-YYYY-MM-DD.zip

The venue counts days in UTC+8, so a file begins at 16:00 UTC of the day before: for a UTC
day, take that date and the next one. The times in the rows decide, not the name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from ..errors import Text
from ..run.progress import Progress
from .failures import Refused
from .names import check_market, check_symbols, chosen, is_glob, refused_name, unsafe
from .sizing import sized
from .venues import Archive
from .wanted import Plan, Wanted, absent
from .web import Web

MARKETS = {"spot": "SPOT", "swap": "SWAP"}


@dataclass(frozen=True)
class Asked:
    """One request: spot or swap, symbols such as ATOM-USDT (names or globs), days."""

    market: str
    symbols: tuple[str, ...]
    days: tuple[date, ...]

    def __post_init__(self) -> None:
        check_market(self.market, MARKETS)
        check_symbols(self.symbols)


def all_usdt(market: str) -> tuple[str, ...]:
    """The glob of every pair quoted in USDT."""
    return ("*-USDT",) if market == "spot" else ("*-USDT-SWAP",)


def plan(web: Web, archive: Archive, asked: Asked, progress: Progress | None = None) -> Plan:
    """One file a symbol and day, sizes by HEAD; what the host does not have is an absence."""
    done = Plan()
    for symbol in _symbols(web, archive, asked, done):
        for day in asked.days:
            key = f"trades/daily/{day:%Y%m%d}/{symbol}-trades-{day.isoformat()}.zip"
            done.wanted.append(
                Wanted(
                    archive.name, key, archive.url(key), instrument=symbol,
                    kind=f"{asked.market} trades", date=day.isoformat(),
                )
            )  # fmt: skip
    return sized(web, done, progress)


def _symbols(web: Web, archive: Archive, asked: Asked, done: Plan) -> list[str]:
    if not any(map(is_glob, asked.symbols)):
        return sorted(set(asked.symbols))
    url = archive.listing + f"?instType={MARKETS[asked.market]}"
    there = []
    for name in _instruments(web.text(url), url):
        if (why := unsafe(name)) is not None or "/" in name:
            why = why or Text("the name has a slash", "名称含有斜杠")
            done.problems.append(refused_name(name, why, url))
        else:
            there.append(name)
    found, missed = chosen(there, list(asked.symbols))
    for pattern in missed:
        text = Text(f"no symbol fits '{pattern}'", f"没有合约符合“{pattern}”")
        done.problems.append(absent(archive.name, f"trades/{pattern}", text))
    return found


def _instruments(text: str, url: str) -> list[str]:
    try:
        return [str(one["instId"]) for one in json.loads(text)["data"]]
    except (ValueError, KeyError, TypeError):
        raise Refused(
            Text("this is no list of instruments", "这不是有效的合约列表"), where=url,
            remedy=Text("Name the symbols without * and ?.", "请直接写出合约名，不用通配符。"),
        ) from None  # fmt: skip
