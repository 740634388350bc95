"""The archives of venues.toml: base addresses as data, replaceable for a run."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files
from urllib.parse import quote, urlsplit

from ..errors import Text, UsageError


@dataclass(frozen=True)
class Archive:
    """One archive: `files` is the base of its keys, `listing` what tells the names."""

    name: str
    venue: str
    title: Text
    files: str
    listing: str
    per_second: float

    def url(self, key: str) -> str:
        """The address of a key."""
        return self.files.rstrip("/") + "/" + quote(key, safe="/-_.~")

    def at(self, base: str) -> Archive:
        """The same archive behind another address, listing and files; "" changes nothing."""
        if not base:
            return self
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).netloc:
            raise UsageError(
                Text(f"'{base}' is no base URL", f"“{base}”不是有效的基础地址"),
                remedy=Text(
                    "Write it as https://host/path/.", "请写成 https://主机/路径/ 的形式。"
                ),
            )
        return replace(self, files=base, listing=base)

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple({urlsplit(u).netloc for u in (self.files, self.listing) if u})


def archives() -> dict[str, Archive]:
    """Every archive, by name."""
    table = tomllib.loads((files(__package__) / "venues.toml").read_text(encoding="utf-8"))
    return {
        name: Archive(
            name, one["venue"], Text(one["title"]["en"], one["title"]["zh"]), one["files"],
            one["listing"], float(one["per_second"]),
        )
        for name, one in table.items()
    }  # fmt: skip


def archive(name: str, base: str = "") -> Archive:
    """One archive, behind `base` if given."""
    known = archives()
    if name not in known:
        raise UsageError(
            Text(f"there is no archive '{name}'", f"没有名为“{name}”的档案"),
            remedy=Text(f"Choose {', '.join(known)}.", f"可选：{'、'.join(known)}。"),
        )
    return known[name].at(base)


def rates(used: list[Archive]) -> dict[str, float]:
    """Requests a second by host."""
    return {host: one.per_second for one in used for host in one.hosts}
