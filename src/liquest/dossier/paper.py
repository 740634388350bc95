"""The body of the page as blocks for paper, in one language.

The PDF is set from the very markup that the page shows, so that both say the same. What has
the attribute data-paper="no" is for the screen only; what is not for the language is left out;
codes of caveats become their words, and times get their UTC+8 beside or below them. Invariant:
text is taken over as it stands, nothing is composed here.

A block is {"k": kind, …}; its text is a list of runs {"t": text, "b"/"s"/"c"/"x"/"g": true,
"l": anchor, "n": true} for strong, small, code, struck, tag, a link inside the document, and a
line break.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import Text
from .columns import layout
from .markup import Node
from .text import texts

Run = dict[str, Any]
Block = dict[str, Any]
_STYLES = {"b": "b", "strong": "b", "small": "s", "code": "c", "s": "x"}
_HEADS = {"h2": 1, "h3": 2, "h4": 3, "h5": 4}
_TIME = re.compile(r"(\d\d)-(\d\d) (\d\d):(\d\d)(.*)")
NARROW = 7
"""Columns beyond which a table has no room for the second clock."""
_CELL = "-"
"""The style of a cell in a table with many columns."""
LONG = 18
"""Characters without a blank after which a path may break at its signs."""
_PATH = re.compile(rf"\S{{{LONG},}}")
_SPACES = {0x202F: "\u00a0", 0x2003: "\u00a0\u00a0"}
"""Spaces that the fonts lack."""
_HEX = re.compile(r"[0-9a-f]{32,}")
_BREAKS = re.compile(r"(?<=[_/=,@.-])(?=\w)")
_INSIDE = frozenset({"section", "div", "article", "details", "header", "main", "ol", "ul"})


class Paper:
    """Turns nodes into blocks. `year` is that of the times without one; `cited` gives the
    anchor for the id of a finding that the document lists; `figure` draws a coin."""

    def __init__(
        self,
        lang: str,
        year: int,
        cited: Mapping[str, str],
        figure: Callable[[str], Block | None],
    ) -> None:
        self._lang, self._year, self._cited, self._figure = lang, year, cited, figure

    def blocks(self, tree: Node) -> list[Block]:
        """Every block of the body, in order."""
        return list(self._of(tree))

    def runs(self, tree: Node) -> list[Run]:
        """The whole text as one paragraph."""
        return self._runs(tree)

    def _of(self, node: Node) -> Iterator[Block]:
        for child in node.children:
            if isinstance(child, str):
                if child.strip():
                    yield {"k": "p", "cls": "", "runs": self._runs(Node("p", {}, [child]))}
            elif self._shown(child):
                yield from self._block(child)

    def _block(self, node: Node) -> Iterator[Block]:
        made: Block
        tag, classes = node.tag, node.classes
        if tag in _HEADS:
            made = {"k": "h", "level": _HEADS[tag], "runs": self._runs(node)}
        elif tag == "h1":
            made = {"k": "title", "runs": self._runs(node)}
        elif tag in ("p", "summary", "figcaption"):
            cls = "cite" if tag == "summary" else next(iter(classes), "")
            made = {"k": "p", "cls": cls, "runs": self._runs(node)}
        elif tag in ("ul", "ol"):
            items = [list(self._item(li)) for li in node.elements("li") if self._shown(li)]
            made = {"k": "list", "ordered": tag == "ol", "items": items}
        elif tag == "dl":
            made = {"k": "dl", "rows": list(self._pairs(node)), "cls": " ".join(sorted(classes))}
        elif tag == "table":
            made = self._table(node)
        elif tag == "pre":
            made = {"k": "pre", "t": node.text()}
        elif tag == "figure":
            drawn = self._figure(node.attributes.get("data-coin", ""))
            if drawn is None:
                return
            made = drawn
        elif tag in _INSIDE:
            if anchor := node.attributes.get("id"):
                yield {"k": "anchor", "id": anchor, "new": tag == "section"}
            yield from self._of(node)
            return
        else:
            made = {"k": "p", "cls": "", "runs": self._runs(node)}
        if anchor := node.attributes.get("id"):
            made["id"] = anchor
        if made.get("runs", True) and made.get("items", True):
            yield made

    def _item(self, node: Node) -> Iterator[Block]:
        """An item of a list: blocks where it holds some, else one paragraph."""
        if any(isinstance(c, Node) and c.tag in ("p", "pre") for c in node.children):
            yield from self._of(node)
        else:
            yield {"k": "p", "cls": next(iter(node.classes), ""), "runs": self._runs(node)}

    def _pairs(self, node: Node) -> Iterator[list[Any]]:
        name: list[Run] = []
        for child in node.elements():
            if child.tag == "dt":
                name = self._runs(child)
            elif child.tag == "dd":
                inner = [c for c in child.elements("div") if self._shown(c)]
                loose = Node("p", {}, [c for c in child.children if c not in inner])
                parts = [self._runs(loose), *(self._runs(c) for c in inner)]
                yield [name, [p for p in parts if p]]

    def _table(self, node: Node) -> Block:
        """Columns with their style and their share of the width, size of type, head and rows."""
        rows = list(node.within("tbody"))
        head = [cell for row in node.within("thead") for cell in row.elements()]
        styles = [c.attributes.get("class", "") for c in (rows[0].elements() if rows else head)]
        narrow = len(head) > NARROW
        cells = [
            [
                self._runs(c, _CELL if narrow else s or "w")
                for c, s in zip(r.elements(), styles, strict=False)
            ]
            for r in rows
        ]
        heads = [self._runs(cell) for cell in head]
        stiff = [style in ("n", "t", "r") for style in styles]
        size, columns = layout(heads, cells, stiff)
        return {
            "k": "table", "styles": styles, "head": heads, "rows": cells, "size": size,
            "columns": columns, "ids": [row.attributes.get("id", "") for row in rows],
        }  # fmt: skip

    def _runs(self, node: Node, style: str = "") -> list[Run]:
        """The text of a node as runs, blanks as a browser would keep them."""
        return _tidy(self._inline(node, {}, style))

    def _inline(self, node: Node, look: Mapping[str, Any], style: str) -> Iterator[Run]:
        for child in node.children:
            if isinstance(child, str):
                yield {"t": child, **look}
                continue
            if not self._shown(child):
                continue
            tag = child.tag
            if tag == "br":
                yield {"t": "", "n": True}
            elif tag == "time":
                yield from self._time(child.text(), look, style)
            elif tag == "abbr":
                code = child.text()
                words = texts().get(f"short.{code}", Text(code, code))
                yield {"t": words.in_(self._lang), **look}
                if child is not node.children[-1]:
                    yield {"t": " · ", **look}
            else:
                more = dict(look)
                if tag in _STYLES:
                    more[_STYLES[tag]] = True
                if "tag" in child.classes:
                    more["g"] = True
                href = child.attributes.get("href", "")
                if tag == "a" and not (style and href.startswith("#f-")):
                    more |= self._link(href)
                if anchor := child.attributes.get("id"):
                    yield {"t": "", "a": anchor}
                if tag == "div":
                    yield {"t": "", "n": True, "soft": True}
                yield from self._inline(child, more, style)

    def _link(self, href: str) -> dict[str, str]:
        """Where a link leads in the document: a finding that is not listed leads nowhere."""
        target = href.removeprefix("#")
        if target.startswith("f-"):
            target = self._cited.get(target.removeprefix("f-"), "")
        return {"l": target} if target else {}

    def _time(self, text: str, look: Mapping[str, Any], style: str) -> Iterator[Run]:
        """A moment in UTC with the same in UTC+8: beside it in a sentence, below it in a table,
        and UTC alone where a table has too many columns for both."""
        parts = _TIME.fullmatch(text)
        if parts is None or style == _CELL:
            yield {"t": text, **look}
            return
        month, day, hour, minute = (int(p) for p in parts.groups()[:4])
        utc = datetime(self._year, month, day, hour, minute, tzinfo=UTC)
        east = utc + timedelta(hours=8)
        clock = f"{east:%H:%M}{parts[5]}"
        if style:
            yield {"t": text, **look}
            yield {"t": "", "n": True}
            yield {"t": f"{east:%m-%d} {clock} +8", **look, "s": True}
        else:
            full = f"{east:%m-%d} {clock}" if east.date() != utc.date() else clock
            yield {"t": f"{text} UTC", **look}
            yield {"t": f" ({full} UTC+8)", **look, "s": True}

    def _shown(self, node: Node) -> bool:
        other = node.attributes.get("lang", self._lang)
        return node.attributes.get("data-paper") != "no" and other == self._lang


def _tidy(runs: Iterator[Run]) -> list[Run]:
    """Blanks and line ends become one blank, none at the edges or beside a break; a break that
    only begins a part is dropped where nothing stands before it."""
    found: list[Run] = []
    blank = True
    for run in runs:
        if run.get("n"):
            if found and found[-1].get("t"):
                found[-1]["t"] = found[-1]["t"].rstrip(" ")
            if not run.get("soft") or any(r.get("t") for r in found):
                found.append({"t": "", "n": True})
            blank = True
            continue
        if "a" in run:
            found.append(run)
            continue
        text = re.sub(r"[ \n\t]+", " ", run["t"]).translate(_SPACES)
        if blank:
            text = text.removeprefix(" ")
        if text:
            blank = text.endswith(" ")
            look = {**run, "t": ""}
            if found and found[-1].get("t") and {**found[-1], "t": ""} == look:
                found[-1]["t"] += text
            else:
                found.append({**run, "t": text})
    while found and not found[-1].get("a") and not found[-1]["t"].strip():
        found.pop()
    if found and found[-1].get("t"):
        found[-1]["t"] = found[-1]["t"].rstrip(" ")
    for run in found:
        if _HEX.fullmatch(run["t"]):
            run["h"] = True
        elif _PATH.search(run["t"]):
            run["w"] = _BREAKS.split(run["t"])
    return found
