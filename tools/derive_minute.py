"""Make the facts of ATOM's minute 21:20 from the published cross-venue comparison.

    python tools/derive_minute.py DATA [CASE]

DATA holds trades/ATOM_21-20_cross-venue_reference.json (or lies above it). Writes one-minute
bars of trades on five markets and of the USDⓈ-M mark price into CASE/facts/atom_minute.parquet,
in the layout of the other bars, and its entry into CASE/provenance.json.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import duckdb

from liquest.clock import MINUTE, parse_time
from liquest.tape.reading import literal

NAME = "ATOM_21-20_cross-venue_reference.json"
MINUTE_AT = parse_time("2025-10-10T21:20:00Z")
MARKETS = {
    "binance_spot_atomusdt": ("binance", "spot", "ATOMUSDT", "trade"),
    "binance_spot_atomusdc": ("binance", "spot", "ATOMUSDC", "trade"),
    "binance_usdm_futures_atomusdt": ("binance", "linear-perpetual", "ATOMUSDT", "trade"),
    "binance_usdm_mark_price": ("binance", "linear-perpetual", "ATOMUSDT", "mark"),
    "kraken_spot_atomusd": ("kraken", "spot", "ATOM/USD", "trade"),
    "coinbase_spot_atomusd": ("coinbase", "spot", "ATOM-USD", "trade"),
}
NOTE = [
    "One-minute bars of ATOM at 21:20 UTC on five markets and of its USDⓈ-M mark price, from a "
    "published comparison of the official archives (CC BY 4.0)",
    "ATOM 在 21:20 UTC 这一分钟于五个市场的一分钟 K 线及其 U 本位标记价格 K 线，取自对官方存档的"
    "公开比对（CC BY 4.0）",
]
COLUMNS = (
    "venue VARCHAR, kind VARCHAR, symbol VARCHAR, series VARCHAR, duration BIGINT, ts BIGINT, "
    "open VARCHAR, high VARCHAR, low VARCHAR, close VARCHAR, volume VARCHAR, notional VARCHAR, "
    "n BIGINT, low_ts BIGINT, high_ts BIGINT, low_n BIGINT, high_n BIGINT, low_volume VARCHAR, "
    "high_volume VARCHAR"
)


def main(data: Path, case_folder: Path) -> None:
    """One row a market; the file and its provenance."""
    (source,) = sorted(data.rglob(NAME))
    content = source.read_bytes()
    minute = json.loads(content)["minute_2120_cross_venue"]
    rows = []
    for key, (venue, kind, symbol, series) in MARKETS.items():
        bar = minute[key]
        rows.append(
            (
                venue, kind, symbol, series, MINUTE, MINUTE_AT, bar["open"], bar["high"],
                bar["low"], bar["close"], bar.get("base_volume"), bar.get("quote_volume"),
                bar.get("trade_count"), None, None, None, None, None, None,
            )
        )  # fmt: skip
    target = case_folder / "facts" / "atom_minute.parquet"
    with duckdb.connect(config={"threads": 1}) as db:
        db.execute(f"CREATE TABLE bars ({COLUMNS})")
        db.executemany(f"INSERT INTO bars VALUES ({', '.join('?' * 19)})", sorted(rows, key=repr))
        db.execute(
            f"COPY (SELECT * FROM bars ORDER BY venue, kind, symbol, series) TO "
            f"{literal(str(target))} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)"
        )
    path = case_folder / "provenance.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[f"facts/{target.name}"] = {
        "note": NOTE,
        "files": [{"name": NAME, "sha256": hashlib.sha256(content).hexdigest()}],
    }
    path.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(rows)} rows")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    here = Path(__file__).parent.parent / "cases" / "2025-10-11"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else here)
