"""Make the facts of cases/2025-10-11 again from a folder of raw data.

    python tools/derive_case.py DATA [CASE]

DATA holds the files that the case was derived from (trades/, bars/, mark/, depeg/). Writes
compact Parquet into CASE/facts and its entries in CASE/provenance.json, which names for every
fact file
the SHA-256 of each file that it was made from. The raw files themselves are not copied.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import duckdb

from liquest.case import Case, parse_case
from liquest.clock import parse_time
from liquest.run.executor import Threads
from liquest.run.progress import Silent
from liquest.tape import stage
from liquest.tape.lake import Lake, Part
from liquest.tape.reading import literal

FROM, TO = "2025-10-10T20:45:00Z", "2025-10-10T22:30:00Z"
OHLC = {"open": "open", "high": "high", "low": "low", "close": "close"}


def _bars(files: str, venue: str, duration: str, **more: object) -> dict[str, object]:
    columns = {"ts": "time", **OHLC, **({} if venue == "okx" else {"size": "volume"})}
    columns = {("raw_volume" if k == "size" else k): v for k, v in columns.items()}
    return {
        "files": files, "record": "bars", "venue": venue, "kind": "linear-perpetual",
        "duration": duration, "columns": columns, **more,
    }  # fmt: skip


MAPS = [
    _bars("*binance_um_15m*", "binance", "15m", symbol_column="symbol"),
    _bars("*okx_swap_15m*", "okx", "15m", symbol_column="symbol"),
    _bars("*bybit_linear_30m*", "bybit", "30m", symbol_column="symbol"),
    _bars("*bybit_linear_5m*", "bybit", "5m", symbol_column="symbol", quote="USDT"),
    {
        "files": "*USDEUSDT_binance_spot_1m*", "record": "bars", "venue": "binance",
        "kind": "spot", "symbol": "USDEUSDT", "duration": "1m",
        "columns": {"ts": "open_time_utc", **OHLC, "raw_volume": "volume"},
    },
]  # fmt: skip

FACTS = {
    "seconds": (
        "seconds",
        "One-second bars of every instrument with ticks, 20:45–22:30 UTC",
        "有逐笔成交的全部合约的一秒 K 线，20:45–22:30 UTC",
    ),
    "bars_minutes": (
        "bars",
        "One-minute bars: four perpetuals, USDe, the BTCUSD_PERP mark, 20:45–22:30 UTC",
        "一分钟 K 线：四个永续、USDe、BTCUSD_PERP 标记价，20:45–22:30 UTC",
    ),
    "bars_perpetuals": (
        "bars",
        "5- to 30-minute bars of linear perpetuals of Binance, OKX and Bybit, as far as the "
        "sources reach",
        "币安、OKX、Bybit 线性永续的 5 至 30 分钟 K 线，以来源覆盖为限",
    ),
}

COLUMNS = {
    "volume": "{t}(volume)", "notional": "{t}(notional)", "n": "n", "low_ts": "low_ts",
    "high_ts": "high_ts", "low_n": "low_n", "high_n": "high_n",
    "low_volume": "{t}(low_volume)", "high_volume": "{t}(high_volume)",
}  # fmt: skip


def main(data: Path, case_folder: Path) -> None:
    """Read everything, write three fact files and their provenance."""
    with tempfile.TemporaryDirectory() as scratch:
        table = {
            "windows": {"all": {"from": FROM, "to": TO}},
            "source": [{"path": str(data / p)} for p in ("trades", "bars", "mark", "depeg")],
            "map": MAPS,
        }
        case: Case = parse_case(table, Path(scratch), "derive_case")
        tape = stage.build(case, Path(scratch) / "out", Threads(), Silent())
        for problem in tape.problems:
            if problem.code not in {"missing-day", "disorder", "id-hole"}:
                print(f"  {problem.code}: {problem.path} {problem.text.en}", file=sys.stderr)
        names = {one.source.sha256: Path(one.source.name).name for one in tape.loaded}
        provenance = {}
        for name, (record, en, zh) in FACTS.items():
            parts = [p for p in tape.lake.of(record) if _wanted(name, p)]
            target = case_folder / "facts" / f"{name}.parquet"
            rows = _write(tape.lake, parts, target, whole=name == "bars_perpetuals")
            sources = sorted({(names[p.source], p.source) for p in parts})
            provenance[f"facts/{target.name}"] = {
                "note": [en, zh],
                "files": [{"name": n, "sha256": s} for n, s in sources],
            }
            print(
                f"{target.name}: {rows} rows from {len(sources)} files, {target.stat().st_size} B"
            )
    path = case_folder / "provenance.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps({**known, **provenance}, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")


def _wanted(fact: str, part: Part) -> bool:
    if fact == "seconds":
        return True
    if part.date != "2025-10-10" and fact == "bars_minutes":
        return False
    minutes = {duration for _, duration in part.series} == {60_000_000}
    return minutes == (fact == "bars_minutes")


def _write(lake: Lake, parts: list[Part], target: Path, *, whole: bool) -> int:
    """All rows of the parts in one file, instruments in order; returns the rows."""
    db = duckdb.connect(config={"threads": 1})
    db.execute(
        "CREATE MACRO plain(x) AS regexp_replace(regexp_replace(CAST(x AS VARCHAR), "
        "'([.][0-9]*?)0+$', '\\1'), '[.]$', '')"
    )
    selects = []
    for instrument in dict.fromkeys(p.instrument for p in parts):
        mine = [p for p in parts if p.instrument == instrument]
        base = Lake(lake.root, tuple(mine)).table(mine[0].record, instrument)
        seconds = mine[0].record == "seconds"
        series = "'trade' AS series, 1000000 AS duration" if seconds else "series, duration"
        prices = ", ".join(f"plain({c}) AS {c}" for c in OHLC)
        rest = ", ".join(f"{e.format(t='plain')} AS {n}" for n, e in COLUMNS.items())
        where = "" if whole else f"WHERE ts >= {parse_time(FROM)} AND ts < {parse_time(TO)}"
        selects.append(
            f"SELECT {literal(instrument.venue)} AS venue, {literal(instrument.kind)} AS kind, "
            f"{literal(_symbol(instrument.symbol, instrument.venue))} AS symbol, {series}, ts, "
            f"{prices}, {rest} FROM {base} {where}"
        )
    query = " UNION ALL BY NAME ".join(selects)
    columns = ", ".join(["venue", "kind", "symbol", "series", "duration", "ts", *OHLC, *COLUMNS])
    done = db.execute(
        f"COPY (SELECT {columns} FROM ({query}) "
        "ORDER BY venue, kind, symbol, series, duration, ts) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, "
        "PARQUET_VERSION v2, ROW_GROUP_SIZE 200000)"
    ).fetchone()
    return int(done[0]) if done else 0


def _symbol(symbol: str, venue: str) -> str:
    """Bybit's five-minute file names coins; the contract is the USDT perpetual of the coin."""
    return f"{symbol}USDT" if venue == "bybit" and not symbol.endswith("USDT") else symbol


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    here = Path(__file__).parent.parent / "cases" / "2025-10-11"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else here)
