"""Fetch again what is sealed, and say what the venue has changed since.

Every file is a chain of versions: what was sealed, in the order of the log, then what the
venue serves now. Other bytes are sealed before they are compared, so both sides of a
revision are evidence, and a second recheck finds the same revisions again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ..errors import LiquestError, Text
from ..findings import Finding, write_findings
from ..problems import ABSENT, KEPT, UNREAD, Problem, write_problems
from ..run.progress import Progress, Silent, shown
from ..vault.intake import digest
from ..vault.now import now
from . import revision
from .engine import PARTS, TOOL, alone
from .failures import Absent
from .gather import gather
from .revision import Version
from .rows import compare
from .sealing import Sealed, Sealer
from .transfer import Obtained, Source
from .venues import archives
from .wanted import Record, Wanted
from .web import Web

_SCHEMES = ("http", "https", "ccxt")


@dataclass
class Chain:
    """The sealed versions of one file, oldest first."""

    items: list[Sealed]

    @property
    def record(self) -> Record:
        return Record.of(self.items[0].note)

    @property
    def last(self) -> Sealed:
        return self.items[-1]

    @property
    def versions(self) -> list[Version]:
        return [Version.of(i) for i in self.items]

    @property
    def subject(self) -> dict[str, str]:
        """Of its findings: source, url, and what the record knows."""
        record, url = self.record, self.items[0].url
        known = archives().get(record.archive)
        venue = urlsplit(url).netloc if url.startswith("ccxt:") else known.venue if known else ""
        told = {"source": self.items[0].source, "url": url, "venue": venue,
                "instrument": record.instrument, "record": record.kind}  # fmt: skip
        return {k: v for k, v in told.items() if v}


@dataclass
class Rechecked:
    """Findings in the order of the log; how many files were looked at."""

    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0

    @property
    def complete(self) -> bool:
        return not any(p.effect == UNREAD for p in self.problems)


def chains(items: Iterable[Sealed]) -> list[Chain]:
    """Sealed items that can be fetched again, by file; the same bytes in a row count once."""
    found: dict[str, Chain] = {}
    for item in items:
        parts = urlsplit(item.url)
        if parts.scheme not in _SCHEMES or parts.fragment:
            continue
        name = item.source if Record.of(item.note).key else item.url
        if name not in found:
            found[name] = Chain([item])
        elif found[name].last.sha256 != item.sha256:
            found[name].items.append(item)
    return list(found.values())


def recheck(
    root: Path,
    sealer: Sealer,
    web: Web,
    sources: Mapping[str, Source],
    *,
    base: str = "",
    collector: str = "",
    progress: Progress | None = None,
) -> Rechecked:
    """Fetch, seal what is new, compare; `sources` are transfers that verify no checksum.

    A file that cannot be had now is a problem, never a finding; one that is gone is both.
    """
    progress = progress or Silent()
    known = chains(sealer.items())
    by_url = {_again(chain, base): chain for chain in known}
    wanted = [_wanted(chain, url) for url, chain in by_url.items()]
    done = Rechecked(files=len(wanted))
    made: dict[str, list[Finding]] = {}
    faults: dict[str, list[Problem]] = {}
    with alone(root / PARTS) as parts:
        scratch = parts / "recheck"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        arriving = gather(web, sources, wanted, scratch)
        what = Text("Fetching again", "重新下载")
        with shown(progress, what, len(wanted)), closing(arriving):
            for one, result in arriving:
                chain = by_url[one.url]
                made[one.url], faults[one.url] = _looked(
                    chain, one, result, sealer, scratch, collector
                )
                progress.step(one.name)
        shutil.rmtree(scratch, ignore_errors=True)
    for url in by_url:
        done.findings += made.get(url, [])
        done.problems += faults.get(url, [])
    return done


def write(found: Rechecked, out: Path) -> Path:
    """CASE/out/findings/revision.jsonl and its problems, as a measure leaves them."""
    folder = out / "findings"
    folder.mkdir(parents=True, exist_ok=True)
    for name, save in (
        ("revision.jsonl", lambda p: write_findings(p, found.findings)),
        ("revision.problems.jsonl", lambda p: write_problems(p, found.problems)),
    ):
        part = folder / f".{name}.part"
        save(part)
        part.replace(folder / name)
    return folder / "revision.jsonl"


def _again(chain: Chain, base: str) -> str:
    """Where the file is fetched from this time: its first address, or the same below `base`."""
    first = chain.items[0]
    if not base or first.url.startswith("ccxt:"):
        return first.url
    record = chain.record
    if record.key:
        key = first.source.removeprefix(record.archive + "/")
    else:
        key = unquote(urlsplit(first.url).path.lstrip("/"))
    return base.rstrip("/") + "/" + quote(key, safe="/-_.~")


def _wanted(chain: Chain, url: str) -> Wanted:
    record = chain.record
    key = chain.items[0].source.removeprefix(record.archive + "/")
    return Wanted(record.archive or "sealed", key, url, record.instrument, record.kind, record.date)


def _looked(
    chain: Chain,
    one: Wanted,
    result: Obtained | LiquestError,
    sealer: Sealer,
    scratch: Path,
    collector: str,
) -> tuple[list[Finding], list[Problem]]:
    """Findings and problems of one file."""
    checked = {"checked": now()}
    problems: list[Problem] = []
    findings: list[Finding] = []
    source = chain.items[0].source
    if isinstance(result, Obtained):
        sha = digest(result.path)
        if sha == chain.last.sha256:
            last = chain.versions[-1]
            findings.append(
                revision.file_finding(chain.subject, revision.UNCHANGED, last, None, checked)
            )
        else:
            for companion in result.companions:
                beside = scratch / "companion"
                beside.write_bytes(companion.body)
                sealer.put(
                    beside, source=f"{one.archive}/{companion.key}", url=companion.url,
                    method=f"recheck: {result.method}", tool=TOOL, collector=collector,
                    note=companion.note, media_type=companion.media_type,
                )  # fmt: skip
            record = replace(chain.record, **_fresh(result.record))
            chain.items.append(
                sealer.put(
                    result.path, source=source, url=one.url, method=f"recheck: {result.method}",
                    tool=TOOL, collector=collector, note=record.note(),
                    media_type=result.media_type, again=True,
                )
            )  # fmt: skip
        result.done()
    elif isinstance(result, Absent):
        text = Text("sealed once, and the venue no longer has it", "曾经封存，而交易场所已不再提供")
        problems.append(Problem("gone", ABSENT, text, path=source, source=chain.last.sha256))
        last = chain.versions[-1]
        findings.append(revision.file_finding(chain.subject, revision.GONE, last, None, checked))
    else:
        problems.append(
            Problem("not-rechecked", UNREAD, result.what, path=source, sample=one.url[:200])
        )
    steps: list[Finding] = []
    for old, new in pairwise(chain.versions):
        steps += _step(chain, old, new, sealer, scratch, problems)
    return steps + findings, problems


def _fresh(record: Record) -> dict[str, str]:
    """What a new transfer says about a file; the archive and key stay the first ones."""
    return {
        "etag": record.etag, "last_modified": record.last_modified, "published_sha256": "",
        "checksum_of": "",
    }  # fmt: skip


def _step(
    chain: Chain,
    old: Version,
    new: Version,
    sealer: Sealer,
    scratch: Path,
    problems: list[Problem],
) -> list[Finding]:
    """From one sealed version to the next."""
    found = compare(sealer.path_of(old.sha256), sealer.path_of(new.sha256), scratch / "rows")
    if not found.readable:
        status = revision.REWRITTEN
    else:
        status = revision.REVISED if found.total else revision.REPACKED
    counted = {kind: found.rows[kind] for kind in sorted(found.rows)}
    if found.cut:
        told = len(found.changes)
        problems.append(
            Problem(
                "revisions-cut", KEPT,
                Text(
                    f"{found.total:,} rows differ; the first {told:,} changes are told one by one",
                    f"共有 {found.total:,} 行不同；仅逐条列出前 {told:,} 处",
                ),
                path=chain.items[0].source, source=new.sha256, count=found.total,
            )
        )  # fmt: skip
    head = revision.file_finding(
        chain.subject, status, old, new, {"rows": counted}, count=found.total
    )
    return [head, *revision.row_findings(chain.subject, old, new, found)]
