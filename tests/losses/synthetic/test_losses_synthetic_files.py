"""What is written of a synthetic account: layouts, guises, cuts, parts, damage, the sample."""

from __future__ import annotations

import csv
import io
import random as chance
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import MINUTE, SECOND, parse_time
from liquest.errors import InputError, UsageError
from liquest.losses.entries import COINM, USDM
from liquest.losses.synthetic.contracts import contract
from liquest.losses.synthetic.damage import (
    WHOLE_FILE,
    Damage,
    accounts_mixed,
    digit_changed,
    formula_cell,
    row_doubled,
    row_removed,
)
from liquest.losses.synthetic.plan import Plan
from liquest.losses.synthetic.prices import Crash, Paths, write_marks
from liquest.losses.synthetic.sample import write_sample
from liquest.losses.synthetic.sample_prices import sample_paths, sample_time
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.story import ATOM_WALLET, USDT_WALLET, sample_truth
from liquest.losses.synthetic.truth import TAKEOVER, Truth
from liquest.losses.synthetic.writing import BOTH, HEADER, NAME, Style, write_exports

BOTH_MARKETS = ("ATOMUSD_PERP", "BTCUSDT")


@cache
def account(seed: int = 3) -> Truth:
    return simulate(Plan(seed, symbols=BOTH_MARKETS))


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_an_export_is_written_as_the_venue_writes_it(tmp_path: Path) -> None:
    files = write_exports(account(), tmp_path)
    assert [f.name.split("-2025")[0] for f in files] == [
        f"Binance-{m}{k}-History"
        for k in ("Transaction", "Trade", "Order", "Position")
        for m in ("Futures-", "COIN-M-Futures-")
    ] + ["Binance-Transfer-History"]
    data = files[0].read_bytes()
    assert data.startswith(b'\xef\xbb\xbf"Date(UTC)","type","Amount","Asset","Symbol",')
    assert all(line.count(b'"') == 12 for line in data.splitlines())
    trades = table(files[2])
    assert trades[0][8:10] == ["Fee", "Realized Profit"]
    assert all(re.fullmatch(r"[\d.E-]+ (USDT|BNB)", row[8]) for row in trades[1:])
    assert "0E-8" in {row[9] for row in trades[1:]}
    coins = table(files[3])
    assert "Amount" not in coins[0] and all(row[6].isdigit() for row in coins[1:])
    assert "Avg. Close Pirce" in table(files[6])[0]
    orders = [row for row in table(files[5])[1:] if row[13].startswith("autoclose-")]
    assert {row[4] for row in orders} <= {"LIMIT"}


def test_chinese_headers_words_and_names(tmp_path: Path) -> None:
    files = write_exports(account(), tmp_path, Style(lang="zh", words="zh", hours=8))
    assert all(re.search(r"[\u4e00-\u9fff]", f.name) and "(UTC+8)" in f.name for f in files)
    trades = table(files[2])
    assert trades[0][1] == "时间(UTC+8)" and {row[3] for row in trades[1:]} == {"买入", "卖出"}
    first = min(row[1] for row in trades[1:])
    assert parse_time(first, "UTC+8") == account().trades[0].ts or first >= "2025-10-10 23:40"


def test_the_zone_stands_where_the_style_says(tmp_path: Path) -> None:
    for number, (place, in_header, in_name) in enumerate(
        ((HEADER, True, False), (NAME, False, True), (BOTH, True, True))
    ):
        style = Style(zone_in=place, hours=8)
        (path, *_) = write_exports(account(), tmp_path / str(number), style)
        assert ("UTC+8" in table(path)[0][0], "UTC+8" in path.name) == (in_header, in_name)


def test_a_cut_keeps_a_stretch_of_time_and_parts_overlap(tmp_path: Path) -> None:
    truth = account()
    start, end = truth.start + 3600 * SECOND, truth.end - 3600 * SECOND
    whole = write_exports(truth, tmp_path / "w", Style(cut=(start, end), kinds=("trades",)))
    rows = {tuple(r) for f in whole for r in table(f)[1:]}
    assert len(rows) == sum(start <= t.ts < end for t in truth.trades)
    style = Style(cut=(start, end), kinds=("trades",), parts=3, overlap=30 * MINUTE)
    parts = write_exports(truth, tmp_path / "p", style)
    assert {tuple(r) for f in parts for r in table(f)[1:]} == rows and len(parts) == 6
    assert sum(len(table(f)) - 1 for f in parts) > len(rows)


def test_zips_random_names_and_plain_text(tmp_path: Path) -> None:
    style = Style(zipped=True, random_names=True, bom=False, quoted=False, newest_first=False)
    files = write_exports(account(), tmp_path, style)
    assert all(re.fullmatch(r"[0-9a-f-]{36}-1\.zip", f.name) for f in files)
    with zipfile.ZipFile(files[0]) as packed:
        text = packed.read(packed.namelist()[0]).decode()
    assert text.startswith("Date(UTC),type") and text.splitlines()[1].startswith("2025-10-10 15:40")


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_every_row_is_in_every_guise(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    style = replace(Style.drawn(chance.Random(seed)), zipped=False)
    files = write_exports(account(), tmp_path_factory.mktemp("guise"), style)
    wanted = Counter(t.id for t in account().transactions)
    found = {r[-1] for f in files[: 2 * style.parts] for r in table(f)[1:]}
    assert found == set(wanted) and len(files) == style.parts * 9


def test_marks_are_written_as_they_are(tmp_path: Path) -> None:
    paths = account().paths
    columns, *_ = write_marks(tmp_path / "c", paths)
    rows = table(columns)
    assert rows[0] == ["timestamp", "mark"] and len(rows) == paths.seconds + 1
    for row in (rows[1], rows[777], rows[-1]):
        assert Decimal(row[1]) == paths.mark("ATOMUSD_PERP", int(row[0]) * 1000)
    bars = table(write_marks(tmp_path / "k", paths, "klines", MINUTE)[1])[1:]
    minute = [paths.mark("BTCUSDT", paths.start + k * SECOND) for k in range(60)]
    assert [Decimal(c) for c in bars[0][1:5]] == [minute[0], max(minute), min(minute), minute[-1]]
    assert int(bars[0][6]) - int(bars[0][0]) == 59_999


def test_paths_crash_and_follow() -> None:
    import numpy as np

    crash = Crash(1000, 100, 0.3, 0.5, 200)
    made = Paths.drawn(np.random.default_rng(1), ("ATOMUSDT", "ATOMUSD_PERP"), 0, 3000, crash)
    before, after = made.mark("ATOMUSDT", 900 * SECOND), made.mark("ATOMUSDT", 1100 * SECOND)
    assert after < before * Decimal("0.75")
    near = made.mark("ATOMUSD_PERP", 1100 * SECOND) / after
    assert abs(near - 1) < Decimal("0.01")
    same = Paths.following(("ATOMUSDT",), 0, 50, made.mark)
    assert [same.mark("ATOMUSDT", k * SECOND) for k in range(50)] == [
        made.mark("ATOMUSDT", k * SECOND) for k in range(50)
    ]
    with pytest.raises(UsageError, match="above zero"):
        Paths.following(("ATOMUSDT",), 0, 5, lambda symbol, ts: Decimal(0))
    with pytest.raises(UsageError):
        Paths(1, made.marks)


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")


def test_damage_is_where_it_says_and_nowhere_else(tmp_path: Path) -> None:
    def fresh(name: str, seed: int = 3) -> Path:
        return write_exports(account(seed), tmp_path / name, Style(kinds=("trades",)))[0]

    clean = _lines(fresh("clean"))
    done: dict[str, Damage] = {
        "removed": row_removed(fresh("removed"), 4),
        "doubled": row_doubled(fresh("doubled"), 4),
        "digit": digit_changed(fresh("digit"), 4, 9),
        "formula": formula_cell(fresh("formula"), 4, 9),
    }
    assert _lines(done["removed"].path) == clean[:3] + clean[4:]
    assert _lines(done["doubled"].path) == [*clean[:4], clean[3], *clean[4:]]
    for name in ("digit", "formula"):
        lines = _lines(done[name].path)
        assert lines[:3] + lines[4:] == clean[:3] + clean[4:] and lines[3] != clean[3]
    mixed = accounts_mixed(fresh("own"), fresh("other", 4))
    rows = table(mixed.path)
    assert {r[0] for r in rows[1:]} == {account(3).traits.uid, account(4).traits.uid}
    assert rows[mixed.row - 1][0] == account(4).traits.uid
    with pytest.raises(InputError, match="no row 1"):
        row_removed(fresh("refused"), 1)
    with pytest.raises(InputError, match="no digit"):
        digit_changed(fresh("letters"), 2, 3)


@pytest.mark.parametrize("harm", WHOLE_FILE.values(), ids=WHOLE_FILE)
def test_damage_to_a_whole_file(tmp_path: Path, harm: Callable[[Path], Damage]) -> None:
    style = Style(lang="zh", kinds=("trades",))
    path = write_exports(account(), tmp_path, style)[0]
    before = path.read_bytes()
    found = harm(path)
    assert found.path == path and re.search(r"[\u4e00-\u9fff]", found.what.zh) and found.what.en
    assert not path.exists() or path.read_bytes() != before


def test_a_spreadsheet_loses_seconds_and_digits(tmp_path: Path) -> None:
    path = write_exports(account(), tmp_path, Style(kinds=("trades",)))[0]
    before = table(path)[1]
    WHOLE_FILE["excel_mangled"](path)
    after = table(path)[1]
    assert after[1] == f"10/10/2025 {before[1][11:16]}" and len(after[5]) <= len(before[5])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_says_that_it_is_synthetic(tmp_path: Path, lang: str) -> None:
    readme, *files = write_sample(tmp_path, 7, lang)
    text = readme.read_text(encoding="utf-8")
    assert "SYNTHETIC" in text and "合成数据" in text and "synthetic-sample-7" in text
    assert all("synthetic-sample-7" in str(f.relative_to(tmp_path)) for f in files)
    assert len(files) == 9 and all(f.stat().st_size > 200 for f in files)
    with pytest.raises(UsageError):
        write_sample(tmp_path, 7, "fr")


@pytest.mark.parametrize("seed", range(12))
def test_the_story_of_the_sample(seed: int) -> None:
    """Whatever the seed: eleven orders without a bid, a takeover, a rescue that is late."""
    truth = sample_truth(seed)
    atom, usdt = (c for c in truth.chains)
    assert (atom.purse, usdt.purse) == (ATOM_WALLET, USDT_WALLET)
    assert atom.expired == 11 and atom.ended == usdt.ended == TAKEOVER
    assert sample_time("21:18:00") < atom.start < atom.end < sample_time("21:20:30")
    assert sample_time("21:19:00") < usdt.start < usdt.end < sample_time("21:21:30")
    late = [truth.movements[r.movement] for r in truth.rescues if r.in_time is False]
    assert [m.asset for m in late] == ["ATOM"] and late[0].ts < atom.start
    assert late[0].arrived is not None and late[0].arrived > atom.end
    assert any(o.client_id.startswith("adl_autoclose") for o in truth.orders)
    assert {t.market for t in truth.trades} == {USDM, COINM}
    last = {t.symbol: sample_paths().last(t.symbol, t.ts) for t in truth.trades}
    assert all(last.values()) and all(
        t.price == sample_paths().last(t.symbol, t.ts)
        for t in truth.trades
        if not next(o for o in truth.orders if (o.order_id, o.symbol) == (t.order_id, t.symbol))
        .client_id.count("autoclose")
    )  # fmt: skip


@pytest.mark.parametrize("wrong", [{"lang": "fr"}, {"parts": 0}, {"zone_in": "nowhere"}])
def test_a_style_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Style(**wrong)


def test_sizes_of_contracts_are_the_venues() -> None:
    sizes = {s: contract(s).size for s in ("BTCUSD_PERP", "ATOMUSD_PERP", "BTCUSDT")}
    assert sizes == {"BTCUSD_PERP": 100, "ATOMUSD_PERP": 10, "BTCUSDT": 1}
