"""The verbs of the vault: seal, verify, bundle, custody, redact."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from .. import terminal
from ..case import read_case
from ..errors import OutputError, Text, UsageError
from .check import ASSUMING, INVALID, PENDING, STATUSES, UNSUPPORTED, VALID, Check, json_of

CaseArg = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")]
LangOpt = Annotated[
    str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
]
JsonOpt = Annotated[
    bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
]
ResultsOpt = Annotated[
    Path | None,
    typer.Option("--results", metavar="DIR", help="Where results are, else CASE/out · 结果目录"),
]

_INVALID_CODE = 5
_ZH = {
    VALID: "有效", ASSUMING: "附条件有效", PENDING: "待定", UNSUPPORTED: "不支持", INVALID: "无效",
}  # fmt: skip
_STYLE = {
    VALID: "green",
    ASSUMING: "cyan",
    PENDING: "yellow",
    UNSUPPORTED: "dim",
    INVALID: "bold red",
}


def register(app: typer.Typer) -> None:
    """Put the verbs into the program."""
    app.command(
        epilog="Example · 示例:  liquest seal cases/mine statement.csv --collector 'Li Wei'"
    )(seal)
    app.command(epilog="Example · 示例:  liquest verify cases/2025-10-11")(verify)
    app.command(epilog="Example · 示例:  liquest bundle cases/2025-10-11 evidence.zip")(bundle)
    app.command(epilog="Example · 示例:  liquest custody cases/2025-10-11 --lang zh")(custody)
    app.command(
        epilog="Example · 示例:  liquest redact cases/mine mine.csv --fields uid --out public.csv"
    )(redact)


def seal(
    case: CaseArg,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Files or folders · 文件或文件夹")
    ],
    note: Annotated[str, typer.Option("--note", help="What should be known about it · 说明")] = "",
    collector: Annotated[
        str,
        typer.Option(
            "--collector",
            help="Who took it, LIQUEST_COLLECTOR or your account if not given · 收集人",
        ),
    ] = "",
    method: Annotated[
        str,
        typer.Option("--method", help="How it was taken: export, screenshot, mail … · 取得方式"),
    ] = "file",
    source: Annotated[
        str, typer.Option("--source", help="Where it came from; goes before the file name · 来源")
    ] = "",
    url: Annotated[str, typer.Option("--url", help="Its address, if it has one · 网址")] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Encrypt it at rest · 加密保存")
    ] = False,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Put files beyond alteration: digest, manifest line, log. · 封存文件：摘要、清单、日志。"""
    from .private import seal_private
    from .seal import collector as account
    from .seal import named_files, seal_paths
    from .store import Fields, Vault
    from .withheld import original_of

    lang = terminal.language(lang)
    read_case(case)
    fields: Fields = {
        "note": note,
        "method": method,
        "url": url,
        "collector": collector or account(),
    }
    if private:
        files = named_files(paths, source)
        vault = Vault.open(case)
        for name, path in files:
            said: Fields = {**fields, "source": name}
            item = seal_private(vault, _bytes(path), **said)
            _say_item(item.json(), lang, json_)
        vault.checkpoint()
    else:
        # Names are judged before a vault is made for them.
        named_files(paths, source)
        vault = Vault.open(case)
        for item in seal_paths(vault, paths, terminal.Shown(lang), fields, source):
            _say_item(item.json(), lang, json_, withheld=bool(original_of(item)))
    if not json_:
        root = vault.log.root().hex()
        terminal.out.print(
            f"日志 {vault.log.size:,} 行，根 {root}" if lang == "zh"
            else f"log of {vault.log.size:,} lines, root {root}", soft_wrap=True,
        )  # fmt: skip


def verify(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="CASE|BUNDLE", help="A case folder, or a bundle · 案件文件夹或证据包"
        ),
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key",
            metavar="VKEY",
            help="The public key that must have signed, or a file with it · 必须由此公钥签名",
        ),
    ] = "",
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            "--earlier", metavar="F", help="A checkpoint seen before; repeatable · 先前见过的检查点"
        ),
    ] = None,
    roots: Annotated[
        Path | None,
        typer.Option("--roots", metavar="F", help="Root certificates to trust, PEM · 信任的根证书"),
    ] = None,
    headers: Annotated[
        Path | None,
        typer.Option("--headers", metavar="F", help="Bitcoin block headers to trust · 区块头"),
    ] = None,
    results: ResultsOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Check everything offline: one word a check. · 离线核验，逐项给出结论。"""
    from .proofs.config import Trust
    from .verify import Known
    from .verify import verify as run

    lang = terminal.language(lang)
    if key and Path(key).is_file():
        key = Path(key).read_text(encoding="utf-8")
    trust = Trust(roots, headers) if roots or headers else None
    known = Known(key, tuple(earlier or ()), trust)
    checks = run(path, terminal.Shown(lang), out=results, known=known)
    if json_:
        for one in checks:
            _say(json_of(one))
    else:
        _show(checks, lang)
    if any(c.status == INVALID for c in checks):
        raise typer.Exit(_INVALID_CODE)


def bundle(
    case: CaseArg,
    target: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The bundle to write, a .zip file · 输出的 zip 文件"),
    ],
    results: ResultsOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """One file that anyone can verify without Liquest. · 打成一个无需 Liquest 即可核验的文件。"""
    from .bundle import bundle as make

    lang = terminal.language(lang)
    read_case(case)
    made = make(case, results or case / "out", target, terminal.Shown(lang))
    if json_:
        _say({**made._asdict(), "path": str(made.path)})
        return
    words = ("已写入", "已存在且相同", "个文件", "字节", "核验") if lang == "zh" else (
        "Wrote", "Already there, the same", "files", "bytes", "Verify")  # fmt: skip
    terminal.out.print(
        f"{words[0] if made.fresh else words[1]}: {terminal.shown_path(made.path)} "
        f"({made.files:,} {words[2]}, {made.size:,} {words[3]})\n"
        f"SHA-256: {made.sha256}\n{words[4]}: liquest verify {terminal.shown_path(made.path)}",
        soft_wrap=True,
    )


def custody(case: CaseArg, lang: LangOpt = "", json_: JsonOpt = False) -> None:
    """Who did what, when, with which tool, to which item. · 保管链：何人何时以何工具做了什么。"""
    from .custody import MEANING
    from .custody import custody as chain
    from .store import Vault

    lang = terminal.language(lang)
    zh = lang == "zh"
    vault = Vault.open(case, write=False)
    steps = chain(vault)
    if json_:
        for step in steps:
            _say(step.json())
        return
    table = terminal.table(
        "保管链" if zh else "Chain of custody",
        [("行" if zh else "line", "right"), ("来源" if zh else "item", "fold"), ("SHA-256", "left"),
         ("收集时间 (UTC)" if zh else "collected (UTC)", "left"), ("何人" if zh else "who", "fold"),
         ("如何" if zh else "how", "fold"), ("检查点" if zh else "checkpoint", "right")],
    )  # fmt: skip
    for one in steps:
        item = one.item
        shown = ("└ " if one.depth else "") + (item.transform.split(" ")[0] or item.source)
        table.add_row(
            str(one.line), "  " * max(one.depth - 1, 0) + escape(shown), item.sha256[:12],
            item.collected_at[:19].replace("T", " "), escape(item.collector),
            escape(f"{item.method} · {item.tool}"),
            "–" if one.checkpoint is None else str(one.checkpoint),
        )  # fmt: skip
    terminal.out.print(table)
    anchors = {a.subject: a for step in steps for a in step.anchors}
    if not anchors:
        terminal.out.print("尚无可信时间证明" if zh else "No proof of trusted time yet.")
    for check in anchors.values():
        terminal.out.print(
            f"  {_word(check, lang)}  {escape(check.subject)}  {escape(check.detail.in_(lang))}",
            soft_wrap=True,
        )
    terminal.out.print(MEANING.in_(lang), soft_wrap=True)


def redact(
    case: CaseArg,
    item: Annotated[
        str,
        typer.Argument(
            metavar="[ITEM]", help="Beginning of an item's id, or its source · 条目编号开头或来源"
        ),
    ] = "",
    fields: Annotated[
        str, typer.Option("--fields", metavar="A,B", help="Fields to withhold · 要隐去的字段")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="F", help="The published version · 公开版本")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check",
            metavar="F",
            help="Is F a version of a sealed original? · 核验 F 是否源自封存原件",
        ),
    ] = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Publish a statement with fields withheld, provably. · 隐去字段后公开，且可证明源自原件。"""
    from . import redact as rules
    from .store import Vault

    lang = terminal.language(lang)
    zh = lang == "zh"
    vault = Vault.open(case, write=check is None)
    if check is not None:
        original = rules.check(vault, _bytes(check))
        if json_:
            _say({"published": str(check), "original": original.id, "status": VALID})
        else:
            said = "源自封存原件" if zh else "follows from the sealed original"
            terminal.out.print(
                f"{check}: {said} {original.id[:12]} ({escape(original.source)})", soft_wrap=True
            )
        return
    names = [f.strip() for f in fields.split(",") if f.strip()]
    if not item or not names or out is None:
        raise UsageError(
            Text("ITEM, --fields and --out are needed", "须给出条目、--fields 与 --out"),
            remedy=Text("See: liquest redact --help", "见 liquest redact --help"),
        )
    chosen = vault.find(item)
    made, sealed = rules.publish(vault, chosen, names)
    if out.exists() and out.read_bytes() != made.data:
        raise OutputError(
            Text("another file stands there", "目标位置已有其他文件"), where=str(out),
            remedy=Text("Choose another name.", "请换一个名称。"),
        )  # fmt: skip
    out.write_bytes(made.data)
    if json_:
        _say({"id": sealed.id, "parent": chosen.id, "sha256": sealed.sha256, "cells": made.cells})
    else:
        said = f"隐去 {made.cells:,} 个单元格" if zh else f"{made.cells:,} cells withheld"
        terminal.out.print(f"{terminal.shown_path(out)}: {said}, {sealed.id[:12]}", soft_wrap=True)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            Text(f"cannot be opened: {error.strerror}", f"无法打开：{error.strerror}"),
            where=str(path),
        ) from error


def _say(data: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _say_item(item: dict[str, object], lang: str, json_: bool, withheld: bool = False) -> None:
    if json_:
        _say(item)
        return
    empty = ("（空文件）" if lang == "zh" else "(empty)") if not item["size"] else ""
    terminal.out.print(
        f"{str(item['id'])[:12]}  {str(item['sha256'])[:16]}  {item['size']:>13,}  "
        f"{escape(str(item['source']))} {empty}".rstrip(),
        soft_wrap=True,
    )
    if withheld:
        from .withheld import SAID

        terminal.out.print(Padding(SAID.in_(lang), (0, 0, 0, 4)))


def _word(check: Check, lang: str) -> str:
    word = _ZH[check.status] if lang == "zh" else check.status
    return f"[{_STYLE[check.status]}]{word}[/]"


def _show(checks: Sequence[Check], lang: str) -> None:
    """Two lines a check: what came of it and of what, then what was found."""
    zh = lang == "zh"
    for one in checks:
        terminal.out.print(f"{_word(one, lang)}  {one.name}  {escape(one.subject)}", soft_wrap=True)
        terminal.out.print(f"    {escape(one.detail.in_(lang))}", soft_wrap=True)
        if one.assumption.en:
            said = "前提：" if zh else "if "
            terminal.out.print(f"    {said}{escape(one.assumption.in_(lang))}", soft_wrap=True)
    counts = [(s, sum(c.status == s for c in checks)) for s in STATUSES]
    terminal.out.print(" · ".join(f"{n} {_ZH[s] if zh else s}" for s, n in counts if n))
