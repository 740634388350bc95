"""Two versions of a file: every difference, and nothing else."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from _archive_server import gzipped, trades, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liquest.fetch import rows
from liquest.fetch.rows import ADDED, CHANGED, HEADER, REMOVED, Change, Comparison, compare
from liquest.fetch.tables import table

KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)
MINUTE_AT = 1760131200000


def klines(lows: list[str], start: int = 0) -> list[str]:
    return [
        f"{MINUTE_AT + 60000 * n},1.9,2.0,{low},1.95,10,{MINUTE_AT + 60000 * n + 59999},20,3,5,9,0"
        for n, low in enumerate(lows, start)
    ]


def compared(folder: Path, old: bytes, new: bytes) -> Comparison:
    (folder / "old").write_bytes(old)
    (folder / "new").write_bytes(new)
    return compare(folder / "old", folder / "new", folder / "scratch")


def of_lines(folder: Path, old: list[str], new: list[str]) -> Comparison:
    return compared(folder, gzipped("\n".join(old) + "\n"), gzipped("\n".join(new) + "\n"))


def test_an_edited_low(tmp_path: Path) -> None:
    old = [KLINES, *klines(["1.8", "0.001", "1.7"])]
    new = [KLINES, *klines(["1.8", "1.540", "1.7"])]
    found = of_lines(tmp_path, old, new)
    at = (MINUTE_AT + 60000) * 1000
    assert found.changes == [
        Change(CHANGED, str(MINUTE_AT + 60000), "low", "0.001", "1.540", 3, 3, at)
    ]
    assert found.rows == {CHANGED: 1} and not found.cut


def test_without_a_header_the_columns_still_have_names(tmp_path: Path) -> None:
    (one,) = of_lines(tmp_path, klines(["1.8", "0.001"]), klines(["1.8", "1.540"])).changes
    assert (one.column, one.old_row, one.new_row) == ("low", 2, 2)


def test_an_added_and_a_removed_row(tmp_path: Path) -> None:
    full = klines(["1", "2", "3", "4", "5"])
    found = of_lines(tmp_path, [KLINES, *full[:2], *full[3:]], [KLINES, *full[:4]])
    assert [(c.kind, c.old_row, c.new_row) for c in found.changes] == [
        (ADDED, None, 4), (REMOVED, 5, None)
    ]  # fmt: skip
    assert found.changes[0].new == full[2] and found.changes[1].old == full[4]


def test_several_cells_of_one_row_are_several_changes(tmp_path: Path) -> None:
    old, new = (
        klines(["1.8"])[0],
        klines(["1.8"])[0].replace("1.9,", "1.91,").replace(",20,", ",21,"),
    )
    found = of_lines(tmp_path, [KLINES, old], [KLINES, new])
    assert [(c.column, c.old, c.new) for c in found.changes] == [
        ("open", "1.9", "1.91"), ("quote_volume", "20", "21")
    ]  # fmt: skip
    assert found.rows == {CHANGED: 1}


def test_text_counts_not_value(tmp_path: Path) -> None:
    (one,) = of_lines(tmp_path, klines(["1.5"]), klines(["1.50"])).changes
    assert (one.old, one.new) == ("1.5", "1.50")


@pytest.mark.parametrize("level", [1, 9])
def test_packed_anew_is_no_change(tmp_path: Path, level: int) -> None:
    text = trades(500)
    found = compared(tmp_path, zipped("a.csv", text, level=6), zipped("b.csv", text, level=level))
    assert found.total == 0 and found.readable
    assert compared(tmp_path, text.encode(), gzip.compress(text.encode())).total == 0


def test_rows_in_another_order_are_no_change(tmp_path: Path) -> None:
    lines = trades(50).splitlines()
    assert of_lines(tmp_path, lines, lines[::-1]).total == 0


def test_a_header_that_came_is_told_once(tmp_path: Path) -> None:
    body = klines(["1", "2"])
    found = of_lines(tmp_path, body, [KLINES, *body])
    assert [(c.kind, c.old, c.new) for c in found.changes] == [(HEADER, None, KLINES)]


def test_a_key_that_occurs_twice_matches_equal_rows_first(tmp_path: Path) -> None:
    header = "timestamp,percentage,depth"
    old = [header, "1760131200000,-1,5", "1760131200000,1,6", "1760131200000,1,7"]
    new = [header, "1760131200000,-1,5", "1760131200000,1,9", "1760131200000,1,7"]
    (one,) = of_lines(tmp_path, old, new).changes
    assert (one.key, one.column, one.old, one.new) == ("1760131200000 1", "depth", "6", "9")


def test_another_number_of_columns_shows_whole_rows(tmp_path: Path) -> None:
    (one,) = of_lines(tmp_path, ["id,price", "7,1"], ["id,price", "7,1,x"]).changes
    assert (one.kind, one.column, one.old, one.new) == (CHANGED, "", "7,1", "7,1,x")


def test_quoted_cells_with_commas_and_quotes(tmp_path: Path) -> None:
    old = ["id,text", '1,"a, ""b"""', "2,it's"]
    new = ["id,text", '1,"a, ""c"""', "2,it's"]
    (one,) = of_lines(tmp_path, old, new).changes
    assert (one.column, one.old, one.new) == ("text", 'a, "b"', 'a, "c"')


def test_candles_in_json(tmp_path: Path) -> None:
    def document(low: str) -> bytes:
        return (
            '{"exchange": "binance", "symbol": "ATOM/USDT", "timeframe": "1m", "candles": [\n'
            f"[{MINUTE_AT},1.9,2.0,1.8,1.9,10],\n[{MINUTE_AT + 60000},1.9,2.0,{low},1.9,10]]}}"
        ).encode()

    (one,) = compared(tmp_path, document("0.001"), document("1.540")).changes
    assert (one.column, one.old, one.new, one.old_row) == ("low", "0.001", "1.540", 2)


def test_records_in_json(tmp_path: Path) -> None:
    old = [{"id": "a", "price": 1.10}, {"id": "b", "text": "x\ny"}]
    new = [{"id": "a", "price": 1.20}, {"id": "b", "text": "x\ny"}]
    (one,) = compared(tmp_path, json.dumps(old).encode(), json.dumps(new).encode()).changes
    assert (one.key, one.column, one.old, one.new) == ("a", "price", "1.1", "1.2")


def test_plain_text_is_compared_by_lines(tmp_path: Path) -> None:
    old = b"# Statement\nhigh load\nend\n"
    found = compared(tmp_path, old, b"# Statement\nsome modules\nend\n")
    assert {(c.kind, c.old or c.new) for c in found.changes} == {
        (REMOVED, "high load"), (ADDED, "some modules")
    }  # fmt: skip


def test_what_is_no_text_is_not_compared(tmp_path: Path) -> None:
    assert not compared(tmp_path, b"\x89PNG\x00\x01", b"\x89PNG\x00\x02").readable
    assert not compared(tmp_path, zipped("a", "x")[:-4], zipped("a", "y")).readable


def test_a_whole_new_file_is_counted_and_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST", 10)
    old, new = klines(["1"] * 100), klines(["2"] * 120)
    found = of_lines(tmp_path, old, new)
    assert len(found.changes) == 10 and found.cut
    assert found.rows == {CHANGED: 100, ADDED: 20}


def test_names_of_columns_and_keys(tmp_path: Path) -> None:
    cases = {
        "trade_id/撮合id,side,size,price,created_time\n1,buy,1,1,1\n": (0,),
        "instrument_name,trade_id,price\nA,1,1\n": (1, 0),
        "create_time,symbol,sum\n2025-10-10 00:05:00,BTC,1\n": (0, 1),
        "exchange,symbol,timestamp,local_timestamp,id,side\na,b,1,1,c,d\n": (4, 0, 1),
        "foo,bar\n1,2\n": (),
        "one line": (),
    }
    for text, key in cases.items():
        (tmp_path / "x").write_text(text, encoding="utf-8")
        made = table(tmp_path / "x", tmp_path / "y")
        assert made is not None and made.key == key


_CELL = st.sampled_from(["1", "2", "0.001", "1.540", "x", ""])
_ROWS = st.lists(st.tuples(st.integers(1, 6), _CELL, _CELL), max_size=12)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_ROWS, _ROWS)
def test_it_says_what_a_naive_comparison_says(
    tmp_path: Path, old: list[tuple[int, str, str]], new: list[tuple[int, str, str]]
) -> None:
    texts = [["id,a,b", *(f"{k},{a},{b}" for k, a, b in side)] for side in (old, new)]
    found = of_lines(tmp_path, *texts)
    gone = Counter(old) - Counter(new)
    came = Counter(new) - Counter(old)
    keys = {k for k, _, _ in (*gone, *came)}
    expected: Counter[str] = Counter()
    for key in keys:
        before = sum(n for (k, _, _), n in gone.items() if k == key)
        after = sum(n for (k, _, _), n in came.items() if k == key)
        expected[CHANGED] += min(before, after)
        expected[REMOVED] += max(0, before - after)
        expected[ADDED] += max(0, after - before)
    assert found.rows == +expected
    for change in found.changes:
        for row, side in ((change.old_row, texts[0]), (change.new_row, texts[1])):
            assert row is None or side[row - 1].split(",")[0] == change.key
