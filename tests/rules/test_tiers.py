"""tiers: the ladder, its invariants, and tables that are refused by row."""

from __future__ import annotations

import gzip
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from _margins import OLD_ETH, D, amounts, check_shape, ladder, ladders
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import (
    InputError,
    IntegrityError,
    LiquestError,
    UnknownFormat,
    UnreadableFile,
)
from liquest.rules.tiers import COLUMNS, Bracket, Tiers, flat, read_tiers

HEADER = ",".join(COLUMNS)
OLD_BTC = """\
BTCUSDT,1,0,50000,0.004,125,0
BTCUSDT,2,50000,250000,0.005,100,50
BTCUSDT,3,250000,1000000,0.01,50,1300
BTCUSDT,4,1000000,10000000,0.025,20,16300
BTCUSDT,5,10000000,20000000,0.05,10,266300
BTCUSDT,6,20000000,50000000,0.1,5,1266300
"""


def table(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "tiers.csv"
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    return path


def old_btc(folder: Path) -> Tiers:
    return read_tiers(table(folder, OLD_BTC))["BTCUSDT"]


def test_the_old_btc_tiers(tmp_path: Path) -> None:
    tiers = old_btc(tmp_path)
    assert tiers.cums == tuple(map(D, (0, 50, 1300, 16300, 266300, 1266300)))
    assert tiers.maintenance(D(50000)) == 200
    assert tiers.maintenance(D(1_000_000)) == 8700
    assert tiers.maintenance(D(50_000_000)) == 3_733_700
    assert tiers.cap == 50_000_000


def test_a_notional_on_a_floor_belongs_to_the_tier_below(tmp_path: Path) -> None:
    tiers = old_btc(tmp_path)
    assert [tiers.bracket(D(n)).number for n in ("0", "50000", "50000.01", "20000000")] == [
        1, 1, 2, 5,
    ]  # fmt: skip
    assert tiers.bracket(D(250_001)) == Bracket(
        3, D(250_000), D(1_000_000), D("0.01"), D(1300), D(50)
    )


def test_above_the_cap_the_last_tier_goes_on(tmp_path: Path) -> None:
    tiers = old_btc(tmp_path)
    assert tiers.bracket(D(10**9)).number == 6
    assert tiers.maintenance(D(10**9)) == 10**8 - 1266300
    with pytest.raises(InputError, match="above the largest of BTCUSDT, 50000000"):
        tiers.check_leverage(D(50_000_001), D(1))


def test_leverage_above_that_of_the_tier(tmp_path: Path) -> None:
    tiers = old_btc(tmp_path)
    tiers.check_leverage(D(50_000), D(125))
    with pytest.raises(InputError, match=r"leverage 125 is above the 100 that bracket 2") as caught:
        tiers.check_leverage(D(50_001), D(125), "accounts.csv:7")
    assert caught.value.where == "accounts.csv:7"
    assert "不超过 100" in caught.value.render("zh")
    with pytest.raises(InputError, match="not above zero"):
        tiers.check_leverage(D(1), D(0))


def test_a_negative_notional_is_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        OLD_ETH.maintenance(D(-1))


def test_flat_is_one_tier_without_a_limit() -> None:
    tiers = flat("BTCUSD_PERP", D("0.01"))
    assert (len(tiers), tiers.cap, tiers.max_leverage) == (1, None, (D(100),))
    assert tiers.maintenance(D(10**12)) == 10**10
    with pytest.raises(InputError, match="above 100 %"):
        flat("X", D("1.01"))


def test_rates_times_a_factor_stop_at_the_whole_notional() -> None:
    tiers = ladder("X", "0 0.1 5", "100 0.5 2", "200 0.8 1")
    twice = tiers.scaled(D(2))
    assert twice.rates == (D("0.2"), D(1), D(1))
    assert twice.cums == (D(0), D(80), D(80))
    assert tiers.scaled(D(1)) == tiers
    with pytest.raises(InputError, match="factor"):
        tiers.scaled(D(0))


WRONG = [
    ({"floors": (D(1), D(100))}, "must start at 0"),
    ({"floors": (D(0), D(0))}, "ends at 0, not above 0"),
    ({"cap": D(100)}, "ends at 100, not above 100"),
    ({"rates": (D("0.5"), D("0.1"))}, "lower rate"),
    ({"max_leverage": (D(2), D(5))}, "higher leverage"),
    ({"rates": (D(0), D("0.5"))}, "not above zero"),
    ({"rates": (D("0.1"), D("1.5"))}, "above 100 %"),
    ({"rates": (D("NaN"), D("0.5"))}, "no finite decimal"),
    ({"cums": (D(0),)}, "equally many"),
    ({"cums": (D(0), D("NaN"))}, "no finite decimal"),
    ({"floors": (), "rates": (), "cums": (), "max_leverage": ()}, "at least one"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_what_is_no_ladder_cannot_be_built(change: dict[str, object], words: str) -> None:
    good = ladder("X", "0 0.1 5", "100 0.5 2", cap="200")
    with pytest.raises(InputError, match=words):
        replace(good, **change)  # type: ignore[arg-type]


def test_a_wrong_cum_cannot_be_built() -> None:
    good = ladder("X", "0 0.1 5", "100 0.5 2")
    with pytest.raises(IntegrityError, match="expected 40, got 41"):
        replace(good, cums=(D(0), D(41)))


@settings(max_examples=300)
@given(ladders(), st.lists(amounts("0", "100000000", 2), min_size=3, max_size=3, unique=True))
def test_maintenance_is_continuous_convex_and_rising(
    tiers: Tiers, notionals: list[Decimal]
) -> None:
    check_shape(tiers, notionals)


def test_gzip_bom_crlf_spaces_and_unlimited_caps(tmp_path: Path) -> None:
    path = tmp_path / "any.name"
    rows = (
        "X, 1 ,0.0,1E+2,0.1,5.0,0E-8,note\r\n\r\nX,2,100,9.223372036854776E+18,0.5,2,40.00,\r\n"
        "币安人生USDT,1,0,,0.01,50,0,\r\n"
    )
    path.write_bytes(gzip.compress(f"\ufeff{HEADER},remark\r\n{rows}".encode()))
    found = read_tiers(path)
    assert list(found) == ["X", "币安人生USDT"]
    assert (found["X"].floors, found["X"].cap) == ((D(0), D(100)), None)
    assert found["币安人生USDT"].cap is None


ROW_FAULTS = [
    ("X,1,0,100,0.1,5", "6 cells in a table of 7 columns", "2"),
    ("X,1,0,100,abc,5,0", "mmr is no number: 'abc'", "2"),
    ("X,1,0,100,=1/10,5,0", "mmr is no number: '=1/10'", "2"),
    ("=cmd|' /C calc'!A0,1,0,100,0.1,5,0", "is no symbol", "2"),
    ("+X,1,0,100,0.1,5,0", "is no symbol", "2"),
    (",1,0,100,0.1,5,0", "is no symbol", "2"),
    ("X,1,0,１００,0.1,5,0", "notional_cap is no number", "2"),
    ('X,1,0,"1,000",0.1,5,0', "notional_cap is no number", "2"),
    ("X,1,0,100,NaN,5,0", "mmr is no number", "2"),
    ("X,1,0,100,-0.1,5,0", "mmr is no number", "2"),
    ("X,1,0,1e99,0.1,5,0", "larger than any market", "2"),
    ("X,1,0,100,1e-99999,5,0", "mmr is no number", "2"),
    (f"X,1,0,{'9' * 300},0.1,5,0", "notional_cap is no number", "2"),
    ("X,1,0,100,10,5,0", "the rate 10 is not above 0 and at most 1", "2"),
    ("X,1,0,100,0,5,0", "the rate 0 is not above 0", "2"),
    ("X,1,0,100,0.1,0,0", "the maximum leverage is not above zero", "2"),
    ("X,1,100,100,0.1,5,0", "the cap 100 is not above the floor 100", "2"),
    ("X,1.5,0,100,0.1,5,0", "bracket 0 of X stands where 1 is expected", "2"),
    ("X,2,0,100,0.1,5,0", "bracket 2 of X stands where 1 is expected", "2"),
    ("X,1,5,100,0.1,5,0", "bracket 1 starts at 5, the one before ends at 0", "2"),
    ("X,1,0,100,0.1,5,0\nX,2,150,200,0.5,2,60", "starts at 150, the one before ends at 100", "3"),
    ("X,1,0,,0.1,5,0\nX,2,150,200,0.5,2,60", "the one before ends at no limit", "3"),
    ("X,1,0,100,0.1,5,0\nX,3,100,200,0.5,2,40", "bracket 3 of X stands where 2", "3"),
    ("X,1,0,100,0.1,5,0\nX,2,100,200,0.05,2,0", "asks a lower rate", "3"),
    ("X,1,0,100,0.1,5,0\nX,2,100,200,0.5,6,40", "allows a higher leverage", "3"),
    ("X,1,0,100,0.1,5,0\n\nX,1,0,100,0.1,5,0", "the tiers of X begin again", "4"),
    ("X,1,0,100,0.1,5,0\nX,2,100,200,0.5,2,41", "expected 40, got 41", "3"),
    ("X,1,0,100,0.1,5,7", "expected 0, got 7", "2"),
    ('"X,1,0,100,0.1,5,0', "the row is no CSV", "2"),
    ("X\x00,1,0,100,0.1,5,0", "is no symbol", "2"),
]


@pytest.mark.parametrize(("rows", "words", "line"), ROW_FAULTS)
def test_a_row_at_fault_is_named(tmp_path: Path, rows: str, words: str, line: str) -> None:
    path = table(tmp_path, rows + "\n")
    with pytest.raises(LiquestError) as caught:
        read_tiers(path)
    assert words in caught.value.what.en
    assert caught.value.where == f"{path}:{line}"
    assert caught.value.remedy is not None
    assert caught.value.remedy.zh != caught.value.remedy.en


def test_a_very_long_cell_is_cut_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_tiers(table(tmp_path, f"X,1,0,100,{'x' * 5000},5,0\n"))
    assert len(caught.value.what.en) < 100


@pytest.mark.parametrize("header", ["symbol,bracket,notional_floor", HEADER + ",cum", ""])
def test_columns_must_stand_once_each(tmp_path: Path, header: str) -> None:
    with pytest.raises(UnknownFormat, match="cum"):
        read_tiers(table(tmp_path, "", header))


def test_a_table_without_rows(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rows"):
        read_tiers(table(tmp_path, ""))


def test_what_is_no_readable_text(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_tiers(tmp_path / "none.csv")
    packed = tmp_path / "cut.csv.gz"
    packed.write_bytes(gzip.compress(f"{HEADER}\n{OLD_BTC}".encode())[:-20])
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_tiers(packed)
    packed.write_bytes(f"{HEADER}\n{OLD_BTC}".encode("utf-16"))
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        read_tiers(packed)
    packed.write_bytes(gzip.compress(bytes(65 << 20), 1))
    with pytest.raises(UnreadableFile, match="more than 64 MiB"):
        read_tiers(packed)


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_no_text_gets_past_as_a_crash(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "t.csv"
    path.write_bytes(f"{HEADER}\n{text}".encode("utf-8", "surrogatepass"))
    with pytest.raises(LiquestError):
        read_tiers(path)
