"""Items: one canonical manifest line for every piece of evidence.

An item's id is the SHA-256 of everything else in it as canonical JSON (RFC 8785), so a
line cannot change without its id, and the id cannot change without the log. All fields
are text or whole numbers; `parent` is the id of the item that this one was made from,
and `transform` says how ("tape/trades", "age:…", "redact:…").
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import IntegrityError, Text

# For text and whole numbers under ASCII keys the C encoder writes what RFC 8785 asks,
# twenty times faster than a general encoder; a test holds the two together.
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


_DIGEST = re.compile("[0-9a-f]{64}")


def canonical(fields: Any) -> bytes:
    """RFC 8785 of plain data with ASCII keys, text and whole numbers, and no floats."""
    return _CANONICAL(fields).encode("utf-8")


@dataclass(frozen=True)
class Item:
    """One piece of evidence. `sha256` names the object's bytes, `collected_at` is ISO UTC."""

    sha256: str
    size: int
    media_type: str
    source: str
    url: str
    method: str
    tool: str
    collected_at: str
    collector: str
    parent: str = ""
    transform: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """SHA-256 of the canonical fields, 64 hex digits."""
        return hashlib.sha256(canonical(self.__dict__)).hexdigest()

    def json(self) -> dict[str, Any]:
        """The fields and the id."""
        return {"id": self.id, **asdict(self)}

    def line(self) -> bytes:
        """Canonical JSON with the id: the leaf of the log. Never holds a line break."""
        fields = self.__dict__
        return canonical({"id": self.id, **fields})

    def _check_types(self) -> None:
        # A digest becomes a path: nothing but hex digits may get there.
        if not isinstance(self.sha256, str) or not _DIGEST.fullmatch(self.sha256):
            raise ValueError(f"sha256 is {self.sha256!r}")
        if type(self.size) is not int or self.size < 0:
            raise ValueError(f"size is {self.size!r}")
        for name, value in self.__dict__.items():
            if name != "size" and not isinstance(value, str):
                raise ValueError(f"{name} is {value!r}")

    @classmethod
    def of(cls, line: bytes) -> Item:
        """The item of a line; raises IntegrityError when line and id do not fit together."""
        where = line[:80].decode("utf-8", "replace")
        try:
            data = json.loads(line)
            claimed = data.pop("id")
            made = cls(**data)
            made._check_types()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError(
                Text("a manifest line is not an item", "清单中有一行不是证据条目"),
                expected="one JSON object with the fields of an item", got=str(error),
                where=where,
            ) from None  # fmt: skip
        if made.id != claimed:
            raise IntegrityError(
                Text("a manifest line does not have the id it claims", "清单条目的编号与内容不符"),
                expected=str(claimed), got=made.id, where=made.source,
            )  # fmt: skip
        if made.line() != line:
            raise IntegrityError(
                Text("a manifest line is not canonical JSON", "清单条目不是规范 JSON"),
                expected=made.line().decode(), got=line.decode("utf-8", "replace"),
                where=made.source,
            )  # fmt: skip
        return made
