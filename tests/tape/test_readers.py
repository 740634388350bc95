"""All readers together: each file has one reader, and what is no market data has none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _layouts import FOREIGN, LAYOUTS, Layout
from _tape import head_of_content, read, read_path
from liquest.errors import Text, UnknownFormat
from liquest.problems import KEPT
from liquest.tape.readers import readers, recognise
from liquest.tape.reading import head_of_text


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda x: f"{x.format}:{Path(x.name).name}")
def test_each_layout_has_exactly_one_reader(layout: Layout) -> None:
    head = head_of_content(layout.name, layout.content)
    found = [r.format for reader in readers() if (r := reader.recognise(head)) is not None]
    assert found == [layout.format]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda x: f"{x.format}:{Path(x.name).name}")
def test_each_layout_reads_without_a_problem(layout: Layout) -> None:
    got = read(layout.name, layout.content)
    assert got.loaded.read, got.words
    assert got.loaded.rows == len(got.rows) > 0
    assert {p.effect for p in got.loaded.problems} <= {KEPT}, got.words


@pytest.mark.parametrize(("name", "content"), FOREIGN)
def test_what_is_something_else_is_not_taken(name: str, content: str) -> None:
    head = head_of_content(name, content)
    assert [r for reader in readers() if (r := reader.recognise(head)) is not None] == []
    assert read(name, content).codes == ["unknown-format" if content else "empty"]


def test_formats_are_named_once() -> None:
    names = [name for reader in readers() for name in reader.FORMATS]
    assert len(names) == len(set(names))
    assert {layout.format for layout in LAYOUTS} <= set(names)


def test_notes_are_bilingual() -> None:
    for layout in LAYOUTS:
        for reader in readers():
            found = reader.recognise(head_of_content(layout.name, layout.content))
            for note in found.notes if found else ():
                assert isinstance(note, Text) and len(note.en) > len(note.zh) > 10


HEADERS = tuple(layout.content.split("\n")[0] for layout in LAYOUTS)
CELLS = st.sampled_from(["", "1", "-1", "1e400", "NaN", "true", "1760131237689", "x", "٣", "²"])
TABLES = st.tuples(
    st.sampled_from(HEADERS), st.lists(st.lists(CELLS, max_size=14).map(",".join), max_size=4)
).map(lambda parts: "\n".join([parts[0], *parts[1]]))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
    | st.sampled_from(["1760131200000", "2025-10-10T21:20:00Z", 1760131200, 1760131200000]),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(
        st.sampled_from(["timestamp", "open", "high", "low", "close", "side", "price", "amount",
                         "data", "result", "symbol", "exchange", "timeframe"]), inner, max_size=7,
    ),
    max_leaves=30,
).map(json.dumps)  # fmt: skip
NAMES = st.sampled_from(
    ["x.csv", "BTCUSDT-um-1m.csv", "kraken_ATOM-USD_1m.json", "BTC-USDT-trades-2025-10-10.csv", ""]
)


@settings(max_examples=150, deadline=None)
@given(name=NAMES, content=TABLES | DOCUMENTS | st.text())
def test_no_content_breaks_a_reader(name: str, content: str) -> None:
    raw = content.encode("utf-8", errors="replace")
    head = head_of_text(name, Path("file"), "text", raw, "utf-8")
    with suppress(UnknownFormat):
        recognise(head)


NOT_MARKET_DATA = (
    "2025-10-10/trades/ATOM_21-20_cross-venue_reference.json",
    "2025-10-10/statements/binance_20251011012428_utc.md",
    "brackets/binance_usdm_brackets_2025-10-09.csv.gz",
    "adl/chitra_two_pass_by_wave_h0.csv",
    "adl/chitra_bad_debt_loser_waves.csv",
    "adl/chitra_policy_per_wave_metrics.csv",
    "adl/chitra_wave_coin_gap_per_contract.csv",
)
NEEDS_A_MAP = (
    "2025-10-10/bars/binance_um_15m_512-symbols.csv.gz",
    "2025-10-10/bars/bybit_linear_30m_48-symbols.csv.gz",
    "2025-10-10/bars/bybit_linear_5m_8-symbols.csv.gz",
    "2025-10-10/bars/okx_swap_15m_25-symbols.csv.gz",
    "2025-10-10/mark/bybit_linear_mark_1h_8-symbols.csv.gz",
    "2025-10-10/depeg/USDEUSDT_binance_spot_1m_20-24utc.csv",
    "2025-10-10/depeg/USDEUSDT_uniswap_per_block.parquet",
)


@pytest.mark.parametrize("name", NOT_MARKET_DATA + NEEDS_A_MAP)
def test_real_files_that_no_reader_may_take(shared_data: Path, name: str) -> None:
    assert read_path(shared_data / name, name).codes == ["unknown-format"]
