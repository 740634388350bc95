"""Rows at fault: each counted once, said with row, column and remedy; the rest is read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from _export_files import (
    TRADE,
    TRADES,
    changed,
    codes,
    layout_of,
    one,
    quoted,
    read,
    sheet,
    trades,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import InputError
from liquest.problems import ABSENT, ASIDE, KEPT


@pytest.mark.parametrize(
    ("cells", "code", "en", "zh"),
    [
        ({"Price": "=B2*2"}, "formula",
         "row 3, column Price: '=B2*2' is a formula. Save the table as values.",
         "第 3 行“Price”列：“=B2*2”是公式。请以数值另存表格。"),
        ({"Quantity": "-100"}, "not-positive",
         "row 3, column Quantity: -100 is not above zero. Quantities and prices are above zero, "
         "the side stands in a column of its own: check the row against the exchange's page.",
         "第 3 行“Quantity”列：-100 不大于零。数量与价格应大于零，买卖方向另列说明："
         "请与交易所页面核对该行。"),
        ({"Price": "0"}, "not-positive", None, None),
        ({"Time": "45940.887"}, "serial-date-cut",
         "row 3, column Time(UTC): '45940.887' is the day number of a spreadsheet, too short to "
         "hold a time. Download the export again and do not open it in a spreadsheet before "
         "giving it.",
         "第 3 行“Time(UTC)”列：“45940.887”是电子表格的日期序号，位数不足以还原时刻。"
         "请重新下载导出文件，提交前不要用表格软件打开。"),
        ({"Time": "1.76E+12"}, "time-shortened", None, None),
        ({"Time": "10/11/2025 21:18"}, "ambiguous-date",
         "row 3, column Time(UTC): '10/11/2025 21:18' can be day 10 of month 11 or day 11 of "
         "month 10. Download the export again and do not open it in a spreadsheet before giving "
         "it.",
         "第 3 行“Time(UTC)”列：“10/11/2025 21:18”可以是 11 月 10 日，也可以是 10 月 11 日。"
         "请重新下载导出文件，提交前不要用表格软件打开。"),
        ({"Side": "HOLD"}, "unknown-word", None, None),
        ({"Symbol": ""}, "empty", None, None),
        ({"Realized_Profit": ""}, "empty",
         "row 3, column Realized Profit: the number is missing. Download the export again, or "
         "fill in the number.",
         "第 3 行“Realized Profit”列：缺少数字。请重新下载导出文件，或补填数字。"),
        ({"Price": "#VALUE!"}, "spreadsheet-error", None, None),
        ({"Quantity": "9" * 40}, "too-large", None, None),
        ({"Fee": "a lot"}, "not-a-number", None, None),
    ],
)  # fmt: skip
def test_a_row_at_fault(
    tmp_path: Path, cells: dict[str, str], code: str, en: str | None, zh: str | None
) -> None:
    path = trades(tmp_path / "t.csv", TRADE, changed(Trade_Id="7002", **cells))
    exports, problems = read(path)
    assert [t.trade_id for t in exports.trades] == ["7001"]
    (problem,) = problems
    assert (problem.code, problem.effect, problem.count) == (code, ASIDE, 1)
    assert (problem.first, problem.last, problem.path) == (3, 3, "t.csv")
    assert problem.source == exports.files[0].sha256
    assert "123456789" not in problem.sample and problem.sample
    if en is not None:
        assert problem.text == (en, zh)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Time": "2025/10/10 21:18"}, "no-seconds"),
        ({"Time": "45940.887847"}, "serial-date"),
        ({"Realized_Profit": "1.2E+05"}, "number-shortened"),
        ({"Trade_Id": "1.23E+17"}, "id-shortened"),
        ({"Order_Id": "#####"}, "id-shortened"),
    ],
)
def test_a_row_that_is_kept_with_a_word(tmp_path: Path, cells: dict[str, str], code: str) -> None:
    path = trades(tmp_path / "t.csv", TRADE, changed(Trade_Id="7002", **{}), changed(**cells))
    exports, problems = read(path)
    assert len(exports.trades) == 3
    (problem,) = problems
    assert (problem.code, problem.effect, problem.first, problem.count) == (code, KEPT, 4, 1)


def test_a_shortened_id_is_no_id(tmp_path: Path) -> None:
    """Two rows that a spreadsheet gave the same short id are two rows still."""
    rows = [changed(Trade_Id="1.23E+17", Price=price) for price in ("2.8", "2.9")]
    exports, _ = read(trades(tmp_path / "a.csv", *rows), trades(tmp_path / "b.csv", rows[0]))
    assert [(t.trade_id, t.price) for t in exports.trades] == [
        ("", Decimal("2.8")), ("", Decimal("2.9")),
    ]  # fmt: skip


def test_ids_cut_to_fifteen_digits_are_left_out(tmp_path: Path) -> None:
    rows = [changed(Trade_Id=str(n), Order_Id=f"838976556881{n}0000") for n in range(701, 705)]
    exports, problems = read(trades(tmp_path / "t.csv", *rows))
    assert {t.order_id for t in exports.trades} == {""}
    assert one(problems, "ids-cut").count == 4


def test_what_is_no_entry_by_intent_is_named(tmp_path: Path) -> None:
    path = trades(
        tmp_path / "joined.csv", TRADE, "\n", TRADES, changed(Trade_Id="7002"),
        "Total,,,,,,,286.5,,-105.2,,,,\n", "合计,,,,,,,286.5,,-105.2,,,,\n",
    )  # fmt: skip
    exports, problems = read(path)
    assert [t.ref.row for t in exports.trades] == [2, 5]
    assert [(p.code, p.effect, p.first, p.count) for p in problems] == [
        ("header-again", ASIDE, 4, 1), ("totals", ASIDE, 6, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("body", ["", "No data matches the criteria.\n", "没有符合条件的数据\n"])
def test_a_header_without_rows(tmp_path: Path, body: str) -> None:
    exports, problems = read(trades(tmp_path / "t.csv", body))
    assert exports.trades == [] and exports.files[0].rows == 0
    assert one(problems, "no-rows").effect == ABSENT


def test_a_file_cut_in_its_last_row(tmp_path: Path) -> None:
    for text in (TRADE[:60], quoted(TRADE.strip().split(","))[:60]):
        exports, problems = read(trades(tmp_path / "t.csv", TRADE, text))
        assert len(exports.trades) == 1
        problem = one(problems, "row-cut")
        assert (problem.first, problem.effect) == (3, ASIDE)


def test_a_row_of_other_width_and_a_quote_cost_one_row_each(tmp_path: Path) -> None:
    path = trades(
        tmp_path / "t.csv", TRADE, changed(Fee="0,14325 USDT"), changed(Symbol='"ATOM'),
        changed(Trade_Id="7002"),
    )  # fmt: skip
    exports, problems = read(path)
    assert [t.trade_id for t in exports.trades] == ["7001", "7002"]
    assert codes(problems) == ["cells", "quote"]


def test_wrong_delimiters_decimal_commas_and_workbook_lines(tmp_path: Path) -> None:
    tabs = tmp_path / "tabs.txt"
    tabs.write_text((TRADES + TRADE).replace(",", "\t"), encoding="utf-8")
    commas = tmp_path / "commas.csv"
    row = changed(Price="2.865", Fee="0.14325 USDT").replace(",", ";").replace(".", ",")
    commas.write_text("sep=;\n" + TRADES.replace(",", ";") + row, encoding="utf-8")
    for path in (tabs, commas):
        exports, problems = read(path)
        (trade,) = exports.trades
        assert (trade.price, trade.fee, trade.realised) == (
            Decimal("2.865"), Decimal("0.14325"), Decimal("-52.6"),
        )  # fmt: skip
        assert codes(problems) == (["decimal-comma"] if path is commas else [])


def test_lines_above_the_header_may_tell_the_zone(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    above = "合约交易历史,,\n用户ID:,123456789,\n时区:,UTC+8,\n,,\n"
    path.write_text(above + TRADES.replace("(UTC)", "") + TRADE, encoding="gb18030")
    exports, problems = read(path)
    assert problems == [] and exports.files[0].zone == "UTC+8"
    assert exports.trades[0].ts == parse_time("2025-10-10T13:18:53Z")
    assert exports.trades[0].ref.row == 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    layout = layout_of("transactions")
    row = {
        "time": "2025-10-10 21:18:53", "type": "资金费用", "amount": "-1.5", "asset": "USDT",
        "symbol": "ATOMUSDT", "id": "11",
    }  # fmt: skip
    path = sheet(tmp_path / "t.csv", layout, [row] * 3, lang="zh", encoding=encoding)
    exports, problems = read(path)
    assert [t.type for t in exports.transactions] == ["FUNDING_FEE"] * 3 and problems == []


def test_bytes_that_are_no_text_cost_their_rows_only(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    bad = changed(Symbol="ATOM??", Trade_Id="7002", Price="2?").encode().replace(b"?", b"\xff")
    sound = [changed(Trade_Id=str(8000 + n)) for n in range(41)]
    path.write_bytes((TRADES + "".join(sound[1:])).encode() + bad + sound[0].encode())
    exports, problems = read(path)
    assert len(exports.trades) == 41
    assert codes(problems) == ["encoding", "not-a-number"]


def test_days_and_months_are_told_by_another_row(tmp_path: Path) -> None:
    path = trades(
        tmp_path / "t.csv", changed(Time="10/11/2025 21:18:53"),
        changed(Time="10/31/2025 21:18:53", Trade_Id="7002"),
    )  # fmt: skip
    exports, problems = read(path)
    assert problems == []
    assert exports.trades[0].ts == parse_time("2025-10-11T21:18:53Z")
    path = trades(
        tmp_path / "t.csv", changed(Time="10/11/2025 21:18:53"),
        changed(Time="10/31/2025 21:18:53"),
        changed(Time="31/10/2025 21:18:53", Trade_Id="7002"),
    )  # fmt: skip
    exports, problems = read(path)
    assert len(exports.trades) == 2 and codes(problems) == ["ambiguous-date"]


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = trades(tmp_path / "t.csv", TRADE, "7" * 3_000_000 + "\n", changed(Trade_Id="7002"))
    exports, problems = read(path)
    assert len(exports.trades) == 2
    assert one(problems, "long-row").first == 3


def test_unknown_columns_and_missing_fees_are_said(tmp_path: Path) -> None:
    header = TRADES.replace(",Fee,", ",Mood,")
    exports, problems = read(trades(tmp_path / "t.csv", changed(Fee="fine"), header=header))
    assert exports.trades[0].fee == 0
    assert codes(problems) == ["no-fee", "column-ignored"]
    assert "Mood" in one(problems, "column-ignored").text.zh


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(
    st.just(TRADE),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80),
    st.lists(st.sampled_from(["", '"', "=1", "1E+9", "BUY", "2.5", "x", "-"]), max_size=16).map(
        ",".join),
), max_size=12))  # fmt: skip
def test_no_line_is_lost_and_none_stops_the_rest(tmp_path_factory: pytest.TempPathFactory,
                                                 lines: list[str]) -> None:  # fmt: skip
    """Every line that is not blank is an entry or counted in exactly one problem."""
    path = tmp_path_factory.mktemp("fuzz") / "t.csv"
    text = TRADES + "".join(line.rstrip("\n") + "\n" for line in lines) + TRADE
    path.write_text(text, encoding="utf-8", newline="")
    try:
        exports, problems = read(path)
    except InputError as error:
        # Another account's number in a row, or hardly any text at all, refuses the file.
        assert "two accounts" in str(error) or "no text" in str(error) or "bytes" in str(error)
        return
    with path.open(encoding="utf-8", newline=None) as held:
        rows = [r for r in held.read().split("\n")[1:] if r.strip(', "\t\u3000\ufeff')]
        rows = [r for r in rows if any(c.strip(' "') for c in r.split(","))]
    counted = sum(p.count for p in problems if p.effect == ASIDE)
    assert len(exports.trades) + exports.files[0].doubles + counted == len(rows)
