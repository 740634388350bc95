"""A page per rule, in both languages: words from rulebook/pages.toml, history from the rows.

    [page.mark]
    title = { en = "Mark price", zh = "标记价格" }
    text = { en = "…", zh = "…" }
    example = { en = "…", zh = "…" }        # may be left out
    code = ["rules/mark.py"]                # files of the package that implement it
    rules = ["mark"]                        # what the paths of its rules begin with

Invariant: every rule of the book stands on exactly one page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import CaseError, Text
from .book import FOLDER, Rulebook
from .book_reading import PAGES, read_toml
from .book_rows import CERTAINTY, Parameter, Row
from .show import DATING_NOTE, Sources, certainty, scope, since, value

NOTE = "<!-- Written by tools/make_rule_pages.py; do not edit. -->\n\n"
HEADINGS = "| for · 适用 | value · 取值 | since · 起始 (UTC) | certainty · 确定性 | source · 来源 |"
_KEYS = {"title", "text", "code", "rules"}


@dataclass(frozen=True)
class Page:
    """The words of one page, and which rules stand on it."""

    name: str
    title: Text
    text: Text
    code: tuple[str, ...]
    rules: tuple[str, ...]
    example: Text | None = None

    def holds(self, path: str) -> bool:
        """Whether the rule of a path stands on this page."""
        return any(path == head or path.startswith(f"{head}.") for head in self.rules)

    def parameters(self, book: Rulebook) -> list[Parameter]:
        """The parameters of the page, by path."""
        return [one for path, one in sorted(book.parameters.items()) if self.holds(path)]

    def rows(self, book: Rulebook) -> list[Row]:
        """Every row of the page's rules, in the order of the book."""
        return [row for one in self.parameters(book) for row in one.rows]


def read_pages(path: Path) -> dict[str, Page]:
    """The pages of a TOML file, in its order; raises CaseError naming the page."""
    table = read_toml(path)
    found = {}
    for name, body in table.get("page", {}).items():
        if not _KEYS <= set(body) <= {*_KEYS, "example"}:
            raise CaseError(
                Text(
                    f"[page.{name}] needs {', '.join(sorted(_KEYS))}, and takes 'example' besides",
                    f"[page.{name}] 须有 {'、'.join(sorted(_KEYS))}，另可有 example",
                ),
                where=path.name,
            )
        texts = {key: _text(body[key], f"{path.name}: [page.{name}] {key}")
                 for key in ("title", "text", "example") if key in body}  # fmt: skip
        found[name] = Page(
            name, texts["title"], texts["text"], tuple(body["code"]), tuple(body["rules"]),
            texts.get("example"),
        )  # fmt: skip
    return found


@cache
def pages() -> Mapping[str, Page]:
    """The pages that come with the program."""
    return read_pages(FOLDER / PAGES)


def _text(raw: object, where: str) -> Text:
    if not isinstance(raw, Mapping) or set(raw) != {"en", "zh"}:
        raise CaseError(Text("a text needs 'en' and 'zh'", "文字须有 en 与 zh"), where=where)
    return Text(str(raw["en"]).strip(), str(raw["zh"]).strip())


def markdown(page: Page, book: Rulebook) -> str:
    """The page as Markdown, English and Chinese one after the other."""
    sources = Sources()
    lines = [f"{NOTE}# {page.title.en} · {page.title.zh}", "", page.text.en, "", page.text.zh, ""]
    if page.example is not None:
        lines += ["## Example · 示例", "", page.example.en, "", page.example.zh, ""]
    code = ", ".join(f"[`{name}`](../../src/liquest/{name})" for name in page.code)
    lines += [f"Code · 代码: {code}", ""]
    lines += ["## History · 历史", ""]
    for one in page.parameters(book):
        lines += [f"### `{one.path}`", "", f"{one.title.en} · {one.title.zh}", ""]
        lines += [HEADINGS, "|---|---|---|---|---|"]
        lines += [_line(row, sources) for row in one.rows]
        lines += [""]
    lines += ["## Sources · 来源", ""]
    lines += [f"{n}. {source.en} · {source.zh}" for source, n in sources.numbers.items()]
    lines += ["", f"{DATING_NOTE.en} · {DATING_NOTE.zh}", "", "[All rules · 全部规则](README.md)"]
    return "\n".join(lines) + "\n"


def _line(row: Row, sources: Sources) -> str:
    cells = [
        f"`{name}`" if (name := scope(row, venue=True)) else "all · 全部",
        *(_both(call(row, "en"), call(row, "zh")) for call in (value, since, certainty)),
        sources.number(row),
    ]
    # A bar would end the cell.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _both(en: str, zh: str) -> str:
    return en if en == zh else f"{en} · {zh}"


def index(found: Mapping[str, Page], book: Rulebook) -> str:
    """The list of the pages, with the number of rules and rows on each."""
    words = ", ".join(f"{word.en} {word.zh}" for word in CERTAINTY.values())
    lines = [
        f"{NOTE}# Rules · 规则",
        "",
        "Each value has a moment from which it holds, a source, and a word for how well it is "
        "known. A replay names the moment whose rules it takes, or sets a rule by its path "
        "(`mark.window=150s`). · 每个取值都注明起始时刻、来源与确定性。回放须指明所取规则的时刻，"
        "或按路径设定规则（`mark.window=150s`）。",
        "",
        f"Certainty · 确定性: {words}.",
        "",
        "| page · 页面 | | rules · 规则数 | rows · 行数 |",
        "|---|---|---|---|",
    ]
    for name, page in found.items():
        held = page.parameters(book)
        rows = sum(len(one.rows) for one in held)
        title = f"{page.title.en} · {page.title.zh}"
        lines.append(f"| [{name}]({name}.md) | {title} | {len(held)} | {rows} |")
    return "\n".join(lines) + "\n"


def documents(book: Rulebook) -> dict[str, str]:
    """File name → text of every page and of their list."""
    made = {f"{name}.md": markdown(page, book) for name, page in pages().items()}
    return {"README.md": index(pages(), book), **made}
