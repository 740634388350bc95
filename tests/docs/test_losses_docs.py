"""The worked example of docs/losses.md is what the commands print."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from _cli import liquest
from liquest.losses.attribution.parts import PARTS

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_of_parts_is_what_the_sample_gives(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    table = text.split("<!-- losses:begin -->")[1].split("<!-- losses:end -->")[0]
    rows = re.findall(r"^\| ([^|]+) \| (-?[\d,.]+) USDT \| ([^|]+) \|$", table, re.MULTILINE)
    written = {en: (Decimal(sum_.replace(",", "")), zh) for en, sum_, zh in rows}
    sample = tmp_path / "sample"
    assert liquest("losses", "--sample", sample, "--seed", "1").code == 0
    done = liquest(
        "losses", ROOT / "cases" / "2025-10-11", sample / "synthetic-sample-1" / "exports",
        "--account", "synthetic-1", "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    found = {
        PARTS[f["subject"]["part"]].en: (
            Decimal(f["value"]).quantize(Decimal("0.01")), PARTS[f["subject"]["part"]].zh,
        )
        for f in done.json
        if f["name"] == "losses.part" and f["subject"]["wallet"] == "usdm:USDT"
    }  # fmt: skip
    assert {k: v for k, v in found.items() if v[0]} == written
