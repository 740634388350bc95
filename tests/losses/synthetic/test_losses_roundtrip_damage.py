"""Real-looking errors in the files of a synthetic account are found and named, never swallowed."""

from __future__ import annotations

import random as chance
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from liquest.errors import InputError, LiquestError
from liquest.losses.entries import Exports
from liquest.losses.exports import read_exports
from liquest.losses.ledger.ledger import Ledger
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.synthetic.damage import (
    WHOLE_FILE,
    Damage,
    accounts_mixed,
    digit_changed,
    file_missing,
    formula_cell,
    row_doubled,
    row_removed,
)
from liquest.losses.synthetic.plan import Plan
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.truth import Truth
from liquest.losses.synthetic.writing import Style, write_exports
from liquest.problems import Problem

SEEDS = range(8)
STYLE = Style(arrival=True, newest_first=False)
TRANSACTIONS, TRADES, ORDERS, POSITIONS, TRANSFERS = range(5)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def written(folder: Path, seed: int, style: Style = STYLE) -> tuple[Truth, list[Path]]:
    truth = simulate(Plan(seed, symbols=("BTCUSDT",), mode="cross"))
    return truth, write_exports(truth, folder, style)


def rebuilt(folder: Path) -> tuple[Exports, Ledger, list[Problem]]:
    exports, problems = read_exports([folder])
    ledger, more = reconstruct(exports)
    return exports, ledger, [*problems, *more]


def without_places(exports: Exports) -> list[tuple[object, ...]]:
    """Transactions and trades without where they stand."""
    return [tuple(row)[:-1] for rows in (exports.transactions, exports.trades) for row in rows]


def row_of(rows: Any, seed: int, chosen: Callable[[Any], bool]) -> int:
    """The line of one of the rows that are chosen."""
    lines = [n + 2 for n, row in enumerate(rows) if chosen(row)]
    return chance.Random(seed).choice(lines)


def named(problems: list[Problem], ledger: Ledger, path: Path) -> bool:
    """Whether the file is named by a problem, or by a line that does not close."""
    place = next(n for n, f in enumerate(ledger.exports.files) if f.name == path.name)
    pointed = any(r.file == place for line in ledger.lines for r in line.refs)
    return pointed or any(path.name in f"{p.path} {p.text.en}" for p in problems)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["REALIZED_PNL", "COMMISSION", "TRANSFER"])
def test_a_transaction_that_was_removed_is_missed(tmp_path: Path, seed: int, kind: str) -> None:
    truth, files = written(tmp_path, seed)
    row_removed(files[TRANSACTIONS], row_of(truth.transactions, seed, lambda t: t.type == kind))
    _, ledger, problems = rebuilt(tmp_path)
    assert any(not line.closes for line in ledger.lines)
    assert any(CHINESE.search(p.text.zh) for p in problems)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_trade_that_was_removed_is_missed(tmp_path: Path, seed: int) -> None:
    truth, files = written(tmp_path, seed)
    row_removed(files[TRADES], row_of(truth.trades, seed, lambda t: True))
    _, ledger, problems = rebuilt(tmp_path)
    assert any(not line.closes for line in ledger.lines) and problems


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("column", [5, 6, 8, 9], ids=["price", "quantity", "fee", "realised"])
def test_a_digit_that_was_changed_in_a_trade_is_found(
    tmp_path: Path, seed: int, column: int
) -> None:
    truth, files = written(tmp_path, seed)
    row = row_of(truth.trades, seed, lambda t: t.realised != 0)
    digit_changed(files[TRADES], row, column)
    _, ledger, problems = rebuilt(tmp_path)
    assert any(not line.closes for line in ledger.lines)
    assert named(problems, ledger, files[TRADES])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_digit_that_was_changed_in_a_transaction_is_found(tmp_path: Path, seed: int) -> None:
    truth, files = written(tmp_path, seed)
    kinds = ("REALIZED_PNL", "COMMISSION", "TRANSFER")
    row = row_of(truth.transactions, seed, lambda t: t.type in kinds and t.amount != 0)
    digit_changed(files[TRANSACTIONS], row, 2)
    _, ledger, problems = rebuilt(tmp_path)
    assert any(not line.closes for line in ledger.lines)
    assert named(problems, ledger, files[TRANSACTIONS])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_row_that_stands_twice_in_one_file_is_found(tmp_path: Path, seed: int) -> None:
    truth, files = written(tmp_path, seed)
    row = row_of(truth.transactions, seed, lambda t: t.type == "REALIZED_PNL" and t.amount != 0)
    row_doubled(files[TRANSACTIONS], row)
    _, ledger, problems = rebuilt(tmp_path)
    assert any(not line.closes for line in ledger.lines) and problems


@pytest.mark.parametrize("kind", [TRANSACTIONS, TRADES, POSITIONS])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_missing_file_is_missed(tmp_path: Path, seed: int, kind: int) -> None:
    _, files = written(tmp_path, seed)
    file_missing(files[kind])
    _, _, problems = rebuilt(tmp_path)
    assert any(p.text.en and CHINESE.search(p.text.zh) for p in problems)


@pytest.mark.parametrize("seed", SEEDS)
def test_files_of_two_accounts_are_refused_by_both_names(tmp_path: Path, seed: int) -> None:
    _, own = written(tmp_path / "own", seed)
    _, other = written(tmp_path / "other", seed + 1000)
    with pytest.raises(InputError) as caught:
        read_exports([own[TRADES], other[ORDERS]])
    assert own[TRADES].name in str(caught.value) and other[ORDERS].name in str(caught.value)
    assert CHINESE.search(caught.value.render("zh"))


@pytest.mark.parametrize("seed", SEEDS)
def test_two_accounts_in_one_file_are_refused_with_the_row(tmp_path: Path, seed: int) -> None:
    _, own = written(tmp_path / "own", seed)
    _, other = written(tmp_path / "other", seed + 1000)
    mixed = accounts_mixed(own[TRADES], other[TRADES])
    with pytest.raises(InputError) as caught:
        read_exports([own[TRADES]])
    text = str(caught.value)
    assert own[TRADES].name in text and str(mixed.row) in text


@pytest.mark.parametrize("name", sorted(set(WHOLE_FILE) - {"file_missing"}))
@pytest.mark.parametrize("kind", [TRANSACTIONS, TRADES])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_spoilt_file_is_read_rightly_or_named(
    tmp_path: Path, name: str, kind: int, lang: str
) -> None:
    """Another encoding or delimiter may be read, but then all of it; what has lost something is
    refused or told, in both languages."""
    _, files = written(tmp_path, 5, replace(STYLE, lang=lang, words=lang))
    clean, _ = read_exports([files[kind]])
    damage: Damage = WHOLE_FILE[name](files[kind])
    try:
        exports, problems = read_exports([damage.path])
    except LiquestError as error:
        assert error.remedy is not None and CHINESE.search(error.render("zh"))
        assert damage.path.name in str(error)
        return
    assert without_places(exports) == without_places(clean) or problems


@pytest.mark.parametrize("kind", [TRANSACTIONS, TRADES])
def test_a_formula_is_refused_or_told_with_its_row(tmp_path: Path, kind: int) -> None:
    _, files = written(tmp_path, 6)
    formula_cell(files[kind], 5, 2 if kind == TRANSACTIONS else 9)
    try:
        _, problems = read_exports([files[kind]])
    except LiquestError as error:
        assert "5" in error.where and error.remedy is not None
    else:
        assert any("5" in p.text.en or p.first == 5 for p in problems)
