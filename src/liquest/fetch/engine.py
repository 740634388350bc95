"""A plan carried out: several files at once, each verified, sealed as it lands.

Files are sealed one at a time, companions first, so whoever finds a file in the vault finds
its checksum too. `landed` is called after the seal: what it was told of is safe.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import __version__
from ..errors import LiquestError, OutputError, Text
from ..problems import UNREAD, Problem
from ..run.progress import Progress, Silent, shown
from .download import places
from .failures import Absent, Mismatch
from .gather import gather
from .sealing import Sealed, Sealer
from .transfer import Companion, Obtained, Source
from .wanted import Plan, Wanted, absent
from .web import Web

PARTS = ".part"
TOOL = f"liquest fetch {__version__}"


@dataclass
class Outcome:
    """What became of a plan, in its order."""

    landed: list[Sealed] = field(default_factory=list)
    skipped: list[Wanted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Nothing is left that another run could bring."""
        return not any(p.effect == UNREAD for p in self.problems)


@dataclass(frozen=True)
class Engine:
    """Where files come from, by scheme of their URL, and where they go."""

    web: Web
    sources: Mapping[str, Source]
    sealer: Sealer
    root: Path
    collector: str = ""

    def run(
        self,
        plan: Plan,
        progress: Progress | None = None,
        landed: Callable[[Sealed], None] = lambda _: None,
    ) -> Outcome:
        """Fetch what is not sealed yet. One file's failure is a problem, a full disk an end."""
        progress = progress or Silent()
        done = Outcome(problems=list(plan.problems))
        with alone(self.root / PARTS) as parts:
            known = {item.url: item.sha256 for item in self.sealer.items()}
            open_ = [w for w in plan.wanted if w.url not in known]
            done.skipped = [w for w in plan.wanted if w.url in known]
            _tidy(parts, done.skipped)
            results: dict[str, Sealed] = {}
            faults: dict[str, list[Problem]] = {}
            what = Text("Fetching", "下载")
            arriving = gather(self.web, self.sources, open_, parts)
            with shown(progress, what, len(open_)), closing(arriving):
                for one, result in arriving:
                    if isinstance(result, Obtained):
                        faults[one.url] = list(result.problems)
                        results[one.url] = self._seal(one, result, known, parts)
                        landed(results[one.url])
                    else:
                        faults[one.url] = [_problem(one, result)]
                    progress.step(one.name)
            for one in open_:
                done.problems += faults.get(one.url, [])
                if one.url in results:
                    done.landed.append(results[one.url])
        return done

    def _seal(self, one: Wanted, got: Obtained, known: dict[str, str], parts: Path) -> Sealed:
        for companion in got.companions:
            sha = hashlib.sha256(companion.body).hexdigest()
            if known.get(companion.url) != sha:
                self._seal_companion(one, companion, parts)
                known[companion.url] = sha
        item = self.sealer.put(
            got.path, source=one.source, url=one.url, method=got.method, tool=TOOL,
            collector=self.collector, note=got.record.note(), media_type=got.media_type,
        )  # fmt: skip
        got.done()
        return item

    def _seal_companion(self, one: Wanted, companion: Companion, parts: Path) -> None:
        path = parts / (hashlib.sha256(companion.url.encode()).hexdigest()[:32] + ".companion")
        path.write_bytes(companion.body)
        self.sealer.put(
            path, source=f"{one.archive}/{companion.key}", url=companion.url, method="HTTP GET",
            tool=TOOL, collector=self.collector, note=companion.note,
            media_type=companion.media_type,
        )  # fmt: skip
        path.unlink(missing_ok=True)


def _tidy(parts: Path, sealed: Iterable[Wanted]) -> None:
    """Remove what a run that was killed after the seal left behind."""
    for one in sealed:
        for path in places(parts, one.url):
            path.unlink(missing_ok=True)
    for pattern in ("*.companion", "*.json.part"):
        for path in parts.glob(pattern):
            path.unlink(missing_ok=True)


def left(plan: Plan, sealer: Sealer) -> Plan:
    """What of a plan is not sealed yet."""
    known = {item.url for item in sealer.items()}
    return replace(plan, wanted=[w for w in plan.wanted if w.url not in known])


def _problem(one: Wanted, error: LiquestError) -> Problem:
    if isinstance(error, Absent):
        return replace(absent(one.archive, one.key, error.what), sample=one.url[:200])
    code = "checksum-mismatch" if isinstance(error, Mismatch) else "not-fetched"
    text = error.what
    if error.remedy is not None:
        text = Text(f"{text.en}. {error.remedy.en}", f"{text.zh}。{error.remedy.zh}")
    return Problem(code, UNREAD, text, path=one.source, sample=one.url[:200])


@contextmanager
def alone(folder: Path) -> Iterator[Path]:
    """The part folder, held by one run at a time; the lock dies with its process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / "lock").open("w")
    except OSError as error:
        raise OutputError(
            Text(f"the folder cannot be written: {error}", f"无法写入文件夹：{error}"),
            where=str(folder),
            remedy=Text("Check disk and rights.", "请检查磁盘与权限。"),
        ) from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutputError(
                Text("another fetch is running here", "此处已有另一个下载在运行"),
                where=str(folder),
                remedy=Text("Wait until it has ended.", "请等待其结束。"),
            ) from None
        yield folder
