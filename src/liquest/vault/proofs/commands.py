"""`liquest prove`: trusted time for the case's evidence."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ... import terminal
from ...case import read_case
from ...errors import Text, UsageError
from ..check import json_of
from ..store import Vault
from . import Proved, prove, read_config, upgrade, verify_commands
from .config import BSC, ArweaveConfig, EvmConfig
from .wire import check_url

INCOMPLETE = 3
"""Exit code when a counterpart gave no proof; the proofs of the others stand."""

_MARK = {
    "valid": "[green]✓[/]", "valid with assumption": "[green]✓[/]", "pending": "[yellow]…[/]",
    "unsupported": "[yellow]?[/]", "invalid": "[bold red]✗[/]",
}  # fmt: skip
_ZH = {
    "valid": "有效", "valid with assumption": "有条件有效", "pending": "待定",
    "unsupported": "不支持", "invalid": "无效",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "prove",
        epilog="Example · 示例:  liquest prove cases/2025-10-11 --tsa https://freetsa.org/tsr",
    )(_prove)


def _prove(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")],
    tsa: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="RFC 3161 authority, repeatable · 时间戳机构，可重复"),
    ] = None,
    calendar: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="OpenTimestamps calendar, repeatable · 日历，可重复"),
    ] = None,
    evm: Annotated[
        str, typer.Option(metavar="RPC", help="Anchor on an EVM chain; costs a fee · EVM 链锚定")
    ] = "",
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Private key for --evm, hex · 私钥文件")
    ] = None,
    chain_id: Annotated[int, typer.Option(min=1, help="Chain of --evm, 56 is BSC · 链编号")] = BSC,
    arweave: Annotated[
        str, typer.Option(metavar="URL", help="Upload to an Arweave bundler · 上传至 Arweave")
    ] = "",
    wallet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JWK or Ed25519 PEM · 钱包文件")
    ] = None,
    roots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Root certificates you trust · 信任的根证书")
    ] = None,
    headers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Bitcoin block headers · 比特币区块头")
    ] = None,
    upgrade_: Annotated[
        bool, typer.Option("--upgrade", help="Ask again for pending proofs only · 仅更新待定证明")
    ] = False,
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
    ] = "",
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
    ] = False,
) -> None:
    """Have others confirm when the evidence existed. · 由第三方证明证据的存在时间。

    Asks time-stamping authorities and OpenTimestamps calendars; only a hash leaves this
    computer. Run it again at any time: what is there is not asked for again. Exit code 3
    when one of them gave no proof. · 仅发送散列值；可随时重复运行；有机构未给出证明时退出码为 3。
    """
    lang = terminal.language(lang)
    read_case(case)
    config = read_config(case)
    for url in (*(tsa or ()), *(calendar or ())):
        check_url(url)
    config = replace(
        config,
        tsa=tuple(tsa) if tsa else config.tsa,
        calendars=tuple(calendar) if calendar else config.calendars,
        evm=_evm(evm, key_file, chain_id) or config.evm,
        arweave=_arweave(arweave, wallet) or config.arweave,
        trust=replace(
            config.trust,
            roots=roots or config.trust.roots,
            headers=headers or config.trust.headers,
        ),
    )
    vault = Vault.open(case, write=False)
    done = (upgrade if upgrade_ else prove)(vault, config, terminal.Shown(lang))
    if json_:
        _print_json(done)
    else:
        _print(done, vault.root, lang, asked_again=upgrade_)
    if done.problems or any(check.status == "invalid" for check in done.checks):
        raise typer.Exit(INCOMPLETE)


def _evm(rpc: str, key_file: Path | None, chain_id: int) -> EvmConfig | None:
    if bool(rpc) != (key_file is not None):
        raise _together("--evm", "--key-file")
    if key_file is None:
        return None
    check_url(rpc)
    return EvmConfig(rpc, key_file, chain_id)


def _arweave(gateway: str, wallet: Path | None) -> ArweaveConfig | None:
    if bool(gateway) != (wallet is not None):
        raise _together("--arweave", "--wallet")
    if wallet is None:
        return None
    check_url(gateway)
    return ArweaveConfig(gateway, wallet)


def _together(first: str, second: str) -> UsageError:
    return UsageError(
        Text(f"{first} and {second} go together", f"{first} 与 {second} 须同时给出"),
        remedy=Text(f"Give both {first} and {second}.", f"请同时给出 {first} 与 {second}。"),
    )


def _print_json(done: Proved) -> None:
    for check in done.checks:
        sys.stdout.write(json.dumps(json_of(check), ensure_ascii=False) + "\n")
    for problem in done.problems:
        sys.stdout.write(json.dumps({"problem": problem.json()}, ensure_ascii=False) + "\n")


def _print(done: Proved, root: Path, lang: str, *, asked_again: bool) -> None:
    zh = lang == "zh"
    for check in done.checks:
        word = _ZH[check.status] if zh else check.status
        terminal.out.print(
            f"{_MARK[check.status]} {escape(check.name)}  {word}  {escape(check.detail.in_(lang))}",
            soft_wrap=True,
        )
        if check.assumption.en:
            lead = "前提" if zh else "assuming"
            terminal.out.print(f"    {lead}: {escape(check.assumption.in_(lang))}", soft_wrap=True)
    for problem in done.problems:
        terminal.out.print(
            f"[bold red]✗[/] {escape(problem.path)}\n    {escape(problem.text.in_(lang))}",
            soft_wrap=True,
        )
    if not done.checks and not done.problems:
        nothing = "没有待定的证明" if zh else "Nothing is pending."
        terminal.out.print(nothing if asked_again else "–")
    if (lines := verify_commands(root)) and not asked_again:
        lead = "不依赖本工具的验证命令" if zh else "To verify without Liquest"
        terminal.out.print(f"\n{lead}:")
        for line in lines:
            terminal.out.print(f"  {escape(line)}", soft_wrap=True)
