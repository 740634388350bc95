"""The verb `structure` run as a person does, in this process, without the rest of the program."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from unittest import mock

import typer
from rich.console import Console

from _cli import Done
from liquest import terminal
from liquest.errors import LiquestError
from liquest.replay.advice import structure_commands


def structure(*words: str | Path, **env: str) -> Done:
    """One command, in English and at 100 columns unless `env` says otherwise."""
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    structure_commands.register(app)
    out, err = io.StringIO(), io.StringIO()
    code = 0
    settings = {"COLUMNS": "100", "LIQUEST_LANG": "en", **env}
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
            app()
        except LiquestError as error:
            terminal.error(error)
            code = error.exit_code
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())
