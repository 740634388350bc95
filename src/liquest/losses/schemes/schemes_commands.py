"""`liquest schemes`: a register of claimants through every scheme of compensation."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ... import terminal
from ...errors import Text, UsageError
from ...run.executor import Threads

if TYPE_CHECKING:
    from ...case import Case
    from ...findings import Input
    from ...rules.claimant import Claimant
    from ...rules.compensation import Reference
    from ..prices.prices import Prices

More = dict[str, tuple[tuple["Input", ...], tuple[str, ...]]]


def register(app: typer.Typer) -> None:
    """Put the verb into the program."""
    app.command(
        epilog="Example · 示例:  liquest schemes cases/2025-10-11 register.csv "
        "--prices prices.csv --out schemes.html"
    )(schemes)


def schemes(
    case: Annotated[
        Path | None, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")
    ] = None,
    register: Annotated[
        Path | None,
        typer.Argument(
            metavar="REGISTER",
            help="Claimants as CSV, or the committee's register · 登记表（CSV）或登记册",
        ),
    ] = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            "--scheme", metavar="NAME", help="All if not given; repeatable · 方案，可重复"
        ),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(
            "--prices", metavar="FILE", help="Reference prices: kind,name,at,price · 参考价格表"
        ),
    ] = None,
    tape: Annotated[
        bool, typer.Option("--tape/--no-tape", help="Prices of the case's tape · 取行情带的价格")
    ] = True,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="One rule set otherwise; repeatable · 改动一条规则"
        ),
    ] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="T",
            help="Whose rules are taken; when all schemes were announced if not given "
            "· 取何时的规则",
        ),
    ] = "",
    benchmark: Annotated[
        str,
        typer.Option(
            "--benchmark", metavar="CLASS", help="Class whose coverage all would get · 基准类别"
        ),
    ] = "collateral",
    claimant: Annotated[
        str, typer.Option("--claimant", metavar="ID", help="One of them, with reasons · 单个申索人")
    ] = "",
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE", help="Write an empty register · 写出登记表模板"),
    ] = None,
    awards: Annotated[
        Path | None,
        typer.Option("--awards", metavar="FILE", help="Every award as CSV · 逐人赔付明细（CSV）"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="HTML", help="The page · 写出网页")
    ] = None,
    tz: Annotated[
        str, typer.Option("--tz", help="Zone of times without one; else they are refused · 时区")
    ] = "",
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
    ] = "",
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
    ] = False,
) -> None:  # fmt: skip
    """What each scheme pays to whom, and how evenly. · 各补偿方案赔付给谁、多少、是否均匀。"""
    from ...case import read_case
    from ...clock import zone
    from ...rules.book import book
    from ...rules.overrides import parse
    from ...rules.schemes import chosen
    from . import schemes_findings, schemes_shown
    from .committee import from_committee, is_committee
    from .pay import first_known, pay
    from .register import read_register, write_template
    from .summary import summaries

    lang = terminal.language(lang)
    if template is not None:
        write_template(template)
        _wrote("登记表模板" if lang == "zh" else "Template", template)
        if case is None:
            return
    if case is None or register is None:
        raise UsageError(
            Text("a case and a register are needed", "须给出案件与登记表"),
            remedy=Text(
                "Write: liquest schemes CASE REGISTER; a template: --template register.csv",
                "请写：liquest schemes 案件 登记表；模板：--template register.csv",
            ),
        )
    if tz:
        zone(tz)
    read = read_case(case)
    chosen(scheme or [])
    moment = terminal.moment(at, tz or "UTC") if at else first_known(book())
    rules = book().at(moment, overrides=parse(set_ or []))
    committee = is_committee(register)
    found = from_committee(register) if committee else read_register(register, tz=tz)
    reference, more = _reference(read, found.claimants, scheme or [], prices, tape, tz, lang)
    paid = pay(found.claimants, rules, reference, scheme or [])
    if claimant:
        _known(claimant, paid.claimants)
    made = summaries(paid, benchmark)
    if found.problems:
        terminal.err.print(terminal.problems(found.problems, lang))
    if awards is not None:
        schemes_shown.write_awards(awards, paid)
    if out is not None:
        schemes_shown.write_page(out, read, paid, made)
    told = list(schemes_findings.findings(paid, made, found.inputs, more))
    if json_:
        for one in told:
            if claimant and one.subject.get("claimant") != claimant:
                continue
            sys.stdout.write(json.dumps(one.json(), ensure_ascii=False) + "\n")
        return
    shown: list[object] = [schemes_shown.overview(made, lang), schemes_shown.unfairness(made, lang)]
    shown += [schemes_shown.left_out(made, lang)]
    for one_table in [schemes_shown.own(paid, claimant, lang)] if claimant else shown:
        terminal.out.print(one_table)
        terminal.out.print()
    if not claimant:
        _lines([schemes_shown.HEADS.in_(lang)])
        _lines(schemes_shown.uniform(made, lang))
    _lines(schemes_shown.legend(made, lang))
    _lines(terminal.caveats(told, lang))
    for word, path in (("网页" if lang == "zh" else "Page", out),
                       ("赔付明细" if lang == "zh" else "Awards", awards)):  # fmt: skip
        if path is not None:
            _wrote(word, path)


def _reference(
    case: Case, claimants: Sequence[Claimant], names: Sequence[str], prices: Path | None,
    tape: bool, tz: str, lang: str,
) -> tuple[Reference, More]:  # fmt: skip
    """The user's prices before those of the tape, and what each kind of price stands on."""
    from ...rules.compensation import ASSET_PRICE, Nothing
    from ...rules.schemes import chosen
    from .references import KINDS, Before, OfPrices, read_given

    reference: Reference = Nothing()
    asked = {kind for one in chosen(names) for kind in one.ASKS}
    more: More = {}
    symbols = sorted({close.symbol for one in claimants for close in one.closes})
    if tape and symbols and asked - {ASSET_PRICE}:
        held = _tape(case, lang)
        reference = OfPrices(held)
        stands = tuple(dict.fromkeys(i for s in symbols for i in held.inputs(s)))
        said = tuple(dict.fromkeys(c for s in symbols for c in held.caveats(s)))
        more = dict.fromkeys(asked - {ASSET_PRICE}, (stands, said))
    if prices is not None:
        given = read_given(prices, tz=tz)
        reference = Before(given, reference)
        for kind in KINDS:
            stands, said = more.get(kind, ((), ()))
            more[kind] = (*given.inputs, *stands), said
    return reference, more


def _tape(case: Case, lang: str) -> Prices:
    """The prices of the case's tape, brought up to date."""
    from ... import record
    from ...replay.context import Context
    from ...rules.book import book
    from ...run.disk import writing
    from ..prices.tape import TapePrices

    place = case.root / "out"
    with writing(place):
        tape = record.build(case, place, Threads(), terminal.Shown(lang)).tape
    context = Context.of(case, tape.lake, book(), Threads())
    return TapePrices(context, place / "losses" / "prices")


def _known(name: str, claimants: Sequence[Claimant]) -> None:
    from ...rules.overrides import nearest

    ids = [one.id for one in claimants]
    if name not in ids:
        close = ", ".join(nearest(name, ids))
        raise UsageError(
            Text(
                f"the register holds no sound claimant '{name}'",
                f"登记表中没有可用的申索人“{name}”",
            ),
            remedy=Text(f"Nearest: {close}.", f"最接近的是：{close}。"),
        )


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)


def _wrote(word: str, path: Path) -> None:
    terminal.out.print(f"{word}: {terminal.escaped(terminal.shown_path(path))}", soft_wrap=True)
