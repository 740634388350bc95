"""Trusted time for a checkpoint: who else says that these bytes existed, and since when.

`prove` asks time-stamping authorities (RFC 3161), OpenTimestamps calendars, and on
request an EVM chain and Arweave. Each is independent: one that fails blocks no other, and
what is there and good is not asked for again. `verify_all` needs no network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from ...errors import InputError, IntegrityError, LiquestError, OutputError, Text
from ...problems import ABSENT, Problem
from ...run.progress import Progress, shown
from ..check import INVALID, NOTHING, PENDING, UNSUPPORTED, Check
from . import arweave, evm, ots, rfc3161
from .config import ProveConfig, Trust, config_of, read_config
from .stored import (
    CHECKPOINT,
    Stored,
    digest_of,
    keep,
    latest,
    name_of,
    open_shelf,
    read,
    set_aside,
    shelves,
    versions,
)
from .targets import Kind, Target
from .wire import Wire

__all__ = [
    "KINDS",
    "ProveConfig",
    "Proved",
    "Trust",
    "config_of",
    "prove",
    "read_config",
    "upgrade",
    "verify_all",
    "verify_commands",
]

KINDS: tuple[Kind, ...] = (rfc3161, ots, evm, arweave)

Job: TypeAlias = tuple[str, Callable[[], Check]]
"""Whom it asks, and what there is to say afterwards."""

_AT_ONCE = 8


class Provable(Protocol):
    """What a vault must offer to be proven."""

    @property
    def proofs_dir(self) -> Path: ...

    def checkpoint(self) -> bytes: ...


class Proved(NamedTuple):
    """The proofs there are now, and a problem for each counterpart that gave none."""

    checks: list[Check]
    problems: list[Problem]


def prove(vault: Provable, config: ProveConfig, progress: Progress) -> Proved:
    """Obtain what is still missing for the vault's checkpoint.

    Raises InputError at roots or headers that cannot be read, OutputError at a full disk;
    what a counterpart does wrong is a problem in the result.
    """
    config.trust.check()
    checkpoint = vault.checkpoint()
    shelf = open_shelf(vault.proofs_dir, checkpoint)
    wanted = [(kind, target) for kind in KINDS for target in kind.targets(config)]
    what = Text("trusted time", "可信时间")
    with config.wire() as wire:
        jobs: list[Job] = [
            (_subject(target), partial(_one, kind, target, shelf, checkpoint, config, wire))
            for kind, target in wanted
        ]
        return _all(jobs, what, progress)


def upgrade(vault: Provable, config: ProveConfig, progress: Progress) -> Proved:
    """Ask again for what is pending, of this and of all older checkpoints."""
    config.trust.check()
    what = Text("pending proofs", "待定证明")
    with config.wire() as wire:
        jobs: list[Job] = []
        for shelf in shelves(vault.proofs_dir):
            for stored in _readable(shelf):
                if _judged(stored, shelf, config.trust).status == PENDING:
                    again = partial(_again, stored, shelf, config, wire)
                    jobs.append((f"{stored.kind} {stored.source}", again))
        return _all(jobs, what, progress)


def verify_all(
    vault_root: Path, checkpoints: Mapping[str, bytes], trust: Trust | None = None
) -> list[Check]:
    """Every stored proof against the checkpoints of the log, offline; sorted by subject.

    `checkpoints` by any name; their bytes are what counts. A proof of anything else is
    invalid. An empty list means that there is no proof, which is for the caller to say.
    """
    trust = trust or Trust()
    trust.check()
    known = {digest_of(raw): raw for raw in checkpoints.values()}
    found: list[Check] = []
    for shelf in shelves(vault_root / "proofs"):
        checkpoint, fault = _proven(shelf, known)
        if fault is not None:
            found.append(fault)
            continue
        found += _strays(shelf)
        for group in versions(shelf).values():
            found.append(_checked(group[-1], checkpoint, trust))
    return found


def verify_commands(vault_root: Path, shown_as: Path | None = None) -> list[str]:
    """Shell lines that verify the proofs without Liquest: openssl, ots, curl.

    `shown_as` stands for `vault_root` in the lines, as where the vault lies in a bundle.
    """
    lines: list[str] = []
    for shelf in shelves(vault_root / "proofs"):
        for stored in _readable(shelf):
            inner = stored.path.relative_to(vault_root)
            shown_at = replace(stored, path=(shown_as or vault_root) / inner)
            lines += _kind(stored.kind).commands(shown_at)
    return lines


def _all(jobs: list[Job], what: Text, progress: Progress) -> Proved:
    """Every job, some at once; results in the order of the jobs."""
    results: list[Check | Problem | None] = [None] * len(jobs)
    with shown(progress, what, len(jobs)), ThreadPoolExecutor(_AT_ONCE) as pool:
        running = {pool.submit(job): place for place, (_, job) in enumerate(jobs)}
        try:
            for done in as_completed(running):
                place = running[done]
                subject = jobs[place][0]
                progress.step(subject)
                try:
                    results[place] = done.result()
                except OutputError:
                    raise
                except LiquestError as error:
                    results[place] = _problem(subject, error)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Proved(
        [r for r in results if isinstance(r, Check)],
        [r for r in results if isinstance(r, Problem)],
    )


def _problem(subject: str, error: LiquestError) -> Problem:
    remedy = error.remedy or NOTHING
    return Problem(
        "no-proof", ABSENT,
        Text(f"{error.what.en}. {remedy.en}".strip(), f"{error.what.zh}。{remedy.zh}".strip()),
        path=subject,
    )  # fmt: skip


def _one(
    kind: Kind, target: Target, shelf: Path, checkpoint: bytes, config: ProveConfig, wire: Wire
) -> Check:
    """The proof of one counterpart: what is there and good, or a new one."""
    name = name_of(target.kind, target.source)
    old: Stored | None = None
    path = latest(shelf, name)
    if path is not None:
        # By itself: block headers that the caller got wrong must not cost a good proof.
        check = _checked(path, checkpoint, replace(config.trust, headers=None))
        if check.status == INVALID:
            set_aside(path)
        elif check.status != PENDING:
            return _checked(path, checkpoint, config.trust)
        else:
            old = read(path)
    stored = old
    for made in target.obtain(checkpoint, old, wire):
        stored = keep(shelf, name, target.kind, target.source, digest_of(checkpoint), made)
    if stored is None:
        raise AssertionError("a target without an old proof yields or raises")
    return kind.verify(stored, checkpoint, config.trust)


def _again(stored: Stored, shelf: Path, config: ProveConfig, wire: Wire) -> Check:
    kind = _kind(stored.kind)
    checkpoint = (shelf / CHECKPOINT).read_bytes()
    name = stored.path.name.partition("~")[0]
    if stored.kind == ots.KIND:
        made = ots.upgraded(stored, config, wire)
        if made is not None:
            stored = keep(shelf, name, stored.kind, stored.source, stored.checkpoint, made)
        return kind.verify(stored, checkpoint, config.trust)
    for target in kind.targets(config):
        if target.source == stored.source:
            return _one(kind, target, shelf, checkpoint, config, wire)
    return kind.verify(stored, checkpoint, config.trust)


def _proven(shelf: Path, known: Mapping[str, bytes]) -> tuple[bytes, Check | None]:
    """The checkpoint that a folder's proofs are about, or why there is none."""
    fits = [raw for digest, raw in known.items() if digest[:16] == shelf.name]
    path = shelf / CHECKPOINT
    held = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    if not fits:
        got = shelf.name if held is None else digest_of(held)
        return b"", _fault(
            "proofs", shelf.name,
            Text("these proofs are for another root", "这些证明针对的是另一个根"),
            " or ".join(sorted(known)) or "a checkpoint of the log", got,
        )  # fmt: skip
    if held != fits[0] and (held is not None or versions(shelf)):
        return b"", _fault(
            "proofs", f"{shelf.name}/{CHECKPOINT}",
            Text("the proven checkpoint has been altered", "被证明的检查点被改动"),
            digest_of(fits[0]), "no such file" if held is None else digest_of(held),
        )  # fmt: skip
    return fits[0], None


def _strays(shelf: Path) -> list[Check]:
    """What lies beside the proofs and belongs to none of them."""
    return [
        _fault(
            "proofs", f"{shelf.name}/{path.name}",
            Text("a file that belongs to no proof", "不属于任何证明的文件"),
            f"{CHECKPOINT} and folders", path.name,
        )
        for path in sorted(shelf.iterdir())
        if path.name != CHECKPOINT and path.name[:1] != "." and not path.is_dir()
    ]  # fmt: skip


def _checked(path: Path, checkpoint: bytes, trust: Trust) -> Check:
    """One proof folder as a check, whatever is in it."""
    subject = f"{path.parent.name}/{path.name}"
    label = path.name.partition("-")[0]
    try:
        stored = read(path)
        kind = _kind(stored.kind)
        if stored.checkpoint != digest_of(checkpoint):
            return _fault(
                stored.kind, subject,
                Text("the proof is for another root", "该证明针对的是另一个根"),
                digest_of(checkpoint), stored.checkpoint,
            )  # fmt: skip
        expected = name_of(stored.kind, stored.source)
        if path.name.partition("~")[0] != expected:
            return _fault(
                stored.kind, subject,
                Text("the proof lies under another name", "该证明的文件夹名不符"),
                expected, path.name,
            )  # fmt: skip
        return kind.verify(stored, checkpoint, trust)
    except IntegrityError as error:
        return Check(label, subject, INVALID, NOTHING, error.what)
    except InputError as error:
        return Check(label, subject, UNSUPPORTED, NOTHING, error.what)


def _judged(stored: Stored, shelf: Path, trust: Trust) -> Check:
    path = shelf / CHECKPOINT
    checkpoint = path.read_bytes() if path.is_file() else b""
    return _checked(stored.path, checkpoint, trust)


def _readable(shelf: Path) -> Iterator[Stored]:
    """The proofs of a folder that are as they were stored; others are for `verify_all`."""
    for group in versions(shelf).values():
        try:
            stored = read(group[-1])
            _kind(stored.kind)
        except (IntegrityError, InputError):
            continue
        yield stored


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if name == kind.KIND:
            return kind
    raise InputError(
        Text(
            f"proofs of the kind '{name[:40]}' are not known here", f"未知的证明类型“{name[:40]}”"
        ),
        remedy=Text("Use a newer Liquest.", "请使用更新的 Liquest。"),
    )


def _subject(target: Target) -> str:
    return f"{target.kind} {target.source}"


def _fault(name: str, subject: str, what: Text, expected: str, got: str) -> Check:
    detail = Text(
        f"{what.en}: expected {expected}, got {got}", f"{what.zh}：应为 {expected}，实为 {got}"
    )
    return Check(name, subject, INVALID, NOTHING, detail)
