"""Accounts in folders, each from its exports to its claim: what a committee runs over hundreds.

Every folder below the given one is an account, named by it. An account that cannot be read is
told with its reason and stops no other. What was done for an account is kept under a key of its
files, the tape and the code, so that a run that was stopped goes on where it was.

Invariant: the claim of an account is the one that its own statement gives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...case import Case
from ...errors import InputError, LiquestError, Text, UsageError
from ...replay.context import Context
from ...rules.book import book
from ...rules.claimant import Claimant
from ...run import fingerprint
from ...run.disk import whole
from ...run.executor import Executor, Inline
from ...run.progress import Progress, counted, shown
from ...tape.lake import Lake
from ...vault.intake import digest
from ..claim import Told, claimant
from ..entries import Exports
from ..exports.read import read_exports
from ..fits import fits
from ..forced.forced_record import forced_record
from ..ledger.reconstruct import reconstruct
from ..prices.given import GivenPrices
from ..prices.prices import Prices
from ..prices.tape import TapePrices
from ..prices.together import Together
from ..register import record as records

CODE = ("losses", "rules", "replay", "tape", "instruments.py", "clock.py", "findings.py")
DONE, FAILED = "done", "failed"


@dataclass(frozen=True)
class Asked:
    """What holds for all accounts: the case with its tape, marks of one's own, a zone, and from
    when fills have their basis. Picklable."""

    case: Case
    lake: Lake
    out: Path
    marks: tuple[str, ...] = ()
    tz: str | None = None
    reference: int | None = None
    borrow: bool = False


@dataclass(frozen=True)
class Account:
    """One account as it came out. `claim` is None where it `failed`; then `why` says it in both
    languages with the place and the remedy. `lines` were compared, `open_` of them do not close."""

    name: str
    state: str
    rows: int = 0
    lines: int = 0
    open_: int = 0
    problems: int = 0
    claim: Claimant | None = None
    why: Text | None = None
    fresh: bool = True


def accounts(
    asked: Asked, folders: Sequence[Path], executor: Executor, progress: Progress
) -> list[Account]:
    """Every account below the folders, in the order of their names."""
    found = named(folders)
    tasks = [(asked, name, path) for name, path in found]
    with shown(progress, Text("Reading accounts", "读取账户"), len(tasks)):
        return list(counted(progress, executor.map(_account, tasks)))


def named(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """Name and folder of each account; raises UsageError where there is none, or a name twice."""
    found: dict[str, Path] = {}
    for folder in folders:
        inside = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
        for path in inside:
            if path.name in found:
                raise UsageError(
                    Text(f"two accounts are called {path.name}", f"有两个账户都叫 {path.name}"),
                    where=str(path), remedy=Text("Rename one folder.", "请重命名其中一个文件夹。"),
                )  # fmt: skip
            found[path.name] = path
    if not found:
        raise UsageError(
            Text("there is no account", "没有任何账户"),
            where=", ".join(map(str, folders)),
            remedy=Text(
                "Give a folder with one folder for each account.",
                "请给出一个文件夹，其中每个账户各占一个子文件夹。",
            ),
        )
    return sorted(found.items())


def _account(task: tuple[Asked, str, Path]) -> Account:
    """One account: taken from what is kept, or made."""
    asked, name, path = task
    kept = asked.out / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"
    key = _key(asked, name, path)
    if (known := _recall(kept, key)) is not None:
        return known
    try:
        made = of_account(asked, name, path, prices_of(asked))
    except InputError as error:
        return Account(name, FAILED, why=said(error))
    _keep(kept, key, made)
    return made


def of_account(asked: Asked, name: str, path: Path, prices: Prices) -> Account:
    """From the exports of an account to its claim; raises InputError as its steps do."""
    context = context_of(asked)
    exports, problems = read_exports(
        [path], account=name, tz=asked.tz,
        fits=fits(context.lake, context.span, context.venue),
    )  # fmt: skip
    ledger, more = reconstruct(exports)
    problems += more
    forced, more = forced_record(exports, ledger, prices)
    problems += more
    claim, more = claimant(ledger, forced, prices, Told(), asked.reference)
    problems += more
    return Account(
        name, DONE, rows_of(exports), len(ledger.lines),
        sum(not line.closes for line in ledger.lines), sum(p.count for p in problems), claim,
    )  # fmt: skip


def rows_of(exports: Exports) -> int:
    """How many rows became entries."""
    return sum(file.rows for file in exports.files)


_CONTEXTS: dict[str, tuple[Context, Prices]] = {}
"""One a process: the tape and its prices are read once."""


def context_of(asked: Asked) -> Context:
    return _held(asked)[0]


def prices_of(asked: Asked) -> Prices:
    """The prices of the tape, behind marks of one's own."""
    return _held(asked)[1]


def _held(asked: Asked) -> tuple[Context, Prices]:
    key = fingerprint.of(str(asked.out), list(asked.marks), asked.tz, asked.borrow)
    if key not in _CONTEXTS:
        context = Context.of(asked.case, asked.lake, book(), Inline())
        prices: Prices = TapePrices(context, asked.out.parent / "prices", asked.borrow)
        if asked.marks:
            prices = Together(GivenPrices.read(asked.marks, tz=asked.tz)[0], prices)
        _CONTEXTS.clear()
        _CONTEXTS[key] = context, prices
    return _CONTEXTS[key]


def _key(asked: Asked, name: str, path: Path) -> str:
    """Everything that an account's claim rests on."""
    return fingerprint.of(
        fingerprint.code(*CODE), name, list(_digests(path)),
        [(m, _digest(Path(m.partition("=")[2] or m))) for m in asked.marks],
        asked.tz, asked.reference, asked.borrow,
        asked.lake.state(),
        [w.json() for w in asked.case.windows.values()],
    )  # fmt: skip


def _digests(path: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        yield file.relative_to(path).as_posix(), _digest(file)


def _digest(path: Path) -> str:
    try:
        return digest(path)
    except OSError as error:
        return f"unreadable {error.errno}"


def _keep(path: Path, key: str, made: Account) -> None:
    body = asdict(replace(made, claim=None, why=None))
    if made.claim is not None:
        body["claim"] = records.write(made.claim).decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as out:
        json.dump({"key": key, **body}, out, ensure_ascii=False)


def _recall(path: Path, key: str) -> Account | None:
    """What was kept under this key; None for anything else, which is made again."""
    try:
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if body.pop("key") != key:
            return None
        claim = records.read(body.pop("claim").encode(), str(path))
        return Account(**{**body, "claim": claim, "why": None, "fresh": False})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, LiquestError):
        return None


def said(error: LiquestError) -> Text:
    """An error in one sentence, place and remedy included."""
    place = f" ({error.where})" if error.where else ""
    remedy = error.remedy or Text("", "")
    return Text(
        f"{error.what.en}{place}. {remedy.en}".strip(), f"{error.what.zh}{place}。{remedy.zh}"
    )
