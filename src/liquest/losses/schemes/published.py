"""What schemes do to a register as findings that anyone may read: of no claimant by himself.

Every number is a sum over claimants, or a ratio of such sums. What would tell of fewer than a
cell needs, or of one who makes up most of it, is kept back (losses/suppression, and sums for what
is told beside it): the finding stands there without a value, with the caveat `kept-back`.

Invariant: no finding names a claimant or holds an award; `count` is that of the whole register.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...errors import Text
from ...findings import Finding, Input, Method
from ...rules.compensation import USD, Scheme
from ..suppression import Secrecy
from .pay import Paid
from .schemes_findings import ASSUMED, MIXED, STATED, WORDS, award_method, rules_taken
from .summary import Summary
from .sums import Sums
from .told import Everyone, Over, Statistic

KEPT_BACK, SYNTHETIC = "kept-back", "synthetic"
MADE = "synthetic-"
"""Ids of claimants that are made begin with it, and findings on them say so."""

_RULE = Text(
    "; told only where no fewer claimants than params.least stand behind it, none of whom makes up "
    "more than params.most, and where what is told beside it leaves no fewer; count is that of the "
    "whole register",
    "；仅在所涉申索人不少于 params.least、无人超过 params.most，且与其他已公布数字相减亦不少于此数"
    "时公布；count 为登记表总人数",
)
_OWN: Mapping[str, tuple[str, Text, Text]] = {
    "register": ("claimants", Text("Claimants", "申索人数"), Text(
        "claimants of the register; with a class in the subject, those of that class; params.loss "
        "is what they state as lost by force",
        "登记表中的申索人数；对象含类别时仅计该类；params.loss 为其所载强平亏损")),
    "overpaid": (USD, WORDS["overpaid"][1], Text(
        "the sum of what awards exceed the stated losses by", "赔付额超出所载亏损的部分之和")),
    "left_out": ("claimants", WORDS["left_out"][1], Text(
        "claimants who get nothing, or of whom it cannot be said; with a reason in the subject, "
        "those of that reason; params.loss is what they state as lost",
        "未获赔或无法确定的申索人数；对象含原因时仅计该原因；params.loss 为其所载亏损")),
}  # fmt: skip
_TOLD: Mapping[str, tuple[str, Text, Text]] = {
    key: _OWN.get(key) or WORDS[key] for key in ("register", *WORDS)
}
PUBLISHED: Mapping[str, Method] = {
    key: Method(f"schemes.{key}", title, Text(words.en + _RULE.en, words.zh + _RULE.zh))
    for key, (_, title, words) in _TOLD.items()
}


def published(
    paid: Paid, found: Sequence[Summary], rows: Sequence[Input],
    more: Mapping[str, tuple[tuple[Input, ...], tuple[str, ...]]], secrecy: Secrecy | None = None,
) -> Iterator[Finding]:  # fmt: skip
    """The register itself, then every statistic of each scheme, those announced first. `rows` are
    the register's; `more` gives for a kind of price the rows and caveats that it stands on."""
    limits = secrecy or Secrecy()
    sums = Sums(limits)
    everyone = Everyone(paid.claimants, sums)
    made = (SYNTHETIC,) if any(c.id.startswith(MADE) for c in paid.claimants) else ()
    told = {"least": limits.least, "most": limits.most}
    count = len(paid.claimants) if everyone.told else 0

    def finding(
        one: Statistic, subject: Mapping[str, str], params: Mapping[str, Any],
        stands: Sequence[Input], caveats: Sequence[str],
    ) -> Finding:  # fmt: skip
        kept = (KEPT_BACK,) if one.kept else ()
        return Finding(
            name=f"schemes.{one.key}", unit=_TOLD[one.key][0], value=one.value,
            subject={**subject, **one.subject}, method=PUBLISHED[one.key].id,
            params={**params, **told, **one.params}, inputs=(*rows, *stands), count=count,
            caveats=(*caveats, *kept, *made),
        )  # fmt: skip

    for one in everyone.statistics():
        yield finding(one, {}, {}, (), (STATED,))
    overs = [Over(everyone, whole, paid.of(whole.scheme.NAME).awards) for whole in found]
    phases = [
        [phase(over) for over in overs]
        for phase in (Over.totals, Over.classes, Over.reasons, Over.excess)
    ]
    for over, *parts in zip(overs, *phases, strict=True):
        scheme, awards = over.whole.scheme, over.awards
        taken, firm = rules_taken(paid.rules, scheme)
        priced = [more.get(kind, ((), ())) for kind in scheme.ASKS]
        stands = tuple(dict.fromkeys(i for part, _ in priced for i in part))
        mixed = any(a.currency != USD for a in awards)
        said = dict.fromkeys((
            STATED, *(() if firm else (ASSUMED,)), *((MIXED,) if mixed else ()),
            *(c for _, part in priced for c in part),
        ))  # fmt: skip
        params = {"rules": taken, "origin": scheme.ORIGIN}
        for one in (statistic for part in parts for statistic in part):
            yield finding(one, {"scheme": scheme.NAME}, params, stands, tuple(said))


def published_methods(found: Iterable[Scheme]) -> list[Method]:
    """How the numbers come about, and what each of these schemes pays for."""
    return [*PUBLISHED.values(), *map(award_method, found)]
