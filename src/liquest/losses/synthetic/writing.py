"""The exports of a synthetic account: files in the layouts of the venue, in many guises.

What a file shows is the truth; what a style leaves out (a stretch of time, a kind) is missing
from it as it is from a real export.
"""

from __future__ import annotations

import csv
import io
import random as chance
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...clock import MINUTE, format_time
from ...errors import Text, UsageError
from ..entries import COINM, USDM
from .account import Purse
from .cells import Writer
from .table import Layout, layout
from .truth import Truth

KINDS = ("transactions", "trades", "orders", "positions", "transfers")
HEADER, NAME, BOTH = "header", "name", "both"
_TITLES = {
    "en": {
        "transactions": "Transaction-History", "trades": "Trade-History",
        "orders": "Order-History", "positions": "Position-History",
        "transfers": "Transfer-History",
    },
    "zh": {
        "transactions": "资金流水", "trades": "交易历史", "orders": "委托历史",
        "positions": "仓位历史", "transfers": "划转记录",
    },
}  # fmt: skip
_MARKETS = {
    ("en", USDM): "Binance-Futures-", ("en", COINM): "Binance-COIN-M-Futures-",
    ("zh", USDM): "Binance-U本位合约", ("zh", COINM): "Binance-币本位合约",
    ("en", ""): "Binance-", ("zh", ""): "Binance-",
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How exports are written. `words`: language of values, headers are in `lang`; `zone_in` where
    the zone stands (header, name, both); `parts` files a kind, each `overlap` µs into the next;
    `cut` [from, to) keeps only rows of that time; `arrival`: transfers say when they were there."""

    lang: str = "en"
    words: str = "en"
    newer: bool = False
    bom: bool = True
    quoted: bool = True
    newest_first: bool = True
    hours: int = 0
    zone_in: str = BOTH
    zipped: bool = False
    random_names: bool = False
    parts: int = 1
    overlap: int = 10 * MINUTE
    cut: tuple[int, int] | None = None
    kinds: tuple[str, ...] = KINDS
    arrival: bool = False
    untouched: bool = True
    """Whether the position history shows positions of which nothing was closed (Open)."""

    def __post_init__(self) -> None:
        if self.lang not in _TITLES or self.zone_in not in (HEADER, NAME, BOTH) or self.parts < 1:
            raise UsageError(
                Text(
                    "a style is in en or zh, has its zone in header, name or both, and one part "
                    "or more",
                    "样式语言为 en 或 zh，时区位于 header、name 或 both，且至少一份文件",
                )
            )

    @classmethod
    def drawn(cls, random: chance.Random) -> Style:
        """Any guise that keeps all that the older layouts hold."""
        lang = random.choice(("en", "zh"))
        return cls(
            lang=lang, words=random.choice((lang, "en")), bom=random.random() < 0.8,
            quoted=random.random() < 0.8, newest_first=random.random() < 0.5,
            hours=random.choice((0, 0, 8)), zone_in=BOTH, zipped=random.random() < 0.2,
            parts=random.choice((1, 1, 2, 3)), overlap=random.choice((0, 60)) * MINUTE,
            arrival=random.random() < 0.5,
        )  # fmt: skip

    @property
    def zone(self) -> str:
        return f"UTC{self.hours:+d}" if self.hours else "UTC"


def write_exports(truth: Truth, folder: Path, style: Style | None = None) -> list[Path]:
    """The exports of the account in `folder` (made if need be); the files in order of kinds."""
    style = style or Style()
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for kind in style.kinds:
        for market in ("",) if kind == "transfers" else markets(truth):
            rows = _kept(kind, _rows(truth, kind, market), style)
            for number, part in enumerate(_parts(kind, rows, style), 1):
                name = _name(truth, kind, market, number, style)
                data = _bytes(truth, kind, market, part, style)
                made.append(_put(folder / name, data, style))
    return made


def markets(truth: Truth) -> list[str]:
    """The futures markets that the account has a wallet in."""
    found: list[Purse] = list(truth.balances)
    return [m for m in (USDM, COINM) if any(p[0] == m for p in found)]


def _rows(truth: Truth, kind: str, market: str) -> list[Any]:
    rows: Sequence[Any] = {
        "transactions": truth.transactions, "trades": truth.trades, "orders": truth.orders,
        "positions": truth.positions, "transfers": truth.movements,
    }[kind]  # fmt: skip
    return [r for r in rows if not market or r.market == market]


def moment(kind: str, row: Any) -> int:
    """The time by which an export is cut: of a position, when it was closed."""
    if kind == "positions":
        return int(row.opened if row.closed_at is None else row.closed_at)
    return int(row.ts)


def _kept(kind: str, rows: Iterable[Any], style: Style) -> list[Any]:
    if kind == "positions" and not style.untouched:
        rows = [r for r in rows if r.closed]
    if style.cut is None:
        return list(rows)
    start, end = style.cut
    kept = [r for r in rows if start <= moment(kind, r) < end]
    # A cut export cannot know how much of a position will have been closed in the end.
    return [r for r in kept if r.closed_at is not None] if kind == "positions" else kept


def _parts(kind: str, rows: list[Any], style: Style) -> list[list[Any]]:
    """The rows by stretches of time that overlap; every row is in one at least."""
    if style.parts == 1 or not rows:
        return [rows]
    times = sorted(moment(kind, r) for r in rows)
    bounds = [times[len(times) * k // style.parts] for k in range(1, style.parts)]
    starts, ends = [times[0], *bounds], [*bounds, times[-1] + 1]
    return [
        [r for r in rows if low - style.overlap <= moment(kind, r) < high + style.overlap]
        for low, high in zip(starts, ends, strict=True)
    ]


def _bytes(truth: Truth, kind: str, market: str, rows: list[Any], style: Style) -> bytes:
    columns = _columns(kind, market, style)
    cells = Writer(truth.traits.uid, style.hours, style.words, style.newer).of(kind)
    ordered = list(reversed(rows)) if style.newest_first else rows
    text = io.StringIO(newline="")
    out = csv.writer(
        text, lineterminator="\n", quoting=csv.QUOTE_ALL if style.quoted else csv.QUOTE_MINIMAL
    )
    out.writerow(columns.headers)
    for row in ordered:
        cell = cells(row)
        out.writerow([cell[field] for field in columns.fields])
    return text.getvalue().encode("utf-8-sig" if style.bom else "utf-8")


def _columns(kind: str, market: str, style: Style) -> Layout:
    one = layout(kind, market, style.lang, style.newer)
    zone = "" if style.zone_in == NAME else f"({style.zone})"
    made = replace(one, headers=tuple(h.replace("(UTC)", zone) for h in one.headers))
    if kind == "transfers" and style.arrival:
        title = "Arrival Time" if style.lang == "en" else "到账时间"
        return Layout((*made.fields, "arrived"), (*made.headers, title))
    return made


def _name(truth: Truth, kind: str, market: str, number: int, style: Style) -> str:
    if style.random_names:
        seed = chance.Random(f"{truth.plan.seed} {kind} {market} {number}")
        return f"{uuid.UUID(int=seed.getrandbits(128), version=4)}-1.csv"
    stamp = format_time(truth.end, style.zone, digits=0)[:16]
    stamp = "".join(c for c in stamp if c.isdigit())
    zone = "" if style.zone_in == HEADER else f"({style.zone})"
    part = f"-{number}" if style.parts > 1 else ""
    return f"{_MARKETS[style.lang, market]}{_TITLES[style.lang][kind]}-{stamp}{zone}{part}.csv"


def _put(path: Path, data: bytes, style: Style) -> Path:
    if not style.zipped:
        path.write_bytes(data)
        return path
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo(path.name, (2025, 10, 11, 0, 0, 0)), data)
    return packed
