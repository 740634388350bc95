"""`liquest new`: from a person's files to a case folder that can be investigated."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import tomlkit

from .case import Case, SourceSpec, read_case
from .clock import HOUR, SECOND, Window, format_time
from .errors import InputError, Text, UsageError
from .logs import stage as log_stage
from .logs.store import Aside, Logs
from .run.disk import whole, writing
from .run.executor import Executor
from .run.progress import Progress
from .tape import stage
from .tape.stage import Tape

_ZONES = 14 * HOUR
"""How far from UTC a clock may be."""
_ASK = 'tz = "UTC+8"    # the zone of its times: write it and remove the # · 写明其时区并去掉行首 #'


@dataclass
class Made:
    """The case that was written, what its tape holds, and the logs of order entry."""

    case: Case
    tape: Tape
    logs: Logs


def make_case(
    folder: Path, data: list[Path], start: int | None, end: int | None, executor: Executor,
    progress: Progress,
) -> Made:  # fmt: skip
    """Read `data` into a new case at `folder` and write its case.toml.

    The window goes from `start` to `end`; where one is not given, to where the data end. A log
    whose zone nobody says gets a [[log]] to fill in; where there is nothing else, the window is
    so wide that its times lie within whatever the zone is.
    Raises UsageError when the folder is a case already, InputError when nothing could be
    read; then nothing stays behind.
    """
    if (folder / "case.toml").exists():
        raise UsageError(
            Text("there is a case already", "该文件夹已是案件"), where=str(folder),
            remedy=Text(
                "Choose another name, or edit its case.toml.",
                "请换一个名称，或直接编辑其 case.toml。",
            ),
        )  # fmt: skip
    for path in data:
        if not path.exists():
            raise InputError(
                Text("there is no such file or folder", "文件或文件夹不存在"), where=str(path),
                remedy=Text("Check the path.", "请检查路径。"),
            )  # fmt: skip
    if start is not None and end is not None:
        Window("event", start, end)
    specs = tuple(SourceSpec(_named(p, folder)) for p in data)
    draft = Case(folder, folder.name, Text(folder.name, folder.name), {}, specs)
    out = folder / "out"
    inner = [out / name for name in ("tape", "lake", "logs")]
    ours = [p for p in (*reversed(folder.parents), folder, out, *inner)
            if not p.exists()]  # fmt: skip
    try:
        with writing(folder):
            year = int(format_time(start)[:4]) if start is not None else 0
            logs, problems = log_stage.build(draft, out, executor, progress, year)
            tape = stage.build(draft, out, executor, progress, logs.taken)
            tape.problems += problems
            if not tape.lake.parts and not logs and not _unplaced(logs):
                raise _nothing(tape)
            window = _window(tape, logs, start, end)
            unzoned = [p.path for p in problems if p.code == "no-zone"]
            _write(folder, specs, window, unzoned)
    except BaseException:
        for path in ours:
            shutil.rmtree(path, ignore_errors=True)
        raise
    return Made(read_case(folder), tape, logs)


def _named(path: Path, folder: Path) -> str:
    """How case.toml names a path: relative when it lies in the case, else absolute."""
    full = path.resolve()
    home = folder.resolve()
    try:
        str(full).encode()
    except UnicodeEncodeError:
        raise InputError(
            Text(
                "the name is not UTF-8, so case.toml cannot hold it",
                "名称不是 UTF-8，无法写入 case.toml",
            ),
            where=repr(str(path)),
            remedy=Text(
                "Rename it, or name the folder around it.", "请改名，或改为给出其上级文件夹。"
            ),
        ) from None
    return os.path.relpath(full, home) if full.is_relative_to(home) else str(full)


def _window(tape: Tape, logs: Logs, start: int | None, end: int | None) -> Window:
    """As asked, else where the market data reach, else where the logs do."""
    reach = [(p.ts_min, p.ts_max) for p in tape.lake.parts]
    if not reach:
        reach = [(f.ts_min, f.ts_max) for f in logs.files]
        reach += [(max(a.first - _ZONES, 0), a.last + _ZONES) for a in _unplaced(logs)]
    first = min(low for low, _ in reach) // SECOND * SECOND
    last = max(high for _, high in reach) // SECOND * SECOND + SECOND
    window = Window("event", first if start is None else start, last if end is None else end)
    if window.end <= first or window.start >= last:
        span = [format_time(t, digits=0) for t in (first, last)]
        raise UsageError(
            Text(
                f"the data do not reach into the window: they go from {span[0]} to {span[1]}",
                f"数据不在所给时间窗内：数据自 {span[0]} 至 {span[1]}",
            ),
            remedy=Text(
                "Check --from, --to and --tz (UTC+8 is eight hours ahead of UTC).",
                "请检查 --from、--to 与 --tz（UTC+8 比 UTC 早八小时）。",
            ),
        )
    return window


def _unplaced(logs: Logs) -> list[Aside]:
    """Logs of which only the zone is missing."""
    return [a for a in logs.aside if a.last]


def _write(folder: Path, specs: tuple[SourceSpec, ...], window: Window, unzoned: list[str]) -> None:
    """case.toml, with comments for who edits it."""
    document = tomlkit.document()
    document.add(tomlkit.comment("A Liquest case; every key is explained in docs/case.md."))
    head = tomlkit.table()
    head.add("name", folder.resolve().name)
    document.add("case", head)
    windows = tomlkit.table(is_super_table=True)
    span = tomlkit.table()
    for key, moment in (("from", window.start), ("to", window.end)):
        span.add(key, format_time(moment, digits=6 if moment % SECOND else 0))
    windows.add(window.name, span)
    document.add("windows", windows)
    sources = tomlkit.aot()
    for spec in specs:
        one = tomlkit.table()
        one.add("path", spec.path)
        sources.append(one)
    document.add("source", sources)
    if unzoned:
        logs = tomlkit.aot()
        for name in unzoned:
            one = tomlkit.table()
            one.add("files", escape(name))
            one.add(tomlkit.comment(_ASK))
            logs.append(one)
        document.add("log", logs)
    with whole(folder / "case.toml") as out:
        out.write(tomlkit.dumps(document))


def _nothing(tape: Tape) -> InputError:
    """No file could be read: say why for the first few."""
    reasons = [f"{p.path}: {p.text.en}" for p in tape.problems[:5]]
    words = [f"{p.path}：{p.text.zh}" for p in tape.problems[:5]]
    return InputError(
        Text(
            "no market data and no logs could be read:\n    "
            + "\n    ".join(reasons or ["no files found"]),
            "没有可读取的行情数据或日志：\n    " + "\n    ".join(words or ["未找到文件"]),
        ),
        remedy=Text(
            "docs/data.md lists the formats; other tables can be read with a [[map]].",
            "支持的格式见 docs/data.md；其他表格可用 [[map]] 指明各列。",
        ),
    )
