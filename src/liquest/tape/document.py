"""JSON documents of candles or trades → numbered rows for the common SQL.

Takes what ccxt and most venues answer: a list of lists, a list of objects, or such a
list under one key of an object. Numbers keep the digits they were written with.
"""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import Text, UnreadableFile
from .reading import Reading

LARGEST = 512 << 20
_WRAPPERS = ("result", "data")


def document_rows(plain: Path, into: Path, reading: Reading, name: str) -> int:
    """Write the records of the document as comma CSV, record number first; returns their count."""
    if plain.stat().st_size > LARGEST:
        raise UnreadableFile(
            Text("the JSON document is larger than 512 MiB", "JSON 文件超过 512 MiB"),
            where=name,
            remedy=Text("Split it, or convert it to CSV.", "请拆分或转换为 CSV。"),
        )
    try:
        document = json.loads(plain.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            Text(f"the JSON document is broken: {error}", f"JSON 文件损坏：{error}"),
            where=name,
            remedy=Text("Download or export it again.", "请重新下载或导出。"),
        ) from None
    records = records_of(document) or []
    with into.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for number, record in enumerate(records, start=1):
            writer.writerow([number, *(_cell(record, c, i) for i, c in enumerate(reading.columns))])
    return len(records)


def records_of(document: Any) -> list[Any] | None:
    """The list of records in a document, None when there is none."""
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        lists = [v for v in document.values() if isinstance(v, list)]
        if len(lists) == 1:
            return lists[0]
        for key in _WRAPPERS:
            if isinstance(document.get(key), dict | list):
                return records_of(document[key])
    return None


def _cell(record: Any, column: str, at: int) -> str:
    """The text of one cell; empty when the record does not have it."""
    if isinstance(record, dict):
        value = record.get(column)
    elif isinstance(record, list) and at < len(record):
        value = record[at]
    else:
        value = None
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if not isinstance(value, Decimal) else format(value, "f")


class Opening(NamedTuple):
    """What the beginning of a document shows: single values around the list of records, by
    their keys, the records that are there in full, and whether that is the whole document."""

    keys: dict[str, Any]
    records: list[Any]
    whole: bool


def opening_of(text: str) -> Opening | None:
    """The opening of a document that `text` begins with; None where it holds no records.

    Numbers stay the text they were written with. A document longer than `text` is followed
    to the last record that is complete.
    """
    try:
        document = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return _followed(text)
    records = records_of(document)
    return None if records is None else Opening(_single_values(document), records, True)


def _single_values(document: Any) -> dict[str, Any]:
    """Keys with a single value, those of an inner `result` or `data` included."""
    if not isinstance(document, dict):
        return {}
    found = {k: v for k, v in document.items() if not isinstance(v, dict | list)}
    for key in _WRAPPERS:
        found = _single_values(document.get(key)) | found
    return found


def _followed(text: str) -> Opening | None:
    """As `opening_of`, for a text that breaks off."""
    decoder = json.JSONDecoder(parse_float=str, parse_int=str)
    keys: dict[str, Any] = {}
    key: Any = _WRAPPERS[0]
    at = _skip(text, 0, "")
    while text[at : at + 1] == "{" and key in _WRAPPERS:
        at = _skip(text, at + 1, "")
        while True:
            try:
                key, at = decoder.raw_decode(text, at)
                at = _skip(text, at, ":")
                value, end = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                break
            if isinstance(value, list):
                return None
            keys |= _single_values(value) if key in _WRAPPERS else {}
            if not isinstance(value, dict):
                keys[str(key)] = value
            at = _skip(text, end, ",")
    if text[at : at + 1] != "[":
        return None
    records: list[Any] = []
    at = _skip(text, at + 1, "")
    while True:
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            # A closing bracket here means that something follows the list: no one document.
            return Opening(keys, records, False) if records and text[at : at + 1] != "]" else None
        if isinstance(record, dict | list):
            records.append(record)
        at = _skip(text, at, ",")


def _skip(text: str, at: int, mark: str) -> int:
    """The place after white space and one `mark` within it."""
    while at < len(text) and text[at].isspace():
        at += 1
    if mark and text[at : at + 1] == mark:
        return _skip(text, at + 1, "")
    return at
