"""A published version of a statement: chosen fields withheld behind salted commitments.

A withheld cell reads `withheld:` and SHA-256(salt ‖ value as written). The salt of a cell
is HMAC-SHA256(secret, place), so that one cell can be opened, by giving its salt and
value, without opening another. The secret is sealed as a private child of the original,
the published version as a public one; who holds original and secret can make the
published version again and compare it byte by byte.

CSV with a header line, JSON and JSON Lines; in JSON a field is withheld wherever its
name stands, with all that is in it. Everything else is kept as it is written, and a
value keeps no trace of its length.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import secrets
from collections.abc import Collection, Generator, Iterable
from typing import NamedTuple

from ..errors import InputError, IntegrityError, Text, UsageError
from .items import Item
from .private import plaintext, reveal, seal_private
from .seal import collector
from .store import Fields, Vault

WITHHELD = "withheld:"
TRANSFORM = "redact:"
SECRET = "redact-secret"


class Redacted(NamedTuple):
    """The published bytes and how many cells were withheld."""

    data: bytes
    cells: int


class _Hand:
    """Replaces values by commitments and counts them."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.cells = 0
        self.seen: set[str] = set()

    def withhold(self, value: str, field: str, place: str) -> str:
        self.cells += 1
        self.seen.add(field)
        return WITHHELD + commitment(salt_of(self._secret, place), value)


def salt_of(secret: bytes, place: str) -> bytes:
    """The salt of one cell: `place` is its row and field, or its path in JSON."""
    return hmac.digest(secret, place.encode("utf-8"), "sha256")


def commitment(salt: bytes, value: str) -> str:
    """SHA-256(salt ‖ value), hex: the text of a CSV cell, or of a JSON value as written."""
    return hashlib.sha256(salt + value.encode("utf-8")).hexdigest()


def redacted(data: bytes, fields: Collection[str], secret: bytes) -> Redacted:
    """`data` with `fields` withheld; the same bytes for the same secret.

    Raises InputError for what is neither CSV nor JSON, UsageError for a field that is
    not there: a misspelt field would be published.
    """
    hand = _Hand(secret)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _refuse("it is not UTF-8 text", "不是 UTF-8 文本") from None
    first = text.lstrip("\ufeff \t\r\n")[:1]
    made = _json(text, fields, hand) if first in ("{", "[") else _csv(text, fields, hand)
    if missing := sorted(set(fields) - hand.seen):
        raise UsageError(
            Text(f"there is no field '{missing[0]}' to withhold", f"没有字段“{missing[0]}”可隐去"),
            remedy=Text("Write the field names as they stand in the file.",
                        "请按文件中的写法给出字段名。"),
        )  # fmt: skip
    return Redacted(made.encode("utf-8"), hand.cells)


def _csv(text: str, fields: Collection[str], hand: _Hand) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise _refuse(f"it is not CSV: {error}", f"不是 CSV：{error}") from None
    if not rows or len(rows[0]) < 2:
        raise _refuse("it is neither CSV nor JSON", "既不是 CSV 也不是 JSON")
    header = rows[0]
    chosen = [i for i, name in enumerate(header) if name.strip() in fields]
    hand.seen |= {header[i].strip() for i in chosen}
    lines = [_row(header)]
    for number, row in enumerate(rows[1:], 2):
        if row and len(row) != len(header):
            raise _refuse(
                f"row {number} has {len(row)} cells, not {len(header)}: a value could escape",
                f"第 {number} 行有 {len(row)} 个单元格，应为 {len(header)}：可能泄露数据",
            )
        if row:
            kept = list(row)
            for i in chosen:
                kept[i] = hand.withhold(row[i], header[i].strip(), f"{number}/{i}")
            lines.append(_row(kept))
    return "".join(line + end for line in lines)


def _row(cells: list[str]) -> str:
    # With this line end the writer quotes a lone CR or LF too, whichever the file uses.
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()[:-2]


def _json(text: str, fields: Collection[str], hand: _Hand) -> str:
    """The text with the chosen values cut out; all else stays as it is written."""
    try:
        json.loads(text)
        starts = [(text, 0, "")]
    except ValueError:
        lines = text.splitlines(keepends=True)
        starts = [(line, 0, f"/{n}") for n, line in enumerate(lines, 1)]
    out = []
    for part, start, place in starts:
        try:
            if part.strip():
                json.loads(part)
                out.append(_cut(part, _values(part, start, place, fields), hand))
            else:
                out.append(part)
        except (ValueError, RecursionError) as error:
            raise _refuse(f"it is not JSON: {error}", f"不是 JSON：{error}") from None
    return "".join(out)


class _Value(NamedTuple):
    start: int
    end: int
    field: str
    place: str


def _cut(text: str, values: Iterable[_Value], hand: _Hand) -> str:
    out, at = [], 0
    for one in values:
        put = hand.withhold(text[one.start : one.end], one.field, one.place)
        out += [text[at : one.start], json.dumps(put)]
        at = one.end
    return "".join(out) + text[at:]


_decoder = json.JSONDecoder()


def _values(
    text: str, at: int, place: str, fields: Collection[str]
) -> Generator[_Value, None, int]:
    """Where the values of the chosen fields stand in valid JSON; returns where it ends."""
    at = _past(text, at, " \t\r\n\ufeff")
    if text[at] not in "{[":
        return _decoder.raw_decode(text, at)[1]
    close = "}" if text[at] == "{" else "]"
    at, number = _past(text, at + 1), 0
    while text[at] != close:
        name = str(number)
        if close == "}":
            name, at = _decoder.raw_decode(text, at)
            at = _past(text, at, " \t\r\n:")
        inner = f"{place}/{name}"
        if close == "}" and name in fields:
            end = _decoder.raw_decode(text, at)[1]
            yield _Value(at, end, name, inner)
            at = end
        else:
            at = yield from _values(text, at, inner, fields)
        at, number = _past(text, at, " \t\r\n,"), number + 1
    return at + 1


def _past(text: str, at: int, chars: str = " \t\r\n") -> int:
    while text[at] in chars:
        at += 1
    return at


def _refuse(en: str, zh: str) -> InputError:
    return InputError(
        Text(f"the statement cannot be redacted: {en}", f"该文件无法隐去字段：{zh}"),
        remedy=Text("Give a CSV file with a header, JSON or JSON Lines, in UTF-8.",
                    "请提供带表头的 CSV、JSON 或 JSON Lines（UTF-8）。"),
    )  # fmt: skip


def publish(vault: Vault, item: Item, fields: Collection[str]) -> tuple[Redacted, Item]:
    """The redacted version of an item, sealed as its child together with its secret.

    Asked again for the same fields, it gives the same version.
    """
    names = ",".join(sorted(set(fields)))
    data = plaintext(vault, item)
    for known in vault.items():
        if known.parent == item.id and known.transform == TRANSFORM + names:
            made = redacted(data, set(fields), _secret_of(vault, known))
            return made, known
    secret = secrets.token_bytes(32)
    made = redacted(data, set(fields), secret)
    who: Fields = {"source": item.source, "collector": collector(), "method": "redact",
                   "parent": item.id}  # fmt: skip
    # The secret first: a published version without it could never be shown to be one.
    published = hashlib.sha256(made.data).hexdigest()
    hidden: Fields = {**who, "transform": f"{SECRET}:{published}"}
    public: Fields = {**who, "transform": TRANSFORM + names}
    seal_private(vault, secret, **hidden)
    sealed = vault.put(made.data, **public)
    vault.checkpoint()
    return made, sealed


def check(vault: Vault, data: bytes) -> Item:
    """The sealed original that `data` is a redacted version of.

    Raises IntegrityError unless the version made again from original and secret is, byte
    for byte, `data`.
    """
    sha = hashlib.sha256(data).hexdigest()
    items = vault.items()
    for item in items:
        if item.sha256 == sha and item.transform.startswith(TRANSFORM):
            original = next(i for i in items if i.id == item.parent)
            fields = item.transform.removeprefix(TRANSFORM).split(",")
            made = redacted(plaintext(vault, original), fields, _secret_of(vault, item))
            if made.data != data:
                raise IntegrityError(
                    Text("the published version does not follow from the original",
                         "公开版本与原件不符"),
                    expected=hashlib.sha256(made.data).hexdigest(), got=sha, where=item.source,
                )  # fmt: skip
            return original
    known = [i.sha256[:16] for i in items if i.transform.startswith(TRANSFORM)]
    raise IntegrityError(
        Text("this is no published version of this vault", "这不是此证据库的公开版本"),
        expected=" or ".join(known) or "a version that was redacted here", got=sha[:16],
    )  # fmt: skip


def _secret_of(vault: Vault, published: Item) -> bytes:
    wanted = f"{SECRET}:{published.sha256}"
    for item in vault.items():
        if item.parent == published.parent and item.transform.endswith(f" {wanted}"):
            return reveal(vault, item)
    raise IntegrityError(
        Text("the secret of a published version is missing", "缺少公开版本的密值"),
        expected=wanted, got="no such item", where=published.source,
    )  # fmt: skip
