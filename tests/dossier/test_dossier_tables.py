"""The pivot, the lows and the register."""

from __future__ import annotations

import re
from decimal import Decimal

import _dossier_made as made

from liquest.dossier.facts import Facts
from liquest.dossier.lows import lows
from liquest.dossier.register import INPUTS, Register
from liquest.dossier.tables import Table, pivot
from liquest.dossier.text import Words
from liquest.findings import Finding, Input

D = Decimal
OWN = {"venue": "binance", "instrument": "ATOMUSDT", "kind": "spot", "price": "trade"}


def facts(findings: list[Finding]) -> Facts:
    return Facts(findings, made.WINDOWS)


def heads(table: Table) -> list[str]:
    return [plain(Words.of(c.shown)) for c in table.columns]


def plain(words: Words) -> str:
    english = re.sub(r'<span lang="zh">.*?</span>', "", str(words.en))
    return re.sub(r"<[^>]+>", "", english)


def rows(table: Table) -> list[list[str]]:
    return [[plain(Words.of(c.shown)) for c in row.cells] for row in table.rows]


def test_parameters_that_tell_findings_apart_become_columns() -> None:
    found = [
        made.finding("recovery.time", OWN, n * 1_000_000, "us", params={"level": level})
        for n, level in ((1, "0.5"), (2, "0.8"))
    ]
    table = pivot(facts(found).all, limit=9)
    assert heads(table)[1:3] == ["Back to 50\u202f%", "Back to 80\u202f%"]
    assert len(table.rows) == 1 and rows(table)[0][1:3] == ["1 s", "2 s"]


def test_a_limit_of_each_subject_its_own_makes_no_columns() -> None:
    found = [
        made.finding("wick.count", {**OWN, "instrument": i}, 3, "candles", params={"threshold": t})
        for i, t in (("A", "0.02"), ("B", "0.0287"))
    ]
    table = pivot(facts(found).all, limit=9)
    assert heads(table) == ["Instrument", "Candles", "Caveats"]


def test_findings_of_one_cell_become_rows_by_time() -> None:
    found = [
        made.finding("sweep.trades", OWN, n, "trades", at=made.START + n * 1_000_000)
        for n in (1, 2, 3)
    ]
    table = pivot(facts(found).all, limit=2)
    assert heads(table)[0] == "Time"
    assert [r[2] for r in rows(table)] == ["1", "2"]
    assert table.left == 1


def test_the_rows_of_each_window_have_room_of_their_own() -> None:
    found = [
        made.finding("gap.of_higher", {**OWN, "coin": c}, D("0.5"), "ratio", window=w)
        for w in made.WINDOWS
        for c in "ABC"
    ]
    table = pivot(facts(found).all, limit=2)
    assert [r.window for r in table.rows] == [0, 0, 1, 1]
    assert table.left == 2


def test_lows_known_by_trades_come_apart_from_those_known_by_long_bars() -> None:
    atom, sky = made.LOWS["ATOM"], made.LOWS["SKY"]
    found = [*made.low_findings(atom[:2]), *made.low_findings(atom[2:], "900s")]
    found += made.low_findings(sky, "900s")
    both = lows(facts(found))
    assert {row[0] for row in rows(both.main)} == {"ATOM"}
    assert {row[0] for row in rows(both.rest)} == {"SKY"}
    assert len(both.rest.rows) == len(sky)
    assert all(row.window is None for row in both.rest.rows)
    assert both.instruments == len(sky)


def test_a_low_stands_with_its_counts_resolution_and_caveats() -> None:
    found = facts(list(made.low_findings(made.LOWS["ATOM"][:1])))
    (first, _) = rows(lows(found).main)
    assert first[:5] == ["ATOM", "Binance", "ATOMUSDT", "spot", "0.001 USDT"]
    assert first[6:] == ["2", "92", "trade", "thin"]


def test_a_price_for_a_thousand_coins_says_so() -> None:
    track = ("binance", "1000PEPEUSDT", "linear-perpetual", "USDT", "0.002")
    (first, _) = rows(lows(facts(list(made.low_findings((track,))))).main)
    assert first[0] == "PEPE"
    assert first[4] == "0.002 USDT for 1,000 coins"


def test_the_register_writes_shared_parts_once() -> None:
    found = facts(list(made.low_findings(made.LOWS["ATOM"])))
    register = Register(made.sources(made.LOWS), {made.METHOD.id: made.METHOD.json()})
    register.add(found.all)
    register.add(found.all)
    data = register.json()
    assert len(data["rows"]) == register.shown == len(found.all)
    assert len(data["methods"]) == 1 and len(data["subjects"]) == 4 and len(data["sources"]) == 4
    row = data["rows"][0]
    assert row[0] == found.all[0].id and row[3] == "0.001"
    assert data["sources"][0][1] == "$LIQUEST_DATA/binance_trades_ATOMUSDT.csv.gz"


def test_the_register_stops_at_its_room_and_says_how_many_inputs_there_are() -> None:
    many = tuple(Input(made.digest("a"), n, n) for n in range(1, 100))
    one = Finding(
        "low", OWN, D(1), "USD", "m", inputs=(*many, Input(made.digest("a"), 7, 7, "extreme"))
    )
    register = Register([], {}, room=1)
    register.add(facts([one]).all)
    register.add(facts(list(made.low_findings(made.LOWS["SKY"]))).all)
    assert register.shown == 1
    total, listed = register.json()["inputs"][0]
    assert total == 100 and len(listed) == INPUTS
    assert listed[0][1:3] == [7, 7]
