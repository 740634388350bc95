"""`adl`: who pays under each rule of auto-deleveraging, when no fund stands before it.

The size of the fund that stood for a contract is not on record; the question sets it to nothing
unless the case says otherwise, so that the rules have all of it to share out.
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

NAME = "adl"
DEFAULTS: Mapping[str, Any] = {
    "fund": "0", "accounts": 10_000, "seeds": [1, 2],
    "scores": ["binance-2025", "binance-2019", "bitmex", "bybit", "hyperliquid",
               "hyperliquid-sided"],
    "allocations": ["pro-rata", "leverage", "min-max"],
}  # fmt: skip
_BASIS = Text(
    "A synthetic population is walked under the rules of the moment with a fund of the size "
    "named; what the fund cannot take is closed against the other side by the rule of the "
    "scenario, at the bankruptcy price. The value is for the first seed, `low` and `high` span "
    "all seeds. ",
    "以当时规则及所列规模的保险基金使合成账户群走一遍；基金无法承担的部分，按情景中的规则以破产价格与"
    "对手方平仓。取值为首个种子，low 与 high 覆盖全部种子。",
)
METHODS = tuple(
    Method(f"replay.{NAME}.{key}", title, Text(_BASIS.en + words.en, _BASIS.zh + words.zh))
    for key, title, words in (
        (
            "accounts", Text("Accounts deleveraged", "被自动减仓的账户"),
            Text("Value: their number.", "取值：账户数。"),
        ),
        (
            "notional", Text("Notional deleveraged", "自动减仓名义额"),
            Text("Value: at the mark of the second.", "取值：按当秒标记价格计。"),
        ),
        (
            "top_share",
            Text("Share borne by the most reduced hundredth", "减仓最多的百分之一账户所占份额"),
            Text("Value: the share of the deleveraged notional that falls on the one per cent of "
                 "deleveraged accounts with the most of it (at least one account).",
                 "取值：减仓名义额中，由减仓最多的百分之一账户（至少一个）承担的份额。"),
        ),
        (
            "class_share", Text("Share borne by a class", "某类账户所占份额"),
            Text("Value: the share of the deleveraged notional that falls on the class of the "
                 "subject.", "取值：减仓名义额中由该类账户承担的份额。"),
        ),
    )
)  # fmt: skip


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """Answers for every score with a queue, and for every allocation with the venue's score."""
    if absent := nobody(context, NAME):
        return [], absent
    params = {**DEFAULTS, **(context.params or {})}
    fund = {"fund.size": str(params["fund"])}
    chosen = [
        *(Scenario({"adl.score": s, "adl.allocation": "queue"}) for s in params["scores"]),
        *(Scenario({"adl.allocation": a}) for a in params["allocations"]),
    ]
    found: list[Finding] = []
    for scenario in chosen:
        whole = scenario.over(fund)
        done = [lived(context, whole, int(params["accounts"]), s) for s in params["seeds"]]
        found += _findings(context, scenario, whole, params, done)
    return found, []


def _findings(
    context: Context, scenario: Scenario, whole: Scenario, params: Mapping[str, Any],
    done: list[Lived],
) -> list[Finding]:  # fmt: skip
    taken, firm = rules_taken(
        context.rules_of(whole), ("fund.size", "adl.score", "adl.allocation", "adl.price")
    )
    caveats = ("synthetic", "exogenous", *(() if firm else ("assumed-rules",)))
    classes = sorted({name for one in done for name in one.classes})
    rows: list[tuple[Method, dict[str, str], list[float], int, str]] = [
        (METHODS[0], {}, [float(len(one.outcome.reduced)) for one in done], 0, "accounts"),
        (METHODS[1], {}, [float(one.outcome.reduced_by.sum()) for one in done], 2, "USD"),
        (METHODS[2], {}, [_top(one) for one in done], 4, "share"),
        *(
            (METHODS[3], {"class": name}, [_share(one, name) for one in done], 4, "share")
            for name in classes
        ),
    ]
    found = []
    for method, subject, values, places, unit in rows:
        value, span = ranged(values, places)
        found.append(
            Finding(
                name=method.name, subject={"venue": context.venue, **subject}, value=value,
                unit=unit, method=method.id, window=context.span, caveats=caveats,
                count=int(params["accounts"]),
                inputs=tuple(dict.fromkeys(i for r in context.recorded() for i in r.inputs)),
                params={
                    "scenario": scenario.label, "rules": taken, **span,
                    "population": said(int(params["accounts"]), params["seeds"]),
                },
            )
        )  # fmt: skip
    return found


def _top(one: Lived) -> float:
    amounts = np.sort(one.outcome.reduced_by)[::-1]
    if not len(amounts):
        return 0.0
    return float(amounts[: max(1, len(amounts) // 100)].sum() / amounts.sum())


def _share(one: Lived, name: str) -> float:
    total = float(one.outcome.reduced_by.sum())
    if not total or name not in one.classes:
        return 0.0
    mine = one.category[one.outcome.reduced] == one.classes.index(name)
    return float(one.outcome.reduced_by[mine].sum()) / total
