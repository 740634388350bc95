"""The synthetic log of docs/logs.md: `python tests/_doc_log.py` writes it."""

from __future__ import annotations

import gzip
from pathlib import Path

from _planted_logs import T0, Plan, planted, stamp

PATH = Path(__file__).parents[1] / "docs" / "synthetic_bot.log.gz"
KEY = "SyntheticKey0of1a2Bot3that4never5existed6anywhere7at8all9AbCdEfG"


def text() -> str:
    """240 s, two orders a second in UTC+8; from 120 s to 200 s four of five are refused."""
    plan = Plan(seconds=240, rate=2.0, onset=120, end=200, behind=0.8, rejected=0.05)
    head = f"{stamp(T0, 'UTC+8')} - bot.http - DEBUG - X-MBX-APIKEY: {KEY}\n"
    return head + planted(plan, 11, tz="UTC+8").text


if __name__ == "__main__":
    PATH.write_bytes(gzip.compress(text().encode(), 9, mtime=0))
    print(f"{PATH}: {PATH.stat().st_size:,} bytes")
