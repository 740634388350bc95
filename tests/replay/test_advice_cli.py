"""`liquest structure`, as a person asks: tables, pages, pictures, refusals."""

from __future__ import annotations

import json
import unicodedata
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from _advised import structure
from _asking import CASE

from _cli import refused

FEW = ("--coin", "ATOM", "--paths", "40")


def wide(line: str) -> int:
    """Columns that a line takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded case with a folder of results of its own: the tape is built once."""
    made = tmp_path_factory.mktemp("structure") / "case"
    made.mkdir()
    for path in CASE.iterdir():
        if path.name not in ("out", "vault"):
            (made / path.name).symlink_to(path)
    return made


@pytest.fixture(scope="module")
def out(case: Path) -> Path:
    return case / "out"


@pytest.mark.parametrize(("lang", "words"), [
    ("en", ("The advice as a whole", "again:", "Not counted", "liq. 21:13:12")),
    ("zh", ("整体建议", "再开仓", "未计入", "强平 21:13:12")),
])  # fmt: skip
def test_one_coin_in_the_terminal(case: Path, out: Path, lang: str, words: tuple[str, ...]) -> None:
    done = structure(case, "--out", out, *FEW, "--lang", lang)
    assert done.code == 0, done.err
    for word in words:
        assert word in done.out
    tables = done.out.split("exogenous")[0].splitlines()
    assert max(map(wide, tables)) <= 100 and "…" not in "".join(tables)
    assert "left out" in done.err or "不计算" in done.err


def test_two_coins_and_all_the_files(case: Path, out: Path) -> None:
    words = (case, "--coin", "ATOM,BTC", "--paths", "40", "--leverage", "5,20")
    done = structure(*words)
    assert done.code == 0, done.err
    assert "On the recorded paths of 2 coins" in done.out
    kept = (out / "replay" / "structure.jsonl").read_text(encoding="utf-8")
    again = structure(*words, "--json")
    assert again.out == kept and again.json[0]["name"] == "replay.advice.move"
    assert (out / "replay" / "structure.problems.jsonl").is_file()
    ET.parse(out / "replay" / "structure.svg")
    checked = _Closed()
    checked.feed((out / "replay" / "structure.html").read_text(encoding="utf-8"))
    assert checked.open == [] and checked.outside == []
    assert checked.langs == {"en", "zh"}


class _Closed(HTMLParser):
    """Elements that are still open, addresses that lead elsewhere, languages."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []
        self.langs: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.langs |= {given["lang"] or ""} if "lang" in given else set()
        self.outside += [v for k, v in attrs if k in ("src", "href") and v]
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_or_picture_of_ones_own(case: Path, tmp_path: Path) -> None:
    # The results lie in the folder of the case where --out names a file.
    for name in ("mine.html", "MINE.SVG"):
        done = structure(case, "--out", tmp_path / name, *FEW, **{"COLUMNS": "400"})
        assert done.code == 0, done.err
        assert (tmp_path / name).is_file() and name in done.out
    rows = (case / "out" / "replay" / "structure.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(r)["params"].get("paths") for r in rows} >= {40}


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (("--coin", "ATMO"), "ATOM?"), (("--exposure", "ten"), "--exposure"),
        (("--leverage", "0"), "--leverage"), (("--on-exchange", "0.2;1"), "--on-exchange"),
        (("--on-exchange", "2"), "--on-exchange"), (("--stop", "5"), "--stop"),
        (("--side", "up"), "long, short"), (("--paths", "1"), "--paths"),
        (("--capital", "1"), "nothing can be opened"), (("--out", "mine.png"), ".svg"),
        (("--coin", "BTC", "--leverage", "900"), "nothing can be opened"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(case: Path, words: tuple[str, ...], fact: str) -> None:
    refused(structure(case, *words), 2, fact)


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    refused(structure(tmp_path / "none", "--out", tmp_path / "o"), 2, "none")


def test_help_has_an_example() -> None:
    done = structure("--help")
    assert done.code == 0 and "Example" in done.out and "--on-exchange" in done.out
