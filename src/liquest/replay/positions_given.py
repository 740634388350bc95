"""A position as it is typed: --position "symbol=XRPUSDT side=long quantity=10000 entry=2.75
margin=5000". It is read by the reader of positions files, so that the same words, checks and
remedies hold; each option is one row of one account.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ..errors import InputError, Text, UsageError
from ..rules.tiers import Tiers
from .accounts import Account
from .positions import read_positions

ACCOUNT = "mine"
_PAIR = re.compile(r"\s*([\w\u4e00-\u9fff]+)\s*[=：]\s*([^\s,，]+)[\s,，]*")


def given_account(
    texts: Sequence[str], tiers: Mapping[str, Tiers], symbols: Collection[str]
) -> list[Account]:
    """The account that the options describe; raises UsageError or InputError that names the
    option."""
    rows = [_pairs(number, text) for number, text in enumerate(texts, 1)]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "position.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["account", *columns])
            for row in rows:
                writer.writerow([ACCOUNT, *(row.get(column, "") for column in columns)])
        try:
            found, problems = read_positions(path, tiers=tiers, symbols=symbols, strict=True)
        except InputError as error:
            raise InputError(error.what, where=_where(error.where), remedy=error.remedy) from None
    if unread := [p for p in problems if p.code == "column-ignored"]:
        raise UsageError(
            unread[0].text, where="--position",
            remedy=Text(
                "Words: symbol, side, quantity, entry, margin, wallet, mode, class, leverage, "
                "collateral.",
                "可用：symbol、side、quantity、entry、margin、wallet、mode、class、leverage、"
                "collateral。",
            ),
        )  # fmt: skip
    return found


def _pairs(number: int, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip()):
        pair = _PAIR.match(text, at)
        if pair is None or pair[1] in found:
            raise UsageError(
                Text(
                    f"'{text[at:].strip()[:60]}' is no KEY=VALUE, or is given twice",
                    f"“{text[at:].strip()[:60]}”不是 名称=取值 的形式，或重复",
                ),
                where=f"--position {number}",
                remedy=Text(
                    'Write "symbol=XRPUSDT side=long quantity=10000 entry=2.75 margin=5000".',
                    "请写成 “symbol=XRPUSDT side=long quantity=10000 entry=2.75 margin=5000”。",
                ),
            )
        found[pair[1]] = pair[2]
        at = pair.end()
    return found


def _where(place: str) -> str:
    """Row 2 of the file that nobody sees is the first option."""
    row = re.search(r":(\d+)(.*)$", place)
    return "--position" if row is None else f"--position {int(row[1]) - 1}{row[2]}"
