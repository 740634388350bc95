"""What is to be taken: one `Wanted` a file, and a `Plan` of them with its size."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ..errors import Text
from ..problems import ABSENT, Problem


@dataclass(frozen=True)
class Wanted:
    """One file of an archive. `key` is its path below the archive's base; `size` and `etag`
    are what a listing told; `checksum` is where the venue publishes its digest."""

    archive: str
    key: str
    url: str
    instrument: str = ""
    kind: str = ""
    date: str = ""
    size: int | None = None
    etag: str = ""
    checksum: str = ""
    rough: bool = False
    """True where `size` is an estimate."""

    @property
    def source(self) -> str:
        """How the vault speaks of it: archive and key."""
        return f"{self.archive}/{self.key}"

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]


@dataclass
class Plan:
    """Files to take, each URL once, and what is not there to be taken."""

    wanted: list[Wanted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: Plan) -> None:
        """Take in another plan; a URL that is known already stays as it is."""
        known = {w.url for w in self.wanted}
        self.wanted += [w for w in other.wanted if w.url not in known]
        self.problems += other.problems

    @property
    def size(self) -> int:
        """Bytes of all files whose size is known."""
        return sum(w.size or 0 for w in self.wanted)

    @property
    def unsized(self) -> int:
        """Files whose size nobody told."""
        return sum(w.size is None for w in self.wanted)


def absent(archive: str, key: str, what: Text | None = None) -> Problem:
    """A file that should be there is not: an explicit absence, not zero trades."""
    return Problem(
        "absent",
        ABSENT,
        what or Text("the venue has no such file", "交易场所没有该文件"),
        path=f"{archive}/{key}",
    )


@dataclass(frozen=True)
class Record:
    """What is known of a fetched file beside its bytes; travels as the note of its item."""

    archive: str = ""
    key: str = ""
    instrument: str = ""
    kind: str = ""
    date: str = ""
    etag: str = ""
    last_modified: str = ""
    published_sha256: str = ""
    checksum_of: str = ""
    resumed: str = ""
    more: str = ""

    def note(self) -> str:
        """Canonical JSON, empty fields left out."""
        kept = {k: v for k, v in asdict(self).items() if v}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def of(cls, note: str) -> Record:
        """The record of a note; an empty one where the note is a person's own words."""
        try:
            data: Any = json.loads(note)
        except ValueError:
            return cls()
        if not isinstance(data, dict) or "key" not in data:
            return cls()
        names = cls.__dataclass_fields__
        fit = {k: v for k, v in data.items() if k in names and isinstance(v, str)}
        return cls(**fit)


def of(wanted: Wanted, **more: Any) -> Record:
    """The record of a wanted file, filled with what the transfer brought."""
    return Record(
        archive=wanted.archive, key=wanted.key, instrument=wanted.instrument,
        kind=wanted.kind, date=wanted.date, **more,
    )  # fmt: skip


def by_archive(wanted: Iterable[Wanted]) -> dict[tuple[str, str], list[Wanted]]:
    """Grouped by archive and kind, for tables."""
    groups: dict[tuple[str, str], list[Wanted]] = {}
    for one in wanted:
        groups.setdefault((one.archive, one.kind), []).append(one)
    return groups
