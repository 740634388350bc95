"""Candles through ccxt: every digit as the venue sent it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _archive_server import ArchiveServer, FakeTime, fast_web

from _tape import read_path
from liquest.errors import UsageError
from liquest.fetch import candles, dates
from liquest.fetch.candles import Candles
from liquest.fetch.engine import Engine
from liquest.fetch.failures import Absent, Refused, Unreachable
from liquest.fetch.recheck import recheck
from liquest.fetch.wanted import Wanted
from liquest.fetch.web import Web
from liquest.vault.store import Vault

pytest_plugins = ("_archive_fixtures",)

DAY_AT = 1760054400000
STEP = 60_000


class Venue:
    """An exchange as ccxt would give it, `page` candles an answer; minutes in `holes` had no
    trade."""

    def __init__(self, *, page: int = 300, holes: range = range(0), low: str = "3.5600") -> None:
        self.page, self.holes, self.low = page, holes, low
        self.asked: list[int] = []
        self.fail: list[Exception] = []
        self.last_http_response: Any = ""
        self.cell: Callable[[str], Any] = str

    def fetch_ohlcv(
        self, symbol: str, timeframe: str, since: int, limit: int | None
    ) -> list[list[Any]]:
        assert (symbol, timeframe) == ("ATOM/USD", "1m") and limit
        self.asked.append(since)
        if self.fail:
            raise self.fail.pop(0)
        first = (since - DAY_AT) // STEP
        rows = [
            [DAY_AT + n * STEP, *(self.cell(c) for c in ("3.57", "3.60", self.low, "3.58", "1.50"))]
            for n in range(first, first + self.page)
            if n not in self.holes
        ]
        self.last_http_response = json.dumps(rows)
        return rows


class NetworkError(Exception): ...


class BadSymbol(Exception): ...


def wanted() -> Wanted:
    asked = candles.Asked("coinbaseexchange", ("ATOM/USD",), tuple(dates.days("2025-10-10")))
    return candles.plan(asked).wanted[0]


def rows(path: Path) -> list[list[Any]]:
    data = json.loads(path.read_text(), parse_float=str)
    assert (data["exchange"], data["symbol"], data["timeframe"]) == (
        "coinbaseexchange", "ATOM/USD", "1m"
    )  # fmt: skip
    found: list[list[Any]] = data["candles"]
    return found


@pytest.mark.parametrize("page", [1, 100, 300, 1440, 5000])
def test_a_day_is_put_together_from_pages(web: Web, tmp_path: Path, page: int) -> None:
    venue = Venue(page=page)
    got = Candles(web, lambda _: venue).obtain(wanted(), tmp_path)
    found = rows(got.path)
    assert [r[0] for r in found] == [DAY_AT + n * STEP for n in range(1440)]
    assert found[0][1:] == ["3.57", "3.60", "3.5600", "3.58", "1.50"]
    (pages,) = got.companions
    assert len(pages.body.splitlines()) == len(venue.asked)
    assert got.media_type == "application/json"


def test_holes_are_holes(web: Web, tmp_path: Path) -> None:
    got = Candles(web, lambda _: Venue(page=100, holes=range(200, 640))).obtain(wanted(), tmp_path)
    assert len(rows(got.path)) == 1000


def test_a_day_without_a_candle_is_an_absence(web: Web, tmp_path: Path) -> None:
    with pytest.raises(Absent):
        Candles(web, lambda _: Venue(holes=range(-1, 9999))).obtain(wanted(), tmp_path)


def test_a_float_has_lost_its_digits_and_is_refused(web: Web, tmp_path: Path) -> None:
    venue = Venue()
    for cell in (float, lambda _: "NaN", lambda _: "1,5", lambda _: "0x1"):
        venue.cell = cell
        with pytest.raises(Refused, match="no exact number"):
            Candles(web, lambda _: venue).obtain(wanted(), tmp_path)


def test_a_network_that_fails_is_asked_again(web: Web, clock: FakeTime, tmp_path: Path) -> None:
    venue = Venue()
    venue.fail = [NetworkError("down"), NetworkError("down")]
    Candles(web, lambda _: venue).obtain(wanted(), tmp_path)
    assert len(clock.slept) == 2
    venue.fail = [NetworkError("down")] * 9
    with pytest.raises(Unreachable, match="down"):
        Candles(web, lambda _: venue).obtain(wanted(), tmp_path)


def test_what_the_venue_says_is_told(web: Web, tmp_path: Path) -> None:
    venue = Venue()
    venue.fail = [BadSymbol("no ATOM")]
    with pytest.raises(Absent):
        Candles(web, lambda _: venue).obtain(wanted(), tmp_path)
    venue.fail = [ValueError("odd")]
    with pytest.raises(Refused, match="odd"):
        Candles(web, lambda _: venue).obtain(wanted(), tmp_path)


def test_without_ccxt_the_command_to_install_it_is_told(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.import_module

    def missing(name: str, package: str | None = None) -> Any:
        if name == "ccxt":
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(UsageError) as caught:
        candles.open_exchange("coinbaseexchange")
    assert "pip install 'liquest[candles]'" in caught.value.render("zh")
    done = Engine(web, {"ccxt": Candles(web)}, Vault.open(tmp_path), tmp_path).run(
        candles.plan(candles.Asked("x", ("A/B",), tuple(dates.days("2025-10-10"))))
    )
    assert "pip install" in done.problems[0].text.en


def test_candles_are_sealed_read_and_rechecked(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    venue = Venue(low="0.001")
    vault = Vault.open(tmp_path)
    source = {"ccxt": Candles(web, lambda _: venue)}
    plan = candles.plan(
        candles.Asked("coinbaseexchange", ("ATOM/USD",), tuple(dates.days("2025-10-10")))
    )
    assert Engine(web, source, vault, tmp_path).run(plan).complete
    item = next(i for i in vault.items() if i.source.endswith(".json"))
    assert Engine(web, source, vault, tmp_path).run(plan).skipped
    copy = tmp_path / plan.wanted[0].name
    copy.write_bytes(vault.path_of(item.sha256).read_bytes())
    taken = read_path(copy)
    assert taken.loaded.format == "ccxt-candles" and taken.loaded.rows == 1440
    with fast_web(server) as fresh:
        assert [f.value for f in recheck(tmp_path, vault, fresh, source).findings] == ["unchanged"]
    venue.low = "1.540"
    venue.holes = range(1, 1440)
    with fast_web(server) as fresh:
        found = recheck(tmp_path, vault, fresh, source).findings
    edited = [f for f in found if f.params.get("column") == "low"]
    assert [(f.params["old"], f.params["new"]) for f in edited] == [("0.001", "1.540")]
    assert edited[0].subject["venue"] == "coinbaseexchange"
    assert sum(f.value == "removed" for f in found) == 1439
    # The venue's own answers of both versions are evidence too.
    assert sum(i.url.endswith("#pages") for i in vault.items()) == 2


def test_the_real_ccxt_gives_the_digits_of_the_venue(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    ccxt = pytest.importorskip("ccxt")
    server.answers["products/ATOM-USD/candles"] = (
        json.dumps([[DAY_AT // 1000 + 60, 3.561, 3.6, 3.57, 3.58, 1.5]])
        .replace("3.561", "3.5610")
        .encode()
    )

    def opener(name: str) -> candles.Exchange:
        made: Any = candles.open_exchange(name)
        made.urls["api"]["public"] = server.url.rstrip("/")
        made.enableRateLimit = False
        made.set_markets([made.safe_market_structure(
            {"id": "ATOM-USD", "symbol": "ATOM/USD", "base": "ATOM", "quote": "USD",
             "spot": True, "type": "spot", "active": True}
        )])  # fmt: skip
        exchange: candles.Exchange = made
        return exchange

    got = Candles(web, opener).obtain(wanted(), tmp_path)
    assert ccxt.__version__ in got.record.more
    assert rows(got.path) == [[DAY_AT + STEP, "3.57", "3.6", "3.5610", "3.58", "1.5"]]
    assert b"3.5610" in got.companions[0].body
