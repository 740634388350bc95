"""The page: the report as one self-contained HTML file.

The same inputs give the same bytes: no clock, no random number and no order of a set
enters. Everything that comes from data is escaped, in markup and in the embedded JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..case import Case
from ..caveats import CAVEATS, caveat
from ..claims.verdict import VERDICTS
from ..errors import Text
from . import embed
from .chapters import chapter
from .confidence import SCALE
from .facts import Fact, Facts
from .figures import VENUES, both_clocks, grouped, in_zone, length, moment
from .inputs import Inputs, Sealed
from .register import Register
from .report import Report, report
from .summary import Sentence
from .tables import caveat_tags
from .text import Words, glue, named, say, texts, wrap
from .trials import tally, verdict_tag

__all__ = ["Inputs", "Sealed", "body_of", "build_page", "page_of"]

_TEMPLATES = Path(__file__).parent / "templates"
LIMIT = 4_850_000
"""Bytes of the whole page; the register takes what the rest leaves of it."""
PAPER_ROWS = 14
"""Rows of one table on paper; how many more there are is said below it."""
_SCRIPT_WORDS = ("page", "register", "kind", "price", "unit", "coins", "lows", "against", "subject")


def build_page(case: Case, inputs: Inputs) -> str:
    """The dossier of the case as HTML."""
    made = report(case, inputs)
    return page_of(made, body_of(made))


def body_of(made: Report, *, paper: bool = False) -> str:
    """Everything before the register as HTML: what the PDF says as well. For `paper` tables
    hold the rows of the main window only, and fewer of them."""
    places = {f.id: i for i, f in enumerate(made.cited, 1)}

    def cite(sentence: Sentence) -> Markup:
        numbers = sorted(places[f.id] for f in sentence.cites)
        return Markup(", ").join(Markup('<a href="#cite-{0}">{0}</a>').format(n) for n in numbers)

    return (
        environment()
        .get_template("body.html")
        .render(
            report=made,
            paper=PAPER_ROWS if paper else 0,
            case=made.case,
            inputs=made.inputs,
            windows=made.windows,
            main=made.case.main,
            cite=cite,
            verdicts=VERDICTS,
            scale=SCALE,
            tally=tally(made.inputs.trials) if made.inputs.trials else None,
            example=_example(made),
            caveats=_caveats(made.facts),
        )
    )


def page_of(made: Report, body: str) -> str:
    """The whole page around the body."""
    shell = {
        "title": list(made.case.title),
        "windows": [[w.name, w.start, w.end] for w in made.windows],
        "step": made.step * made.charts.merged,
        "words": _script_words(),
        "venues": VENUES,
        "caveats": {code: list(words) for code, words in _caveats(made.facts).items()},
        "coins": {
            coin: {**chart, "lows": _marks(coin, chart["tracks"], made.facts)}
            for coin, chart in made.charts.coins.items()
        },
    }
    styles, scripts = embed.styles(), embed.scripts()
    used = len(body.encode()) + sum(map(len, scripts)) + len(styles) + len(embed.data(shell))
    register = Register(made.inputs.sources, made.inputs.methods, LIMIT - used)
    register.add(made.shown())
    register.add(f for f in made.facts.all if f.coin in made.charts.coins)
    return (
        environment()
        .get_template("page.html")
        .render(
            case=made.case,
            windows=made.windows,
            body=Markup(body),
            register=register,
            total=len(made.facts.all),
            styles=styles,
            scripts=scripts,
            licence=embed.licence(),
            data=embed.data({**shell, "register": register.json()}),
        )
    )


def environment() -> Environment:
    """The templates with the words and figures that they ask for."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals.update(
        t=say, moment=moment, in_zone=in_zone, length=length, grouped=grouped, wrap=wrap,
        named=named, caveat_tags=caveat_tags, html=Words.of, chapter=chapter, glue=glue,
        verdict_tag=verdict_tag, both_clocks=both_clocks,
    )  # fmt: skip
    return made


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


def _example(made: Report) -> dict[str, Any] | None:
    """A finding whose decisive row stands in a file that a shell can show."""
    names = {s["sha256"]: s["name"] for s in made.inputs.sources if s["sha256"]}
    candidates: list[Fact] = [*made.cited, *made.facts.named("low", 0)]
    for suffixes in ((".gz", ".csv"), (".parquet",)):
        for fact in candidates:
            for one in fact.finding.inputs:
                name = names.get(one.source, "")
                if one.role == "extreme" and name.endswith(suffixes):
                    file = name.rpartition("/")[2]
                    return {
                        "fact": fact,
                        "sum": f"sha256sum {_quoted(file)}",
                        "row": _row_command(file, one.first),
                        "sha256": one.source,
                    }
    return None


def _row_command(file: str, row: int) -> str:
    if file.endswith(".gz"):
        return f"zcat {_quoted(file)} | sed -n '{row}p'"
    if file.endswith(".parquet"):
        return f"duckdb -c \"SELECT * FROM read_parquet('{file}') LIMIT 1 OFFSET {row - 1}\""
    return f"sed -n '{row}p' {_quoted(file)}"


def _quoted(name: str) -> str:
    """A file name for a shell; plain ones stay as they are."""
    if name and all(c.isalnum() or c in "._-/+=@%," for c in name) and name[0] != "-":
        return name
    return "'" + name.replace("'", "'\\''") + "'"
