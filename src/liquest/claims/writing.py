"""A claim appended to claims.toml: nothing that stands there is touched, and the file is
written only when the whole of it can be read again.

Invariant: the old bytes are a prefix of the new file (but for a missing end of line).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import LiquestError, Text
from ..run.disk import whole, writing
from .claim import Claim
from .reading import NAME, claims_of
from .toml_file import TomlFile

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def append(folder: Path, body: Mapping[str, Any], windows: Iterable[str] | None = None) -> Claim:
    """The claim as the file now says it. `body` is one [[claim]] table, its `test` a list of
    tables. Raises CaseError, and leaves the file as it is, when it could not be read again."""
    path = folder / NAME
    before = path.read_bytes().decode("utf-8") if path.exists() else ""
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    after = before + gap + table_of(body)
    try:
        claims = claims_of(TomlFile.of(after, path), windows)
    except LiquestError as error:
        error.what = Text(
            f"the claim was not added: {error.what.en}", f"主张未写入：{error.what.zh}"
        )
        raise
    with writing(folder), whole(path) as out:
        out.write(after)
    return claims[-1]


def table_of(body: Mapping[str, Any]) -> str:
    """[[claim]] with its keys, then one [[claim.test]] after the other."""
    lines = ["[[claim]]", *_entries(body, leave=("test",))]
    for test in body.get("test", ()):
        lines += ["[[claim.test]]", *_entries(test)]
    return "\n".join(lines) + "\n"


def _entries(body: Mapping[str, Any], leave: tuple[str, ...] = ()) -> list[str]:
    return [f"{_key(k)} = {_value(v)}" for k, v in body.items() if k not in leave]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_entries(value)) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return quoted(str(value))


def _key(name: str) -> str:
    plain = name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name)
    return name if plain else quoted(name)


def quoted(text: str) -> str:
    """A basic string of TOML: control characters escaped, everything else as it is."""
    made = []
    for sign in text.encode("utf-8", "replace").decode("utf-8"):
        if sign in _SHORT:
            made.append(_SHORT[sign])
        elif ord(sign) < 0x20 or ord(sign) == 0x7F:
            made.append(f"\\u{ord(sign):04x}")
        else:
            made.append(sign)
    return '"' + "".join(made) + '"'
