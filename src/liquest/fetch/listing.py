"""What an S3 bucket has: its XML listing, page by page, every key looked at.

    <ListBucketResult><IsTruncated>true</IsTruncated><NextMarker>…</NextMarker>
      <Contents><Key>…</Key><ETag>"…"</ETag><Size>…</Size></Contents>
      <CommonPrefixes><Prefix>data/spot/daily/trades/ATOMUSDT/</Prefix></CommonPrefixes>

Both generations are read: `marker` with NextMarker or the last key, and
`continuation-token` where the answer carries a NextContinuationToken.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from ..errors import Text
from ..problems import Problem
from .failures import Refused
from .names import refused_name, unsafe
from .web import Web

_PAGES = 5_000


@dataclass(frozen=True)
class Entry:
    """One object of the bucket."""

    key: str
    size: int | None
    etag: str


@dataclass
class Listing:
    """Objects and folders below a prefix, and the keys that were refused."""

    entries: list[Entry] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Page:
    entries: list[Entry]
    folders: list[str]
    marker: str
    token: str
    truncated: bool


def listing(web: Web, base: str, prefix: str, *, folders: bool = False) -> Listing:
    """Everything below `prefix`; with `folders` only the next level's folder names.

    Raises Refused for what is no listing and for pages that do not go forward.
    """
    done = Listing()
    for url, page in _pages(web, base, prefix, folders):
        for entry in page.entries:
            if why := _unfit(entry.key, prefix):
                done.problems.append(refused_name(entry.key, why, url))
            elif not entry.key.endswith("/"):
                done.entries.append(entry)
        for folder in page.folders:
            inner = folder.removeprefix(prefix).removesuffix("/")
            if (why := _unfit(folder, prefix)) or "/" in inner or not inner:
                why = why or Text("it is no folder of the one listed", "并非所列文件夹的下级")
                done.problems.append(refused_name(folder, why, url))
            else:
                done.folders.append(inner)
    return done


def _unfit(key: str, prefix: str) -> Text | None:
    if (why := unsafe(key)) is not None:
        return why
    if not key.startswith(prefix):
        return Text("the name is outside of what was asked for", "名称不在所查询的范围内")
    return None


def _pages(web: Web, base: str, prefix: str, folders: bool) -> Iterator[tuple[str, _Page]]:
    query = {"prefix": prefix} | ({"delimiter": "/"} if folders else {})
    at: dict[str, str] = {}
    seen: set[str] = set()
    for _ in range(_PAGES):
        url = f"{base}{'&' if '?' in base else '?'}{urlencode(query | at, quote_via=quote)}"
        page = parse_page(web.text(url), url)
        yield url, page
        if not page.truncated:
            return
        last = max([e.key for e in page.entries] + page.folders, default="")
        if page.token:
            at = {"list-type": "2", "continuation-token": page.token}
        else:
            at = {"marker": page.marker or last}
        step = at.get("marker") or page.token
        if not step or step in seen:
            raise _refuse(url, "its pages do not go forward", "分页没有前进")
        seen.add(step)
    raise _refuse(base, f"it has more than {_PAGES} pages", f"分页超过 {_PAGES} 页")


def parse_page(text: str, url: str) -> _Page:
    """One page of XML; declarations of entities are refused before they are read."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _refuse(url, "it declares entities", "其中声明了实体")
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise _refuse(url, f"it is not XML ({error})", f"不是合法的 XML（{error}）") from None
    if _local(root.tag) != "ListBucketResult":
        raise _refuse(
            url, f"it is a <{_local(root.tag)[:40]}>", f"内容为 <{_local(root.tag)[:40]}>"
        )
    entries, folders, values = [], [], {}
    for child in root:
        name = _local(child.tag)
        if name == "Contents":
            cells = {_local(c.tag): (c.text or "") for c in child}
            size = cells.get("Size", "").strip()
            known = int(size) if size.isascii() and size.isdecimal() and len(size) < 19 else None
            entries.append(Entry(cells.get("Key", ""), known, cells.get("ETag", "").strip()))
        elif name == "CommonPrefixes":
            folders += [c.text or "" for c in child if _local(c.tag) == "Prefix"]
        else:
            values[name] = (child.text or "").strip()
    return _Page(
        entries, folders, values.get("NextMarker", ""), values.get("NextContinuationToken", ""),
        values.get("IsTruncated", "").lower() == "true",
    )  # fmt: skip


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _refuse(url: str, en: str, zh: str) -> Refused:
    return Refused(
        Text(f"this is no listing of a bucket: {en}", f"这不是有效的存储桶列表：{zh}"),
        where=url,
        remedy=Text("Check the base URL.", "请检查基础地址。"),
    )
