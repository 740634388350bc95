"""A synthetic population in the terminal: open interest by contract, and who closes it."""

from __future__ import annotations

from rich.table import Table

from ..terminal import escaped, table
from .chart import short
from .population import Population


def shown(made: Population, lang: str) -> Table:
    """Each contract with what each side holds."""
    zh = lang == "zh"
    title = (
        f"{len(made):,} 个合成账户（非真实账户）" if zh
        else f"{len(made):,} synthetic accounts: nobody held them"
    )  # fmt: skip
    rows = table(
        title,
        [
            ("合约" if zh else "contract", "left"),
            ("未平仓（单边，美元）" if zh else "open interest (one side, USD)", "right"),
            ("对手方占比" if zh else "held by counterparties", "right"),
        ],
    )
    for symbol, one in made.open_interest().items():
        rows.add_row(
            escaped(symbol), short(float(f"{one.notional:.4g}")),
            f"{float(one.counterparties) * 100:.1f} %",
        )  # fmt: skip
    return rows
