"""`grace`: time to add margin for one class of accounts, and who pays for it.

The claim is that the largest clients have up to 24 hours. Whether they had is not on record;
what it would have been worth is computed: what they keep against no grace, less what the fund
loses by it, deficits still open when the data end included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import Text
from ...findings import Finding, Method
from ...problems import Problem
from ..context import Context
from ..rows import rules_taken
from ..scenario import Scenario
from ._crowds import Lived, lived, nobody, ranged, said

NAME = "grace"
DEFAULTS: Mapping[str, Any] = {
    "class": "vip", "graces": ["600", "3600", "86400"], "accounts": 10_000, "seeds": [1, 2, 3],
}  # fmt: skip
_BASIS = Text(
    "A synthetic population is walked under the rules of the moment, once without grace and once "
    "with it for one class. A breach defers liquidation by the grace; an account that stands at "
    "its maintenance margin again within it is out of it. Equity at the end of the data is taken "
    "at the mark; the value is for the first seed, `low` and `high` span all seeds. ",
    "以当时规则使合成账户群各走一遍：一次无宽限，一次对某一类账户给予宽限。触发后强平推迟一个宽限期；"
    "其间恢复到维持保证金之上即解除。期末权益按标记价格计；取值为首个种子，low 与 high 覆盖"
    "全部种子。",
)
METHODS = tuple(
    Method(
        f"replay.{NAME}.{key}", title,
        Text(_BASIS.en + words.en, _BASIS.zh + words.zh),
    )
    for key, title, words in (
        (
            "kept", Text("What the grace keeps for its holders", "宽限为其享有者保住的金额"),
            Text("Value: the class's equity with grace less that without.",
                 "取值：该类账户有宽限与无宽限的权益之差。"),
        ),
        (
            "cost", Text("What the grace costs the fund", "宽限使基金付出的金额"),
            Text("Value: what the fund pays more, and equity below zero of accounts still in "
                 "grace at the end.", "取值：基金多付出的金额，以及期末仍在宽限、权益为负的缺口。"),
        ),
        (
            "privilege", Text("Worth of the privilege", "该特权的净值"),
            Text("Value: what its holders keep less what the fund pays.",
                 "取值：享有者保住的金额减去基金付出的金额。"),
        ),
        (
            "spared", Text("Accounts spared", "免于强平的账户"),
            Text("Value: accounts of the class that are liquidated without grace and not with it.",
                 "取值：该类中无宽限时被强平、有宽限时未被强平的账户数。"),
        ),
    )
)  # fmt: skip


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """Four answers for each length of grace."""
    if absent := nobody(context, NAME):
        return [], absent
    params = {**DEFAULTS, **(context.params or {})}
    who, accounts, seeds = params["class"], int(params["accounts"]), list(params["seeds"])
    bare = Scenario({f"grace.{who}": "0"})
    before = [lived(context, bare, accounts, seed) for seed in seeds]
    found: list[Finding] = []
    for seconds in params["graces"]:
        scenario = Scenario({f"grace.{who}": str(seconds)})
        after = [lived(context, scenario, accounts, seed) for seed in seeds]
        kept = [_kept(b, a, who) for b, a in zip(before, after, strict=True)]
        cost = [_cost(b, a) for b, a in zip(before, after, strict=True)]
        spared = [
            float(a.members(who, a.outcome.saved(b.outcome)))
            for b, a in zip(before, after, strict=True)
        ]
        net = [k - c for k, c in zip(kept, cost, strict=True)]
        open_ = any(len(a.outcome.open_) for a in after)
        found += _findings(context, scenario, params, (kept, cost, net, spared), open_=open_)
    return found, []


def _kept(before: Lived, after: Lived, who: str) -> float:
    """Equity at the end; what is below zero is the fund's, not the holder's."""
    return after.of_class(who, np.maximum(after.outcome.kept, 0.0)) - before.of_class(
        who, np.maximum(before.outcome.kept, 0.0)
    )


def _cost(before: Lived, after: Lived) -> float:
    """What the fund has less, open deficits included."""
    return _fund(before) - _fund(after)


def _fund(one: Lived) -> float:
    return one.outcome.fund_net + float(np.nansum(np.minimum(one.outcome.kept, 0.0)))


def _findings(
    context: Context, scenario: Scenario, params: Mapping[str, Any],
    values: tuple[list[float], ...], *, open_: bool,
) -> list[Finding]:  # fmt: skip
    taken, firm = rules_taken(
        context.rules_of(scenario),
        (f"grace.{params['class']}", "grace.clears", "mark.window", "fund.size"),
    )
    caveats = ["synthetic", "exogenous", *({} if firm else {"assumed-rules": None})]
    if open_:
        caveats.append("data-end")
    found = []
    for method, one in zip(METHODS, values, strict=True):
        counted = method.name.endswith("spared")
        value, span = ranged(one, 0 if counted else 2)
        found.append(
            Finding(
                name=method.name, subject={"venue": context.venue, "class": params["class"]},
                value=value, unit="accounts" if counted else "USD", method=method.id,
                window=context.span, caveats=tuple(caveats), count=int(params["accounts"]),
                inputs=tuple(dict.fromkeys(i for r in context.recorded() for i in r.inputs)),
                params={
                    "scenario": scenario.label, "rules": taken, **span,
                    "population": said(int(params["accounts"]), params["seeds"]),
                },
            )
        )  # fmt: skip
    return found
