"""The sample that users try the losses on: exports of the sample account and a README.

Everything in it says SYNTHETIC, in both languages, and every name begins with synthetic-.
"""

from __future__ import annotations

from pathlib import Path

from ...clock import clock_time, format_time
from ...errors import Text, UsageError
from ...findings import plain
from ...run.disk import whole, writing
from .story import ATOM_WALLET, EXPIRED, sample_truth
from .truth import Chain, Truth
from .writing import Style, write_exports

EXPORTS = "exports"
README = "README.md"


def write_sample(folder: Path, seed: int = 1, lang: str = "en") -> list[Path]:
    """The sample account of a seed in `folder`: `exports/` in the layouts of the venue, headers in
    `lang` ("en", "zh"), and a README that says what is true. The files made, README first.

    Raises UsageError for another language, OutputError where the folder cannot be written.
    """
    if lang not in ("en", "zh"):
        raise UsageError(
            Text(f"no sample is written in '{lang}'", f"没有“{lang}”语言的样例"),
            remedy=Text("Choose en or zh.", "请选择 en 或 zh。"),
        )
    truth = sample_truth(seed)
    exports = folder / truth.account / EXPORTS
    with writing(folder):
        made = write_exports(truth, exports, Style(lang=lang, words=lang, arrival=True))
        with whole(exports.parent / README) as out:
            out.write(_readme(truth, made))
    return [exports.parent / README, *made]


def _readme(truth: Truth, made: list[Path]) -> str:
    first = next(c for c in truth.chains if c.purse == ATOM_WALLET)
    end = format_time(truth.end, digits=0)
    wallets = [
        f"| {market} {asset} | {plain(steps[-1].amount)} |"
        for (market, asset), steps in truth.balances.items()
    ]
    chains = [_chain(truth, chain) for chain in truth.chains]
    files = [f"- `{path.name}`" for path in made]
    return "\n".join(
        [
            f"# SYNTHETIC · 合成数据: {truth.account}",
            "",
            "This account does not exist. It was made by a program; no person traded it and no "
            "exchange knows it. The prices are those of 10 October 2025 as far as the embedded "
            "case holds them. Do not present it as evidence.",
            "",
            "该账户并不存在，由程序生成；无人以其交易，任何交易所均无此账户。"
            "价格取自内置案件所载的 2025 年 10 月 10 日行情。不得作为证据提交。",
            "",
            "Try · 试用:",
            "",
            "```",
            f"liquest losses cases/2025-10-11 {truth.account}/{EXPORTS}",
            "```",
            "",
            "## What is true · 真实情况",
            "",
            f"- {EXPIRED} forced ATOMUSD_PERP orders found no bid; the rest was taken over at "
            f"{clock_time(first.end, digits=0)} UTC. A transfer asked for before the trigger "
            f"({clock_time(first.start, digits=0)}) was there after the takeover.",
            f"- {EXPIRED} 笔 ATOMUSD_PERP 强平委托无对手成交，余下仓位于 "
            f"{clock_time(first.end, digits=0)} UTC 被接管。触发"
            f"（{clock_time(first.start, digits=0)}）之前申请的划转在接管之后才到账。",
            "",
            "| wallet · 钱包 | trigger · 触发 UTC | end · 结束 UTC | equity · 权益 "
            "| maintenance · 维持保证金 | cleared · 清算 |",
            "|---|---|---|---|---|---|",
            *chains,
            "",
            f"Balances at the end · 期末余额 ({end}):",
            "",
            "| wallet · 钱包 | balance · 余额 |",
            "|---|---|",
            *wallets,
            "",
            "## Files · 文件",
            "",
            *files,
            "",
        ]
    )


def _chain(truth: Truth, chain: Chain) -> str:
    cells = (
        " ".join(chain.purse), clock_time(chain.start, digits=0), clock_time(chain.end, digits=0),
        f"{chain.equity:.4f}", f"{chain.maintenance:.4f}", plain(chain.cleared),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"
