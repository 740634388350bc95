"""What a request means in each archive: files with sizes, and absences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from _archive_server import KLINES_KEY, TRADES_KEY, ArchiveServer, Fault, gzipped, publish_binance

from liquest.errors import CaseError, UsageError
from liquest.fetch import binance, bybit, candles, dates, event, okx
from liquest.fetch.failures import Refused, Unreachable
from liquest.fetch.venues import archive, archives
from liquest.fetch.wanted import Plan, Wanted
from liquest.fetch.web import Web
from liquest.problems import ABSENT

pytest_plugins = ("_archive_fixtures",)

DAYS = tuple(dates.days("2025-10-09..2025-10-11"))
CASE = Path(__file__).resolve().parents[2] / "cases" / "2025-10-11"


def ask(symbols: str, **more: object) -> binance.Asked:
    made = binance.Asked("spot", ("trades",), tuple(symbols.split(",")), DAYS)
    return replace(made, **more)  # type: ignore[arg-type]


def test_binance_lists_the_days_with_their_sizes(server: ArchiveServer, web: Web) -> None:
    keys = publish_binance(server, ["ATOMUSDT"], ["2025-10-09", "2025-10-10", "2025-10-12"])
    found = binance.plan(web, archive("binance-vision", server.url), ask("ATOMUSDT"))
    assert [w.key for w in found.wanted] == keys[:2]
    assert [w.size for w in found.wanted] == [len(server.files[k].body) for k in keys[:2]]
    assert found.wanted[0].checksum == server.url + keys[0] + ".CHECKSUM"
    assert found.wanted[0].source == f"binance-vision/{keys[0]}"
    assert [(p.code, p.effect) for p in found.problems] == [("absent", ABSENT)]
    assert "2025-10-11" in found.problems[0].text.en


def test_binance_globs_ask_for_the_folders(server: ArchiveServer, web: Web) -> None:
    publish_binance(server, ["ATOMUSDT", "ATOMUSDC", "BTCUSDT"], ["2025-10-10"])
    one_day = ask("ATOM*,NOPE*", days=tuple(dates.days("2025-10-10")))
    found = binance.plan(web, archive("binance-vision", server.url), one_day)
    assert [w.instrument for w in found.wanted] == ["ATOMUSDC", "ATOMUSDT"]
    assert ["NOPE*" in p.text.en for p in found.problems] == [True]


def test_binance_knows_intervals_months_and_markets(server: ArchiveServer, web: Web) -> None:
    at = archive("binance-vision", server.url)
    names = {
        KLINES_KEY.format("ATOMUSDT", "2025-10-10"): ask("ATOMUSDT", kinds=("klines",)),
        "data/futures/um/daily/markPriceKlines/ATOMUSDT/5m/ATOMUSDT-5m-2025-10-10.zip": ask(
            "ATOMUSDT", market="um", kinds=("markPriceKlines",), interval="5m"
        ),
        "data/futures/cm/daily/bookDepth/BTCUSD_PERP/BTCUSD_PERP-bookDepth-2025-10-10.zip": ask(
            "BTCUSD_PERP", market="cm", kinds=("bookDepth",), monthly=True
        ),
        "data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2025-10.zip": ask(
            "BTCUSDT", market="um", kinds=("fundingRate",)
        ),
        "data/spot/monthly/trades/BTCUSDT/BTCUSDT-trades-2025-10.zip": ask("BTCUSDT", monthly=True),
    }
    for key, asked in names.items():
        server.put(key, b"x")
        day = replace(asked, days=tuple(dates.days("2025-10-10")))
        assert [w.key for w in binance.plan(web, at, day).wanted] == [key]


@pytest.mark.parametrize(
    ("field", "value"),
    [("market", "moon"), ("kinds", ("metrics",)), ("symbols", ("../x",)), ("symbols", ("A/B",)),
     ("interval", "../1m"), ("symbols", ("A\x00",))],
)  # fmt: skip
def test_binance_refuses_what_is_not_there(field: str, value: object) -> None:
    with pytest.raises(UsageError):
        replace(ask("ATOMUSDT"), **{field: value})  # type: ignore[arg-type]


def test_all_usdt() -> None:
    assert binance.all_usdt("spot") == ("*USDT",)
    assert okx.all_usdt("swap") == ("*-USDT-SWAP",)
    with pytest.raises(UsageError):
        binance.all_usdt("cm")


def test_hostile_folders_never_become_symbols(server: ArchiveServer, web: Web) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    server.extra_keys = ["data/spot/daily/trades/../x/", "/etc/", "data/spot/daily/trades/a\\b/x"]
    found = binance.plan(web, archive("binance-vision", server.url), ask("*"))
    assert {w.instrument for w in found.wanted} == {"ATOMUSDT"}
    assert sum(p.code == "unsafe-name" for p in found.problems) >= 3


def test_a_listing_that_fails_ends_the_plan(server: ArchiveServer, web: Web) -> None:
    server.fail("", *[Fault(status=503)] * 40)
    with pytest.raises(Unreachable):
        binance.plan(web, archive("binance-vision", server.url), ask("ATOMUSDT,BTCUSDT"))


def test_bybit_reads_the_index_and_asks_sizes(server: ArchiveServer, web: Web) -> None:
    body = gzipped("timestamp,symbol\n")
    server.put("trading/ATOMUSDT/ATOMUSDT2025-10-10.csv.gz", body)
    server.put("spot/ATOMUSDT/ATOMUSDT_2025-10-10.csv.gz", body)
    at = archive("bybit", server.url)
    for market, key in (
        ("derivatives", "trading/ATOMUSDT/ATOMUSDT2025-10-10.csv.gz"),
        ("spot", "spot/ATOMUSDT/ATOMUSDT_2025-10-10.csv.gz"),
    ):
        found = bybit.plan(web, at, bybit.Asked(market, ("ATOM*", "NOPE"), DAYS[1:]))
        assert [(w.key, w.size) for w in found.wanted] == [(key, len(body))]
        # The other day of ATOM; NOPE is no glob that fits, so it is named once.
        assert len(found.problems) == 2
    named = bybit.plan(web, at, bybit.Asked("spot", ("NOPE",), DAYS))
    assert [p.effect for p in named.problems] == [ABSENT] * 3
    with pytest.raises(UsageError):
        bybit.Asked("moon", ("A",), DAYS)


def test_okx_asks_each_file(server: ArchiveServer, web: Web) -> None:
    key = "trades/daily/20251010/ATOM-USDT-SWAP-trades-2025-10-10.zip"
    server.put(key, b"x" * 77)
    at = archive("okx", server.url)
    found = okx.plan(web, at, okx.Asked("swap", ("ATOM-USDT-SWAP",), DAYS))
    assert [(w.key, w.size) for w in found.wanted] == [(key, 77)]
    assert [p.effect for p in found.problems] == [ABSENT] * 2


def test_okx_globs_by_the_list_of_instruments(server: ArchiveServer, web: Web) -> None:
    names = ["ATOM-USDT-SWAP", "BTC-USDT-SWAP", "ATOM-USD-SWAP", "../x", "a/b"]
    server.answers["api"] = json.dumps({"data": [{"instId": n} for n in names]}).encode()
    server.put("trades/daily/20251010/ATOM-USDT-SWAP-trades-2025-10-10.zip", b"x")
    at = replace(archive("okx", server.url), listing=server.url + "api")
    day = tuple(dates.days("2025-10-10"))
    found = okx.plan(web, at, okx.Asked("swap", ("ATOM-USDT-*", "ZZ*"), day))
    assert [w.instrument for w in found.wanted] == ["ATOM-USDT-SWAP"]
    assert [p.code for p in found.problems] == ["unsafe-name", "unsafe-name", "absent"]
    server.answers["api"] = b"<html>"
    with pytest.raises(Refused):
        okx.plan(web, at, okx.Asked("swap", ("*",), day))


@pytest.mark.parametrize("status", [405, 501, 403])
def test_a_host_that_tells_no_sizes_leaves_them_unknown(
    server: ArchiveServer, web: Web, status: int
) -> None:
    server.put("trades/daily/20251010/A-USDT-trades-2025-10-10.zip", b"x")
    server.head_status = status
    asked = okx.Asked("spot", ("A-USDT",), DAYS[1:2])
    found = okx.plan(web, archive("okx", server.url), asked)
    assert (len(found.wanted), found.size, found.unsized) == (1, 0, 1)


def test_candles_are_one_file_a_day() -> None:
    found = candles.plan(candles.Asked("coinbaseexchange", ("ATOM/USD", "BTC/USDT:USDT"), DAYS))
    assert len(found.wanted) == 6 and all(w.rough for w in found.wanted)
    assert found.wanted[0].name == "coinbaseexchange_ATOM-USD_1m_2025-10-09.json"
    assert found.wanted[3].url.startswith("ccxt://coinbaseexchange/BTC%2FUSDT%3AUSDT?timeframe=1m")
    for bad in ("ATOMUSDT", "../x", "A/\x00", ""):
        with pytest.raises(UsageError):
            candles.Asked("x", (bad,), DAYS)
    with pytest.raises(UsageError):
        candles.Asked("x", ("A/B",), DAYS, "7m")


def test_a_url_is_wanted_once() -> None:
    one = Wanted("a", "k", "http://x/k")
    plan = Plan([one])
    plan.add(Plan([one, replace(one, url="http://x/l")]))
    assert len(plan.wanted) == 2


def test_archives_are_official_and_replaceable() -> None:
    assert set(archives()) == {"binance-vision", "bybit", "okx", "candles"}
    assert all(a.files.startswith("https://") for a in archives().values() if a.files)
    at = archive("okx", "http://127.0.0.1:9/m/")
    assert at.url("trades/币 安.zip") == "http://127.0.0.1:9/m/trades/%E5%B8%81%20%E5%AE%89.zip"
    for base in ("nonsense", "ftp://x", "file:///etc"):
        with pytest.raises(UsageError):
            archive("okx", base)
    with pytest.raises(UsageError):
        archive("mtgox")


def test_the_list_of_the_first_case_is_sound() -> None:
    found = event.takes(CASE / "fetch.toml")
    assert {t.archive for t in found} == set(archives())
    assert all(t.why.en and t.why.zh for t in found)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "take = 1", "[[take]]", '[[take]]\narchive = "mtgox"',
        '[[take]]\narchive = "okx"\nmarket = "swap"\nsymbols = ["A"]',
        '[[take]]\narchive = "okx"\nmarket = "swap"\nsymbols = ["A"]\ndates = "never"',
        '[[take]]\narchive = "okx"\nmarket = "moon"\nsymbols = ["A"]\ndates = "2025-10-10"',
        '[[take]]\narchive = "okx"\nsymbols = ["A"]\ndates = "2025-10-10"',
        '[[take]]\nsymbol = ["A"]', '[other]\nx = 1',
    ],
)  # fmt: skip
def test_a_list_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fetch.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=r"fetch\.toml"):
        event.takes(path)


def test_an_event_without_a_list(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        event.case_of(str(tmp_path))
    (tmp_path / "fetch.toml").touch()
    assert event.case_of(str(tmp_path)) == tmp_path


def test_an_event_plans_all_of_its_list(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    server.put("trading/ATOMUSDT/ATOMUSDT2025-10-10.csv.gz", b"x")
    server.put("trades/daily/20251010/ATOM-USDT-trades-2025-10-10.zip", b"x")
    (tmp_path / "fetch.toml").write_text(
        """
[[take]]
archive = "binance-vision"
market = "spot"
kinds = ["trades"]
symbols = ["ATOM*"]
dates = "2025-10-10"
[[take]]
archive = "bybit"
market = "derivatives"
symbols = ["ATOMUSDT"]
dates = "2025-10-10"
[[take]]
archive = "okx"
market = "spot"
symbols = ["ATOM-USDT"]
dates = "2025-10-10"
[[take]]
archive = "candles"
exchange = "coinbaseexchange"
symbols = ["ATOM/USD"]
dates = "2025-10-10"
""",
        encoding="utf-8",
    )
    bases = dict.fromkeys(("binance-vision", "bybit", "okx"), server.url)
    found = event.plan(web, tmp_path / "fetch.toml", bases)
    assert [w.archive for w in found.wanted] == ["binance-vision", "bybit", "okx", "candles"]
    assert found.wanted[0].key == TRADES_KEY.format("ATOMUSDT", "2025-10-10")
    assert not found.problems and not found.unsized
