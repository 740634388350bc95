"""`liquest losses`: from an account's own exports to a reconciled statement of losses."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import terminal
from ..errors import Text, UsageError
from ..findings import Finding, write_findings
from ..problems import UNREAD, write_problems
from ..run.disk import whole, writing
from ..run.executor import Threads

if TYPE_CHECKING:
    from ..case import Case
    from ..replay.context import Context
    from .schemes.pay import Paid
    from .statement.statement import Asked, Statement

Names = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="EXPORTS…", help="CSV files, folders or zips of one account · 一个账户的导出文件"
    ),
]


def register(app: typer.Typer) -> None:
    """Put the verb into the program."""
    app.command(
        epilog="Example · 示例:  liquest losses cases/2025-10-11 ~/exports "
        "--reference 2025-10-11T05:18 --tz UTC+8"
    )(losses)


def losses(
    case: Annotated[
        Path | None, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")
    ] = None,
    exports: Names = None,
    account: Annotated[
        str, typer.Option("--account", help="A name for the account, not its uid · 账户代称")
    ] = "account",
    reference: Annotated[
        str, typer.Option("--reference", metavar="T", help="From when the loss counts · 参考时刻")
    ] = "",
    end: Annotated[
        str, typer.Option("--end", metavar="T", help="Until when; the last row · 结束时刻")
    ] = "",
    tz: Annotated[
        str, typer.Option("--tz", help="Zone of times given without one · 未注明时区的时间按此解释")
    ] = "",
    marks: Annotated[
        list[str] | None,
        typer.Option("--marks", metavar="[SYMBOL=]FILE", help="Your mark prices · 自备标记价格"),
    ] = None,
    columns: Annotated[
        Path | None, typer.Option("--columns", metavar="TOML", help="Other venues · 其他场所列映射")
    ] = None,
    opening: Annotated[
        list[str] | None,
        typer.Option("--opening", metavar="usdm:USDT=…", help="Balance at the start · 期初余额"),
    ] = None,
    closing: Annotated[
        list[str] | None,
        typer.Option("--closing", metavar="usdm:USDT=…", help="Balance at the end · 期末余额"),
    ] = None,
    held: Annotated[
        list[str] | None,
        typer.Option("--held", metavar="ATOMUSDT=…", help="Held after the last trade · 期末持仓"),
    ] = None,
    isolated: Annotated[
        list[str] | None,
        typer.Option("--isolated", metavar="ATOMUSDT=…", help="Isolated margin · 逐仓保证金"),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="PATH=VALUE", help="Rule effect under this · 规则影响"),
    ] = None,
    order: Annotated[
        str, typer.Option("--order", help="reference-first or reference-last · 平仓先后")
    ] = "reference-first",
    step: Annotated[
        int, typer.Option("--step", min=1, help="Seconds between points of the path · 权益路径步长")
    ] = 1,
    borrow: Annotated[
        bool, typer.Option("--borrow", help="Marks of a coin's other contract · 借用另一合约")
    ] = False,
    class_: Annotated[
        str, typer.Option("--class", help="collateral, contract, vip … · 类别")
    ] = "",
    net_assets: Annotated[
        str, typer.Option("--net-assets", help="At the snapshot, in dollars · 快照时净资产")
    ] = "",
    compensated: Annotated[
        str, typer.Option("--compensated", help="What was paid before · 此前已获赔付")
    ] = "0",
    able: Annotated[
        str, typer.Option("--able", metavar="T", help="When you could act again · 可再操作的时刻")
    ] = "",
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="Reference prices · 参考价格表"),
    ] = None,
    scheme: Annotated[
        list[str] | None, typer.Option("--scheme", help="All if not given · 补偿方案")
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Every folder in it is an account · 每个子文件夹一个账户")
    ] = False,
    sample: Annotated[
        Path | None,
        typer.Option("--sample", metavar="DIR", help="Write a synthetic account · 合成样例"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the sample · 样例种子")] = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Results; CASE/out if not given · 结果目录"),
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
    ] = "",
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
    ] = False,
) -> None:  # fmt: skip
    """What an account lost, why, what each scheme gives. · 账户亏损多少、为何、可获赔多少。"""
    from ..case import read_case
    from ..replay.scenario import Scenario, scenarios
    from .claim import Told
    from .statement.statement import Asked

    lang = terminal.language(lang)
    if sample is not None:
        _sample(sample, seed, lang)
        if not exports:
            return
    if case is None or not exports:
        raise UsageError(
            Text("no exports are named", "未指定导出文件"),
            remedy=Text(
                "liquest losses CASE FILES…; a synthetic account to try it: --sample DIR",
                "liquest losses 案件 文件…；可先写出合成账户试用：--sample 文件夹",
            ),
        )
    read = read_case(case)
    if each:
        from .accounts.accounts_commands import run_each

        run_each(
            read, exports, out or case / "out", lang, marks=tuple(marks or ()), tz=tz or None,
            reference=_moment(reference, tz), borrow=borrow, prices=prices, schemes=scheme or [],
            json_=json_,
        )  # fmt: skip
        return
    said = tuple(Scenario(dict([one.partition("=")[::2]])) for one in rule or [])
    for one in rule or []:
        scenarios([one], [])  # Refuses what is no PATH=VALUE.
    asked = Asked(
        account, _moment(reference, tz), _moment(end, tz), tz or None, columns,
        tuple(marks or ()), _balances(opening, "--opening"), _balances(closing, "--closing"),
        _by_position(held, "--held"), _by_position(isolated, "--isolated") or None,
        _order(order), said,
        Told(class_, _number(net_assets, "--net-assets") if net_assets else None,
             _number(compensated, "--compensated"), _moment(able, tz)), borrow, step,
    )  # fmt: skip
    _run(read, exports, asked, prices, scheme or [], out or case / "out", lang, json_=json_)


def _run(
    case: Case, exports: Sequence[Path], asked: Asked, prices: Path | None,
    schemes: Sequence[str], place: Path, lang: str, *, json_: bool,
) -> None:  # fmt: skip
    from .. import __version__
    from ..dossier.sheet_page import sheet_page, sheet_pdf
    from ..sheet_shown import shown
    from .attribution.references import leaning, read_references
    from .register import record as records
    from .statement.scheme_sections import schemes as told
    from .statement.sheet import sheet
    from .statement.statement import state
    from .statement.statement_findings import findings

    references = read_references(case.root)
    leans = leaning(references, place)
    folder = place / "losses" / _folder(asked.account)
    with writing(place):
        context = _context(case, place, lang)
        for one in asked.rules:
            context.rules_of(one)
        statement = state(
            context, exports, asked, [(r, leans[r.id]) for r in references],
            place / "losses" / "prices", terminal.Shown(lang),
        )  # fmt: skip
        paid = _paid(statement, prices, schemes, asked.tz or "")
        made = list(findings(statement, paid))
        whole_sheet = sheet(statement, [told(paid)], [f.id for f in made[:12]])
        folder.mkdir(parents=True, exist_ok=True)
        write_findings(folder / "findings.jsonl", made)
        write_problems(folder / "problems.jsonl", statement.problems)
        (folder / "claim.json").write_bytes(records.write(statement.claim) + b"\n")
        with whole(folder / "statement.html") as page:
            page.write(sheet_page(whole_sheet, version=__version__))
        for each in ("zh", "en"):
            fresh = folder / f"statement.{each}.pdf.new"
            fresh.write_bytes(sheet_pdf(whole_sheet, each, version=__version__))
            fresh.replace(folder / f"statement.{each}.pdf")
    unread = any(problem.effect == UNREAD for problem in statement.problems)
    if json_:
        for one_finding in made:
            _json(one_finding)
        raise typer.Exit(terminal.INCOMPLETE if unread else 0)
    for block in shown(whole_sheet, lang):
        terminal.out.print(block)
    if statement.problems:
        terminal.err.print(terminal.problems(statement.problems, lang))
    for line in terminal.caveats(made, lang):
        terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)
    word = "说明（网页，另有 PDF）" if lang == "zh" else "Statement (page; PDF beside it)"
    path = terminal.shown_path(folder / "statement.html")
    terminal.out.print(f"{word}: {terminal.escaped(path)}", soft_wrap=True)
    raise typer.Exit(terminal.INCOMPLETE if unread else 0)


def _paid(statement: Statement, prices: Path | None, schemes: Sequence[str], tz: str) -> Paid:
    from ..rules.book import book
    from ..rules.compensation import Reference
    from .schemes.pay import first_known, pay
    from .schemes.references import Before, OfPrices, read_given

    reference: Reference = OfPrices(statement.prices)
    if prices is not None:
        reference = Before(read_given(prices, tz=tz), reference)
    return pay([statement.claim], book().at(first_known(book())), reference, schemes)


def _context(case: Case, place: Path, lang: str) -> Context:
    from .. import record
    from ..replay.context import Context
    from ..rules.book import book

    tape = record.build(case, place, Threads(), terminal.Shown(lang)).tape
    return Context.of(case, tape.lake, book(), Threads())


def _sample(folder: Path, seed: int, lang: str) -> None:
    from .synthetic.sample import write_sample

    made = write_sample(folder, seed, lang)
    word = "合成账户（不属于任何人）" if lang == "zh" else "A synthetic account, nobody's"
    place = terminal.shown_path(made[0].parent)
    terminal.out.print(f"{word}: {terminal.escaped(place)}", soft_wrap=True)


def _moment(text: str, tz: str) -> int | None:
    return terminal.moment(text, tz or "UTC") if text else None


def _balances(given: Sequence[str] | None, option: str) -> dict[tuple[str, str], Decimal]:
    """usdm:USDT=1234.5, or USDT=1234.5 for the USDⓈ-M wallet."""
    from .entries import COINM, USDM

    found: dict[tuple[str, str], Decimal] = {}
    for one in given or []:
        name, mark, amount = one.partition("=")
        market, colon, asset = name.rpartition(":")
        market = market if colon else USDM
        if not mark or not asset or market not in (USDM, COINM):
            raise UsageError(
                Text(f"{option} {one} is no WALLET:ASSET=AMOUNT",
                     f"{option} {one} 不是 钱包:资产=金额 的形式"),
                remedy=Text("Write usdm:USDT=1234.5 or coinm:ATOM=10.",
                            "请写 usdm:USDT=1234.5 或 coinm:ATOM=10。"),
            )  # fmt: skip
        found[market, asset.upper()] = _number(amount, option)
    return found


def _by_position(given: Sequence[str] | None, option: str) -> dict[tuple[str, str, str], Decimal]:
    """ATOMUSDT=500 (one-way), ATOMUSDT:L=500 (hedge mode)."""
    from ..replay.accounts import contract
    from .entries import BOTH, COINM, LONG, SHORT, USDM

    found = {}
    for one in given or []:
        name, mark, amount = one.partition("=")
        symbol, _, place = name.partition(":")
        if not mark or place not in ("", LONG, SHORT):
            raise UsageError(
                Text(f"{option} {one} is no SYMBOL=NUMBER", f"{option} {one} 不是 合约=数值"),
                remedy=Text("Write ATOMUSDT=500, in hedge mode ATOMUSDT:L=500.",
                            "请写 ATOMUSDT=500；双向持仓写 ATOMUSDT:L=500。"),
            )  # fmt: skip
        market = COINM if contract(symbol.upper()).inverse else USDM
        found[market, symbol.upper(), place or BOTH] = _number(amount, option)
    return found


def _number(text: str, option: str) -> Decimal:
    from ..replay.positions_numbers import BadCell, number

    try:
        return number(option, text.strip())
    except BadCell as error:
        raise UsageError(error.fault.what, where=option, remedy=error.fault.remedy) from None


def _order(name: str) -> str:
    from .attribution.lots import ORDERS

    if name not in ORDERS:
        raise UsageError(
            Text(f"'{name}' is no order of closing", f"“{name}”不是平仓先后次序"),
            remedy=Text(f"Choose from: {', '.join(ORDERS)}.", f"可选：{'、'.join(ORDERS)}。"),
        )
    return name


def _folder(account: str) -> str:
    """A name that is a folder of its own, and no path."""
    import re

    name = re.sub(r"[^\w.\-]+", "_", account).strip("._")
    return name or "account"


def _json(one: Finding) -> None:
    sys.stdout.write(json.dumps(one.json(), ensure_ascii=False) + "\n")
