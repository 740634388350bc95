"""The rulebook: which rule held when, at which venue, for which coin, and how well it is known.

    rules = book().at(parse_time("2025-10-10T21:20:00Z"), overrides={"mark.window": "150s"})
    rules.get("mark.window").number            # Decimal("150"), certainty "asked"
    rules.get("liquidation.fee", "ATOMUSDT")   # the row of ATOM, else the row of all coins

Invariant: a value is given only with the row that states it. A moment before the first row of
a rule has no value: that is an error with a name, never a default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from ..clock import format_time
from ..errors import CaseError, Text, UsageError
from .book_reading import read_parameters
from .book_rows import ASKED, Parameter, Row, Scope, subject
from .overrides import unknown_path

FOLDER = Path(__file__).parent / "rulebook"
_ASSET = re.compile(r"[A-Z0-9]{1,20}")
_SET = Text("set for the question asked", "为所提问题而设定")


class Change(NamedTuple):
    """What of one rule and scope differs between two moments; None where nothing is known."""

    path: str
    scope: Scope
    before: Row | None
    after: Row | None


@dataclass(frozen=True)
class Rulebook:
    """Every parameter by its path. A family stands under its pattern, collateral.rate.*."""

    parameters: Mapping[str, Parameter]

    def paths(self) -> tuple[str, ...]:
        """Every path that has rows, sorted; of families the assets that have rows of their own."""
        found = []
        for path, one in self.parameters.items():
            found += [f"{path[:-1]}{coin}" for coin in one.coins] if one.family else [path]
        return tuple(sorted(found))

    def parameter(self, path: str) -> Parameter:
        """The parameter of a path, for collateral.rate.USDE its family; raises UsageError that
        names the nearest path."""
        if path in self.parameters:
            return self.parameters[path]
        head, _, asset = path.rpartition(".")
        family = self.parameters.get(f"{head}.*")
        if family is not None and _ASSET.fullmatch(asset):
            return family
        raise unknown_path(path, self.paths())

    def venues(self) -> tuple[str, ...]:
        """Venues that some row names."""
        scopes = (s for one in self.parameters.values() for s in one.by_scope)
        return tuple(sorted({s.venue for s in scopes if s.venue}))

    def at(
        self, moment: int, venue: str = "binance", overrides: Mapping[str, str] | None = None
    ) -> Rules:
        """The rules of a venue at a moment (UTC microseconds), with values set by path."""
        rules = Rules(self, moment, venue)
        for path, text in (overrides or {}).items():
            rules = rules.override(path, text)
        return rules

    def history(self, path: str, venue: str = "") -> tuple[Row, ...]:
        """All rows of a path, of a venue and of any venue, in the order of the file."""
        one = self.parameter(path)
        asset = _asset(one, path)
        return tuple(
            row
            for row in one.rows
            if (not venue or row.scope.venue in ("", venue))
            and (not asset or row.scope.coin == asset)
        )

    def diff(self, first: int, second: int, venue: str = "") -> tuple[Change, ...]:
        """What is in force at `second` other than at `first`, sorted by path and scope."""
        found = []
        for path, one in self.parameters.items():
            before, after = ({r.scope: r for r in one.in_force(t)} for t in (first, second))
            for scope in sorted({*before, *after}):
                pair = before.get(scope), after.get(scope)
                if pair[0] is not pair[1] and (not venue or scope.venue in ("", venue)):
                    named = f"{path[:-1]}{scope.coin}" if scope.coin in one.coins else path
                    found.append(Change(named, scope, *pair))
        return tuple(sorted(found, key=lambda c: (c.path, c.scope)))


@dataclass(frozen=True)
class Rules:
    """The rules of one venue at one moment; `asked` holds what was set instead of the book."""

    book: Rulebook = field(repr=False)
    moment: int
    venue: str
    asked: Mapping[str, Row] = field(default_factory=dict)

    def get(self, path: str, symbol: str = "", *, kind: str = "") -> Row:
        """The row that holds for a symbol (or coin), the most specific one.

        `kind` is that of the symbol unless given. Raises UsageError for an unknown path, and
        where no rule is known at the venue, before the moment or for the symbol; CaseError
        where two rows of the book hold equally.
        """
        found = self._find(path, symbol, kind)
        if found is None:
            raise self._nothing(path, symbol, kind)
        return found

    def _find(self, path: str, symbol: str, kind: str) -> Row | None:
        if path in self.asked:
            return self.asked[path]
        one = self.book.parameter(path)
        wanted = subject(self.venue, _asset(one, path) or symbol, kind)
        fitting = [row for row in self._in_force[one.path] if row.scope.fits(wanted)]
        if not fitting:
            return None
        best = max(row.scope.rank for row in fitting)
        found = [row for row in fitting if row.scope.rank == best]
        if len(found) > 1:
            raise CaseError(
                Text(
                    f"two rows of {path} hold equally for {wanted.symbol}: "
                    f"{' and '.join(row.scope.label for row in found)}",
                    f"{path} 有两行对 {wanted.symbol} 同等适用："
                    f"{' 与 '.join(row.scope.label for row in found)}",
                ),
                remedy=Text("Narrow 'applies_to' of one of them.", "请收窄其中一行的 applies_to。"),
            )
        return found[0] if one.path == path else replace(found[0], path=path)

    def override(self, path: str, text: str) -> Rules:
        """These rules with one value set, as typed: 150s, 2.5min, 60%, unlimited. It holds for
        every symbol. Raises UsageError for an unknown path or a value of another unit."""
        one = self.book.parameter(path)
        value = one.domain.typed(text, path)
        row = Row(path, value, one.domain.unit, None, ASKED, _SET, "undated")
        return replace(self, asked={**self.asked, path: row})

    def known(self, symbol: str = "", *, kind: str = "") -> Iterator[Row]:
        """What `get` gives for every path of the book that has a rule here, by path; with no
        symbol every scope of the venue, the general ones first."""
        for path in sorted({*self.book.paths(), *self.asked}):
            if not symbol:
                yield from self.rows(path)
            elif (row := self._find(path, symbol, kind)) is not None:
                yield row

    def awaited(self) -> dict[str, int]:
        """Paths that have no row at the venue yet → the moment (UTC microseconds) of the first."""
        found = {}
        for path in self.book.paths():
            if path in self.asked or self.rows(path):
                continue
            later = [row.begins for row in self.book.history(path, self.venue)]
            if moments := [t for t in later if t is not None]:
                found[path] = min(moments)
        return found

    def rows(self, path: str) -> list[Row]:
        """The rows in force at the venue for a path, one a scope, the general ones first."""
        if path in self.asked:
            return [self.asked[path]]
        one = self.book.parameter(path)
        asset = _asset(one, path)
        found = [
            row if not asset else replace(row, path=path)
            for row in self._in_force[one.path]
            if row.scope.venue in ("", self.venue) and (not asset or row.scope.coin == asset)
        ]
        own = {replace(row.scope, venue="") for row in found if row.scope.venue}
        # A row of any venue is not in force where the venue has one for the same.
        found = [row for row in found if row.scope.venue or row.scope not in own]
        return sorted(found, key=lambda row: (row.scope.rank, row.scope))

    @cached_property
    def _in_force(self) -> Mapping[str, tuple[Row, ...]]:
        return {path: one.in_force(self.moment) for path, one in self.book.parameters.items()}

    def _nothing(self, path: str, symbol: str, kind: str) -> UsageError:
        """Why there is no row: none yet, or none for the venue or symbol at all."""
        one = self.book.parameter(path)
        wanted = subject(self.venue, _asset(one, path) or symbol, kind)
        later = [r.begins for r in one.rows if r.scope.fits(wanted) and r.begins is not None]
        remedy = Text(
            f"Set it with {path}=VALUE, or see: liquest rules show {path} --all-history",
            f"请以 {path}=取值 设定，或查看：liquest rules show {path} --all-history",
        )
        if later:
            first = format_time(min(later), digits=0)
            return UsageError(
                Text(
                    f"no rule known for {path} before {first}",
                    f"{path} 在 {first} 之前没有已知规则",
                ),
                where=" ".join(
                    p for p in (self.venue, wanted.symbol, format_time(self.moment, digits=0)) if p
                ),
                remedy=remedy,
            )
        return UsageError(
            Text(
                f"no rule known for {path} at {self.venue}"
                + (f" for {wanted.symbol}" if wanted.symbol else ""),
                f"{self.venue} 没有已知的 {path} 规则"
                + (f"（{wanted.symbol}）" if wanted.symbol else ""),
            ),
            remedy=remedy,
        )


def _asset(one: Parameter, path: str) -> str:
    """The asset that a path names of a family; empty for any other path."""
    return "" if one.path == path else path.rpartition(".")[2]


def read_book(folder: Path) -> Rulebook:
    """The rulebook of a folder of TOML files; raises CaseError naming file and key."""
    return Rulebook(dict(sorted(read_parameters(folder).items())))


@cache
def book() -> Rulebook:
    """The rulebook that comes with the program."""
    return read_book(FOLDER)
