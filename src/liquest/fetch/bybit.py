"""Bybit's public archive: trades by day, with an HTML index and no published checksums.

trading/SYMBOL/SYMBOLYYYY-MM-DD.csv.gz      derivatives
spot/SYMBOL/SYMBOL_YYYY-MM-DD.csv.gz        spot
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial

from ..errors import Text
from ..run.progress import Progress
from .failures import Absent
from .index import index
from .names import check_market, check_symbols, chosen, is_glob
from .sizing import each, sized
from .venues import Archive
from .wanted import Plan, Wanted, absent
from .web import Web

MARKETS = {"derivatives": ("trading", ""), "spot": ("spot", "_")}
"""Market → (folder, what stands between symbol and date)."""


@dataclass(frozen=True)
class Asked:
    """One request: derivatives or spot, symbols (names or globs), days."""

    market: str
    symbols: tuple[str, ...]
    days: tuple[date, ...]

    def __post_init__(self) -> None:
        check_market(self.market, MARKETS)
        check_symbols(self.symbols)


def plan(web: Web, archive: Archive, asked: Asked, progress: Progress | None = None) -> Plan:
    """The files that the index lists, sizes by HEAD; days it does not list are absences."""
    done = Plan()
    symbols = _symbols(web, archive, MARKETS[asked.market][0], asked, done)
    listed = each(
        web, Text("Listing", "列出文件"), partial(_files, web, archive, asked), symbols, progress
    )
    for part in listed:
        done.add(part)
    return sized(web, done, progress)


def _files(web: Web, archive: Archive, asked: Asked, symbol: str) -> Plan:
    done = Plan()
    folder, between = MARKETS[asked.market]
    names: list[str] = []
    # A symbol that the archive does not have: every day of it is an absence.
    with suppress(Absent):
        names, done.problems = index(web, f"{archive.listing.rstrip('/')}/{folder}/{symbol}/")
    for day in asked.days:
        name = f"{symbol}{between}{day.isoformat()}.csv.gz"
        key = f"{folder}/{symbol}/{name}"
        if name not in names:
            text = Text(
                f"the archive lists no trades of {symbol} for {day}",
                f"档案中没有 {symbol} 在 {day} 的成交",
            )
            done.problems.append(absent(archive.name, key, text))
            continue
        done.wanted.append(
            Wanted(
                archive.name, key, archive.url(key), instrument=symbol,
                kind=f"{asked.market} trades", date=day.isoformat(),
            )
        )  # fmt: skip
    return done


def _symbols(web: Web, archive: Archive, folder: str, asked: Asked, done: Plan) -> list[str]:
    if not any(map(is_glob, asked.symbols)):
        return sorted(set(asked.symbols))
    names, problems = index(web, archive.listing.rstrip("/") + f"/{folder}/")
    done.problems += problems
    folders = [n.removesuffix("/") for n in names if n.endswith("/")]
    found, missed = chosen(folders, list(asked.symbols))
    for pattern in missed:
        text = Text(f"no symbol fits '{pattern}'", f"没有合约符合“{pattern}”")
        done.problems.append(absent(archive.name, f"{folder}/{pattern}", text))
    return found
