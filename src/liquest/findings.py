"""The narrow waist: every number that leaves a stage is a `Finding`.

A finding's id is the SHA-256 of everything else in it, as canonical JSON
(RFC 8785), so that the same input gives the same id on every machine. For that
no float may enter: values are Decimal, int or text, and decimals travel as
strings in plain notation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785

from .clock import Window, format_time, parse_time
from .errors import IntegrityError, Text, UsageError
from .run.disk import whole

Value = Decimal | int | str | None


class Input(NamedTuple):
    """Rows that a finding stands on: `source` (SHA-256 of the bytes), first to last row.

    Rows count as lines of the unpacked file, so `zcat FILE | sed -n '17p'` shows row 17;
    in Parquet and JSON they count records from 1. `role` is "extreme" for the row that
    holds the value itself and "scanned" for the rows it was chosen from.
    """

    source: str
    first: int
    last: int
    role: str = "scanned"

    def json(self) -> dict[str, Any]:
        return {"source": self.source, "rows": [self.first, self.last], "role": self.role}


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: 0.1152, 100, 0."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def rounded(value: Decimal | float, places: int) -> Decimal:
    """Half-even to `places` decimals: the only way a float becomes part of a finding."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    with localcontext(prec=80):
        return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def _plain_values(value: Any) -> Any:
    """`value` with decimals as strings; floats are refused."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, float):
        raise TypeError(f"a float may not enter a finding: {value!r}")
    if isinstance(value, Mapping):
        return {str(k): _plain_values(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_values(v) for v in value]
    return value


@dataclass(frozen=True)
class Finding:
    """One number with its chain. `at` is a moment in UTC microseconds, `window` a stretch."""

    name: str
    subject: Mapping[str, str]
    value: Value
    unit: str
    method: str
    at: int | None = None
    window: Window | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    count: int = 0
    caveats: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """Everything but the id, ready for canonical JSON."""
        body: dict[str, Any] = {
            "name": self.name,
            "subject": dict(self.subject),
            "value": _plain_values(self.value),
            "unit": self.unit,
            "method": self.method,
            "params": _plain_values(self.params),
            "inputs": [i.json() for i in self.inputs],
            "count": self.count,
            "caveats": list(self.caveats),
        }
        if self.at is not None:
            body["at"] = format_time(self.at)
        if self.window is not None:
            body["window"] = self.window.json()
        return body

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical body, 64 hex digits."""
        return hashlib.sha256(rfc8785.dumps(self.body())).hexdigest()

    def json(self) -> dict[str, Any]:
        """The finding as one JSON object, id first."""
        return {"id": self.id, **self.body()}

    @classmethod
    def of(cls, data: Mapping[str, Any], where: str = "", *, checked: bool = False) -> Finding:
        """The finding that `json` wrote; raises IntegrityError when its id does not fit,
        unless it was `checked` before.

        A value travels as a string when it is a decimal, so the unit tells text
        from number: unit "text" stays text.
        """
        window = data.get("window")
        value = data["value"]
        if isinstance(value, str) and data["unit"] != "text":
            value = Decimal(value)
        made = cls(
            name=data["name"],
            subject=dict(data["subject"]),
            value=value,
            unit=data["unit"],
            method=data["method"],
            at=parse_time(data["at"]) if "at" in data else None,
            window=Window(window["name"], parse_time(window["from"]), parse_time(window["to"]))
            if window
            else None,
            params=dict(data["params"]),
            inputs=tuple(
                Input(i["source"], i["rows"][0], i["rows"][1], i["role"]) for i in data["inputs"]
            ),
            count=data["count"],
            caveats=tuple(data["caveats"]),
        )
        if checked:
            made.__dict__["id"] = str(data["id"])
        elif made.id != data["id"]:
            raise _broken(where or made.name, str(data["id"]), made.id)
        return made


@dataclass(frozen=True)
class Method:
    """How a kind of finding comes about: words in both languages and the SQL that ran.

    The id carries a hash of the text, so a changed method changes the ids that rest on it.
    """

    name: str
    title: Text
    definition: Text
    sql: str = ""

    @cached_property
    def id(self) -> str:
        body = {"name": self.name, "definition": list(self.definition), "sql": self.sql}
        return f"{self.name}@{hashlib.sha256(rfc8785.dumps(body)).hexdigest()[:12]}"

    def json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "title": list(self.title),
            "definition": list(self.definition),
            "sql": self.sql,
        }


def write_findings(path: Path, findings: Iterable[Finding]) -> int:
    """One JSON object a line, in the order given; returns the number written."""
    count = 0
    with whole(path) as out:
        for finding in findings:
            out.write(json.dumps(finding.json(), ensure_ascii=False) + "\n")
            count += 1
    return count


def read_findings(path: Path, *, unchanged: bool = False) -> Iterator[Finding]:
    """The findings of a file, each checked against its id; raises IntegrityError that names
    the line. `unchanged` says that the file is known by its digest to be as it was written:
    then the ids are taken as they stand."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}:{number}"
            try:
                yield Finding.of(json.loads(line), where, checked=unchanged)
            except (
                LookupError,
                TypeError,
                AttributeError,
                ValueError,
                ArithmeticError,
                UsageError,
            ) as error:
                raise _broken(where, "a finding", f"{type(error).__name__} {error}") from None


def _broken(where: str, expected: str, got: str) -> IntegrityError:
    return IntegrityError(
        Text("a stored finding is not as it was written", "已存结论与写入时不符"),
        expected=expected, got=got, where=where,
        remedy=Text(
            "Delete that file and run the investigation again.", "请删除该文件后重新运行调查。"
        ),
    )  # fmt: skip
