"""The page's own markup as a tree: what `paper` walks. It reads what the templates write, and
nothing else. Invariant: text and attributes come out unescaped, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = frozenset({"br", "input", "meta", "hr", "col"})


@dataclass(eq=False)
class Node:
    """An element; children are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """The names in its class, in order."""
        return self.attributes.get("class", "").split()

    def elements(self, tag: str = "") -> Iterator[Node]:
        """Its children that are elements, those of `tag` where one is named."""
        for child in self.children:
            if isinstance(child, Node) and (not tag or child.tag == tag):
                yield child

    def within(self, tag: str) -> Iterator[Node]:
        """The elements inside its children of `tag`: the rows of a table's head or body."""
        for part in self.elements(tag):
            yield from part.elements()

    def text(self) -> str:
        """All text inside."""
        return "".join(c if isinstance(c, str) else c.text() for c in self.children)


def parse(html: str) -> Node:
    """The tree under a nameless root."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {k: v or "" for k, v in attrs})
        self._open[-1].children.append(node)
        if tag not in _EMPTY:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        # The templates close what they open; what does not is the main element, which the page
        # closes.
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
