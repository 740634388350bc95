"""Binance's public archive: what of it a request means.

data/{spot|futures/um|futures/cm}/{daily|monthly}/KIND/SYMBOL[/INTERVAL]/
    SYMBOL-{KIND|INTERVAL}-{YYYY-MM-DD|YYYY-MM}.zip     and .zip.CHECKSUM beside it
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from ..errors import Text, UsageError
from ..run.progress import Progress
from . import dates
from .listing import Entry, listing
from .names import check_market, check_symbols, chosen, is_glob
from .sizing import each
from .venues import Archive
from .wanted import Plan, Wanted, absent
from .web import Web

ROOTS = {"spot": "data/spot", "um": "data/futures/um", "cm": "data/futures/cm"}
BARS = ("klines", "markPriceKlines", "indexPriceKlines", "premiumIndexKlines")
_SPOT = ("trades", "aggTrades", "klines")
_FUTURES = (
    "trades", "aggTrades", *BARS, "bookDepth", "bookTicker", "metrics", "liquidationSnapshot",
    "fundingRate",
)  # fmt: skip
KINDS = {"spot": _SPOT, "um": _FUTURES, "cm": _FUTURES}
_MONTHLY_ONLY = ("fundingRate",)
_DAILY_ONLY = ("bookDepth", "metrics", "liquidationSnapshot")


@dataclass(frozen=True)
class Asked:
    """One request: a market, kinds of file, symbols (names or globs), days."""

    market: str
    kinds: tuple[str, ...]
    symbols: tuple[str, ...]
    days: tuple[date, ...]
    interval: str = "1m"
    monthly: bool = False

    def __post_init__(self) -> None:
        check_market(self.market, ROOTS)
        for kind in self.kinds:
            if kind not in KINDS[self.market]:
                names = ", ".join(KINDS[self.market])
                raise UsageError(
                    Text(
                        f"the archive has no '{kind}' of {self.market}",
                        f"该档案的 {self.market} 市场没有“{kind}”",
                    ),
                    remedy=Text(f"It has: {names}.", f"可选：{names}。"),
                )
        check_symbols((*self.symbols, self.interval))


def all_usdt(market: str) -> tuple[str, ...]:
    """The glob of every pair quoted in USDT."""
    if market == "cm":
        raise UsageError(
            Text("COIN-M has no pairs in USDT", "币本位合约没有 USDT 交易对"),
            remedy=Text("Use --symbols '*USD_PERP'.", "请用 --symbols '*USD_PERP'。"),
        )
    return ("*USDT",)


@dataclass(frozen=True)
class _Folder:
    """The files of one symbol and kind: which stamps of them are wanted."""

    kind: str
    symbol: str
    root: str
    stamps: tuple[str, ...]


def plan(web: Web, archive: Archive, asked: Asked, progress: Progress | None = None) -> Plan:
    """The files that the archive lists, with sizes; days it does not list are absences."""
    done = Plan()
    folders: list[_Folder] = []
    for kind in asked.kinds:
        monthly = (asked.monthly and kind not in _DAILY_ONLY) or kind in _MONTHLY_ONLY
        stamps = dates.months(list(asked.days)) if monthly else [d.isoformat() for d in asked.days]
        root = f"{ROOTS[asked.market]}/{'monthly' if monthly else 'daily'}/{kind}/"
        folders += [
            _Folder(kind, symbol, root, tuple(stamps))
            for symbol in _symbols(web, archive, root, asked, done)
        ]
    listed = each(
        web, Text("Listing", "列出文件"), partial(_files, web, archive, asked), folders, progress
    )
    for part in listed:
        done.add(part)
    return done


def _symbols(web: Web, archive: Archive, root: str, asked: Asked, done: Plan) -> list[str]:
    """Names as they are; globs by the folders that the archive has."""
    if not any(map(is_glob, asked.symbols)):
        return sorted(set(asked.symbols))
    there = listing(web, archive.listing, root, folders=True)
    done.problems += there.problems
    names, missed = chosen(there.folders, list(asked.symbols))
    for pattern in missed:
        text = Text(f"no symbol fits '{pattern}'", f"没有合约符合“{pattern}”")
        done.problems.append(absent(archive.name, root + pattern, text))
    return names


def _files(web: Web, archive: Archive, asked: Asked, of: _Folder) -> Plan:
    done = Plan()
    folder = f"{of.root}{of.symbol}/"
    part = of.kind
    if of.kind in BARS:
        folder += f"{asked.interval}/"
        part = asked.interval
    start = f"{folder}{of.symbol}-{part}-"
    there = listing(web, archive.listing, start + dates.shared_start(list(of.stamps)))
    done.problems += there.problems
    entries: dict[str, Entry] = {e.key: e for e in there.entries}
    for stamp in of.stamps:
        key = f"{start}{stamp}.zip"
        entry = entries.get(key)
        if entry is None:
            text = Text(
                f"the archive lists no {of.kind} of {of.symbol} for {stamp}",
                f"档案中没有 {of.symbol} 在 {stamp} 的 {of.kind}",
            )
            done.problems.append(absent(archive.name, key, text))
            continue
        done.wanted.append(
            Wanted(
                archive.name, key, archive.url(key), instrument=of.symbol,
                kind=f"{asked.market} {of.kind}", date=stamp, size=entry.size, etag=entry.etag,
                checksum=archive.url(key + ".CHECKSUM"),
            )
        )  # fmt: skip
    return done
