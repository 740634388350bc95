"""The page: findings, problems and the inventory as one self-contained HTML file.

The same inputs give the same bytes: no clock, no random number and no order of a set
enters. Everything that comes from data is escaped, in markup and in the embedded JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..case import Case
from ..caveats import CAVEATS, caveat
from ..errors import Text
from ..findings import Finding
from ..problems import Problem
from . import embed
from .coins import MOST, Section, others, sections
from .facts import Fact, Facts
from .figures import VENUES, grouped, in_zone, length, moment
from .inventory import inventory
from .lows import lows, main_coins
from .outlines import charts
from .register import Register
from .summary import Sentence, sentences
from .tables import Table, caveat_tags
from .text import Words, named, say, texts, wrap

_TEMPLATES = Path(__file__).parent / "templates"
LIMIT = 4_850_000
"""Bytes of the whole page; the register takes what the rest leaves of it."""
_SCRIPT_WORDS = ("page", "register", "kind", "price", "unit", "coins", "lows", "against", "subject")


@dataclass(frozen=True)
class Inputs:
    """Everything beside the case that the page shows.

    `sources` is the inventory (`investigate.inventory_of`), `methods` holds `Method.json()` by
    id, `outlines` what `tape.outline.outlines_json` makes. `made_at` is shown as it is given.
    """

    sources: Sequence[Mapping[str, Any]]
    problems: Sequence[Problem]
    findings: Sequence[Finding]
    methods: Mapping[str, Mapping[str, Any]]
    outlines: Mapping[str, Any]
    made_at: str | None
    version: str


def build_page(case: Case, inputs: Inputs) -> str:
    """The dossier of the case as HTML."""
    windows = list(case.windows.values())
    facts = Facts(inputs.findings, windows)
    outlines = inputs.outlines.get("coins", {})
    order = _order(facts, outlines)
    drawn = charts(outlines, order[:MOST])
    named_coins = sorted(order[:MOST])
    coin_sections = sections(facts, named_coins)
    other_tables = others(facts, named_coins)
    low_tables = lows(facts)
    told = sentences(facts)
    stock = inventory(inputs.sources, inputs.problems)
    cited = list({f.id: f for s in told for f in s.cites}.values())
    step = int(inputs.outlines.get("step", 1))

    environment = _environment()
    body = environment.get_template("body.html").render(
        title=Words.of(case.title),
        windows=windows,
        main=case.main,
        version=inputs.version,
        made_at=inputs.made_at,
        stock=stock,
        record_sentences=stock.sentences,
        event_sentences=[(s, _citation(s, cited)) for s in told],
        cited=cited,
        lows=low_tables,
        sections=coin_sections,
        charted=drawn,
        uncharted=sorted({*outlines} - {*drawn.coins}),
        step=step,
        others=other_tables,
    )
    shell = {
        "title": list(case.title),
        "windows": [[w.name, w.start, w.end] for w in windows],
        "step": step * drawn.merged,
        "words": _script_words(),
        "venues": VENUES,
        "caveats": {code: list(words) for code, words in _caveats(facts).items()},
        "coins": {
            coin: {**chart, "lows": _marks(coin, chart["tracks"], facts)}
            for coin, chart in drawn.coins.items()
        },
    }
    styles, scripts = embed.styles(), embed.scripts()
    used = len(body.encode()) + sum(map(len, scripts)) + len(styles) + len(embed.data(shell))
    register = Register(inputs.sources, inputs.methods, LIMIT - used)
    register.add(cited)
    for table in _tables(low_tables.main, coin_sections, other_tables, low_tables.rest):
        register.add(table.cited)
    register.add(f for f in facts.all if f.coin in set(named_coins))
    return environment.get_template("page.html").render(
        case=case,
        windows=windows,
        body=Markup(body),
        register=register,
        total=len(facts.all),
        example=_example(cited, facts, inputs.sources),
        caveats=_caveats(facts),
        styles=styles,
        scripts=scripts,
        licence=embed.licence(),
        data=embed.data({**shell, "register": register.json()}),
    )


def _order(facts: Facts, outlines: Mapping[str, Any]) -> list[str]:
    """Coins for sections: those with trades by the second first, then the other fine ones."""
    fine = {f.coin for f in facts.named("low") if f.seconds in (0, 1)}
    return sorted({*outlines, *main_coins(facts)}, key=lambda coin: (coin not in fine, coin))


def _tables(
    first: Table, coin_sections: Iterable[Section], then: Iterable[Table], last: Table
) -> Iterator[Table]:
    """The tables in the order in which their findings are embedded."""
    yield first
    for section in coin_sections:
        yield section.lows
        yield from section.tables
    yield from then
    yield last


def _citation(sentence: Sentence, cited: Sequence[Fact]) -> Markup:
    """The numbers of a sentence's findings in the list of those cited."""
    places = {f.id: i for i, f in enumerate(cited, 1)}
    numbers = sorted(places[f.id] for f in sentence.cites)
    return Markup(", ").join(Markup('<a href="#cite-{0}">{0}</a>').format(n) for n in numbers)


def _script_words() -> dict[str, list[str]]:
    """The words that the page's scripts use."""
    return {
        key: list(text) for key, text in texts().items() if key.partition(".")[0] in _SCRIPT_WORDS
    }


def _caveats(facts: Facts) -> dict[str, tuple[str, str, str, str]]:
    """code → short and full words, in English and Chinese, of every caveat there is."""
    codes = {code for fact in facts.all for code in fact.finding.caveats}
    return {
        code: (*texts().get(f"short.{code}", Text(code, code)), *caveat(code))
        for code in sorted({*CAVEATS, *codes})
    }


def _marks(coin: str, tracks: Sequence[Mapping[str, Any]], facts: Facts) -> list[list[Any]]:
    """[track, second, price per coin, window] of the lows that lie on a drawn track."""
    places = {(t["v"], t["i"], t["k"], t["p"]): i for i, t in enumerate(tracks)}
    marks = []
    for fact in facts.named("low"):
        subject, at = fact.finding.subject, fact.finding.at
        key = tuple(subject.get(k, "") for k in ("venue", "instrument", "kind", "price"))
        if fact.coin == coin and key in places and at is not None and fact.window is not None:
            marks.append([places[key], at / 1e6, float(fact.per_coin or 0), fact.window])
    return marks


def _example(
    cited: Sequence[Fact], facts: Facts, sources: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """A finding whose decisive row stands in a file that a shell can show."""
    names = {s["sha256"]: s["name"] for s in sources if s["sha256"]}
    for fact in (*cited, *facts.named("low", 0)):
        for one in fact.finding.inputs:
            name = names.get(one.source, "")
            if one.role == "extreme" and name.endswith((".gz", ".csv")):
                show = "zcat {0} | sed -n '{1}p'" if name.endswith(".gz") else "sed -n '{1}p' {0}"
                file = name.rpartition("/")[2]
                return {
                    "fact": fact,
                    "sum": f"sha256sum {_quoted(file)}",
                    "row": show.format(_quoted(file), one.first),
                    "sha256": one.source,
                }
    return None


def _quoted(name: str) -> str:
    """A file name for a shell; plain ones stay as they are."""
    if name and all(c.isalnum() or c in "._-/+=@%," for c in name) and name[0] != "-":
        return name
    return "'" + name.replace("'", "'\\''") + "'"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals.update(
        t=say, moment=moment, in_zone=in_zone, length=length, grouped=grouped, wrap=wrap,
        named=named, caveat_tags=caveat_tags, html=Words.of,
    )  # fmt: skip
    return made
