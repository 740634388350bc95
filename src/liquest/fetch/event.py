"""All that the claims of a case need, as its fetch.toml lists it.

[[take]]
why = { en = "…", zh = "…" }
archive = "binance-vision"        # binance-vision, bybit, okx or candles
market = "spot"                   # spot, um, cm · derivatives, spot · spot, swap
kinds = ["trades"]                # Binance only
interval = "1m"                   # bars only
symbols = ["ATOMUSDT", "*FDUSD"]
dates = "2025-10-10"

[[take]]
archive = "candles"
exchange = "coinbaseexchange"     # as ccxt names it
symbols = ["ATOM/USD"]
dates = "2025-10-10"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CaseError, Text, UsageError
from ..run.progress import Progress
from . import binance, bybit, candles, dates, okx
from .venues import Archive, archive, archives
from .wanted import Plan
from .web import Web

_KEYS = {"why", "archive", "market", "kinds", "interval", "symbols", "dates", "monthly", "exchange"}


@dataclass(frozen=True)
class Take:
    """One `[[take]]`, checked."""

    archive: str
    asked: binance.Asked | bybit.Asked | okx.Asked | candles.Asked
    why: Text

    def plan(self, web: Web, at: Archive, progress: Progress | None = None) -> Plan:
        """What the archive has of it."""
        if isinstance(self.asked, binance.Asked):
            return binance.plan(web, at, self.asked, progress)
        if isinstance(self.asked, bybit.Asked):
            return bybit.plan(web, at, self.asked, progress)
        if isinstance(self.asked, okx.Asked):
            return okx.plan(web, at, self.asked, progress)
        return candles.plan(self.asked)


def case_of(event: str) -> Path:
    """The folder of an event: a path, or a name below cases/."""
    for folder in (Path(event), Path("cases") / event):
        if (folder / "fetch.toml").is_file():
            return folder
    raise UsageError(
        Text(f"no case '{event}' with a fetch.toml", f"没有带 fetch.toml 的案件“{event}”"),
        remedy=Text(
            "Give the case folder: liquest fetch event cases/2025-10-11",
            "请给出案件文件夹：liquest fetch event cases/2025-10-11",
        ),
    )


def takes(path: Path) -> list[Take]:
    """The list of a fetch.toml; raises CaseError with the entry at fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refuse(path, f"it cannot be read: {error}", f"无法读取：{error}") from None
    entries = table.get("take", [])
    if set(table) - {"take"} or not isinstance(entries, list) or not entries:
        raise _refuse(path, "it needs [[take]] tables only", "应只含 [[take]] 表")
    return [_take(path, n, entry) for n, entry in enumerate(entries, 1)]


def _take(path: Path, n: int, entry: Mapping[str, Any]) -> Take:
    where = f"[[take]] {n}"
    if unknown := sorted(set(entry) - _KEYS):
        raise _refuse(path, f"{where}: unknown key {unknown[0]}", f"{where}：未知的键 {unknown[0]}")
    name = str(entry.get("archive", ""))
    if name not in archives():
        raise _refuse(path, f"{where}: no archive '{name}'", f"{where}：没有档案“{name}”")
    why = entry.get("why", {})
    try:
        days = tuple(dates.days(str(entry["dates"])))
        symbols = tuple(str(s) for s in entry["symbols"])
        made = Take(
            name, _ASKED[name](entry, symbols, days), Text(why.get("en", ""), why.get("zh", ""))
        )
    except KeyError as error:
        raise _refuse(path, f"{where} needs {error}", f"{where} 缺少 {error}") from None
    except UsageError as error:
        raise _refuse(path, f"{where}: {error.what.en}", f"{where}：{error.what.zh}") from None
    return made


_Asking = Callable[
    [Mapping[str, Any], tuple[str, ...], tuple[Any, ...]],
    binance.Asked | bybit.Asked | okx.Asked | candles.Asked,
]
_ASKED: Mapping[str, _Asking] = {
    "binance-vision": lambda e, symbols, days: binance.Asked(
        str(e["market"]), tuple(e["kinds"]), symbols, days, str(e.get("interval", "1m")),
        bool(e.get("monthly", False)),
    ),
    "bybit": lambda e, symbols, days: bybit.Asked(str(e["market"]), symbols, days),
    "okx": lambda e, symbols, days: okx.Asked(str(e["market"]), symbols, days),
    "candles": lambda e, symbols, days: candles.Asked(
        str(e["exchange"]), symbols, days, str(e.get("interval", "1m"))
    ),
}  # fmt: skip


def plan(web: Web, path: Path, bases: Mapping[str, str], progress: Progress | None = None) -> Plan:
    """Everything of a fetch.toml; `bases` replace the addresses of archives by name."""
    done = Plan()
    for take in takes(path):
        at = archive(take.archive, bases.get(take.archive, ""))
        done.add(take.plan(web, at, progress))
    return done


def _refuse(path: Path, en: str, zh: str) -> CaseError:
    return CaseError(
        Text(f"fetch.toml: {en}", f"fetch.toml：{zh}"), where=str(path),
        remedy=Text("See src/liquest/fetch/event.py for every key.",
                    "各键说明见 src/liquest/fetch/event.py。"),
    )  # fmt: skip
