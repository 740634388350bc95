"""Write docs/cli.md, docs/measures.md and docs/questions.md from the program itself.

    python tools/make_docs.py          write them
    python tools/make_docs.py --check  exit 1 when they are out of date

A test runs the check, so the reference stays true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from liquest.caveats import CAVEATS
from liquest.cli import app
from liquest.measures import measures
from liquest.replay.questions import questions

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- Written by tools/make_docs.py; do not edit. -->\n\n"


def cli() -> str:
    """Every verb with its words, options and example."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    lines = [
        NOTE + "# Command line · 命令行",
        "",
        "Exit codes · 退出码: `0` done · 完成; `1` a fault of Liquest · 程序错误; "
        "`2` the question or the input cannot be used · 用法或输入有误; "
        "`3` done, but a source could not be read to its end · 已完成，但有来源未能读完; "
        "`4` the output cannot be written · 无法写出; "
        "`5` two things that must agree do not · 校验不符; `130` stopped · 中断.",
        "",
        "Tables come in English or Chinese: `--lang`, else `LIQUEST_LANG`, else the locale. "
        "Errors come in both. · 表格语言由 `--lang`、`LIQUEST_LANG` 或系统语言决定；"
        "错误信息为双语。",
        "",
    ]
    for name, command in sorted(verbs(group)):
        words = [p.metavar or p.name or "" for p in command.params if isinstance(p, TyperArgument)]
        lines += [f"## liquest {name}", "", (command.help or "").strip(), ""]
        lines += ["```", f"liquest {name} {' '.join(words)}".strip(), "```", ""]
        options = [p for p in command.params if isinstance(p, TyperOption)]
        rows = []
        for option in options:
            flags = ", ".join(f"`{o}`" for o in option.opts)
            default = option.default
            shown = "" if default in (None, "", False) or callable(default) else f"`{default}`"
            rows.append(f"| {flags} | {option.help or ''} | {shown} |")
        if rows:
            lines += ["| option · 选项 | | default · 默认 |", "|---|---|---|", *rows, ""]
        if command.epilog:
            lines += [" ".join(command.epilog.split()), ""]
    return "\n".join(lines)


def verbs(group: TyperGroup, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every verb by its whole name; a group is followed by its own verbs."""
    for name, command in group.commands.items():
        yield f"{before}{name}", command
        if isinstance(command, TyperGroup):
            yield from verbs(command, f"{before}{name} ")


def question_reference() -> str:
    """Every question of the replay with its definitions and parameters."""
    lines = [
        NOTE + "# Questions of the replay · 重放的问题",
        "",
        "`liquest ask CASE [QUESTION…]` answers them; `investigate` asks all of them. Parameters "
        "are set per case in `[replay.NAME]`. · `liquest ask 案件 [问题…]` 作答；`investigate` "
        "会全部提问。参数在案件的 `[replay.名称]` 中设置。",
        "",
    ]
    for name, one in questions().items():
        lines += [f"## {name}", ""]
        for method in one.METHODS:
            lines += [f"**`{method.name}`** {method.title.en} · {method.title.zh}", ""]
            lines += [method.definition.en, "", method.definition.zh, ""]
        given = ", ".join(f"`{k} = {v!r}`" for k, v in one.DEFAULTS.items())
        lines += [f"Parameters · 参数: {given}", ""]
    return "\n".join(lines) + "\n"


def measure_reference() -> str:
    """Every measure with its definition, parameters and SQL."""
    lines = [
        NOTE + "# Measures · 度量",
        "",
        "Each number is a finding of its own; the id of a method carries a hash of its text, so a "
        "changed definition changes the ids that rest on it. Parameters are set per case in "
        "`[measures.NAME]`. · 每个数字自成一条结论；方法编号含其文本的哈希，定义一变，编号即变。"
        "参数在案件的 `[measures.名称]` 中设置。",
        "",
    ]
    for name, one in measures().items():
        lines += [f"## {name}", ""]
        for method in one.METHODS:
            lines += [f"**`{method.name}`** {method.title.en} · {method.title.zh}", ""]
            lines += [method.definition.en, "", method.definition.zh, ""]
        if one.DEFAULTS:
            given = ", ".join(f"`{k} = {v!r}`" for k, v in one.DEFAULTS.items())
            lines += [f"Parameters · 参数: {given}", ""]
    lines += ["## Caveats · 注意事项", "", "| code | | |", "|---|---|---|"]
    lines += [f"| `{code}` | {text.en} | {text.zh} |" for code, text in CAVEATS.items()]
    return "\n".join(lines) + "\n"


PAGES = {"cli.md": cli, "measures.md": measure_reference, "questions.md": question_reference}


def main(check: bool) -> int:
    """Write the pages, or compare them; returns the exit code."""
    stale = []
    for name, make in PAGES.items():
        path = DOCS / name
        text = make()
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"out of date: {', '.join(stale)}; run tools/make_docs.py", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
