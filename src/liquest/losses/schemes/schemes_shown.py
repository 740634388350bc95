"""What `liquest schemes` shows: tables in the terminal, a page as HTML, awards as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from rich.table import Table

from ...case import Case
from ...errors import Text
from ...findings import plain
from ...rules.claimant import Claimant
from ...rules.compensation import GROUNDS, ORIGINS, money
from ...run.disk import whole, writing
from ...terminal import escaped, table
from .page import class_word, page, percent, ratio
from .pay import Paid
from .register import write_rows
from .summary import Summary

HEADS = Text(
    "paid: claimants who get something; out: who get nothing; n.d.: not determinable; over: paid "
    "above the loss, USD; cover: Gini coefficient of coverage, losses as weights",
    "获赔：有所得的人数；未获：一无所得者；不明：无法确定者；多赔：超出亏损的金额（USD）；"
    "覆盖：以亏损为权重的覆盖率基尼系数",
)
"""What the headings of the overview mean."""


def overview(found: Sequence[Summary], lang: str) -> Table:
    """A row for each scheme over the whole register."""
    zh = lang == "zh"
    made = table(
        "各方案在登记表上的结果" if zh else "Each scheme over the register",
        [
            ("方案" if zh else "scheme", "left"), ("赔付 USD" if zh else "USD", "right"),
            ("占亏损" if zh else "of loss", "right"), ("获赔" if zh else "paid", "right"),
            ("未获" if zh else "out", "right"), ("不明" if zh else "n.d.", "right"),
            ("多赔" if zh else "over", "right"), ("基尼" if zh else "Gini", "right"),
            ("覆盖" if zh else "cover", "right"),
        ],
        gap=1,
    )  # fmt: skip
    for one in found:
        made.add_row(
            escaped(one.scheme.NAME), dollars(one.paid), percent(one.overall.coverage),
            f"{one.overall.recipients:,}", f"{one.nothing - one.undetermined:,}",
            f"{one.undetermined:,}", dollars(one.overpayment), ratio(one.uneven),
            ratio(one.uneven_cover),
        )  # fmt: skip
    return made


def unfairness(found: Sequence[Summary], lang: str) -> Table:
    """Coverage by class, scheme by scheme, with what it would take to treat all alike."""
    zh = lang == "zh"
    names = list(dict.fromkeys(g.name for one in found for g in one.groups))
    made = table(
        "各类申索人的覆盖率，以及统一规则所缺金额"
        if zh
        else "Coverage by class, and what is missing to a uniform rule",
        [
            ("方案" if zh else "scheme", "left"),
            *((escaped(class_word(n).in_(lang)), "right") for n in names),
            ("所缺 USD" if zh else "missing", "right"),
        ],
        gap=1,
    )  # fmt: skip
    for one in found:
        cells = (one.group(name) for name in names)
        more = "–" if one.uniform is None else dollars(one.uniform.more)
        shown = ["–" if c is None else percent(c.coverage) for c in cells]
        made.add_row(escaped(one.scheme.NAME), *shown, more)
    return made


def left_out(found: Sequence[Summary], lang: str) -> Table:
    """Who gets nothing, by reason."""
    zh = lang == "zh"
    made = table(
        "未获赔者及原因" if zh else "Who is left out, and why",
        [
            ("方案" if zh else "scheme", "left"), ("原因" if zh else "reason", "fold"),
            ("人数" if zh else "claimants", "right"), ("亏损 USD" if zh else "loss USD", "right"),
        ],
    )  # fmt: skip
    for one in found:
        name = one.scheme.NAME
        for left in one.left_out:
            reason = GROUNDS[left.code].in_(lang)
            made.add_row(escaped(name), reason, f"{left.claimants:,}", dollars(left.loss))
            name = ""
    return made


def own(paid: Paid, name: str, lang: str) -> Table:
    """One claimant: what each scheme gives, and why."""
    zh = lang == "zh"
    place = next(k for k, one in enumerate(paid.claimants) if one.id == name)
    made = table(
        f"{escaped(name)}：各方案的结果" if zh else f"{escaped(name)}: what each scheme gives",
        [
            ("方案" if zh else "scheme", "left"), ("金额" if zh else "amount", "right"),
            ("", "left"), ("理由" if zh else "reason", "fold"),
        ],
    )  # fmt: skip
    for one in paid.outcomes:
        award = one.awards[place]
        amount = "?" if award.amount is None else money(award.amount)
        made.add_row(
            escaped(one.scheme.NAME), amount, award.currency, escaped(award.reason.in_(lang))
        )
    return made


def uniform(found: Sequence[Summary], lang: str) -> list[str]:
    """A sentence for each scheme whose benchmark class is covered."""
    lines = []
    for one in found:
        if one.uniform is None or not one.uniform.coverage:
            continue
        who, share = class_word(one.uniform.benchmark).in_(lang), percent(one.uniform.coverage)
        budget, more = money(one.uniform.budget), money(one.uniform.more)
        lines.append(
            f"{one.scheme.NAME}：若人人按{who}的覆盖率 {share} 赔付，需 {budget} USD，"
            f"即追加 {more}。"
            if lang == "zh"
            else f"{one.scheme.NAME}: the coverage of the class {who} ({share}) for all takes "
            f"{budget} USD, {more} more than is paid."
        )
    return lines


def dollars(amount: Decimal) -> str:
    """Whole dollars, for a table that is 80 columns wide."""
    return f"{amount:,.0f}"


def legend(found: Sequence[Summary], lang: str) -> list[str]:
    """The name of each scheme in words, and whose it is."""
    return [
        f"{one.scheme.NAME}: {one.scheme.TITLE.in_(lang)} ({ORIGINS[one.scheme.ORIGIN].in_(lang)})"
        for one in found
    ]


def write_awards(path: Path, paid: Paid) -> None:
    """One row for each claimant and scheme; no cell can run as a formula."""
    heading = [
        "id", "class", "loss", "scheme", "eligible", "amount", "currency", "ground", "reason_en",
        "reason_zh",
    ]  # fmt: skip
    write_rows(path, heading, _award_rows(paid))


def _award_rows(paid: Paid) -> Iterator[list[str]]:
    for place, one in enumerate(paid.claimants):
        for outcome in paid.outcomes:
            award = outcome.awards[place]
            eligible = {True: "yes", False: "no", None: "unknown"}[award.eligible]
            yield [
                one.id, one.category, _amount(one), outcome.scheme.NAME, eligible,
                "" if award.amount is None else plain(award.amount), award.currency, award.code,
                *award.reason,
            ]  # fmt: skip


def _amount(one: Claimant) -> str:
    return "" if one.loss is None else plain(one.loss)


def write_page(path: Path, case: Case, paid: Paid, found: Sequence[Summary]) -> None:
    """The page as one HTML file without scripts."""
    from ... import __version__
    from ...dossier import embed

    with writing(path.parent), whole(path) as out:
        out.write(page(case.title, paid, found, styles=embed.styles(), version=__version__))
