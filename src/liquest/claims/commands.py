"""The verbs of claims: judge, claim add, claim list."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import terminal
from ..case import Case, read_case
from ..errors import Text, UsageError
from ..run.disk import writing
from . import shown
from .claim import ID, KINDS
from .quantity import HEADS
from .reading import NAME, read_claims
from .stage import judge as judged
from .toml_file import TomlFile
from .writing import append

CaseArg = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")]
OutOpt = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Where results are, or CASE/out · 结果目录"),
]
LangOpt = Annotated[
    str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
]
JsonOpt = Annotated[
    bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
]

claim = typer.Typer(
    no_args_is_help=True, help="The claims of a case: list, add. · 案件的主张：列出、添加。",
    epilog="Example · 示例:  liquest claim list cases/2025-10-11",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Put the verbs into the program."""
    app.command(epilog="Example · 示例:  liquest judge cases/2025-10-11 atom-spot-zero")(judge)
    app.add_typer(claim, name="claim")


def judge(
    case: CaseArg,
    claims: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CLAIM…]", help="Ids, all when none is named · 主张编号"),
    ] = None,
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Try the claims on the findings of the last run. · 以上次运行的结论检验各项主张。"""
    lang = terminal.language(lang)
    read = read_case(case)
    _there(read)
    place = out or case / "out"
    with writing(place):
        found = judged(read, place, claims or [])
    if found.measured.problems:
        terminal.err.print(terminal.problems(found.measured.problems, lang))
    if json_:
        for one in found.trials:
            sys.stdout.write(json.dumps(shown.json_of(one), ensure_ascii=False) + "\n")
        return
    if claims:
        for one in found.trials:
            for line in shown.page(one, lang):
                terminal.out.print(terminal.escaped(line), soft_wrap=True)
            terminal.out.print()
        for line in shown.caveats(found.trials, lang):
            terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)
        return
    terminal.out.print(shown.overview(found.trials, lang))
    terminal.out.print(f"\n{shown.tally(found.trials, lang)}", soft_wrap=True)


@claim.command("list", epilog="Example · 示例:  liquest claim list cases/2025-10-11 --lang zh")
def list_(case: CaseArg, lang: LangOpt = "", json_: JsonOpt = False) -> None:
    """The claims of a case, untried. · 列出案件的主张。"""
    lang = terminal.language(lang)
    read = read_case(case)
    _there(read)
    claims = read_claims(read.root / NAME, read.windows)
    if json_:
        for one in claims:
            line = {
                "claim": one.id, "party": one.party, "kind": one.kind, "tests": len(one.tests),
                "text": {"en": one.text.en, "zh": one.text.zh},
            }  # fmt: skip
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        return
    terminal.out.print(shown.listed(claims, lang))


@claim.command(
    "add",
    epilog="Example · 示例:  liquest claim add mycase --speaker 'trader · 交易者' "
    "--zh 'ATOM 现货跌破 0.01' --en 'ATOM spot fell below 0.01' "
    "--find 'low venue=binance instrument=ATOMUSDT window=crash' --expect below=0.01",
)
def add(
    case: CaseArg,
    id_: Annotated[
        str, typer.Option("--id", metavar="ID", help="Made from --en if not given · 编号")
    ] = "",
    speaker: Annotated[
        str,
        typer.Option(
            "--speaker", metavar="KEY|'EN · ZH'", help="A key of the file, or a role · 发言者"
        ),
    ] = "",
    zh: Annotated[str, typer.Option("--zh", help="What is said, in Chinese · 中文原话")] = "",
    en: Annotated[str, typer.Option("--en", help="The same in English · 英文")] = "",
    kind: Annotated[str, typer.Option("--kind", help=", ".join(KINDS) + " · 类别")] = "fact",
    said: Annotated[
        str, typer.Option("--said", metavar="T", help="When, with a zone · 发表时刻（带时区）")
    ] = "",
    about: Annotated[
        str, typer.Option("--about", metavar="T", help="The moment spoken of · 所指时刻（带时区）")
    ] = "",
    find: Annotated[
        str,
        typer.Option("--find", metavar="'NAME KEY=V …'", help="Findings to look at · 查看的结论"),
    ] = "",
    expect: Annotated[
        str,
        typer.Option("--expect", metavar="'KEY=V …'", help="at_most, near within … · 预期"),
    ] = "",
    title: Annotated[
        str, typer.Option("--title", metavar="'EN · ZH'", help="What is looked at · 检验名称")
    ] = "",
    needs: Annotated[
        str,
        typer.Option("--needs", metavar="'EN · ZH'", help="Data a test would need · 检验所需数据"),
    ] = "",
    fetch: Annotated[
        str, typer.Option("--fetch", metavar="COMMAND", help="What fetches them · 获取命令")
    ] = "",
    lang: LangOpt = "",
) -> None:
    """Add a claim; asks for what is not given. · 添加主张，缺少的内容将逐项询问。"""
    lang = terminal.language(lang)
    read = read_case(case)
    zh = zh or _asked("--zh", "What is said, in Chinese · 中文原话")
    en = en or _asked("--en", "The same in English · 英文")
    speaker = speaker or _asked("--speaker", "Who says it · 发言者")
    if not find and not needs:
        needs = _asked("--find or --needs", "Which data would test it · 检验需要哪些数据")
    known = _speakers(read)
    body: dict[str, Any] = {
        "id": id_ or _slug(en), "speaker": speaker if speaker in known else _two(speaker),
        "kind": kind, "text": {"zh": zh, "en": en},
    }  # fmt: skip
    body |= {name: text for name, text in (("said", said), ("about", about)) if text}
    if needs:
        body["needs"] = [{"what": _two(needs)} | ({"fetch": fetch} if fetch else {})]
    if find:
        body["test"] = [
            {
                "title": _two(title or find),
                "find": _find(find),
                "expect": _pairs("--expect", expect),
            }
        ]
    made = append(read.root, body, read.windows)
    word = "已添加" if lang == "zh" else "Added"
    path = terminal.escaped(terminal.shown_path(read.root / NAME))
    terminal.out.print(f"{word} {terminal.escaped(made.id)} → {path}:{made.lines[0]}")


def _there(case: Case) -> None:
    if not (case.root / NAME).is_file():
        raise UsageError(
            Text("this case has no claims yet", "该案件尚无主张"), where=str(case.root / NAME),
            remedy=Text(
                f"Add one: liquest claim add {case.root}",
                f"请先添加：liquest claim add {case.root}",
            ),
        )  # fmt: skip


def _speakers(case: Case) -> set[str]:
    """The keys of [speaker], for `add`: a key stands for the role that the file gives."""
    path = case.root / NAME
    return set(TomlFile.read(path).table.get("speaker", {})) if path.is_file() else set()


def _asked(option: str, words: str) -> str:
    """An answer from the person, where there is one to ask."""
    if not sys.stdin.isatty():
        raise UsageError(
            Text(f"{option} is missing", f"缺少 {option}"),
            remedy=Text("Give it as an option.", "请以选项给出。"),
        )
    ask: Callable[[str], str] = typer.prompt
    return str(ask(words)).strip()


def _two(text: str) -> dict[str, str]:
    """'English · 中文' as both; a text without the dot stands for both."""
    en, dot, zh = text.partition("·")
    return {"en": en.strip(), "zh": zh.strip()} if dot else {"en": text, "zh": text}


def _slug(text: str) -> str:
    """An id from the first words of a sentence; raises UsageError when there are none."""
    words = re.findall(r"[a-z0-9]+", text.lower())[:6]
    made = "-".join(words)
    if not ID.fullmatch(made):
        raise UsageError(
            Text("no id can be made of the English text", "无法由英文文本生成编号"),
            remedy=Text("Give one with --id.", "请用 --id 给出。"),
        )
    return made


def _find(text: str) -> dict[str, Any]:
    """'low venue=binance window=crash params.resolution=1s take=at' as a table."""
    name, *rest = _words("--find", text)
    found: dict[str, Any] = {"name": name}
    for key, value in _split("--find", rest).items():
        if key in ("window", "take", "of"):
            found[key] = value
        elif key.startswith("params."):
            found.setdefault("params", {})[key.removeprefix("params.")] = value
        else:
            found.setdefault("subject", {})[key] = value
    if "=" in name or found.get("take", "value").split("/")[0] not in HEADS:
        raise _bad("--find", text)
    return found


def _pairs(option: str, text: str) -> dict[str, str]:
    return _split(option, _words(option, text))


def _words(option: str, text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words:
        raise _bad(option, text)
    return words


def _split(option: str, words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    if not all(key and mark and value for key, mark, value in pairs):
        raise _bad(option, " ".join(words))
    return {key: value for key, _, value in pairs}


def _bad(option: str, text: str) -> UsageError:
    return UsageError(
        Text(f"{option} is not understood: '{text}'", f"无法理解 {option}：“{text}”"),
        remedy=Text(
            "Write --find 'low venue=binance window=crash' --expect 'at_most=0.01'.",
            "请写 --find 'low venue=binance window=crash' --expect 'at_most=0.01'。",
        ),
    )
