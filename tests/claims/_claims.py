"""Claims and findings for tests: a file from a text, findings from a few words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from liquest.claims.reading import claims_of
from liquest.claims.toml_file import TomlFile
from liquest.claims.trial import Trial, trials
from liquest.clock import Window, parse_time
from liquest.findings import Finding

CASE = Path(__file__).resolve().parents[2] / "cases" / "2025-10-11"
CRASH = Window(
    "crash", parse_time("2025-10-10T21:10:00Z"), parse_time("2025-10-10T21:40:00Z")
)  # fmt: skip
WINDOWS = ("crash", "scramble")
T0 = parse_time("2025-10-10T21:20:00Z")
HEAD = """
[speaker.trader]
en = "A trader"
zh = "一名交易者"
[speaker.exchange]
en = "The exchange"
zh = "交易所"
"""


def found(
    name: str, value: Any, unit: str = "USDT", *, at: int | None = T0, count: int = 1,
    window: Window | None = CRASH, params: Mapping[str, Any] | None = None,
    caveats: tuple[str, ...] = (), **subject: str,
) -> Finding:  # fmt: skip
    """A finding; numbers given as text become decimals."""
    if isinstance(value, str) and unit != "text":
        value = Decimal(value)
    return Finding(
        name, subject, value, unit, f"{name}@test", at=at, window=window, params=params or {},
        count=count, caveats=caveats,
    )  # fmt: skip


def claim(tests: str, *, id_: str = "one", kind: str = "fact", party: str = "trader",
          more: str = "") -> str:  # fmt: skip
    """One [[claim]] with what stands in `more` and its tests."""
    return (
        f'[[claim]]\nid = "{id_}"\nspeaker = "{party}"\nkind = "{kind}"\n'
        f'text = {{ zh = "所称", en = "what is said" }}\n{more}\n{tests}\n'
    )


def a_test(find: str, expect: str, more: str = "") -> str:
    """One [[claim.test]]."""
    return (
        f'[[claim.test]]\ntitle = {{ en = "what is looked at", zh = "所看" }}\n'
        f"find = {{ {find} }}\nexpect = {{ {expect} }}\n{more}\n"
    )


def file_of(text: str) -> TomlFile:
    return TomlFile.of(HEAD + text, Path("claims.toml"))


def tried(text: str, findings: list[Finding]) -> list[Trial]:
    """The trials of a text; a test that does not fit its findings fails here."""
    done, problems = trials(claims_of(file_of(text), WINDOWS), findings)
    assert problems == []
    return done


def verdict_of(text: str, findings: list[Finding]) -> str:
    (one,) = tried(text, findings)
    return one.verdict
