"""Words of the page, in both languages at once: `Words` prints as two spans, of which the
page shows the one of the chosen language. Everything that comes from data is escaped here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from ..errors import Text

FOLDER = Path(__file__).parent
FILES = (FOLDER / "text.toml", FOLDER / "report.toml")


@dataclass(frozen=True)
class Words:
    """The same thing in English and Chinese, as markup."""

    en: Markup
    zh: Markup

    @classmethod
    def of(cls, source: Words | Text | str) -> Words:
        """Plain text is escaped; Markup and Words pass."""
        if isinstance(source, Words):
            return source
        if isinstance(source, Text):
            return cls(escape(source.en), escape(source.zh))
        return cls(escape(source), escape(source))

    def __html__(self) -> str:
        if self.en == self.zh:
            return str(self.en)
        return f'<span lang="en">{self.en}</span><span lang="zh">{self.zh}</span>'

    def __bool__(self) -> bool:
        return bool(self.en or self.zh)


Part = Words | Text | str
NOTHING = Words(Markup(""), Markup(""))


@cache
def texts() -> Mapping[str, Text]:
    """Every entry of FILES by its dotted key, in their order."""
    found: dict[str, Text] = {}

    def walk(prefix: str, table: Mapping[str, Any]) -> None:
        for key, value in table.items():
            name = f"{prefix}.{key}" if prefix else key
            if isinstance(value.get("en"), str):
                found[name] = Text(value["en"], value["zh"])
            else:
                walk(name, value)

    for file in FILES:
        walk("", tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def has(key: str) -> bool:
    """Whether text.toml has the key."""
    return key in texts()


def say(key: str, /, **parts: Part) -> Words:
    """The entry of `key` with its {names} filled in; raises KeyError for an unknown key."""
    return fill(texts()[key], **parts)


def fill(template: Text, /, **parts: Part) -> Words:
    """A template of both languages with each part in that language."""
    both = {name: Words.of(part) for name, part in parts.items()}
    return Words(
        Markup(template.en).format(**{n: w.en for n, w in both.items()}),
        Markup(template.zh).format(**{n: w.zh for n, w in both.items()}),
    )


def named(section: str, name: str) -> Words:
    """The words for `name` in a section of text.toml; an unknown name stands for itself."""
    return Words.of(texts().get(f"{section}.{name}", name))


def glue(parts: Iterable[Part], en: str = "", zh: str | None = None) -> Words:
    """Parts one after the other, with a separator between them."""
    both = [Words.of(part) for part in parts]
    zh = en if zh is None else zh
    return Words(Markup(en).join(w.en for w in both), Markup(zh).join(w.zh for w in both))


def flat(parts: Iterable[Part], between: str = "") -> Markup:
    """Parts one after the other as one markup, in which only what differs stands twice."""
    return Markup(between.join(Words.of(part).__html__() for part in parts))


def wrap(tag: str, inner: Part, **attributes: str) -> Words:
    """`inner` in an element; attribute names are written without their trailing _."""
    both = Words.of(inner)
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(v)}"' for name, v in attributes.items()
    )
    head, tail = Markup(f"<{tag}{pairs}>"), Markup(f"</{tag}>")
    en = head + both.en + tail
    return Words(en, en if both.zh == both.en else head + both.zh + tail)
