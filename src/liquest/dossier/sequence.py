"""The sequence of events: moments that findings and statements name, in the order of time.

Of each coin its low in the main window, on the venue where it was lowest, and the first moment
at which it traded beyond a threshold below the others; of each party when it spoke. Invariant:
a moment of the record has its finding, a statement its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ..claims.statements import Record
from .facts import FINE, Fact, Facts, key_label
from .figures import both_clocks, parameter
from .tables import Cell, Row, Table
from .text import Words, glue, say, wrap

THRESHOLD = Decimal("0.1")
"""Share below the others from which a coin's deviation is named here."""
MOST = 40


def sequence(facts: Facts, record: Record) -> Table:
    """A row for each moment; statements without a moment are left to their own table."""
    rows = [*_lows(facts), *_onsets(facts), *_statements(record)]
    rows.sort(key=lambda r: r[0])
    table = Table(
        (Cell(say("factual.utc"), style="t"), Cell(say("factual.utc8"), style="t"),
         Cell(say("factual.what")), Cell(say("factual.value"), style="n")),
        [], left=max(0, len(rows) - MOST), command="liquest findings CASE --json",
    )  # fmt: skip
    for at, what, value, fact in rows[:MOST]:
        utc, east = both_clocks(at)
        table.rows.append(Row((Cell(utc), Cell(east), Cell(what), Cell(value, style="n"))))
        if fact is not None:
            table.cited.append(fact)
    return table


_Moment = tuple[int, Words, Words, Fact | None]


def _lows(facts: Facts) -> Iterable[_Moment]:
    coins: dict[str, Fact] = {}
    for fact in facts.named("low", 0):
        subject = fact.finding.subject
        fine = fact.seconds is not None and fact.seconds <= FINE
        if (
            fact.coin
            and fact.multiplier == 1
            and fine
            and fact.finding.at is not None
            and subject.get("price", "trade") == "trade"
            and subject.get("kind") != "rate"
        ):
            best = coins.get(fact.coin)
            if best is None or (fact.per_coin or 0, fact.key) < (best.per_coin or 0, best.key):
                coins[fact.coin] = fact
    for coin, fact in sorted(coins.items()):
        what = glue([say("factual.low_of", coin=wrap("b", coin)), fact.label()], ": ", "：")
        yield fact.finding.at or 0, what, fact.figure(), fact


def _onsets(facts: Facts) -> Iterable[_Moment]:
    first: dict[str, Fact] = {}
    for fact in facts.named("dislocation.onset", 0):
        params, at = fact.params, fact.finding.at
        if at is None or params.get("direction") != "below":
            continue
        if Decimal(str(params.get("threshold", 0))) != THRESHOLD:
            continue
        if fact.coin not in first or at < (first[fact.coin].finding.at or 0):
            first[fact.coin] = fact
    for coin, fact in sorted(first.items()):
        against = key_label(fact.finding.subject.get("against", ""))
        words = say(
            "factual.onset_of",
            coin=glue([wrap("b", coin), fact.instrument()], " "),
            threshold=parameter("threshold", THRESHOLD),
            against=against,
        )
        yield fact.finding.at or 0, words, wrap("a", wrap("code", fact.id[:8]),
                                                href=f"#f-{fact.id[:12]}"), fact  # fmt: skip


def _statements(record: Record) -> Iterable[_Moment]:
    for one in record.statements:
        if one.published is not None:
            party = record.parties.get(one.party)
            name = Words.of(party) if party is not None else Words.of(one.party)
            title = wrap("a", one.title, href=f"#statement-{one.id}")
            yield one.published, say("factual.said", party=name, title=title), Words.of(""), None
