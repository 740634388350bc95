"""What schemes hand on: a finding for every statistic of a scheme, and one for every award."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ...errors import Text
from ...findings import Finding, Input, Method, Value, rounded
from ...rules.book import Rules
from ...rules.book_units import shown
from ...rules.compensation import GROUNDS, USD, Award, Scheme
from ...rules.schemes import schemes
from .pay import Paid
from .summary import Group, Summary, decimal_of

MONEY = 8
STATED, ASSUMED, MIXED = "stated-losses", "assumed-rules", "mixed-quotes"
FIRM = ("official", "relayed", "derived", "asked")
"""Certainties of a rule that need no caveat; what is asked for says so itself."""

WORDS: Mapping[str, tuple[str, Text, Text]] = {
    "paid": (USD, Text("Paid in all", "赔付总额"), Text(
        "the sum of all awards that are determined; dollar coins at 1",
        "全部可确定的赔付额之和；美元稳定币按 1 计")),
    "recipients": ("claimants", Text("Paid anything", "获赔人数"), Text(
        "claimants with an award above zero", "赔付额大于零的申索人数")),
    "eligible": ("claimants", Text("Eligible", "符合条件"), Text(
        "claimants who meet the conditions, also where nothing is due or the amount is not "
        "determinable", "满足条件的申索人数，含无应付金额或金额无法确定者")),
    "undetermined": ("claimants", Text("Not determinable", "无法确定"), Text(
        "claimants whose award lacks a number that is named in it; never counted as zero",
        "缺少某项数据（见各自说明）而无法确定赔付额的申索人数，不按零计")),
    "coverage": ("share", Text("Coverage", "覆盖率"), Text(
        "what was paid as a share of the loss, over claimants whose loss is stated and whose award "
        "is determined; with a class in the subject, over those of that class",
        "赔付额占亏损的比例，统计亏损已载明且赔付可确定者；对象含类别时仅统计该类")),
    "gini": ("ratio", Text("Gini coefficient of the awards", "赔付额基尼系数"), Text(
        "1 − 2 · area under the Lorenz curve of the awards by head, those who get nothing "
        "included; 0 is even", "1 − 2 × 按人头的洛伦兹曲线下面积，含未获赔者；0 为均等")),
    "gini_coverage": ("ratio", Text("Gini coefficient of coverage", "覆盖率基尼系数"), Text(
        "the same with losses as weights, in the order of coverage: 0 where every dollar lost is "
        "covered alike", "同上，以亏损为权重并按覆盖率排序：每一美元亏损同等覆盖时为 0")),
    "overpaid": (USD, Text("Paid above the loss", "多赔金额"), Text(
        "the sum of what awards exceed the stated losses by; count is the number of such awards",
        "赔付额超出所载亏损的部分之和；count 为此类人数")),
    "left_out": ("claimants", Text("Left out", "未获赔者"), Text(
        "claimants who get nothing, or of whom it cannot be said, by reason with their losses",
        "未获赔或无法确定者，按原因列出人数与亏损")),
    "uniform_budget": (USD, Text("Budget of a uniform rule", "统一规则所需预算"), Text(
        "the coverage of the benchmark class times all stated losses",
        "基准类别的覆盖率 × 全部所载亏损")),
    "uniform_more": (USD, Text("Missing to a uniform rule", "统一规则所缺金额"), Text(
        "what it takes to bring everybody up to the coverage of the benchmark class, taking from "
        "nobody; what is not determinable counts as not yet paid",
        "使每人均达到基准类别覆盖率所需的追加金额，不减少任何人所得；无法确定者按尚未赔付计")),
}  # fmt: skip

METHODS: Mapping[str, Method] = {
    key: Method(f"schemes.{key}", title, words) for key, (_, title, words) in WORDS.items()
}


def award_method(scheme: Scheme) -> Method:
    """How an award of a scheme comes about."""
    return Method(f"schemes.award.{scheme.NAME}", scheme.TITLE, scheme.DEFINITION)


def methods() -> list[Method]:
    """All of them."""
    return [*METHODS.values(), *(award_method(one) for one in schemes().values())]


def rules_taken(rules: Rules, scheme: Scheme) -> tuple[dict[str, str], bool]:
    """path → value of the rules that a scheme takes, and whether all of them are published."""
    assets = [p for p in rules.book.paths() if p.startswith("compensation.collateral.asset.")]
    ours = "compensation.collateral.from" in scheme.PATHS
    rows = [rules.get(path) for path in (*scheme.PATHS, *(assets if ours else ()))]
    taken = {row.path: shown(row.value, row.unit) for row in rows}
    return taken, all(row.certainty in FIRM for row in rows)


def findings(
    paid: Paid, found: Sequence[Summary], inputs: Mapping[str, Input],
    more: Mapping[str, tuple[tuple[Input, ...], tuple[str, ...]]],
) -> Iterator[Finding]:  # fmt: skip
    """Every statistic, then every award. `inputs` are the rows of each claimant; `more` gives
    for a kind of price (asset, mark, others, usd) the rows and caveats that it stands on."""
    rows = _joined(inputs)
    for one in found:
        taken, firm = rules_taken(paid.rules, one.scheme)
        priced = [more.get(kind, ((), ())) for kind in one.scheme.ASKS]
        stands = tuple(dict.fromkeys(i for part, _ in priced for i in part))
        mixed = any(a.currency != USD for a in paid.of(one.scheme.NAME).awards)
        said = tuple(dict.fromkeys((
            STATED, *(() if firm else (ASSUMED,)), *((MIXED,) if mixed else ()),
            *(c for _, part in priced for c in part),
        )))  # fmt: skip
        for key, value, count, subject, params in _values(one):
            yield Finding(
                name=f"schemes.{key}", unit=WORDS[key][0], value=value,
                subject={"scheme": one.scheme.NAME, **subject}, method=METHODS[key].id,
                params={"rules": taken, **params}, inputs=(*rows, *stands), count=count,
                caveats=said,
            )  # fmt: skip
        method = award_method(one.scheme).id
        for claimant, award in zip(paid.claimants, paid.of(one.scheme.NAME).awards, strict=True):
            own = (inputs[claimant.id],) if claimant.id in inputs else ()
            yield Finding(
                name="schemes.award", unit=award.currency, value=_money(award.amount),
                subject={"scheme": one.scheme.NAME, "claimant": claimant.id}, method=method,
                params=award_json(award), inputs=(*own, *stands), count=1, caveats=said,
            )  # fmt: skip


def award_json(award: Award) -> dict[str, Any]:
    """Eligibility, reason, parts and what is missing."""
    return {
        "eligible": award.eligible,
        "ground": award.code,
        "reason": list(award.reason),
        "parts": [[list(part.what), _money(part.amount)] for part in award.parts],
        "missing": [list(text) for text in award.missing],
    }


Told = tuple[str, Value, int, dict[str, str], dict[str, Any]]


def _values(one: Summary) -> Iterator[Told]:
    """key, value, count, subject besides the scheme, params."""
    everyone = one.claimants
    yield "paid", _money(one.paid), one.overall.recipients, {}, {}
    yield "recipients", one.overall.recipients, everyone, {}, {}
    yield "eligible", one.eligible, everyone, {}, {}
    yield "undetermined", one.undetermined, everyone, {}, {}
    yield "coverage", _share(one.overall.coverage), one.overall.measured, {}, _sums(one.overall)
    for group in one.groups:
        yield (
            "coverage", _share(group.coverage), group.measured, {"class": group.name}, _sums(group),
        )  # fmt: skip
    yield "gini", _share(one.uneven), everyone - one.undetermined, {}, {}
    yield "gini_coverage", _share(one.uneven_cover), one.overall.measured, {}, {}
    yield "overpaid", _money(one.overpayment), one.overpaid, {}, {}
    reasons = {
        left.code: {
            "reason": list(GROUNDS[left.code]),
            "claimants": left.claimants,
            "loss": _money(left.loss),
        }
        for left in one.left_out
    }
    yield "left_out", one.nothing, everyone, {}, {"reasons": reasons}
    if one.uniform is not None:
        basis = {"benchmark": one.uniform.benchmark, "coverage": _share(one.uniform.coverage)}
        yield "uniform_budget", _money(one.uniform.budget), everyone, {}, basis
        yield "uniform_more", _money(one.uniform.more), everyone, {}, basis


def _sums(group: Group) -> dict[str, Any]:
    return {
        "claimants": group.claimants, "recipients": group.recipients,
        "loss": _money(group.loss), "paid": _money(group.paid),
    }  # fmt: skip


def _money(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else rounded(amount, MONEY)


def _share(share: Fraction | None) -> Decimal | None:
    return None if share is None else decimal_of(share)


def _joined(inputs: Mapping[str, Input]) -> tuple[Input, ...]:
    """One input for each source, from its first row to its last."""
    spans: dict[str, tuple[int, int]] = {}
    for one in inputs.values():
        first, last = spans.get(one.source, (one.first, one.last))
        spans[one.source] = min(first, one.first), max(last, one.last)
    return tuple(Input(source, *span) for source, span in spans.items())
