"""From a staged file to parts of the lake: one file per instrument and UTC day."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from ..clock import DAY, date_of
from ..errors import Text
from ..instruments import Instrument
from ..problems import KEPT, Problem
from . import check
from .lake import COPY, PARQUET, Part, part_path
from .reading import literal
from .staging import Staging


class Publishing:
    """Moves what `staging` made into the lake at `root`, the rows that `seen` finds sound."""

    def __init__(self, staging: Staging, seen: check.Seen, root: Path) -> None:
        self.staging, self.seen, self.root = staging, seen, root
        self.db = staging.db
        self.parts: list[Part] = []
        self.problems: list[Problem] = []

    def run(self) -> None:
        """Move the staged rows into the lake, split by instrument and day where they must be."""
        _, first, last, *_ = self.seen.spread
        if self.staging.only is not None or self.staging.reading.instrument is not None:
            if first // DAY == last // DAY and not self.seen.aside:
                self._move(
                    self.staging.staged,
                    self.staging.expected,
                    date_of(first),
                    self.seen.spread,
                    self._lengths(),
                )
                self._name_contracts([self.staging.expected])
                return
            named = {("", ""): self.staging.expected}
        else:
            named = self._named()
        self._name_contracts(named.values())
        by_rule: dict[str, list[tuple[str, str]]] = {}
        for pair, instrument in named.items():
            added = ", ".join(f"{e} AS {n}" for n, e in self.staging.added(instrument).items())
            by_rule.setdefault(added, []).append(pair)
        for added, pairs in by_rule.items():
            self._split(added, {p: named[p] for p in pairs})

    def _split(self, added: str, named: dict[tuple[str, str], Instrument]) -> None:
        """One file per instrument and day of those whose added columns read the same."""
        instruments = list(dict.fromkeys(named.values()))
        keyed = "market" in self.staging.columns
        again = ", ".join(self.staging.added(self.staging.expected))
        number = "0"
        if keyed:
            # Two spellings of a market can mean one instrument, whose day is one file.
            listed = ", ".join(
                f"({literal(m)}, {literal(s)}, {instruments.index(i)})"
                for (m, s), i in named.items()
            )
            number = "number"
        table = f"read_parquet({literal(str(self.staging.staged))})"
        joined = (
            f" JOIN (VALUES {listed}) k(market, symbol, number) USING (market, symbol)"
            if keyed
            else ""
        )
        folder = self.staging.scratch / "split"
        shutil.rmtree(folder, ignore_errors=True)
        query = (
            f"SELECT * EXCLUDE ({again}{', number' if keyed else ''}), {added}, "
            f"{number} || '_' || (ts // {DAY}) AS part FROM "
            f"(SELECT * FROM {table} WHERE {self.seen.sound}){joined} ORDER BY row_no"
        )
        self.db.execute(
            f"COPY ({query}) TO {literal(str(folder))} ({PARQUET}, PARTITION_BY (part))"
        )
        made = f"read_parquet({_listed(folder.glob('*/*.parquet'))}, hive_partitioning=true)"
        series = (
            "list(DISTINCT (series, duration))" if self.staging.reading.record == "bars" else "[]"
        )
        spreads = self.db.execute(
            f"SELECT part, {series}, count(*), min(ts), max(ts), min(row_no), max(row_no) "
            f"FROM {made} GROUP BY part ORDER BY part"
        ).fetchall()
        for part, lengths, *spread in spreads:
            which, _, day = str(part).partition("_")
            self._move(
                self._one_file(folder / f"part={part}"), instruments[int(which)],
                date_of(int(day) * DAY), tuple(spread), lengths,
            )  # fmt: skip

    def _one_file(self, folder: Path) -> Path:
        """The file of a partition; several are joined, in the order of their rows."""
        files = sorted(folder.glob("*.parquet"))
        if len(files) == 1:
            return files[0]
        whole = folder / "whole.parquet"
        self.db.execute(
            f"COPY (SELECT * FROM read_parquet({_listed(files)}) "
            f"ORDER BY row_no) TO {literal(str(whole))} {COPY}"
        )
        return whole

    def _lengths(self) -> list[tuple[str, int]]:
        """The (series, duration) pairs of staged bars; none for other records."""
        if self.staging.reading.record != "bars":
            return []
        table = f"read_parquet({literal(str(self.staging.staged))})"
        return self.db.execute(f"SELECT DISTINCT series, duration FROM {table}").fetchall()

    def _move(
        self, made: Path, instrument: Instrument, date: str, spread: tuple[int, ...],
        lengths: Iterable[tuple[str, int]],
    ) -> None:  # fmt: skip
        sha = self.staging.source.sha256
        path = part_path(self.staging.reading.record, instrument, date, sha)
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        made.replace(target)
        self.parts.append(
            Part(
                self.staging.reading.record,
                instrument,
                date,
                path,
                sha,
                spread[0],
                spread[1],
                spread[2],
                spread[3],
                spread[4],
                tuple(sorted(lengths)),
            )
        )

    def _named(self) -> dict[tuple[str, str], Instrument]:
        """(market, symbol) of the rows → the instrument."""
        identify = self.staging.reading.identify
        if identify is None:
            raise TypeError(f"{self.staging.reading.format} does not say its instrument")
        table = f"read_parquet({literal(str(self.staging.staged))})"
        pairs = self.db.execute(
            f"SELECT DISTINCT market, symbol FROM {table} "
            f"WHERE {self.seen.sound} AND symbol IS NOT NULL AND market IS NOT NULL ORDER BY ALL"
        ).fetchall()
        return {(m, s): self.staging.sized(identify(m, s)) for m, s in pairs}

    def _name_contracts(self, instruments: Iterable[Instrument]) -> None:
        """One problem for all instruments whose contract size is not known."""
        unknown = [i for i in instruments if i.contract_size is None]
        if unknown:
            self.problems.append(_contracts(unknown))


def _listed(files: Iterable[Path]) -> str:
    """Files by name: a glob would also take its marks in the names of folders for patterns."""
    return f"[{', '.join(literal(str(f)) for f in sorted(files))}]"


def _contracts(instruments: list[Instrument]) -> Problem:
    names = ", ".join(i.symbol for i in instruments[:8]) + (" …" if len(instruments) > 8 else "")
    return Problem(
        "contract-size-unknown", KEPT,
        Text(
            f"contract size not known ({names}): volumes stay in contracts; give contract_size "
            "in case.toml",
            f"合约面值未知（{names}）：成交量保留为张数；请在 case.toml 中给出 contract_size",
        ),
        count=len(instruments),
    )  # fmt: skip
