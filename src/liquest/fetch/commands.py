"""`liquest fetch …` and `liquest recheck`: thin, like every verb."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .. import terminal
from ..errors import Text, UsageError
from ..vault.store import Vault
from . import binance, bybit, candles, dates, event, okx, report
from . import recheck as checking
from .session import INCOMPLETE, Session, print_json, sources
from .venues import archive, archives

fetch = typer.Typer(
    no_args_is_help=True,
    help="Download public archives, verify their checksums and seal them. "
    "· 下载公开数据档案，核对校验和并封存。",
    epilog="Example · 示例:  liquest fetch binance-vision --market spot --kind trades "
    "--symbols 'ATOM*,BTCUSDT' --dates 2025-10-10 --case cases/2025-10-11",
)

SymbolsOpt = Annotated[
    str,
    typer.Option("--symbols", metavar="S,…", help="Names or globs, with commas · 合约名或通配符"),
]
AllUsdtOpt = Annotated[
    bool, typer.Option("--all-usdt", help="Every pair quoted in USDT · 全部 USDT 交易对")
]
DatesOpt = Annotated[
    str,
    typer.Option("--dates", metavar="D..D", help="UTC days, both ends included · 日期（含首尾）"),
]
CaseOpt = Annotated[
    Path | None, typer.Option("--case", metavar="CASE", help="Seal into this case · 封存到该案件")
]
OutOpt = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Plain files here, with sidecars · 另存为普通文件"),
]
BaseOpt = Annotated[
    str, typer.Option("--base", metavar="URL", help="Another address of the archive · 其他基础地址")
]
ConcurrencyOpt = Annotated[
    int, typer.Option("--concurrency", min=1, max=32, help="Files at once · 同时下载数")
]
MaxFileOpt = Annotated[
    int, typer.Option("--max-file", min=1, help="Largest file in MiB · 单个文件上限（MiB）")
]
AllowOpt = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="HOST", help="A redirect may lead there · 允许转向的主机"),
]
DryOpt = Annotated[
    bool, typer.Option("--dry-run", help="Show files and sizes, take nothing · 只列出，不下载")
]
CollectorOpt = Annotated[
    str, typer.Option("--collector", metavar="WHO", help="Who collects the evidence · 取证人")
]
LangOpt = Annotated[
    str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
]
JsonOpt = Annotated[
    bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
]


@fetch.command(
    "binance-vision",
    epilog="Example · 示例:  liquest fetch binance-vision --market um --kind klines,metrics "
    "--interval 1m --all-usdt --dates 2025-10-09..2025-10-11 --case cases/2025-10-11 --dry-run",
)
def binance_vision(
    market: Annotated[str, typer.Option("--market", help="spot, um or cm · 市场")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="K,…", help="trades, aggTrades, klines … · 文件种类")
    ],
    dates_: DatesOpt,
    symbols: SymbolsOpt = "",
    all_usdt: AllUsdtOpt = False,
    interval: Annotated[str, typer.Option("--interval", help="Length of a bar · K 线周期")] = "1m",
    monthly: Annotated[bool, typer.Option("--monthly", help="Monthly files · 月度文件")] = False,
    case: CaseOpt = None,
    out: OutOpt = None,
    base: BaseOpt = "",
    concurrency: ConcurrencyOpt = 4,
    max_file: MaxFileOpt = 16384,
    allow_host: AllowOpt = None,
    collector: CollectorOpt = "",
    dry_run: DryOpt = False,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Binance's public archive: spot, USDⓈ-M, COIN-M. · 币安公开数据档案。"""
    names = _symbols(symbols, all_usdt, lambda: binance.all_usdt(market))
    asked = binance.Asked(market, _list(kind), names, tuple(dates.days(dates_)), interval, monthly)
    run = Session(case, out, concurrency, max_file, allow_host, collector, lang, json_)
    at = archive("binance-vision", base)
    with run.web([at]) as web:
        plan = binance.plan(web, at, asked, terminal.Shown(run.lang))
        run.carry_out(web, plan, dry_run=dry_run)


@fetch.command(
    "bybit",
    epilog="Example · 示例:  liquest fetch bybit --market derivatives --symbols ATOMUSDT "
    "--dates 2025-10-10 --out ~/bybit",
)
def bybit_(
    dates_: DatesOpt,
    market: Annotated[
        str, typer.Option("--market", help="derivatives or spot · 市场")
    ] = "derivatives",
    symbols: SymbolsOpt = "",
    all_usdt: AllUsdtOpt = False,
    case: CaseOpt = None,
    out: OutOpt = None,
    base: BaseOpt = "",
    concurrency: ConcurrencyOpt = 4,
    max_file: MaxFileOpt = 16384,
    allow_host: AllowOpt = None,
    collector: CollectorOpt = "",
    dry_run: DryOpt = False,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Bybit's public archive of trades. · Bybit 公开成交档案。"""
    names = _symbols(symbols, all_usdt, lambda: ("*USDT",))
    asked = bybit.Asked(market, names, tuple(dates.days(dates_)))
    run = Session(case, out, concurrency, max_file, allow_host, collector, lang, json_)
    at = archive("bybit", base)
    with run.web([at]) as web:
        plan = bybit.plan(web, at, asked, terminal.Shown(run.lang))
        run.carry_out(web, plan, dry_run=dry_run)


@fetch.command(
    "okx",
    epilog="Example · 示例:  liquest fetch okx --market swap --symbols ATOM-USDT-SWAP "
    "--dates 2025-10-10..2025-10-11 --case cases/2025-10-11",
)
def okx_(
    dates_: DatesOpt,
    market: Annotated[str, typer.Option("--market", help="spot or swap · 市场")] = "swap",
    symbols: SymbolsOpt = "",
    all_usdt: AllUsdtOpt = False,
    case: CaseOpt = None,
    out: OutOpt = None,
    base: BaseOpt = "",
    concurrency: ConcurrencyOpt = 4,
    max_file: MaxFileOpt = 16384,
    allow_host: AllowOpt = None,
    collector: CollectorOpt = "",
    dry_run: DryOpt = False,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """OKX's public archive of trades, by days of UTC+8. · OKX 成交档案（按 UTC+8 分日）。"""
    names = _symbols(symbols, all_usdt, lambda: okx.all_usdt(market))
    asked = okx.Asked(market, names, tuple(dates.days(dates_)))
    run = Session(case, out, concurrency, max_file, allow_host, collector, lang, json_)
    at = archive("okx", base)
    with run.web([at]) as web:
        plan = okx.plan(web, at, asked, terminal.Shown(run.lang))
        run.carry_out(web, plan, dry_run=dry_run)


@fetch.command(
    "candles",
    epilog="Example · 示例:  liquest fetch candles --exchange coinbaseexchange "
    "--symbols ATOM/USD,BTC/USD --dates 2025-10-10 --case cases/2025-10-11",
)
def candles_(
    exchange: Annotated[
        str, typer.Option("--exchange", metavar="ID", help="As ccxt names it · ccxt 交易所名")
    ],
    symbols: SymbolsOpt,
    dates_: DatesOpt,
    interval: Annotated[str, typer.Option("--interval", help="Length of a bar · K 线周期")] = "1m",
    case: CaseOpt = None,
    out: OutOpt = None,
    collector: CollectorOpt = "",
    dry_run: DryOpt = False,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Candles over REST through ccxt. · 经 ccxt 获取 K 线。"""
    candles.open_exchange(exchange)
    asked = candles.Asked(exchange, _list(symbols), tuple(dates.days(dates_)), interval)
    run = Session(case, out, 4, 16384, None, collector, lang, json_)
    with run.web([archive("candles")]) as web:
        run.carry_out(web, candles.plan(asked), dry_run=dry_run)


@fetch.command(
    "event",
    epilog="Example · 示例:  liquest fetch event 2025-10-11 · liquest fetch event 2025-10-11 --yes",
)
def event_(
    name: Annotated[
        str, typer.Argument(metavar="EVENT", help="A case with a fetch.toml · 带 fetch.toml 的案件")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Take it all · 确认下载")] = False,
    out: OutOpt = None,
    base: Annotated[
        list[str] | None,
        typer.Option("--base", metavar="ARCHIVE=URL", help="Other addresses · 其他基础地址"),
    ] = None,
    concurrency: ConcurrencyOpt = 4,
    max_file: MaxFileOpt = 16384,
    allow_host: AllowOpt = None,
    collector: CollectorOpt = "",
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """All that a case's claims need; the size first. · 案件所需的全部数据，先显示大小。"""
    case = event.case_of(name)
    bases = dict(one.partition("=")[::2] for one in base or [])
    used = [archive(n, bases.get(n, "")) for n in {**archives(), **bases}]
    run = Session(case, out, concurrency, max_file, allow_host, collector, lang, json_)
    with run.web(used) as web:
        plan = event.plan(web, case / "fetch.toml", bases, terminal.Shown(run.lang))
        run.carry_out(web, plan, sizes=True, yes=yes)


def recheck(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")],
    base: BaseOpt = "",
    concurrency: ConcurrencyOpt = 4,
    max_file: MaxFileOpt = 16384,
    allow_host: AllowOpt = None,
    collector: CollectorOpt = "",
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Fetch again what is sealed; report what changed. · 重新下载已封存的数据，逐行报告改动。"""
    run = Session(case, None, concurrency, max_file, allow_host, collector, lang, json_)
    Vault.open(case, write=False)
    with run.web([archive(n, base if n != "candles" else "") for n in archives()]) as web:
        found = checking.recheck(
            case, Vault.open(case), web, sources(web, verify=False), base=base,
            collector=run.collector, progress=terminal.Shown(run.lang),
        )  # fmt: skip
    path = checking.write(found, case / "out")
    if json_:
        for one in found.findings:
            print_json(one.json())
    else:
        terminal.out.print(report.revisions(found, run.lang))
        if found.problems:
            terminal.out.print()
            terminal.out.print(terminal.problems(found.problems, run.lang))
        terminal.out.print(f"\n{terminal.shown_path(path)}", soft_wrap=True)
    if not found.complete:
        raise typer.Exit(INCOMPLETE)


def register(app: typer.Typer) -> None:
    """Put the verbs of this package on the command line."""
    app.add_typer(fetch, name="fetch")
    app.command(epilog="Example · 示例:  liquest recheck cases/2025-10-11")(recheck)


def _symbols(symbols: str, all_usdt: bool, every: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    if bool(symbols) == all_usdt:
        raise UsageError(
            Text("say which symbols", "请指明合约"),
            remedy=Text(
                "Give --symbols 'ATOM*,BTCUSDT' or --all-usdt, one of them.",
                "请在 --symbols 'ATOM*,BTCUSDT' 与 --all-usdt 中选择其一。",
            ),
        )
    return every() if all_usdt else _list(symbols)


def _list(text: str) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in text.split(",") if piece.strip())
