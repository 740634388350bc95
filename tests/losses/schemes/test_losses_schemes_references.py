"""Reference prices: in force from their moment for a minute, the user's before the tape's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from _scheme_registers import START, D

from liquest.clock import SECOND, parse_time
from liquest.errors import InputError, UnknownFormat
from liquest.losses.schemes.references import Before, Given, OfPrices, read_given

NIGHT = parse_time("2025-10-11T00:00:00Z")


def written(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "prices.csv"
    path.write_text("kind,name,at,price\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_prices_of_a_file(tmp_path: Path) -> None:
    found = read_given(
        written(
            tmp_path, "asset,usde,2025-10-11T00:00:00Z,0.9987",
            "mark,ATOMUSDT,2025-10-11T05:51:00+08:00,3.19",
            "others,ATOMUSDT,2025-10-10T21:19:53Z,3.61", "usd,ATOMUSDT,2025-10-10T21:19:53Z,3.58",
            "mark,ATOMUSDT,2025-10-11T05:51:00+08:00,3.190",
        )
    )  # fmt: skip
    assert found.asset("USDE", NIGHT) == D("0.9987") and found.asset("WBETH", NIGHT) is None
    assert found.price("ATOMUSDT", parse_time("2025-10-10T21:51:00Z")) == D("3.19")
    at = parse_time("2025-10-10T21:19:53Z")
    assert found.others("ATOMUSDT", at) == D("3.61") and found.others_usd("ATOMUSDT", at) == D(
        "3.58"
    )
    assert (found.inputs[0].first, found.inputs[0].last) == (2, 6)


@pytest.mark.parametrize(
    ("seconds", "price"), [(-1, None), (0, 7), (59, 7), (60, 7), (61, None), (100, 8)]
)
def test_a_price_holds_from_its_moment_for_a_minute(seconds: int, price: int | None) -> None:
    rows = {("asset", "X", START): D(7), ("asset", "X", START + 100 * SECOND): D(8)}
    assert Given.of(rows).asset("X", START + seconds * SECOND) == price


class Tape:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        self.asked += 1
        return D(5) if symbol == "A" else None

    others = others_usd = mark


def test_the_tape_knows_contracts_and_is_asked_once() -> None:
    tape = Tape()
    reference = OfPrices(tape)  # type: ignore[arg-type]
    assert reference.asset("A", 0) is None
    assert reference.price("A", START) == reference.price("A", START + 1) == 5
    assert tape.asked == 1 and reference.price("B", START) is None
    assert reference.others("A", START) == reference.others_usd("A", START) == 5


def test_the_users_prices_stand_before_those_of_the_tape() -> None:
    given = Given.of({("mark", "A", START): D(9), ("usd", "C", START): D(2)})
    both = Before(given, OfPrices(Tape()))  # type: ignore[arg-type]
    assert both.price("A", START) == 9 and both.others("A", START) == 5
    assert both.others_usd("C", START) == 2 and both.asset("A", START) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("spot,A,2025-10-11T00:00:00Z,1", "'spot' is no kind"),
        ("asset,A,2025-10-11T00:00:00Z,0", "above zero"),
        ("asset,,2025-10-11T00:00:00Z,1", "has a name"),
        ("asset,A,2025-10-11T00:00:00,1", "no time with its zone"),
        ("asset,A,soon,1", "no time with its zone"),
        ("asset,A,2025-10-11T00:00:00Z,=1", "formula"),
        ("asset,A,2025-10-11T00:00:00Z", "cells of the header"),
    ],
)
def test_rows_at_fault_are_refused_with_their_place(tmp_path: Path, row: str, words: str) -> None:
    path = written(tmp_path, "asset,B,2025-10-11T00:00:00Z,1", row)
    with pytest.raises(InputError) as caught:
        read_given(path)
    assert words in caught.value.render("en") and caught.value.where == f"{path}:3"
    assert caught.value.remedy is not None


def test_two_prices_of_one_moment_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "asset,B,2025-10-11T00:00:00Z,1", "asset,B,2025-10-11T00:00:00Z,2")
    with pytest.raises(InputError, match="two prices of B"):
        read_given(path)


def test_what_is_no_table_of_prices(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UnknownFormat, match="no table of reference prices"):
        read_given(path)
    with pytest.raises(InputError, match="holds no price"):
        read_given(written(tmp_path))
    assert read_given(written(tmp_path, "asset,B,2025-10-11 08:00:00,1"), tz="UTC+8").asset(
        "B", NIGHT
    )
