"""Run `liquest` as a person does, in this process: arguments in, exit code and text out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
from rich.console import Console

from liquest import terminal
from liquest.cli import main

WIDE = {"COLUMNS": "400"}
"""Room for the long paths of temporary folders, which would be folded."""


class Done(NamedTuple):
    """What a command left: its exit code, what it printed, what it said went wrong."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        """The lines of --json, each an object."""
        found = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(one, dict) for one in found)
        return found


def liquest(*words: str | Path, env: Mapping[str, str] | None = None) -> Done:
    """One command, in English and at 100 columns unless `env` says otherwise."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    settings = {"COLUMNS": "100", "LIQUEST_LANG": "en", **(env or {})}
    with (
        mock.patch.dict(os.environ, settings),
        mock.patch.object(sys, "argv", ["liquest", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.ExitStack() as stack,
    ):
        # A console takes its width when it is made.
        for name, errors in (("out", False), ("err", True)):
            made = Console(stderr=errors, highlight=False)
            stack.enter_context(mock.patch.object(terminal, name, made))
        try:
            main()
        except SystemExit as end:
            code = end.code
    return Done(int(code or 0), out.getvalue(), err.getvalue())


def refused(done: Done, code: int, *facts: str) -> None:
    """The command ended with `code` and one error in both languages that names the facts."""
    assert done.code == code, (done.out, done.err)
    assert done.err.count("error ") == 1 and "错误 " in done.err, done.err
    assert "Traceback" not in done.err
    for fact in facts:
        assert fact in done.err, done.err
    assert "Remedy:" in done.err and "处理:" in done.err


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own at `folder`, of `size`; skips where mounting is not permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    if made.returncode:
        pytest.skip(f"mounting a tmpfs is not permitted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


def remount(folder: Path, options: str) -> None:
    """Other options for a small disk: size=64m, ro."""
    done = _mount("-o", f"remount,{options}", str(folder))
    if done.returncode:
        pytest.skip(f"mounting a tmpfs is not permitted here: {done.stderr.strip()}")


def _mount(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["mount", *words], check=False, capture_output=True, text=True)
    except OSError as error:
        return subprocess.CompletedProcess(words, 1, "", str(error))
