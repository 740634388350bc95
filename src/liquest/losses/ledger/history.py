"""The position history against the positions that the trades make: each figure of each row.

A row and an episode are one where they share the second of closing, or that of opening, on the
same side. Averages are compared at the digits that the row shows; a venue may mean the average
before the last closing or that of all openings by "entry", so both are tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from ...clock import SECOND
from ...errors import Text
from ...problems import ABSENT, Problem
from ...rules.exact import ZERO, exact
from ..entries import Exports, PositionRow, Ref
from .anchors import NEAR, is_open
from .episodes import Episode, episodes
from .ledger import UNKNOWN, Reconciled, RowCheck
from .naming import FIRST, at_rows, market_name, moment, number, row_name
from .positions import Built
from .rounding import DIFFERS, EXACT, HALF_EVEN, PLACES, STRICT, rule_of, shown
from .strangers import FEW

PNL = Text("closing profits of the position history against the trades", "仓位历史平仓盈亏与成交")
CLOSED = Text("closed volume of the position history against the trades", "仓位历史平仓量与成交")
WORDS = {
    "entry": Text("entry price", "开仓均价"),
    "close": Text("average close", "平仓均价"),
    "most": Text("max open interest", "最大持仓量"),
    "closed": Text("closed volume", "已平仓量"),
    "pnl": Text("closing PnL", "平仓盈亏"),
    "opened": Text("opened", "开仓时间"),
    "closed-at": Text("closed", "平仓时间"),
}


@exact
def history(
    exports: Exports, built: Sequence[Built], strays: Sequence[PositionRow]
) -> tuple[list[Reconciled], list[RowCheck], list[Problem]]:
    """Lines (profits and volume by symbol), every check, and what does not fit; `strays` are
    the rows of places that were neither traded nor held."""
    lines: list[Reconciled] = []
    checks: list[RowCheck] = []
    problems: list[Problem] = []
    listed = {row.market for row in exports.positions}
    untouched = {row.market for row in exports.positions if not row.closed}
    span: dict[str, tuple[int, int]] = {}
    for trade in exports.trades:
        first, last = span.get(trade.market, (trade.ts, trade.ts))
        span[trade.market] = (min(first, trade.ts), max(last, trade.ts))
    for market in sorted(set(span) - listed):
        name = market_name(market)
        text = Text(
            f"there is no position history of the {name.en} account: positions are known by "
            "their trades alone",
            f"缺少{name.zh}仓位历史：持仓仅由成交推算，无从核对",
        )
        problems.append(Problem("positions-missing", ABSENT, text, count=0))
    met: Counter[str] = Counter()
    traded: list[tuple[Built, Episode]] = []
    untraded = [row for row in strays if row.market in span]
    for one in built:
        market = one.path.market
        if market not in listed or market not in span or one.path.opening_by == UNKNOWN:
            continue
        pairs, alone, unlisted = _pairs(one.rows, episodes(one.path, exports.trades))
        met[market] += len(pairs)
        untraded += alone
        trades = exports.trades
        for episode in unlisted:
            # A history need not list a position of which nothing was closed, unless it lists
            # others, or a trade that should have ended one went on to it.
            ended = episode.closed or episode.closed_at is not None
            flipped = episode.first >= 0 and trades[episode.first].realised
            if ended or flipped or market in untouched:
                traded.append((one, episode))
        own: list[RowCheck] = []
        for row, episode in pairs:
            own += _checks(one, row, episode)
        checks += own
        problems += _wrong(exports, own)
        lines += _lines(one, own)
    for market in sorted(listed & set(span)):
        rows = [row for row in untraded if row.market == market]
        made = [pair for pair in traded if pair[0].path.market == market]
        if not met[market] and min(len(rows), len(made)) >= FEW:
            problems.append(_another(exports, rows, len(made)))
            continue
        problems += [_not_traded(exports, row, span[market]) for row in rows]
        problems += [_not_listed(exports, one, episode) for one, episode in made]
    return lines, checks, problems


def _pairs(
    rows: Sequence[PositionRow], found: Sequence[Episode]
) -> tuple[list[tuple[PositionRow, Episode]], list[PositionRow], list[Episode]]:
    """Rows with their episodes, rows without, episodes without."""
    free = dict(enumerate(found))
    pairs: list[tuple[PositionRow, Episode]] = []
    left = list(rows)
    tests: list[Callable[[PositionRow, Episode], bool]] = []
    for near in (0, NEAR):
        tests += [
            partial(_both, near), partial(_closed, near), partial(_opened, near), _still_open,
        ]  # fmt: skip
    for fits in tests:
        rest: list[PositionRow] = []
        by_second: dict[int, list[int]] = {}
        for place, episode in free.items():
            for ts in {episode.opened, episode.closed_at}:
                if ts is not None:
                    by_second.setdefault(ts // SECOND, []).append(place)
            if episode.opened is None and episode.closed_at is None:
                by_second.setdefault(-1, []).append(place)
        for row in left:
            nearby = [
                place
                for ts in (row.opened, row.closed_at)
                if ts is not None
                for second in range(ts // SECOND - NEAR, ts // SECOND + NEAR + 1)
                for place in by_second.get(second, ())
            ]
            nearby += by_second.get(-1, [])
            good = (p for p in nearby if p in free and free[p].side == row.side)
            best = next((p for p in good if fits(row, free[p])), None)
            if best is None:
                rest.append(row)
            else:
                pairs.append((row, free.pop(best)))
        left = rest
    pairs.sort(key=lambda pair: pair[0].opened)
    return pairs, left, list(free.values())


def _both(near: int, row: PositionRow, episode: Episode) -> bool:
    return _closed(near, row, episode) and _opened(near, row, episode)


def _closed(near: int, row: PositionRow, episode: Episode) -> bool:
    return not is_open(row) and _same(row.closed_at, episode.closed_at, near)


def _opened(near: int, row: PositionRow, episode: Episode) -> bool:
    return _same(row.opened, episode.opened, near)


def _still_open(row: PositionRow, episode: Episode) -> bool:
    return is_open(row) and episode.opened is None and episode.closed_at is None


def _same(stated: int | None, rebuilt: int | None, near: int) -> bool:
    if stated is None or rebuilt is None:
        return False
    return abs(stated // SECOND - rebuilt // SECOND) <= near


def _checks(one: Built, row: PositionRow, episode: Episode) -> list[RowCheck]:
    """What can be compared: an episode that began before the trades knows its entry, its close
    and its times as far as the trades reach."""
    path = one.path
    found: list[RowCheck] = []

    def check(name: str, stated: Decimal, rebuilt: Decimal, rule: str) -> None:
        found.append(
            RowCheck(row.ref, path.market, path.symbol, path.place, name, stated, rebuilt, rule)
        )

    whole = episode.opened is not None
    entries = [e for e in (episode.entry, episode.mean) if e is not None]
    if entries:
        check("entry", row.entry, *_best(row.entry, entries, episode.slack))
    ended = not is_open(row)
    if whole and ended and row.close is not None:
        closes = [c for c in (episode.close, episode.plain) if c is not None]
        if closes:
            check("close", row.close, *_best(row.close, closes, ZERO))
    if whole:
        check("most", row.most, episode.most, _equal(row.most, episode.most))
        check("closed", row.closed, episode.closed, _equal(row.closed, episode.closed))
        check("pnl", row.pnl, episode.pnl, rule_of(row.pnl, episode.pnl, PLACES))
        _time(check, "opened", row.opened, episode.opened)
    if ended or episode.closed_at is not None:
        _time(check, "closed-at", row.closed_at, episode.closed_at)
    return found


def _time(
    check: Callable[[str, Decimal, Decimal, str], None],
    name: str,
    stated: int | None,
    rebuilt: int | None,
) -> None:
    if stated is not None and rebuilt is not None:
        same = stated // SECOND == rebuilt // SECOND
        near = EXACT if same else "unit" if _same(stated, rebuilt, NEAR) else DIFFERS
        check(name, Decimal(stated), Decimal(rebuilt), near)
    elif stated != rebuilt:
        check(name, Decimal(stated or 0), Decimal(rebuilt or 0), DIFFERS)


def _equal(stated: Decimal, rebuilt: Decimal) -> str:
    return EXACT if stated == rebuilt else DIFFERS


def _best(stated: Decimal, candidates: Sequence[Decimal], slack: Decimal) -> tuple[Decimal, str]:
    """The candidate that fits by the strictest rule; the first where none does."""
    best, rule = candidates[0], DIFFERS
    for value in dict.fromkeys(candidates):
        found = shown(stated, value, slack)
        if STRICT.index(found) < STRICT.index(rule):
            best, rule = value, found
            if found in (EXACT, HALF_EVEN):
                break
    return best, rule


def _wrong(exports: Exports, checks: Sequence[RowCheck]) -> list[Problem]:
    """Figures that differ: one problem a row."""
    by_row: dict[Ref, list[RowCheck]] = {}
    for check in checks:
        if not check.agrees:
            by_row.setdefault(check.ref, []).append(check)
    problems = []
    for ref, wrong in by_row.items():
        name = row_name(exports, ref)
        both = [(_said(c, c.stated), _said(c, c.rebuilt)) for c in wrong]
        en = "; ".join(
            f"{WORDS[c.name].en} {s}, by the trades {r}"
            for c, (s, r) in zip(wrong, both, strict=True)
        )
        zh = "；".join(
            f"{WORDS[c.name].zh} {s}，按成交为 {r}" for c, (s, r) in zip(wrong, both, strict=True)
        )
        text = Text(f"{name.en} ({wrong[0].symbol}): {en}", f"{name.zh}（{wrong[0].symbol}）：{zh}")
        problems.append(at_rows(exports, "position-differs", text, [ref]))
    return problems


def _said(check: RowCheck, value: Decimal) -> str:
    if check.name in ("opened", "closed-at"):
        return moment(int(value)) if value else "–"
    return number(round(value, 12))


def _lines(one: Built, checks: Sequence[RowCheck]) -> list[Reconciled]:
    path = one.path
    lines = []
    for name, what in (("pnl", PNL), ("closed", CLOSED)):
        own = [c for c in checks if c.name == name]
        if own:
            lines.append(
                Reconciled(
                    f"position-{name}", what, path.market, path.settle if name == "pnl" else "",
                    path.symbol, sum((c.stated for c in own), ZERO),
                    sum((c.rebuilt for c in own), ZERO), len(own),
                    tuple(c.ref for c in own if not c.agrees)[:FIRST],
                    next((r for r in (DIFFERS, "unit") if any(c.rule == r for c in own)), EXACT),
                )
            )  # fmt: skip
    return lines


def _inside(row: PositionRow, span: tuple[int, int]) -> bool:
    """Whether the trades reach its opening or its closing."""
    moments = [row.opened] if row.closed_at is None else [row.opened, row.closed_at]
    return any(span[0] <= ts <= span[1] for ts in moments)


def _not_traded(exports: Exports, row: PositionRow, span: tuple[int, int]) -> Problem:
    name = row_name(exports, row.ref)
    if not _inside(row, span):
        text = Text(
            f"{name.en}: {row.symbol} of {moment(row.opened)} has no trade; the trades reach from "
            f"{moment(span[0])} to {moment(span[1])}, so that the row stands alone",
            f"{name.zh}：{moment(row.opened)} 的 {row.symbol} 没有成交；成交记录自 "
            f"{moment(span[0])} 至 {moment(span[1])}，该行无从核对",
        )
        return at_rows(exports, "position-outside-trades", text, [row.ref])
    text = Text(
        f"{name.en}: no trades make the position of {row.symbol} opened {moment(row.opened)}: "
        "trades are missing, or the row is of another account",
        f"{name.zh}：没有成交能构成 {moment(row.opened)} 开仓的 {row.symbol} 仓位：缺少成交，"
        "或该行属于另一账户",
    )
    return at_rows(exports, "position-without-trades", text, [row.ref], effect=ABSENT)


def _another(exports: Exports, rows: Sequence[PositionRow], made: int) -> Problem:
    """No row meets any position that the trades make."""
    name = exports.files[rows[0].ref.file].name
    text = Text(
        f"not one of the {len(rows)} positions in {name} is among the {made} that the trades "
        "make: the files seem to be of two accounts",
        f"{name} 中 {len(rows)} 个仓位无一与成交构成的 {made} 个仓位相符：文件疑属两个账户",
    )
    return at_rows(exports, "accounts-differ", text, [rows[0].ref], count=len(rows))


def _not_listed(exports: Exports, one: Built, episode: Episode) -> Problem:
    """The trades make a position that the history does not show."""
    path = one.path
    index = episode.first if episode.first >= 0 else episode.last
    index = index if index >= 0 else one.places[0] if one.places else -1
    refs = [exports.trades[index].ref] if index >= 0 else []
    since = moment(exports.trades[index].ts) if refs else "–"
    at = row_name(exports, refs[0]) if refs else Text("–", "–")
    if episode.closed_at is None:
        tail = Text("not closed by the last trade", "至最后一笔成交尚未平仓")
    else:
        ended = moment(episode.closed_at)
        tail = Text(f"closed {ended}", f"{ended} 平仓")
    text = Text(
        f"{at.en}: the trades make a position of {path.symbol} ({path.place}) from {since}, "
        f"{number(episode.most)} at most, {tail.en}, and no row of the position history shows it",
        f"{at.zh}：成交构成 {since} 起的 {path.symbol}（{path.place}）仓位，最大 "
        f"{number(episode.most)}，{tail.zh}，而仓位历史中没有这一行",
    )
    return at_rows(exports, "position-not-listed", text, refs)
