"""What was lost and of what, how it depends on the reference time, and on the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ...errors import Text
from ...findings import plain, rounded
from ...sheet import CODE, FOLD, RIGHT, TIME, Column, Grid, Picture, Section, Shown
from ..attribution.attribute import Piece, Share
from ..attribution.lots import ADL, FORCED, OPEN, OWN, TAKEOVER
from ..attribution.parts import PARTS
from ..attribution.parts_chart import parts_chart
from ..claim import DOLLARS
from .figures import amount, clock, moment, money, price
from .statement import AtReference, Statement

_ENDS = {
    FORCED: Text("closed by force", "强制平仓"), TAKEOVER: Text("taken over", "被接管"),
    ADL: Text("deleveraged", "自动减仓"), OWN: Text("closed by the account", "自行平仓"),
    OPEN: Text("still held", "仍持有"),
}  # fmt: skip
_STANDS = {
    "supported": Text("supported", "证据支持"), "contradicted": Text("contradicted", "证据相反"),
    "mixed": Text("mixed", "证据不一"), "undetermined": Text("undetermined", "未能判定"),
    "not testable": Text("not testable", "暂不可检验"),
    "strong": Text("evidence unsound (strong)", "证据不可靠（强）"),
    "impossible": Text("evidence impossible", "证据不可能为真"),
    "sound": Text("evidence sound", "证据未见异常"), "hint": Text("evidence: a hint", "证据有提示"),
    "": Text("no finding yet: liquest investigate", "尚无结论：liquest investigate"),
}  # fmt: skip
_AMOUNT = Column(Text("amount", "金额"), RIGHT)


def loss(one: Statement, cites: tuple[str, ...]) -> Section:
    """Every wallet that changed: a sentence, the parts, the pieces."""
    sentences: list[Text] = []
    grids: list[Grid] = []
    for share in one.shares:
        if not any(share.parts.values()) and not share.transfers:
            continue
        sentences.append(_lost(share, moment(one.question.reference)))
        grids.append(_parts(share))
        if share.pieces:
            grids.append(_pieces(share))
    return Section(
        Text("What was lost, and of what", "亏损多少，由何构成"),
        tuple(sentences) or (Text("No wallet changed.", "钱包没有变动。"),), tuple(grids),
        tuple(_picture(share) for share in one.shares if share.pieces), cites=cites,
    )  # fmt: skip


def _picture(share: Share) -> Picture:
    name = wallet(share)
    alt = Text(f"Parts of the loss of the {name.en}", f"{name.zh}亏损的构成")
    return Picture(parts_chart(share, 2 if share.asset in DOLLARS else 8), alt)


def _lost(share: Share, since: str) -> Text:
    gone = -share.after
    word = Text("lost", "亏损") if gone >= 0 else Text("won", "盈利")
    name, much = wallet(share), money(abs(gone), share.asset)
    return Text(
        f"The {name.en} {word.en} {much} from {since} on, transfers taken out.",
        f"{name.zh}自 {since} 起{word.zh} {much}（剔除划转）。",
    )


def wallet(share: Share) -> Text:
    """Its name for a person."""
    return Text(f"{share.asset} wallet ({share.market})", f"{share.asset} 钱包（{share.market}）")


def _parts(share: Share) -> Grid:
    asset, name = share.asset, wallet(share)
    rows: list[tuple[Shown, ...]] = [
        (PARTS[part], money(value, asset)) for part in PARTS if (value := share.parts[part])
    ]
    rows += [
        (Text("change of equity in all", "权益变动合计"), money(share.whole, asset)),
        (Text("of it after the reference", "其中参考时刻之后"), money(share.after, asset)),
        (Text("net transfers, not counted", "净划转（不计入）"), money(share.transfers, asset)),
    ]
    title = Text(f"{name.en}: the parts", f"{name.zh}：各部分")
    return Grid(title, (Column(Text("part", "部分")), _AMOUNT), tuple(rows))


def _pieces(share: Share) -> Grid:
    name = wallet(share)
    return Grid(
        Text(f"{name.en}: piece by piece", f"{name.zh}：逐段"),
        (
            Column(Text("contract", "合约")), Column(Text("lot", "批次")),
            Column(Text("end", "结局")), Column(Text("at UTC", "时刻 UTC"), TIME),
            Column(Text("quantity", "数量"), RIGHT), Column(Text("price", "价格"), RIGHT),
            Column(Text("own mark", "标记价"), RIGHT, brief=False),
            Column(Text("others", "其他场所"), RIGHT, brief=False),
            Column(Text("profit", "盈亏"), RIGHT),
        ),
        tuple(_piece(piece, share.asset) for piece in share.pieces),
    )  # fmt: skip


def _piece(piece: Piece, asset: str) -> tuple[Shown, ...]:
    return (
        piece.symbol,
        Text("opened later", "其后开立") if piece.new else Text("held then", "当时持有"),
        _ENDS[piece.end], "–" if piece.at is None else clock(piece.at),
        plain(rounded(piece.quantity, 8)), price(piece.price), price(piece.prices.get("mark")),
        price(piece.prices.get("others")), money(piece.profit, asset),
    )  # fmt: skip


def references(one: Statement) -> Section:
    """The loss after every reference time, what each leans on, and which are flagged."""
    keys = [(s.market, s.asset) for s in one.shares if any(s.parts.values())]
    columns = [
        Column(Text("reference", "参考时刻"), FOLD), Column(Text("UTC", "UTC"), TIME),
        *(Column(Text(f"loss, {asset}", f"亏损 {asset}"), RIGHT) for _, asset in keys),
        Column(Text("leans on", "所依据"), FOLD),
    ]  # fmt: skip
    notes = tuple(
        Text(
            f"Flagged: “{row.reference.title.en}” leans on what the record contradicts.",
            f"已标注：“{row.reference.title.zh}”所依据的说法与记录相反。",
        )
        for row in one.table
        if row.flagged
    )
    grid = Grid(
        Text("Loss after each reference time", "各参考时刻之后的亏损"), tuple(columns),
        tuple(_at(row, keys, one.chosen) for row in one.table),
    )  # fmt: skip
    return Section(
        Text("How it depends on the reference time", "与参考时刻的关系"), (), (grid,), notes=notes
    )


def _at(row: AtReference, keys: Sequence[tuple[str, str]], chosen: str) -> tuple[Shown, ...]:
    by = {(s.market, s.asset): s for s in row.shares}
    amounts = [amount(-by[key].after, key[1]) if key in by else "–" for key in keys]
    mark = " ◀" if row.reference.id == chosen else ""
    title = Text(row.reference.title.en + mark, row.reference.title.zh + mark)
    return title, clock(row.question.reference), *amounts, _leans(row)


def _leans(row: AtReference) -> Text:
    if not row.leans:
        return Text("–", "–")
    flag = "⚑ " if row.flagged else ""
    words = [(lean.what, _STANDS.get(lean.stands, Text(lean.stands, lean.stands)))
             for lean in row.leans]  # fmt: skip
    return Text(
        flag + "; ".join(f"{what}: {word.en}" for what, word in words),
        flag + "；".join(f"{what}：{word.zh}" for what, word in words),
    )


def rules(one: Statement) -> Iterator[Section]:
    """What the rules that were asked for would have moved; nothing where none were."""
    if not one.rules:
        return
    keys = [(s.market, s.asset) for s in one.shares if s.pieces]
    columns = (
        Column(Text("rules", "规则"), CODE),
        *(Column(Text(f"rule effect, {asset}", f"规则影响 {asset}"), RIGHT) for _, asset in keys),
    )
    rows = tuple(
        (
            under.scenario.label,
            *(money(under.effect.get(key, Decimal(0)), key[1]) for key in keys),
        )
        for under in one.rules
    )
    said = Text(
        "The part of the loss that the mark price in force adds to that under these rules, at the "
        "seconds of the forced closes. Whether the account would have lived is another question: "
        "liquest survive.",
        "在强制平仓的各秒，实际标记价格较这些规则下标记价格多造成的亏损部分。账户是否会存活是另一"
        "问题：liquest survive。",
    )
    yield Section(
        Text("What other rules would have moved", "若按其他规则"), (said,),
        (Grid(Text("Rule effect", "规则影响"), columns, rows),),
    )  # fmt: skip
