"""The statement of losses as a sheet: what the terminal, the page and the PDF say."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import Text
from ...sheet import Section, Sheet, Shown
from .account_sections import closing, files, known, words
from .figures import moment
from .loss_sections import loss, references, rules
from .record_sections import forced, pictures, rescue
from .statement import OWN_WORDS, Statement

KIND = Text("Statement of losses", "损失说明")
PURPOSE = Text(
    "Worked out from the account's own exports and the public record; it takes no side. What does "
    "not close is shown as a difference.",
    "依据账户自己的导出文件与公开记录推算，不持立场。未能闭合之处如实列为差额。",
)
SYNTHETIC = Text("SYNTHETIC: nobody held this account.", "合成数据：此账户不属于任何人。")


def sheet(one: Statement, schemes: Sequence[Section] = (), cites: Sequence[str] = ()) -> Sheet:
    """All sections in the order of a reader's questions."""
    facts: list[tuple[Text, Shown]] = [
        (Text("account", "账户"), one.exports.account),
        (Text("venue", "交易场所"), one.exports.venue),
        (Text("covers", "覆盖时间"), f"{moment(one.ledger.start)} – {moment(one.ledger.end)}"),
        (Text("reference time", "参考时刻"), _reference(one)),
        (Text("end", "结束"), moment(one.question.end)),
    ]  # fmt: skip
    sections = [
        loss(one, tuple(cites)), references(one), *pictures(one), forced(one), rescue(one),
        *rules(one), *schemes, closing(one), files(one), known(one), words(),
    ]  # fmt: skip
    synthetic = one.exports.account.startswith("synthetic")
    return Sheet(
        Text(f"Statement of losses: {one.exports.account}", f"损失说明：{one.exports.account}"),
        KIND, tuple(s for s in sections if s is not None), PURPOSE,
        SYNTHETIC if synthetic else None, tuple(facts),
    )  # fmt: skip


def _reference(one: Statement) -> Text:
    title = OWN_WORDS[one.chosen]
    at = moment(one.question.reference)
    return Text(f"{at}: {title.en}", f"{at}：{title.zh}")
