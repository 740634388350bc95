"""The report as PDF, one file a language, from the body of the page.

Tables are cut to what a reader of paper can use, with a pointer to where they stand whole.
Invariant: the same report gives the same bytes, and every anchor that a link names is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..clock import format_time
from ..pdf import compile_pdf
from .drawn import chart, colour
from .facts import instrument_parts
from .markup import Node, parse
from .paper import Block, Paper
from .report import Report
from .text import glue, say

LANGUAGES = ("zh", "en")
_TEMPLATE = Path(__file__).parent / "dossier.typ"
_DASHES = {"linear-perpetual": "dashed", "inverse-perpetual": "dotted"}


def pdf_of(made: Report, tree: Node, lang: str) -> bytes:
    """The PDF of one language, from the body as it is for paper."""
    return compile_pdf(_TEMPLATE, data_of(made, tree, lang))


def data_of(made: Report, tree: Node, lang: str) -> dict[str, Any]:
    """What the template takes for one language, from the body as it is for paper."""
    title = made.case.title.in_(lang)
    cited = {f.id[:12]: f"cite-{n}" for n, f in enumerate(made.cited, 1)}
    year = int(format_time(made.case.main.start)[:4])
    paper = Paper(lang, year, cited, lambda coin: _figure(made, coin, lang))
    blocks = paper.blocks(tree)
    place = next((i for i, b in enumerate(blocks) if b.get("id") == "summary"), len(blocks))
    blocks.insert(place, {"k": "outline", "t": _plain(say("chapter.contents"), lang)})
    sealed = made.inputs.sealed
    root = sealed.root[:16] if sealed else _plain(say("paper.no_root"), lang)
    return {
        "lang": lang, "title": title,
        "mark": _plain(say("paper.mark", title=title, root=root), lang),
        "anchors": dict.fromkeys(_anchors(blocks), True), "blocks": blocks,
    }  # fmt: skip


def _anchors(blocks: Sequence[Block]) -> list[str]:
    """Every anchor once, in order: a label may be set but once."""
    return list(dict.fromkeys(a for b in blocks for a in _anchors_of(b)))


def _anchors_of(block: Block) -> Iterator[str]:
    if block.get("id"):
        yield block["id"]
    yield from (a for a in block.get("ids", ()) if a)
    for row in block.get("rows", ()):
        for cell in row:
            yield from (r["a"] for r in cell if isinstance(r, Mapping) and "a" in r)
    for run in block.get("runs", ()):
        if "a" in run:
            yield run["a"]


def _figure(made: Report, coin: str, lang: str) -> Block | None:
    """The chart of a coin over the main window, with its legend."""
    tracks = made.inputs.outlines.get("coins", {}).get(coin, {}).get("tracks", ())
    window = made.case.main
    svg = chart(tracks, window)
    if not svg:
        return None
    edges = [format_time(at, digits=0)[11:16] for at in (window.start, window.end)]
    alt = say("paper.chart", coin=coin, **{"from": edges[0], "to": edges[1]})
    legend = []
    for track in tracks:
        parts = instrument_parts(track["venue"], track["instrument"], track["kind"],
                                 track["price"])  # fmt: skip
        runs = Paper(lang, 2000, {}, lambda _: None).runs(parse(glue(parts, " ").__html__()))
        legend.append({
            "colour": colour(track["venue"]),
            "dash": "loosely-dotted" if track["price"] != "trade"
            else _DASHES.get(track["kind"], ""),
            "runs": runs,
        })  # fmt: skip
    return {"k": "fig", "svg": svg, "alt": _plain(alt, lang), "legend": legend}


def _plain(words: Any, lang: str) -> str:
    """The text of words in one language, without markup."""
    return parse(str(words.zh if lang == "zh" else words.en)).text()
