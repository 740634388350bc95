"""The disclosure request: a letter to each holder of records, in Chinese and English, as PDF and
as Markdown.

Invariant: both forms are made of the same data, so that they say the same; a letter asks a
holder for its own records only, and shows no number without the id of its finding.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..case import Case
from ..clock import Window, format_time
from ..errors import Text, UsageError
from ..pdf import compile_pdf
from ..run.disk import whole
from .inquiry import FIELD_TYPES, PER, Inquiry, RecordWanted
from .questions import Asked, Line
from .statements import shown_span

FOLDER = Path(__file__).parent / "templates"
LANGUAGES = ("zh", "en")
_ID_SHOWN, _IDS_SHOWN = 12, 3


@dataclass(frozen=True)
class Letter:
    """What is asked of one holder; `dated` is the moment up to which the public record was
    read, UTC microseconds."""

    holder: str
    name: Text
    event: Text
    dated: int
    records: tuple[RecordWanted, ...]
    asked: tuple[Asked, ...]
    places: Mapping[str, int]

    def file(self, lang: str, suffix: str) -> str:
        """disclosure-request.binance.zh.pdf"""
        return f"disclosure-request.{self.holder}.{lang}.{suffix}"

    def data(self, lang: str) -> dict[str, Any]:
        """All that a template sets, in one language."""
        words = _words(lang)
        numbers = {one.id: f"R{n}" for n, one in enumerate(self.records, 1)}
        blank = words["blank"]
        head = [
            (words["to"], self.name.in_(lang)), (words["from"], blank), (words["date"], blank),
            (words["reference"], blank), (words["basis"], blank),
            (words["event"], self.event.in_(lang)),
            (words["as_of"], format_time(self.dated, digits=0)[:10]),
        ]  # fmt: skip
        letter = {
            "head": head,
            "event": self.event.in_(lang),
            "mark": f"{words['title']} · {self.name.in_(lang)}",
            "counts": words["purpose"]["counts"].format(
                records=len(self.records), questions=len(self.asked)
            ),
            "records": [self._record(one, numbers, lang) for one in self.records],
            "questions": [self._question(one, numbers, lang) for one in self.asked],
            "form": words["form"],
        }
        return {"lang": lang, "words": words, "letter": letter}

    def _record(self, one: RecordWanted, numbers: Mapping[str, str], lang: str) -> dict[str, Any]:
        answers = [a for a in self.asked if one.id in a.question.records]
        return {
            "number": numbers[one.id],
            "title": one.title.in_(lang),
            "scope": one.scope.in_(lang),
            "rows": PER[one.per].in_(lang),
            "spans": [_span(window).in_(lang) for window in one.spans],
            "answers": ", ".join(self._number(a) for a in answers) or "–",
            "fields": [
                (f.name, FIELD_TYPES[f.type].in_(lang), f.unit_words.in_(lang), f.what.in_(lang))
                for f in one.fields
            ],
        }

    def _question(self, one: Asked, numbers: Mapping[str, str], lang: str) -> dict[str, Any]:
        return {
            "number": self._number(one),
            "text": one.question.text.in_(lang),
            "known": [_line(line, lang) for line in one.known],
            "answer": one.question.answer.in_(lang),
            "records": ", ".join(numbers[r] for r in one.question.records if r in numbers) or "–",
        }

    def _number(self, one: Asked) -> str:
        """Questions keep their number in every letter."""
        return f"Q{self.places[one.question.id]}"


def letters(case: Case, inquiry: Inquiry, asked: Sequence[Asked]) -> list[Letter]:
    """A letter to each holder who is asked something or holds a record."""
    places = {one.question.id: n for n, one in enumerate(asked, 1)}
    made = []
    for holder, name in inquiry.holders.items():
        records = tuple(r for r in inquiry.records.values() if holder in r.holders)
        own = tuple(one for one in asked if holder in one.question.ask)
        if records:
            made.append(Letter(holder, name, case.title, inquiry.as_of, records, own, places))
    return made


def write_request(folder: Path, made: Iterable[Letter]) -> list[Path]:
    """Each letter in each language as PDF and Markdown; the paths in the order of writing."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for letter in made:
        for lang in LANGUAGES:
            path = folder / letter.file(lang, "md")
            with whole(path) as out:
                out.write(markdown(letter, lang))
            written.append(path)
            path = folder / letter.file(lang, "pdf")
            path.write_bytes(pdf(letter, lang))
            written.append(path)
    return written


def pdf(letter: Letter, lang: str) -> bytes:
    """The letter as PDF/A."""
    return compile_pdf(FOLDER / "request.typ", letter.data(lang), dated=letter.dated)


def markdown(letter: Letter, lang: str) -> str:
    """The letter as Markdown (CommonMark with tables)."""
    text = _environment().get_template("request.md").render(letter.data(lang))
    return re.sub(r"\n{3,}", "\n\n", text)


def _line(line: Line, lang: str) -> dict[str, str]:
    """A line with the beginnings of its ids."""
    ids = [one.id[:_ID_SHOWN] for one in line.findings[:_IDS_SHOWN]]
    if len(line.findings) > _IDS_SHOWN:
        ids.append(f"+{len(line.findings) - _IDS_SHOWN}")
    return {
        "title": line.title.in_(lang), "words": line.words.in_(lang), "ids": " ".join(ids),
    }  # fmt: skip


def _span(window: Window) -> Text:
    return shown_span(window.start, window.end)


@cache
def _words(lang: str) -> dict[str, Any]:
    """The fixed words in one language, in the shape of the file."""
    table = tomllib.loads((FOLDER / "request.toml").read_text(encoding="utf-8"))

    def chosen(value: Any) -> Any:
        if isinstance(value, list):
            return [chosen(one) for one in value]
        return (
            value[lang]
            if set(value) == set(LANGUAGES)
            else {k: chosen(v) for k, v in value.items()}
        )

    return {key: chosen(value) for key, value in table.items()}


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, autoescape=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters |= {"plain": _plain, "cell": _cell}
    return made


def _plain(text: str) -> str:
    """Text that Markdown takes as it stands, on one line."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


def _cell(text: str) -> str:
    """The same for a table; a blank line to be filled in stays one."""
    return text if set(text) == {"_"} else _plain(text)


def no_questions(path: Path) -> UsageError:
    """The case asks nothing yet."""
    return UsageError(
        Text("this case has no questions yet", "该案件尚无问题"), where=str(path),
        remedy=Text(
            "Write them as docs/statements.md shows.", "请按 docs/statements.md 编写。"
        ),
    )  # fmt: skip
