"""The advice as one HTML file without scripts: both languages, switched by the reader.

Invariant: it says what the tables and sentences say, and nothing is loaded from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from ...case import Case
from ...caveats import caveat
from ...clock import format_time
from ...errors import Text
from .methods import METHODS
from .picture import picture
from .rivals import FAILS, HOLDS, LUCKY, PRICE, RETURNED
from .sheet import Sheet
from .tables import LEFT, Table, drawn, event, verdicts
from .verdict_words import of_coin, sentences
from .words import LEGEND, money, span

STYLE = """
:root{color-scheme:light}
body{font:16px/1.55 system-ui,'Noto Sans CJK SC',sans-serif;color:#1b1b1b;background:#fff;
 max-width:1060px;margin:0 auto;padding:20px}
h1{font-size:26px;margin:.2em 0}h2{font-size:20px;margin:1.6em 0 .4em}
table{border-collapse:collapse;font-size:13px;margin:.4em 0 1.2em;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.4em 0}
th,td{padding:3px 8px;border-bottom:1px solid #e2e2e2;text-align:right;vertical-align:bottom}
th{font-weight:600;border-bottom:2px solid #bbb;white-space:pre-line}
th.left,td.left{text-align:left}
.holds{background:#dcf1e0}.price,.lucky,.returned{background:#fdf0cf}.fails{background:#f9dcd6}
.note{color:#555;font-size:14px}
.wide{overflow-x:auto}
input[name=l]{position:absolute;opacity:0}
label{display:inline-block;padding:2px 12px;border:1px solid #bbb;cursor:pointer}
#en:checked~label[for=en],#zh:checked~label[for=zh]{background:#1b1b1b;color:#fff}
#en:focus-visible~label[for=en],#zh:focus-visible~label[for=zh]{outline:3px solid #0067a5}
#en:checked~main [lang=zh],#zh:checked~main [lang=en]{display:none}
svg{max-width:100%;height:auto}
li{margin:.4em 0}summary{cursor:pointer;font-weight:600}
@media print{label,input{display:none}}
"""
TONED = {HOLDS, PRICE, LUCKY, RETURNED, FAILS}


def page(sheet: Sheet, case: Case) -> str:
    """The whole document."""
    title = Text("How to hold an exposure", "如何持有一笔敞口")
    body = "".join(_body(sheet, case, title))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title.en)} · {escape(title.zh)}</title><style>{STYLE}</style></head><body>"
        '<input type="radio" name="l" id="en" checked><label for="en">English</label>'
        '<input type="radio" name="l" id="zh"><label for="zh">中文</label>'
        f"<main>{body}</main></body></html>\n"
    )


def _body(sheet: Sheet, case: Case, title: Text) -> Iterator[str]:
    coin = "" if sheet.together else sheet.coins[0]
    yield _said("h1", title)
    yield _said("p", case.title)
    yield _said("p", _asked(sheet))
    yield _said("h2", Text("What the advice comes to", "建议的结果"))
    yield f"<ul>{''.join(_said('li', one) for one in sentences(sheet))}</ul>"
    yield f'<div class="wide">{picture(sheet)}</div>'
    if sheet.questions(sheet.coins[0]):
        yield _table(verdicts(sheet))
        yield _said("p", LEGEND, "note")
    yield from _tables(sheet, coin)
    if sheet.together:
        yield _said("h2", Text("Coin by coin", "逐币种"))
        for one in sheet.coins:
            yield f"<details><summary>{escape(one)}</summary>"
            parts = [of_coin(sheet, one, q) for q in sheet.questions(one)]
            yield f"<ul>{''.join(_said('li', part) for part in parts)}</ul>"
            yield from _tables(sheet, one)
            yield "</details>"
    yield _said("h2", Text("What must be known beside it", "须知事项"))
    codes = dict.fromkeys(c for f in sheet.findings for c in f.caveats)
    yield f"<ul>{''.join(_said('li', caveat(c)) for c in codes)}</ul>"
    yield _said("h2", Text("What each number is", "各数字的定义"))
    used = {f.method for f in sheet.findings}
    yield "<dl>"
    for method in METHODS:
        if method.id in used:
            yield _said("dt", method.title) + _said("dd", method.definition, "note")
    yield "</dl>"


def _asked(sheet: Sheet) -> Text:
    """What was asked, in a sentence."""
    given = sheet.params
    window = next(f.window for f in sheet.findings if f.window is not None)
    start, end = (format_time(t, digits=0)[:16].replace("T", " ") for t in
                  (window.start, window.end))  # fmt: skip
    exposure, capital = (money(Decimal(str(given[k]))) for k in ("exposure", "capital"))
    late = given["remargin_s"]
    zh_side = "多" if given["side"] == "long" else "空"
    coming = (
        Text("money off the exchange never comes", "场外资金不转入")
        if isinstance(late, str)
        else Text(f"money off the exchange arrives {span(late).en} after it is called",
                  f"场外资金于呼叫后 {span(late).zh}到账")
    )  # fmt: skip
    return Text(
        f"An exposure of {exposure} USDT, {given['side']}, with {capital} USDT of money in all, "
        f"opened at {start} UTC and followed to {end} UTC; re-entry {given['again_s']} s after a "
        f"close, a stop fills {given['delay_s']} s after it is sent, {coming.en}.",
        f"做{zh_side} {exposure} USDT 的敞口，全部资金 {capital} USDT，于 {start} UTC 开仓并跟踪至"
        f" {end} UTC；平仓 {given['again_s']} 秒后再开仓，止损单发出 {given['delay_s']} 秒后成交，"
        f"{coming.zh}。",
    )


def _tables(sheet: Sheet, coin: str) -> Iterator[str]:
    yield _table(event(sheet, coin).merged())
    for stretch in sheet.stretches():
        yield _table(drawn(sheet, coin, stretch).merged())


def _table(one: Table) -> str:
    """Both languages as a table each, so that widths fit the words."""
    return "".join(_in(one, lang) for lang in ("en", "zh"))


def _in(one: Table, lang: str) -> str:
    heads = "".join(f'<th class="{side}">{escape(text.in_(lang))}</th>' for text, side in one.heads)
    rows = []
    for cells, tones in zip(one.rows, one.tones, strict=True):
        row = []
        for cell, tone, (_, side) in zip(cells, tones, one.heads, strict=True):
            classes = " ".join(x for x in (side if side == LEFT else "", tone if tone in TONED
                                           else "") if x)  # fmt: skip
            row.append(f'<td class="{classes}">{escape(cell.in_(lang))}</td>')
        rows.append(f"<tr>{''.join(row)}</tr>")
    return (
        f'<div class="wide" lang="{lang}"><table><caption>{escape(one.title.in_(lang))}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _said(tag: str, text: Text, kind: str = "") -> str:
    """An element for each language; inside a list item both would be shown as items."""
    kind = f' class="{kind}"' if kind else ""
    return "".join(
        f'<{tag} lang="{lang}"{kind}>{escape(text.in_(lang))}</{tag}>' for lang in ("en", "zh")
    )
