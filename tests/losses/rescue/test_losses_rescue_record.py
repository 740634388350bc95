"""The rescue record: triggers, what came too late, orders that did not come about, words."""

from __future__ import annotations

import json
import re

import pytest
from _rescue_exports import FALL, T0, D, Marks, Told, at, ds, falling, marks

from liquest.clock import DAY, SECOND
from liquest.errors import InputError, UsageError
from liquest.findings import Finding
from liquest.losses.entries import COINM, FAILED, OUTSIDE, SPOT, USDM
from liquest.losses.forced.forced_record import forced_record
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.rescue.attempts import CLEARED_AWAY, EXPIRED, REJECTED, WHY, Clearing
from liquest.losses.rescue.rescue_findings import METHODS, findings
from liquest.losses.rescue.rescue_record import (
    AFTER_FORCED,
    BEFORE_CHANGE,
    BREACH,
    FORCED,
    GIVEN,
    rescue_record,
)
from liquest.losses.rescue.told import (
    ORDERS,
    TRANSFERS,
    TRIGGERS,
    order_rows,
    sentences,
    transfer_rows,
)

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def helped() -> Told:
    """Asked for at 5, 11 and 40; there at 8, 25 and 700; one refused."""
    told = falling()
    told.move(5, "1", 8)
    told.row(8, "TRANSFER", "1")
    told.move(11, "30", None)
    told.row(25, "TRANSFER", "30")
    told.move(40, "40", 700)
    told.row(700, "TRANSFER", "40")
    told.move(50, "7", None, status=FAILED)
    return told


def test_breach_needed_and_what_came_too_late() -> None:
    record, problems = helped().record(FALL)
    assert problems == []
    (risk,) = record.risks
    # What was there at 8 is in the balance: 101 + 100·(m − 4) − m, at 2.5: −51.5
    assert (risk.trigger, risk.trigger_by, risk.legs) == (at(10), BREACH, 1)
    assert risk.needed is not None
    assert (risk.needed.by, risk.needed.sum) == (at(10), D("51.5"))
    assert (risk.needed.at_once, risk.forced) == (D(2), at(12))
    early, slow, late, failed = record.help
    assert (early.after, early.late, early.transfer.took) == (-2 * SECOND, None, 3 * SECOND)
    assert (slow.after, slow.late, slow.transfer.took) == (15 * SECOND, 15 * SECOND, 14 * SECOND)
    assert (late.after, late.late) == (690 * SECOND, 690 * SECOND)
    assert (failed.after, failed.late) == (None, None)
    assert (record.late(0), record.enough(0)) == (D(70), True)


def test_without_marks_the_first_forced_order_is_the_trigger() -> None:
    record, problems = helped().record(None)
    (risk,) = record.risks
    assert (risk.trigger, risk.trigger_by, risk.needed) == (at(12), FORCED, None)
    assert [h.late for h in record.help][1] == 13 * SECOND
    assert (record.enough(0), problems) == (None, [])


def test_a_trigger_given_counts_but_the_deadline_is_that_of_the_marks() -> None:
    record, _ = helped().record(FALL, trigger=at(6))
    (risk,) = record.risks
    assert (risk.trigger, risk.trigger_by, risk.deadline) == (at(6), GIVEN, at(10))
    # At 6 what came at 8 was not there yet.
    assert risk.needed is not None and risk.needed.sum == D("52.5")
    assert [(h.after, h.late) for h in record.help][:2] == [
        (2 * SECOND, None), (19 * SECOND, 15 * SECOND)
    ]  # fmt: skip


def test_an_account_that_was_never_forced_can_be_asked_about_a_moment() -> None:
    told = falling()
    told.orders = []
    told.trades, told.transactions = told.trades[:1], told.transactions[:1]
    told.row(3600, "FUNDING_FEE", "-1")
    record, problems = told.record(FALL, trigger=at(2))
    assert problems == []
    (risk,) = record.risks
    assert risk.needed is not None and risk.needed.sum == D("52.5")
    assert (risk.forced, risk.trigger_by) == (None, GIVEN)
    nothing, problems = told.record(FALL)
    assert (nothing.window, nothing.risks, nothing.help, problems) == (None, (), (), [])
    assert (sentences(nothing), list(findings(nothing, told.exports, FALL))) == ([], [])


def test_a_trigger_outside_of_the_exports_is_refused() -> None:
    with pytest.raises(UsageError):
        falling().record(FALL, trigger=T0 + 40 * DAY)


def test_liquidated_though_never_below_by_the_marks_is_said() -> None:
    record, problems = falling().record(marks(*["4"] * 30))
    assert [p.code for p in problems] == ["liquidated-without-breach"]
    assert record.risks[0].needed is None and CHINESE.search(problems[0].text.zh)


def test_missing_marks_are_said() -> None:
    record, problems = falling().record(Marks({"XRPUSDT": ["1"] * 30}))
    assert [p.code for p in problems] == ["needed-unknown"]
    assert record.risks[0].trigger_by == FORCED


def test_marks_that_fall_after_the_forced_order_are_flagged() -> None:
    record, _ = falling().record(marks(*["4"] * 20, "2.9", *["4"] * 9))
    (risk,) = record.risks
    assert (risk.trigger, risk.trigger_by, risk.caveats) == (at(12), FORCED, (
        "margin-mode-unknown", AFTER_FORCED))  # fmt: skip


def test_a_breach_older_than_the_last_change_is_flagged() -> None:
    told = falling()
    told.row(11, "FUNDING_FEE", "-1")
    record, _ = told.record(FALL)
    assert BEFORE_CHANGE in record.risks[0].caveats
    assert record.risks[0].trigger == at(11)


def test_bars_bound_what_was_needed() -> None:
    rows = [("4", "2.5", "4.1")]
    record, problems = falling().record(Marks(bars={"ATOMUSDT": rows}))
    assert record.risks[0].at_most == D("52.5")
    (text,) = [t for t in sentences(record) if "they are bars" in t.en]
    assert "up to 52.5 USDT was needed" in text.en and "52.5 USDT" in text.zh
    rows = [("2.9", "2.5", "4.1")]
    (text,) = [
        t
        for t in sentences(falling().record(Marks(bars={"ATOMUSDT": rows}))[0])
        if "Its marks are bars" in t.en
    ]
    assert "12.9 USDT, there by" in text.en and "it would have been 52.5 USDT" in text.en
    assert [p.code for p in problems] == ["liquidated-without-breach"]


def test_a_position_that_is_not_known_is_no_guess() -> None:
    told = falling()
    told.trades[0] = told.trades[0]._replace(symbol="NOTIERSUSDT")
    told.trades[1] = told.trades[1]._replace(symbol="NOTIERSUSDT")
    told.orders = [o._replace(symbol="NOTIERSUSDT") for o in told.orders]
    record, problems = told.record(FALL)
    assert [p.code for p in problems] == ["unit-unknown"]
    assert record.risks[0].needed is None


# Orders


def test_orders_that_did_not_come_about() -> None:
    told = falling()
    told.order(-30, "ATOMUSDT", -1, "50", "stop", status="CANCELED", ended=12, limit="3")
    told.order(-20, "ATOMUSDT", -1, "50", "own", status="CANCELED", ended=-10)
    told.order(-20, "ATOMUSDT", 1, "50", "bid", status="EXPIRED", ended=11)
    told.order(3, "ATOMUSDT", -1, "100", "refused", status="REJECTED", limit=None)
    told.order(4, "ATOMUSDT", -1, "100", "ioc", status="EXPIRED", executed="0")
    told.order(5, "XRPUSDT", -1, "1", "match", status="EXPIRED_IN_MATCH")
    told.order(6, "ATOMUSDT", -1, "1", "fine", status="FILLED", executed="1")
    told.order(12, "ATOMUSD_PERP", -1, "1", "coin", status="CANCELED", market=COINM)
    told.order(-9000, "ATOMUSDT", -1, "1", "old", status="REJECTED")
    told.order(13, "ATOMUSDT", 1, "1", "after", status="EXPIRED", ended=14)
    record, _ = told.record(FALL)
    names = [told.exports.orders[one.order].order_id for one in record.attempts]
    assert list(zip(names, [(a.why, a.reduces) for a in record.attempts], strict=True)) == [
        ("stop", (CLEARED_AWAY, True)),
        ("bid", (CLEARED_AWAY, False)),
        ("refused", (REJECTED, True)),
        ("ioc", (EXPIRED, True)),
        ("match", (EXPIRED, None)),
        ("after", (EXPIRED, False)),
    ]
    told_en = " ".join(text.en for text in sentences(record))
    assert "2 orders of the account cancelled as the liquidation began" in told_en
    assert "1 order of the account refused by the venue" in told_en
    assert [cell.en for cell in order_rows(record)[2]] == [
        "21:18:03", "21:18:03", "ATOMUSDT", "LIMIT", "sell", "–", "100", "0",
        "refused by the venue", "yes",
    ]  # fmt: skip


def test_a_clearing_beyond_reason_is_refused() -> None:
    with pytest.raises(InputError):
        Clearing(before_s=601)


# Words and findings


def test_the_sentences() -> None:
    record, _ = helped().record(FALL)
    told = [text.en for text in sentences(record)]
    assert told[0] == (
        "The USDT wallet (usdm): trigger 21:18:10 UTC (10-11 05:18:10 UTC+8), the first second "
        "below maintenance margin."
    )
    assert told[1] == (
        "The USDT wallet (usdm): 51.5 USDT, there by 21:18:10 UTC (10-11 05:18:10 UTC+8), would "
        "have held it until 21:18:30 UTC (10-11 05:18:30 UTC+8); 2 USDT of it were missing at "
        "once, and most at 21:18:13 UTC (10-11 05:18:13 UTC+8)."
    )
    assert "2 s before the trigger" in told[2]
    assert told[3].endswith("took 14 s, 15 s after the trigger, 15 s too late.")
    assert "11 min 30 s too late" in told[4]
    assert "did not arrive (failed)" in told[5]
    assert told[6] == (
        "The USDT wallet (usdm): 70 USDT in all arrived too late; in time it would have held the "
        "wallet."
    )
    assert told[7].startswith("All else equal")
    for text in sentences(record):
        assert CHINESE.search(text.zh)
    assert sentences(record)[6].zh == (
        "USDT 钱包（usdm）：合计 70 USDT 迟到；若及时到账足以维持该钱包。"
    )


def test_rows_have_a_cell_for_every_column() -> None:
    record, _ = helped().record(FALL)
    table = transfer_rows(record)
    assert [cell.en for cell in table[1]] == [
        "21:18:11", "21:18:25", "30 USDT", "spot", "usdm", "14 s", "15 s", "15 s", "done"
    ]  # fmt: skip
    assert [cell.en for cell in table[0]][6:8] == ["−2 s", "–"]
    assert table[3][8].zh == "失败"
    assert {len(row) for row in table} == {len(TRANSFERS)}
    for text in (*TRANSFERS, *ORDERS, *TRIGGERS.values(), *WHY.values()):
        assert text.en and CHINESE.search(text.zh)


def test_findings_carry_numbers_rows_and_caveats() -> None:
    told = helped()
    told.order(3, "ATOMUSDT", -1, "100", "refused", status="REJECTED", limit=None)
    record, _ = told.record(FALL)
    found = list(findings(record, told.exports, FALL))
    assert {f.method for f in found} == {m.id for m in METHODS}
    needed, *rest = found
    assert (needed.value, needed.unit, needed.at) == (D("51.5"), "USDT", at(10))
    assert needed.subject == {"account": "A1", "venue": "binance", "wallet": "usdm USDT"}
    assert needed.params["marks"] == {"ATOMUSDT": D("2.5")}
    assert ds(needed.params["equity"], needed.params["maintenance"]) == ds(-49, "2.5")
    assert needed.caveats == ("exogenous", "opening-unknown", "margin-mode-unknown")
    assert needed.inputs[0].source == "f" * 64
    arrivals = [f for f in rest if f.name == "losses.rescue.arrival"]
    assert [(f.value, f.params.get("late_s")) for f in arrivals] == [
        (D(-2), None), (D(15), D(15)), (D(690), D(690))
    ]  # fmt: skip
    assert [(i.source[0], i.first) for i in arrivals[1].inputs] == [("c", 5), ("d", 3)]
    assert len([f for f in rest if f.name == "losses.rescue.transfer"]) == 4
    assert "refused" not in json.dumps([f.params.get("order", "") for f in found])
    for one in found:
        assert Finding.of(json.loads(json.dumps(one.json()))).id == one.id
    for method in METHODS:
        for text in (method.title, method.definition):
            assert text.en and CHINESE.search(text.zh)


def test_the_record_itself_needs_no_units() -> None:
    """Without the margin units of the account transfers and orders are still set in time."""
    exports = helped().exports
    ledger, _ = reconstruct(exports)
    forced, _ = forced_record(exports, ledger, None)
    record, problems = rescue_record(exports, ledger, FALL, forced)
    assert (record.risks[0].needed, record.risks[0].trigger, problems) == (None, at(12), [])
    assert len(record.help) == 4


def test_a_deposit_from_outside_has_no_wallet_to_be_late_for() -> None:
    told = helped()
    told.move(60, "1000", 1800, source=OUTSIDE, target=SPOT)
    record, _ = told.record(FALL)
    deposit = next(h for h in record.help if h.transfer.source == OUTSIDE)
    assert (deposit.risk, deposit.late, deposit.transfer.took) == (-1, None, 1740 * SECOND)
    out = falling()
    out.row(30, "TRANSFER", "-5")
    (moved,) = out.record(FALL)[0].help
    assert (moved.transfer.source, moved.after, moved.late) == (USDM, 20 * SECOND, None)
