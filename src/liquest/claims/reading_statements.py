"""statements.toml → versions of statements.

    [party.binance]
    en = "Binance"
    zh = "币安"

    [topic.compensation]                 # versions are compared within a topic
    en = "Who is compensated, and how much"
    zh = "补偿对象与金额"

    [[statement]]                        # in the order of publication
    id = "binance-2025-10-12"
    party = "binance"
    title = { en = "…", zh = "…" }
    published = "2025-10-12T18:15:45Z"   # or the day alone; left out when it is not known
    known = "held"                       # held, relayed or told
    source = { en = "…", zh = "…" }      # where it is from
    file = "binance_20251012181545_utc.md"
    sha256 = "3121…"                     # of the text that is held, and its number of lines
    lines = 69

    [[statement.says]]
    topic = "compensation"
    point = "amount"                     # the same point in every version
    text = { en = "…", zh = "…" }
    amount = "283000000"                 # or moment, window, items, or stance: what is compared
    unit = "USD"
    quote = "totaling approximately USD 283 million"
    line = 23

    [[statement.upholds]]                # a topic of which it says that earlier words stand
    topic = "compensation"
    quote = "Users can refer to our announcement on this matter"
    line = 23

Invariant: what is not understood is refused with file, line and remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..clock import format_time
from ..errors import CaseError, Text
from ..findings import plain
from .reading_tests import ReadingTests
from .statements import AMOUNT, AT, ITEMS, KNOWN, SORTS, SPAN, Point, Record, Statement, Upheld
from .toml_file import Key, TomlFile

NAME = "statements.toml"
_STATEMENT = (
    "id", "party", "title", "published", "known", "source", "file", "sha256", "lines", "upholds",
    "says",
)  # fmt: skip
_SAYS = ("topic", "point", "text", *SORTS, "unit", "quote", "line")


def read_statements(path: Path) -> Record:
    """The record of a file, empty when there is none; raises CaseError with file, line and
    remedy."""
    return _Reading(TomlFile.read(path)).record() if path.is_file() else Record()


class _Reading:
    """One file while it is read."""

    def __init__(self, file: TomlFile) -> None:
        self._file, self._values = file, ReadingTests(file)

    def record(self) -> Record:
        file = self._file
        file.only((), file.table, ("party", "topic", "statement"))
        parties, topics = self._names("party"), self._names("topic")
        found: list[Statement] = []
        latest: dict[str, str] = {}
        for number, body in enumerate(file.tables(("statement",), file.table.get("statement"))):
            key: Key = ("statement", number)
            one = self._statement(key, body, parties, topics)
            if any(one.id == other.id for other in found):
                raise self._refuse(
                    (*key, "id"), f"the id '{one.id}' stands there twice", f"编号“{one.id}”重复",
                    "Give this one another.", "请改用其他编号。",
                )  # fmt: skip
            if one.when:
                # A day alone is taken to begin before any moment in it.
                if one.when < latest.get(one.party, "")[: len(one.when)]:
                    raise self._refuse(
                        (*key, "published"),
                        f"'{one.id}' was published before the version above it",
                        f"“{one.id}”的发表早于其上一版本",
                        "Put the versions of a party in the order of publication.",
                        "请按发表先后排列同一当事方的各版本。",
                    )  # fmt: skip
                latest[one.party] = one.when
            found.append(one)
        return Record(parties, topics, tuple(found))

    def _names(self, table: str) -> dict[str, Text]:
        raw = self._file.mapping((table,), self._file.table.get(table, {}))
        return {name: self._file.both((table, name), body) for name, body in raw.items()}

    def _statement(
        self, key: Key, body: Mapping[str, Any], parties: Iterable[str], topics: Iterable[str]
    ) -> Statement:
        file, known = self._file, tuple(topics)
        file.only(key, body, _STATEMENT, needed={"id", "party", "title", "known", "source", "says"})
        published, day = self._published((*key, "published"), body.get("published"))
        says = file.tables((*key, "says"), body["says"])
        upholds = file.tables((*key, "upholds"), body.get("upholds"))
        return self._values.built(
            key, Statement,
            id=file.string((*key, "id"), body["id"]),
            party=file.word((*key, "party"), body["party"], tuple(parties)),
            title=file.both((*key, "title"), body["title"]),
            known=file.word((*key, "known"), body["known"], KNOWN),
            source=file.both((*key, "source"), body["source"]),
            published=published, day=day, file=str(body.get("file", "")),
            sha256=str(body.get("sha256", "")),
            lines=self._line((*key, "lines"), body["lines"]) if "lines" in body else 0,
            upholds=tuple(
                self._upheld((*key, "upholds", n), u, known) for n, u in enumerate(upholds)
            ),
            points=tuple(self._point((*key, "says", n), s, known) for n, s in enumerate(says)),
        )  # fmt: skip

    def _published(self, key: Key, raw: Any) -> tuple[int | None, str]:
        """A moment, or a day alone, or neither."""
        if raw is None:
            return None, ""
        if isinstance(raw, str) and len(raw) == len("2025-10-22"):
            self._values.moment(key, f"{raw}T00:00:00Z")
            return None, raw
        return self._values.moment(key, raw), ""

    def _point(self, key: Key, body: Mapping[str, Any], topics: tuple[str, ...]) -> Point:
        file = self._file
        file.only(key, body, _SAYS, needed={"topic", "point", "text"})
        sorts = [sort for sort in SORTS if sort in body]
        if len(sorts) != 1 or ("unit" in body) != (sorts == [AMOUNT]):
            raise self._refuse(
                key, "a point says one of: stance, amount with unit, moment, window, items",
                "每点须有且仅有一项：stance、amount 与 unit、moment、window、items",
                "Write what versions are to be compared by.", "请写明各版本据以比较的内容。",
            )  # fmt: skip
        return self._values.built(
            key, Point,
            topic=file.word((*key, "topic"), body["topic"], topics),
            point=file.string((*key, "point"), body["point"]),
            text=file.both((*key, "text"), body["text"]), sort=sorts[0],
            value=self._value((*key, sorts[0]), sorts[0], body[sorts[0]]),
            unit=file.string((*key, "unit"), body["unit"]) if "unit" in body else "text",
            quote=file.string((*key, "quote"), body["quote"]) if "quote" in body else "",
            line=self._line((*key, "line"), body["line"]) if "line" in body else None,
        )  # fmt: skip

    def _upheld(self, key: Key, body: Mapping[str, Any], topics: tuple[str, ...]) -> Upheld:
        file, names = self._file, ("topic", "quote", "line")
        file.only(key, body, names, needed=set(names))
        return Upheld(
            file.word((*key, "topic"), body["topic"], topics),
            file.string((*key, "quote"), body["quote"]), self._line((*key, "line"), body["line"]),
        )  # fmt: skip

    def _line(self, key: Key, raw: Any) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and raw > 0:
            return raw
        raise self._refuse(
            key, f"'{key[-1]}' is no line", f"{key[-1]} 不是行号", "Write line = 23.",
            "请写 line = 23。",
        )  # fmt: skip

    def _value(self, key: Key, sort: str, raw: Any) -> Decimal | str:
        """The value in one notation, so that the same thing compares as the same."""
        if sort == AMOUNT:
            return Decimal(plain(self._values.number(key, raw)))
        if sort == AT:
            return format_time(self._values.moment(key, raw))
        if sort in (SPAN, ITEMS):
            if not isinstance(raw, list) or not raw or (sort == SPAN and len(raw) != 2):
                raise self._refuse(
                    key, f"'{sort}' is no list, or not of the right length",
                    f"{sort} 不是列表或长度不符", "Write [\"…\", \"…\"].", "请写 [\"…\", \"…\"]。",
                )  # fmt: skip
            if sort == ITEMS:
                return ", ".join(sorted({self._file.string(key, one) for one in raw}))
            first, last = (self._values.moment(key, one) for one in raw)
            if last <= first:
                raise self._refuse(
                    key, "the window ends before it starts", "时间窗的结束早于开始",
                    "Swap the two.", "请对调。",
                )  # fmt: skip
            return f"{format_time(first)}/{format_time(last)}"
        return self._file.string(key, raw)

    def _refuse(self, key: Key, en: str, zh: str, remedy_en: str, remedy_zh: str) -> CaseError:
        return self._file.refuse(key, Text(en, zh), Text(remedy_en, remedy_zh))
