"""From TOML files to parameters: one file a topic, one parameter in one file only.

    [source.binance-2025-09]
    en = "Binance announcement of 2025-09-16, relayed by press"
    zh = "币安 2025-09-16 公告（媒体转述）"

    [parameter."mark.window"]
    unit = "s"                           # see book_units.py
    title = { en = "…", zh = "…" }
    words = ["…"]                        # words that stand beside numbers, or the list of words
    min = "1"                            # bounds other than those of the unit
    rows = [
      { from = "2025-09-18T08:01:00Z", value = "30", certainty = "relayed",
        source = "binance-2025-09", applies_to = { venue = "binance" } },
    ]

`from` may be left out (undated); `dating` says how well it is known; `range` gives the plausible
range. Numbers are strings in the base unit. A source is a key of [source] or { en, zh }.
Invariant: what is not understood is refused with file and key; nothing is passed over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Set
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..clock import parse_time
from ..errors import CaseError, LiquestError, Text, UsageError
from .book_rows import CERTAINTY, Parameter, Row, Scope
from .book_units import Domain, plain_number

PAGES = "pages.toml"
"""The file of the folder that holds no parameters but the words of the pages."""
_PARAMETER = {"unit", "title", "words", "min", "max", "rows"}
_ROW = {"from", "value", "certainty", "source", "dating", "applies_to", "range"}
_SCOPE = {"venue", "kind", "coin", "symbol"}


def read_parameters(folder: Path) -> dict[str, Parameter]:
    """The parameters of every TOML file of the folder, by path."""
    found: dict[str, Parameter] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name == PAGES:
            continue
        for one in read_file(path):
            if one.path in found:
                raise CaseError(
                    Text(f"{one.path} is declared twice", f"{one.path} 被声明了两次"),
                    where=f"{path.name} · {places[one.path]}",
                    remedy=Text("Keep one of them.", "请只保留其中之一。"),
                )
            found[one.path], places[one.path] = one, path.name
    if not found:
        raise CaseError(
            Text("there are no rules in this folder", "该文件夹没有任何规则"), where=str(folder)
        )
    return found


def read_toml(path: Path) -> dict[str, Any]:
    """The table of a TOML file; raises CaseError naming the file and the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(
            Text(f"this is not valid TOML: {error}", f"不是合法的 TOML：{error}"),
            where=path.name,
            remedy=Text("Mend the line named above.", "请修正上述行。"),
        ) from None


def read_file(path: Path) -> list[Parameter]:
    """The parameters of one file, in its order."""
    table = read_toml(path)
    _only(table, {"source", "parameter"}, path.name)
    sources = {
        key: _text(said, f"{path.name}: [source.{key}]")
        for key, said in _mapping(table.get("source", {}), f"{path.name}: [source]").items()
    }
    parameters = _mapping(table.get("parameter", {}), f"{path.name}: [parameter]")
    return [
        _parameter(name, _mapping(body, f'{path.name}: [parameter."{name}"]'), sources, path.name)
        for name, body in parameters.items()
    ]


def _parameter(
    path: str, body: Mapping[str, Any], sources: Mapping[str, Text], file: str
) -> Parameter:
    where = f'{file}: [parameter."{path}"]'
    _only(body, _PARAMETER, where, needed={"unit", "title", "rows"})
    words, rows = body.get("words", []), body["rows"]
    for key, held in (("words", words), ("rows", rows)):
        if not isinstance(held, list):
            raise _refuse(where, f"'{key}' is no list", f"“{key}”不是列表")
    title = _text(body["title"], f"{where} title")
    try:
        bounds = [_bound(body, key, where) for key in ("min", "max")]
        domain = Domain(str(body["unit"]), tuple(map(str, words)), *bounds)
    except UsageError as error:
        raise _moved(error, where) from None
    made = [_row(path, row, domain, sources, f"{where} row {n}") for n, row in enumerate(rows, 1)]
    try:
        return Parameter(path, title, domain, tuple(made))
    except LiquestError as error:
        raise _moved(error, where) from None


def _bound(body: Mapping[str, Any], key: str, where: str) -> Decimal | None:
    if key not in body:
        return None
    number = plain_number(body[key])
    if number is None:
        raise _refuse(where, f"'{key}' is no number in quotation marks", f"“{key}”须为带引号的数字")
    return number


def _row(path: str, body: Any, domain: Domain, sources: Mapping[str, Text], where: str) -> Row:
    body = _mapping(body, where)
    _only(body, _ROW, where, needed={"certainty", "source"})
    if body["certainty"] not in CERTAINTY:
        raise _refuse(
            where,
            f"'{body['certainty']}' is no certainty; choose {', '.join(CERTAINTY)}",
            f"没有确定性“{body['certainty']}”；可选：{'、'.join(CERTAINTY)}",
        )
    scope = _mapping(body.get("applies_to", {}), f"{where} applies_to")
    _only(scope, _SCOPE, f"{where} applies_to")
    span = body.get("range", [])
    if not isinstance(span, list):
        raise _refuse(where, "'range' is no list", "“range”不是列表")
    begins = _moment(body["from"], where) if "from" in body else None
    try:
        return Row(
            path,
            domain.written(body["value"], path) if "value" in body else None,
            domain.unit,
            begins,
            str(body["certainty"]),
            _source(body["source"], sources, where),
            str(body.get("dating", "undated" if begins is None else "exact")),
            Scope(**{key: str(part) for key, part in scope.items()}),
            tuple(domain.written(edge, path) for edge in span),
        )
    except LiquestError as error:
        raise _moved(error, where) from None


def _moment(raw: Any, where: str) -> int:
    """A moment must say its zone: a rule that starts in the wrong hour is another rule."""
    try:
        if isinstance(raw, str) and raw.endswith("Z"):
            return parse_time(raw)
    except UsageError as error:
        raise _moved(error, where) from None
    raise _refuse(where, f"'from' is no time in UTC: {raw}", f"from 不是 UTC 时间：{raw}")


def _source(raw: Any, sources: Mapping[str, Text], where: str) -> Text:
    if not isinstance(raw, str):
        return _text(raw, f"{where} source")
    if raw not in sources:
        raise _refuse(where, f"there is no [source.{raw}]", f"没有 [source.{raw}]")
    return sources[raw]


def _text(raw: Any, where: str) -> Text:
    """{ en = "…", zh = "…" }, neither of them empty."""
    body = _mapping(raw, where)
    _only(body, {"en", "zh"}, where, needed={"en", "zh"})
    if not all(isinstance(said, str) and said.strip() for said in body.values()):
        raise _refuse(where, "a text is empty", "有文字为空")
    return Text(body["en"], body["zh"])


def _mapping(raw: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise _refuse(where, "this is no table", "此处应为表")
    return raw


def _only(
    body: Mapping[str, Any], known: Set[str], where: str, needed: Set[str] = frozenset()
) -> None:
    """No key that is not known, none missing."""
    if wrong := sorted(set(body) - known):
        raise _refuse(where, f"unknown key '{wrong[0]}'", f"未知的键“{wrong[0]}”")
    if missing := sorted(needed - set(body)):
        raise _refuse(where, f"'{missing[0]}' is missing", f"缺少“{missing[0]}”")


def _refuse(where: str, en: str, zh: str) -> CaseError:
    return CaseError(
        Text(en, zh), where=where, remedy=Text("Mend the rulebook there.", "请在该处修正规则库。")
    )


def _moved(error: LiquestError, where: str) -> CaseError:
    """An error of a value, told of the place in the file."""
    return CaseError(error.what, where=where, remedy=error.remedy)
