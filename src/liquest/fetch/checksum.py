"""Published checksums: a text beside the file, `<sha256>  <name>`, as sha256sum writes it."""

from __future__ import annotations

import re

from ..errors import Text
from .failures import Mismatch

_LINE = re.compile(r"^\s*([0-9A-Fa-f]{64})\s+\*?(\S.*?)\s*$")


def published(text: str, name: str, url: str) -> str:
    """The digest that the text gives for `name`; raises Mismatch when it gives none."""
    for line in text.splitlines()[:64]:
        found = _LINE.match(line)
        if found is not None and found[2].rsplit("/", 1)[-1] == name:
            return found[1].lower()
    raise Mismatch(
        url, published="", got="",
        reason=Text(
            f"the checksum file does not name {name}: {text[:80]!a}",
            f"校验和文件中没有 {name}：{text[:80]!a}",
        ),
    )  # fmt: skip
