"""What was wrong with rows of one file, gathered by kind: one problem for each kind and column.

Nothing is lost in silence: every row that is not an entry is counted in exactly one problem,
with the first and last line of its kind, a sample, and a remedy for a person who is no engineer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...errors import Text
from ...problems import ASIDE, KEPT, Problem
from ...replay.positions_numbers import Fault

_SAMPLE = 120


@dataclass
class _Kind:
    fault: Fault
    first: int
    last: int
    count: int
    sample: str


@dataclass
class Faults:
    """The faults of the file `name` whose bytes hash to `sha256`."""

    name: str
    sha256: str
    headers: list[int] = field(default_factory=list)
    """Lines where the header stands again: what follows is an export of its own."""
    uid: str = ""
    """The account's number, which no sample may show."""
    _kinds: dict[tuple[str, str, str], _Kind] = field(default_factory=dict)
    _whole: list[Problem] = field(default_factory=list)

    def aside(self, row: int, fault: Fault, sample: str = "") -> None:
        """The row is no entry."""
        self._add(ASIDE, row, fault, sample)

    def kept(self, row: int, fault: Fault, sample: str = "") -> None:
        """The row is an entry, and this is to be known about it."""
        self._add(KEPT, row, fault, sample)

    def file(self, code: str, effect: str, text: Text, *, count: int = 1, sample: str = "") -> None:
        """Something that is true of the whole file."""
        self._whole.append(
            Problem(code, effect, text, self.name, self.sha256, None, None, count, sample[:_SAMPLE])
        )

    def rows_aside(self) -> int:
        """Rows that did not become entries."""
        return sum(k.count for (_, _, effect), k in self._kinds.items() if effect == ASIDE)

    def problems(self) -> Iterable[Problem]:
        """What is true of the whole file first, then rows in the order of the first of a kind."""
        yield from self._whole
        for (code, _, effect), kind in sorted(
            self._kinds.items(), key=lambda item: (item[1].first, item[0])
        ):
            yield Problem(
                code, effect, _said(kind), self.name, self.sha256,
                kind.first, kind.last, kind.count, self._shown(kind.sample),
            )  # fmt: skip

    def _add(self, effect: str, row: int, fault: Fault, sample: str) -> None:
        key = (fault.code, fault.column, effect)
        kind = self._kinds.get(key)
        if kind is None:
            self._kinds[key] = _Kind(fault, row, row, 1, (sample or fault.sample)[: 2 * _SAMPLE])
        else:
            kind.last, kind.count = row, kind.count + 1

    def _shown(self, sample: str) -> str:
        """A sample without the account's number."""
        return (sample.replace(self.uid, "…") if self.uid else sample)[:_SAMPLE]


def _said(kind: _Kind) -> Text:
    fault, rows = kind.fault, f"row {kind.first}"
    zh_rows = f"第 {kind.first} 行"
    if kind.count > 1:
        rows += f" and {kind.count - 1:,} more"
        zh_rows += f"等 {kind.count:,} 行"
    en = f", column {fault.column}" if fault.column else ""
    zh = f"“{fault.column}”列" if fault.column else ""
    remedy = (f" {fault.remedy.en}", fault.remedy.zh) if fault.remedy.en else ("", "")
    return Text(
        f"{rows}{en}: {fault.what.en}.{remedy[0]}", f"{zh_rows}{zh}：{fault.what.zh}。{remedy[1]}"
    )
