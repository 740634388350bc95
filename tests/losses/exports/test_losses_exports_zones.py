"""Zones: by the header, the name, the person, other files, the tape; else they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from _export_files import TRADES, changed, codes, layout_of, moment, one, read, sheet, trades

from liquest.clock import HOUR, MINUTE, SECOND, parse_time
from liquest.errors import InputError, UsageError
from liquest.losses.entries import Trade
from liquest.losses.exports import Fit

NAIVE = TRADES.replace("(UTC)", "")
T0 = parse_time("2025-10-10T20:00:00Z")
GAPS = (0, 61, 200, 333, 1000, 1500, 2750, 4000)
"""Seconds of some trades after T0, without a rhythm that another zone could copy."""


def rows(hours: int = 0) -> list[str]:
    """Trades at GAPS as a clock `hours` east of UTC shows them."""
    return [
        changed(Time=moment(T0 + gap * SECOND + hours * HOUR), Trade_Id=str(7001 + place))
        for place, gap in enumerate(GAPS)
    ]


def test_the_header_goes_before_the_name_and_the_name_before_what_is_given(tmp_path: Path) -> None:
    plus8 = NAIVE.replace("Time", "Time(UTC+8)")
    for name, header, hours, by in (
        ("x(UTC-6).csv", plus8, 8, "header"),
        ("x(UTC--6).csv", NAIVE, -6, "name"),
        ("x.csv", NAIVE, 3, "given"),
    ):
        exports, problems = read(trades(tmp_path / name, *rows(hours), header=header), tz="UTC+3")
        assert [t.ts for t in exports.trades] == [T0 + gap * SECOND for gap in GAPS]
        assert exports.files[0].zone_by == by
        assert codes(problems) == []


def test_a_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read(trades(tmp_path / "x.csv", *rows(), header=NAIVE), tz="Mars")


def test_times_that_coincide_with_another_file_in_one_zone_only(tmp_path: Path) -> None:
    known = [
        {"time": moment(T0 + gap * SECOND), "type": "COMMISSION", "amount": "-0.1",
         "asset": "USDT", "symbol": "ATOMUSDT", "id": str(gap)}
        for gap in GAPS
    ]  # fmt: skip
    paths = (
        trades(tmp_path / "trades.csv", *rows(8), header=NAIVE),
        sheet(tmp_path / "transactions.csv", layout_of("transactions"), known),
    )
    exports, problems = read(*paths)
    assert [t.ts for t in exports.trades] == [T0 + gap * SECOND for gap in GAPS]
    assert (exports.files[0].zone, exports.files[0].zone_by) == ("UTC+8", "trades")
    assert one(problems, "zone").text == (
        "the times name no zone and are read as UTC+8: only so do they coincide with the "
        "account's other files",
        "时间未注明时区，按 UTC+8 读取：仅此时区与该账户的其他文件时间吻合",
    )


def test_a_rhythm_that_fits_two_zones_decides_nothing(tmp_path: Path) -> None:
    hourly = [
        {"time": moment(T0 + hour * HOUR), "type": "COMMISSION", "amount": "-0.1",
         "asset": "USDT", "symbol": "ATOMUSDT", "id": str(hour)}
        for hour in range(24)
    ]  # fmt: skip
    same = [changed(Time=moment(T0 + h * HOUR), Trade_Id=str(h)) for h in range(12)]
    paths = (
        trades(tmp_path / "trades.csv", *same, header=NAIVE),
        sheet(tmp_path / "transactions.csv", layout_of("transactions"), hourly),
    )
    with pytest.raises(InputError, match="name no zone"):
        read(*paths)


def fits_at(*hours: int) -> object:
    """A tape whose prices hold the trades only when they are read in these zones."""

    def fits(found: Sequence[Trade]) -> Fit:
        right = {T0 + gap * SECOND + (8 - h) * HOUR for gap in GAPS for h in hours}
        return Fit(len(found), sum(t.ts in right for t in found))

    return fits


def test_the_tape_decides_where_one_zone_fits(tmp_path: Path) -> None:
    path = trades(tmp_path / "trades.csv", *rows(8), header=NAIVE)
    exports, problems = read(path, fits=fits_at(8))
    assert (exports.files[0].zone, exports.files[0].zone_by) == ("UTC+8", "tape")
    assert [t.ts for t in exports.trades] == [T0 + gap * SECOND for gap in GAPS]
    assert "market's prices" in one(problems, "zone").text.en
    for fits in (fits_at(8, 0), fits_at()):
        with pytest.raises(InputError, match="name no zone"):
            read(path, fits=fits)


def test_a_zone_that_carries_a_few_trades_to_the_tape_is_none(tmp_path: Path) -> None:
    """Where the tape holds four trades in a wrong zone and all of them fit, it says nothing."""
    path = trades(tmp_path / "trades.csv", *rows(8), header=NAIVE)

    def few(found: Sequence[Trade]) -> Fit:
        return Fit(4, 4) if found[0].ts == T0 else Fit(0, 0)

    def beside(found: Sequence[Trade]) -> Fit:
        return Fit(5, 5) if found[0].ts == T0 else Fit(11, 3)

    for fits in (few, beside):
        with pytest.raises(InputError, match="name no zone"):
            read(path, fits=fits)


def forced(path: Path, *ids: str, hours: int = 8) -> Path:
    """Orders at GAPS on a clock `hours` east of UTC, with these client order ids."""
    order = {
        "uid": "123456789", "symbol": "ATOMUSDT", "type": "LIMIT", "side": "SELL", "price": "2",
        "average": "2", "quantity": "1", "executed": "1", "status": "FILLED",
    }  # fmt: skip
    layout = dict(layout_of("orders"))
    layout["en"] = [name.replace("(UTC)", "") for name in layout["en"]]
    return sheet(path, layout, [
        order | {"time": moment(T0 + gap * SECOND + hours * HOUR), "order_id": str(9000 + n),
                 "updated": moment(T0 + gap * SECOND + hours * HOUR), "client_id": client}
        for n, (gap, client) in enumerate(zip(GAPS, (*ids, *["web_x"] * 8), strict=False))
    ])  # fmt: skip


def sent(place: int, late: int = 0, hours: int = 0) -> str:
    """The id of a forced order that was sent `late` seconds before the order's time."""
    return f"autoclose-{(T0 + (GAPS[place] - late) * SECOND + hours * HOUR) // 1000}123"


def test_ids_of_forced_orders_tell_the_zone_and_the_rest_follows(tmp_path: Path) -> None:
    path = forced(tmp_path / "orders.csv", sent(0), sent(1, late=59), "autoclose-1700000000000")
    rest = trades(tmp_path / "trades.csv", *rows(8), header=NAIVE)

    def fits(_: Sequence[Trade]) -> Fit:
        raise AssertionError("the tape is asked last")

    exports, problems = read(path, rest, fits=fits)
    assert [(f.zone, f.zone_by) for f in exports.files] == [("UTC+8", "ids"), ("UTC+8", "trades")]
    assert [o.ts for o in exports.orders] == [T0 + gap * SECOND for gap in GAPS]
    said = problems[0].text
    assert problems[0].code == "zone" and "UTC+8" in said.en and "强平单编号" in said.zh


@pytest.mark.parametrize(
    "ids",
    [
        ("web_1",), ("adl_autoclose",), ("autoclose-17",), (sent(0), sent(1, hours=1)),
        (sent(0, late=61),), (sent(0, late=-2),), ("x" + sent(0),),
        (sent(0), "autoclose-1700000000000", "autoclose-1700000000001"),
    ],
)  # fmt: skip
def test_ids_that_tell_no_zone_or_two_tell_nothing(tmp_path: Path, ids: Sequence[str]) -> None:
    with pytest.raises(InputError, match="name no zone"):
        read(forced(tmp_path / "orders.csv", *ids))


def test_a_clock_on_utc_is_told_by_ids_too(tmp_path: Path) -> None:
    exports, _ = read(forced(tmp_path / "orders.csv", sent(0), hours=0))
    assert (exports.files[0].zone, exports.files[0].zone_by) == ("UTC", "ids")


def positions(path: Path, hours: int) -> Path:
    row = {
        "symbol": "ATOMUSDT", "mode": "Cross", "side": "Long", "entry": "3", "close": "2",
        "most": "1", "closed": "1", "pnl": "-1", "opened": moment(T0 + hours * HOUR, ms=True),
        "status": "Closed",
    }  # fmt: skip
    closes = (GAPS[3], GAPS[5])
    return sheet(path, layout_of("positions"), [
        row | {"closed_at": moment(T0 + gap * SECOND + hours * HOUR)} for gap in closes
    ])  # fmt: skip


def test_positions_by_the_trades_beside_them_else_by_custom(tmp_path: Path) -> None:
    held = trades(tmp_path / "trades.csv", *rows())
    exports, problems = read(held, positions(tmp_path / "positions.csv", 8))
    assert (exports.files[1].zone, exports.files[1].zone_by) == ("UTC+8", "trades")
    assert {p.opened for p in exports.positions} == {T0}
    few = trades(tmp_path / "trades.csv", rows()[2])
    exports, problems = read(few, positions(tmp_path / "positions.csv", 0))
    assert (exports.files[1].zone, exports.files[1].zone_by) == ("UTC", "custom")
    assert "UTC" in one(problems, "zone").text.zh
    with pytest.raises(InputError, match="name no zone"):
        read(positions(tmp_path / "positions.csv", 0))


def test_times_with_a_zone_of_their_own_need_none(tmp_path: Path) -> None:
    own = [changed(Time="1760131133000"), changed(Time="2025-10-11T05:18:53+08:00")]
    exports, problems = read(trades(tmp_path / "t.csv", *own, header=NAIVE))
    assert {t.ts for t in exports.trades} == {parse_time("2025-10-10T21:18:53Z")}
    assert problems == [] and exports.files[0].zone == "UTC"


def test_half_hours_are_zones_too(tmp_path: Path) -> None:
    shifted = [
        changed(Time=moment(T0 + gap * SECOND + 330 * MINUTE), Trade_Id=str(gap)) for gap in GAPS
    ]
    exports, _ = read(trades(tmp_path / "t.csv", *shifted, header=NAIVE), tz="+05:30")
    assert exports.trades[0].ts == T0 and exports.files[0].zone == "UTC+5:30"
