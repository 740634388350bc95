"""What is replayed: contracts with a path, their sources, proxies, and what is named instead."""

from __future__ import annotations

from pathlib import Path

from _replayed import COINBASE, INVERSE, KRAKEN, OWN, PERP, flat, lake_with, span_of

from liquest.replay.markets import markets


def test_own_spot_comes_first_and_no_proxy_is_needed(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 60), OWN: flat("2", 60), COINBASE: flat("2", 60)})
    (one,), problems = markets(lake, span_of(60), "binance")
    assert [(s.key, s.own, s.proxy) for s in one.sources] == [
        ("binance:spot:XRPUSDT", True, False), ("coinbase:spot:XRP-USD", False, False),
    ]  # fmt: skip
    assert problems == [] and not one.proxied and one.others == 1


def test_the_contract_stands_in_for_a_spot_that_is_not_there(tmp_path: Path) -> None:
    lake = lake_with(
        tmp_path, {PERP: flat("2", 60), COINBASE: flat("2", 60), KRAKEN: flat("2", 60)}
    )
    (one,), _ = markets(lake, span_of(60), "binance")
    own, *others = one.sources
    assert own.proxy and own.own and own.track == one.own and not own.fiat
    assert [s.key for s in others] == ["coinbase:spot:XRP-USD", "kraken:spot:XRP/USD"]
    assert all(s.fiat for s in others)


def test_a_lone_second_of_spot_is_no_path_but_a_problem(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 60), OWN: flat("2", 1), COINBASE: flat("2", 60)})
    (one,), problems = markets(lake, span_of(60), "binance")
    assert one.proxied
    assert [(p.code, p.count) for p in problems] == [("fragment", 1)]
    assert "binance:spot:XRPUSDT" in problems[0].text.en


def test_no_spot_anywhere_is_no_index(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 60), ("coinbase", "BTC-USD"): flat("2", 60)})
    found, problems = markets(lake, span_of(60), "binance")
    assert found == [] and [p.code for p in problems] == ["no-index-source"]
    assert "XRP" in problems[0].text.zh


def test_other_venues_contracts_and_other_symbols_are_left_alone(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {
        PERP: flat("2", 60), COINBASE: flat("2", 60), ("bybit", "XRPUSDT"): flat("2", 60),
        INVERSE: flat("4", 60), ("coinbase", "ATOM-USD"): flat("4", 60),
    })  # fmt: skip
    every, _ = markets(lake, span_of(60), "binance")
    assert [m.symbol for m in every] == ["ATOMUSD_PERP", "XRPUSDT"]
    (one,), _ = markets(lake, span_of(60), "binance", symbols=("XRPUSDT",))
    assert one.symbol == "XRPUSDT" and not one.instrument.inverse
    (bybit,), _ = markets(lake, span_of(60), "bybit")
    assert bybit.instrument.venue == "bybit" and bybit.proxied


def test_reach_is_judged_in_the_core(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 60), COINBASE: flat("2", 60)})
    wide = span_of(600)
    assert markets(lake, wide, "binance")[0] == []
    assert len(markets(lake, wide, "binance", span_of(60))[0]) == 1
