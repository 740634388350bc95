"""What each scheme gives to one claimant, with the reason."""

from __future__ import annotations

from ...errors import Text
from ...rules.compensation import ORIGINS
from ...sheet import FOLD, RIGHT, Column, Grid, Section, Shown
from ..schemes.pay import Paid

_NEEDS = Text(
    "Amounts are the rules applied to what the exports say; a price or fact that is missing is "
    "named and never taken for zero. What is not in the exports can be given: --net-assets, "
    "--compensated, --class, --prices.",
    "金额为规则适用于导出文件所载事实的结果；缺失的价格或事实逐项列明，绝不按零计。导出文件所无者可另行"
    "提供：--net-assets、--compensated、--class、--prices。",
)


def schemes(paid: Paid) -> Section:
    """A row for each scheme: who says it, whether it applies, why, how much."""
    rows: list[tuple[Shown, ...]] = []
    for outcome in paid.outcomes:
        (award,) = outcome.awards
        word = {
            True: Text("yes", "是"), False: Text("no", "否"), None: Text("not known", "未知"),
        }[award.eligible]  # fmt: skip
        amount = "–" if award.amount is None else f"{award.amount:,.2f} {award.currency}"
        missing_en = "; ".join(m.en for m in award.missing)
        missing_zh = "；".join(m.zh for m in award.missing)
        reason = (
            Text(f"{award.reason.en} ({missing_en})", f"{award.reason.zh}（{missing_zh}）")
            if award.missing else award.reason
        )  # fmt: skip
        rows.append((outcome.scheme.TITLE, ORIGINS[outcome.scheme.ORIGIN], word, amount, reason))
    grid = Grid(
        Text("By scheme", "按方案"),
        (
            Column(Text("scheme", "方案"), FOLD), Column(Text("whose", "来源"), FOLD),
            Column(Text("eligible", "资格")), Column(Text("amount", "金额"), RIGHT),
            Column(Text("why", "理由"), FOLD),
        ),
        tuple(rows),
    )  # fmt: skip
    return Section(Text("What each scheme gives", "各补偿方案的结果"), (), (grid,), notes=(_NEEDS,))
