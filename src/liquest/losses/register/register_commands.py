"""The verbs of the committee's register."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ... import terminal
from ...errors import InputError, IntegrityError, Text, UnreadableFile, UsageError

if TYPE_CHECKING:
    from .register import Register

FileArg = Annotated[Path, typer.Argument(metavar="REGISTER", help="The register · 登记册文件")]
IdArg = Annotated[str, typer.Argument(metavar="ID", help="A pseudonym, C-7F3K9Q · 化名编号")]
LangOpt = Annotated[
    str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
]
JsonOpt = Annotated[
    bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
]

app = typer.Typer(
    no_args_is_help=True,
    help="The committee's register: pseudonyms, losses, evidence, consent. "
    "· 维权委员会登记册：化名、损失、证据、同意。",
    epilog="Example · 示例:  liquest register new committee.db",
)


def register(root: typer.Typer) -> None:
    """Put the verbs into the program."""
    root.add_typer(app, name="register")


@contextmanager
def _opened(path: Path) -> Iterator[Register]:
    from .register import opened

    with opened(path) as one:
        yield one


@app.command(epilog="Example · 示例:  liquest register new committee.db")
def new(file: FileArg, lang: LangOpt = "") -> None:
    """Make a register and its key. · 建立登记册及其密钥。"""
    from .key import key_path
    from .register import made

    lang = terminal.language(lang)
    with made(file):
        pass
    key = terminal.escaped(terminal.shown_path(key_path(file)))
    terminal.out.print(
        f"已建立。密钥：{key}。请另存一份，并与登记册分开保管；没有密钥，个人文件无法打开。"
        if lang == "zh" else
        f"Made. Its key: {key}. Keep a copy of it apart from the register: without it personal "
        "files stay closed.", soft_wrap=True,
    )  # fmt: skip


@app.command(
    epilog="Example · 示例:  liquest register add committee.db out/losses/mine/claim.json "
    "--uid 12345678 --consent aggregate"
)
def add(
    file: FileArg,
    claim: Annotated[
        Path, typer.Argument(metavar="CLAIM.json", help="As `liquest losses` writes it · 申索文件")
    ],
    uid: Annotated[
        str, typer.Option("--uid", help="Kept as a tag only, so that no account is entered twice "
                          "· 仅以标签保存，用于防止重复登记")
    ] = "",
    venue: Annotated[str, typer.Option("--venue", help="Its venue · 交易所")] = "binance",
    evidence: Annotated[
        list[str] | None,
        typer.Option("--evidence", metavar="SHA256", help="An item of the vault · 证据编号"),
    ] = None,
    consent: Annotated[
        list[str] | None,
        typer.Option("--consent", metavar="P", help="aggregate or counsel · 同意用途"),
    ] = None,
    attach: Annotated[
        list[Path] | None,
        typer.Option("--attach", metavar="FILE", help="A personal file, encrypted · 个人文件"),
    ] = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:  # fmt: skip
    """Enter a claim under a new pseudonym. · 以新化名登记一项申索。"""
    from . import personal
    from .register_shown import claim_json, listed

    lang = terminal.language(lang)
    given = _claimant(claim)
    with _opened(file) as held:
        entered = held.add(
            given, account=(venue, uid) if uid else None, evidence=tuple(evidence or ()),
            consent=tuple(consent or ()),
        )  # fmt: skip
        for path in attach or []:
            personal.attach(held, entered.id, path)
        entered = held.claim(entered.id)
    if not _one(claim_json(entered), json_):
        terminal.out.print(listed([entered], lang))


@app.command(epilog="Example · 示例:  liquest register update committee.db C-7F3K9Q claim.json")
def update(
    file: FileArg, id_: IdArg,
    claim: Annotated[Path, typer.Argument(metavar="CLAIM.json", help="The new one · 新文件")],
    lang: LangOpt = "",
) -> None:  # fmt: skip
    """Replace what a claim states. · 更新申索内容。"""
    from .register_shown import listed

    lang = terminal.language(lang)
    given = _claimant(claim)
    with _opened(file) as held:
        terminal.out.print(listed([held.update(id_, given)], lang))


@app.command(name="list", epilog="Example · 示例:  liquest register list committee.db --lang zh")
def list_(file: FileArg, lang: LangOpt = "", json_: JsonOpt = False) -> None:
    """All claims by pseudonym. · 按化名列出全部申索。"""
    from .register_shown import claim_json, listed

    lang = terminal.language(lang)
    with _opened(file) as held:
        claims = held.claims()
    if json_:
        for one in claims:
            _one(claim_json(one), True)
        return
    terminal.out.print(listed(claims, lang))


@app.command(epilog="Example · 示例:  liquest register show committee.db C-7F3K9Q")
def show(file: FileArg, id_: IdArg, lang: LangOpt = "") -> None:
    """One claim with evidence, files and steps. · 查看一项申索。"""
    from . import personal, steps
    from .register_shown import one_claim

    lang = terminal.language(lang)
    with _opened(file) as held:
        tables = one_claim(
            held.claim(id_), personal.files(held, id_), steps.steps(held.connection, id_), lang
        )
    for made in tables:
        terminal.out.print(made)
        terminal.out.print()


@app.command(epilog="Example · 示例:  liquest register status committee.db C-7F3K9Q reviewed")
def status(
    file: FileArg, id_: IdArg,
    to: Annotated[str, typer.Argument(metavar="STATUS", help="received … withdrawn · 状态")],
    note: Annotated[str, typer.Option("--note", help="Why · 说明")] = "",
    lang: LangOpt = "",
) -> None:  # fmt: skip
    """Move a claim to its next status. · 变更申索状态。"""
    from .register_shown import listed

    lang = terminal.language(lang)
    with _opened(file) as held:
        terminal.out.print(listed([held.set_status(id_, to, note)], lang))


@app.command(epilog="Example · 示例:  liquest register consent committee.db C-7F3K9Q counsel")
def consent(
    file: FileArg, id_: IdArg,
    purpose: Annotated[str, typer.Argument(metavar="P", help="aggregate or counsel · 用途")],
    back: Annotated[bool, typer.Option("--back", help="Take it back · 撤回")] = False,
    lang: LangOpt = "",
) -> None:  # fmt: skip
    """Note a consent, or that it is taken back. · 记录同意或撤回。"""
    from .register_shown import listed

    lang = terminal.language(lang)
    with _opened(file) as held:
        held.agree(id_, purpose, given=not back)
        terminal.out.print(listed([held.claim(id_)], lang))


@app.command(epilog="Example · 示例:  liquest register attach committee.db C-7F3K9Q trades.csv")
def attach(
    file: FileArg, id_: IdArg,
    paths: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Personal files · 个人文件")],
    lang: LangOpt = "",
) -> None:  # fmt: skip
    """Take personal files in, encrypted. · 加密存入个人文件。"""
    from . import personal

    lang = terminal.language(lang)
    with _opened(file) as held:
        for path in paths:
            one = personal.attach(held, id_, path)
            word = "已加密存入" if lang == "zh" else "taken in, encrypted"
            terminal.out.print(f"{id_} #{one.number} {word}: {one.commitment}", soft_wrap=True)


@app.command(
    epilog="Example · 示例:  liquest register reveal committee.db C-7F3K9Q 1 --to trades.csv"
)
def reveal(
    file: FileArg, id_: IdArg,
    number: Annotated[int, typer.Argument(metavar="N", help="Number of the file · 文件序号")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where it goes · 写到")],
) -> None:  # fmt: skip
    """Write a personal file out in the clear. · 解密导出一个个人文件。"""
    from . import personal

    if to.exists():
        raise UsageError(
            Text("there is a file of that name", "已有同名文件"), where=str(to),
            remedy=Text("Choose another name.", "请另选名称。"),
        )  # fmt: skip
    with _opened(file) as held:
        to.write_bytes(personal.content(held, id_, number))


@app.command(epilog="Example · 示例:  liquest register erase committee.db C-7F3K9Q --yes")
def erase(
    file: FileArg, id_: IdArg,
    yes: Annotated[bool, typer.Option("--yes", help="Without asking · 不再询问")] = False,
    lang: LangOpt = "",
) -> None:  # fmt: skip
    """Take a claim and its files out for good. · 彻底删除一项申索及其文件。"""
    lang = terminal.language(lang)
    ask = f"彻底删除 {id_} 及其文件？" if lang == "zh" else f"Erase {id_} and its files for good?"
    if not yes and not typer.confirm(ask):
        raise typer.Exit(1)
    with _opened(file) as held:
        held.erase(id_)


@app.command(epilog="Example · 示例:  liquest register aggregate committee.db --least 5")
def aggregate(
    file: FileArg,
    least: Annotated[int, typer.Option("--least", help="Claims a cell needs · 每格最少件数")] = 5,
    most: Annotated[
        str, typer.Option("--most", help="Largest share of one claim · 单件占比上限")
    ] = "0.8",
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Sums for the public, small cells kept back. · 可公布的汇总，小格不公布。"""
    from ..suppression import Secrecy
    from .register_shown import released
    from .release import release, shown

    lang = terminal.language(lang)
    try:
        secrecy = Secrecy(least, Decimal(most))
    except InvalidOperation:
        raise UsageError(
            Text(f"--most {most} is no number", f"--most {most} 不是数字"),
            remedy=Text("Write a share, 0.8.", "请写比例，如 0.8。"),
        ) from None
    with _opened(file) as held:
        one = release(held, secrecy)
    if json_:
        tables = {name: shown(told) for name, told in one.tables.items()}
        _one({"release": one.number, "at": one.at, "fresh": one.fresh, "tables": tables}, True)
        return
    head = (
        f"第 {one.number} 次公布，{one.at}" if lang == "zh" else f"Release {one.number}, {one.at}"
    )
    terminal.out.print(head)
    for made in released(one, lang):
        terminal.out.print(made)
        terminal.out.print()


@app.command(
    epilog="Example · 示例:  liquest register export committee.db counsel.zip --files --to age1…"
)
def export(
    file: FileArg,
    out: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="A zip file · 压缩包")],
    to: Annotated[
        str, typer.Option("--to", metavar="age1…", help="Encrypt for this key · 以该公钥加密")
    ] = "",
    files: Annotated[
        bool, typer.Option("--files", help="With personal files · 包含个人文件")
    ] = False,
    lang: LangOpt = "",
) -> None:  # fmt: skip
    """Hand the claims that consented to counsel. · 将已同意的申索提供给律师。"""
    from .counsel import hand_over

    lang = terminal.language(lang)
    with _opened(file) as held:
        handed = hand_over(held, out, to=to, with_files=files)
    place = terminal.escaped(terminal.shown_path(handed.path))
    if lang == "zh":
        words = f"{handed.claims} 件写入 {place}；{handed.left_out} 件未获同意，未包含。"
    else:
        words = f"{handed.claims} claims in {place}; {handed.left_out} without consent left out."
    terminal.out.print(words, soft_wrap=True)
    terminal.out.print(f"SHA-256 {handed.sha256}", soft_wrap=True)


@app.command(epilog="Example · 示例:  liquest register check committee.db")
def check(file: FileArg, lang: LangOpt = "", json_: JsonOpt = False) -> None:
    """Check the chain of steps and every record; print its head. · 核对步骤链与全部记录。"""
    from . import personal, steps

    lang = terminal.language(lang)
    with _opened(file) as held:
        head = steps.check(held.connection)
        claims = held.claims()
        count = 0
        for claim in claims:
            held.claimant(claim.id)
            for one in personal.files(held, claim.id):
                personal.content(held, claim.id, one.number)
                count += 1
    if not _one({"head": head, "claims": len(claims), "files": count}, json_):
        word = "完好" if lang == "zh" else "whole"
        terminal.out.print(f"{word}: {len(claims)} / {count}\n{head}", soft_wrap=True)


def _claimant(path: Path) -> Any:
    from .record import read

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            Text(f"it cannot be read ({error.strerror})", f"无法读取（{error.strerror}）"),
            where=str(path), remedy=Text("Check the path.", "请检查路径。"),
        ) from None  # fmt: skip
    try:
        return read(data, str(path))
    except IntegrityError as error:
        raise InputError(
            Text(f"this is no claim file ({error.got})", f"这不是申索文件（{error.got}）"),
            where=str(path),
            remedy=Text(
                "Give claim.json as `liquest losses` writes it.",
                "请提供 liquest losses 写出的 claim.json。",
            ),
        ) from None


def _one(row: dict[str, Any], asked: bool) -> bool:
    if asked:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    return asked
