"""What is said of a log that cannot be read as it is, word for word in both languages.

golden/refusals.txt holds every text; `python tests/logs/test_log_refusals.py` writes it anew,
and the change is then to be read like any other.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from _log_cases import held
from _planted_logs import T0, stamp
from liquest.clock import SECOND
from liquest.errors import CaseError
from liquest.logs.spec import parse_log

GOLDEN = Path(__file__).parent / "golden" / "refusals.txt"
UTC = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
LINE = "2025-10-10 20:56:22,438 - bot - ERROR - order failed symbol=ATOMUSDT side=SELL"
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aPE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"

TABLES = {
    "unknown key": 'files = "*"\nzone = "UTC"',
    "no files": 'tz = "UTC"',
    "files is no text": "files = 7",
    "unknown zone": 'files = "*"\ntz = "Mars"',
    "unit": 'files = "*"\nlatency = "minutes"',
    "pattern is no text": 'files = "*"\npattern = [1]',
    "pattern without time": 'files = "*"\npattern = "{level} {message}"',
    "pattern with an unknown field": 'files = "*"\npattern = "{time} {fee} {message}"',
    "pattern with message inside": 'files = "*"\npattern = "{time} {message} {level}"',
    "pattern with fields that touch": 'files = "*"\npattern = "{time} {client}{price}"',
    "pattern with one brace": 'files = "*"\npattern = "{time} } {message}"',
    "words is no table": 'files = "*"\nwords = "x"',
    "unknown meaning": 'files = "*"\nwords = { broken = ["x"] }',
    "words without a text": 'files = "*"\nwords = { refused = ["*"] }',
    "columns is no table": 'files = "*"\ncolumns = { time = 1 }',
    "unknown column": 'files = "*"\ncolumns = { time = "a", fee = "b" }',
}
"""A [[log]] that case.toml may not hold."""


def lines(*zones: str, exchange: str = "", count: int = 12) -> str:
    """A log, line by line in one zone after the other."""
    made = []
    for n in range(count):
        us = T0 + n * SECOND
        told = f" updateTime={us // 1000}" if exchange else ""
        made.append(f"{stamp(us, zones[n % len(zones)])} - bot - ERROR - order failed{told}\n")
    return "".join(made)


PACKED = gzip.compress(lines("UTC", count=300).encode(), 0, mtime=0)

FILES: dict[str, tuple[dict[str, str | bytes], str]] = {
    "no zone": ({"bot.log": lines("UTC+8")}, ""),
    "a zone that the log itself shows": ({"bot.log": lines("UTC+8", exchange="x")}, ""),
    "a zone that the log contradicts": ({"bot.log": lines("UTC+8", exchange="x")}, UTC),
    "two zones": ({"bot.log": lines("UTC", "UTC", "UTC+8", "UTC+8")}, UTC),
    "clock set back": ({"bot.log": lines("UTC") + lines("UTC-1")}, UTC),
    "clock set ahead, as exchange times show": (
        {"bot.log": lines("UTC", exchange="x") + lines("UTC+1", exchange="x")}, "",
    ),
    "lines without a time, cut off, no text": (
        {"bot.log": f"no time here\n{LINE}\n".encode()
         + b'{"time":1760129782438,"level":"error","msg":"order fai\n'
         + bytes(range(128, 256)) + b"\n" + LINE.encode() + b"\n"}, UTC,
    ),
    "a key in a line that is shown": ({"bot.log": f"apiKey={KEY} signature={KEY}\n{LINE}\n"}, UTC),
    "nothing says when": ({"bot.log": "order failed\norder failed\n"}, UTC),
    "archive cut off": ({"bot.log.gz": PACKED[: len(PACKED) // 2]}, UTC),
    "damaged archive": ({"bot.log.gz": b"\x1f\x8b\x08\x00 broken"}, UTC),
    "damaged HAR": ({"x.har": '{"log":{"entries":['}, ""),
    "a column that the file does not have": (
        {"x.csv": "a;b\n1;2\n"}, '[[log]]\nfiles = "*"\ncolumns = { time = "when" }\n',
    ),
}  # fmt: skip
"""Files of a case, with the end of its case.toml."""


def of_tables() -> Iterator[tuple[str, list[str]]]:
    for name, table in TABLES.items():
        try:
            parse_log(tomllib.loads(table), "case.toml")
        except CaseError as error:
            yield name, [f"error {error.render('en')}", f"错误 {error.render('zh')}"]
        else:
            yield name, ["taken"]


def of_files(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for number, (name, (files, more)) in enumerate(FILES.items()):
        said: list[str] = []
        for one in held(folder / str(number), files, more).problems:
            rows = "" if one.first is None else f":{one.first}-{one.last}"
            said += [f"{one.code} ({one.effect}, {one.count}) {one.path}{rows}", *one.text]
            said += [json.dumps(one.sample, ensure_ascii=False)] if one.sample else []
        yield name, said


def golden(cases: Mapping[str, list[str]]) -> str:
    return "".join(f"## {name}\n{chr(10).join(said)}\n\n" for name, said in cases.items())


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return {**dict(of_tables()), **dict(of_files(tmp_path_factory.mktemp("logs")))}


def test_every_text_is_as_it_was_read(said: dict[str, list[str]]) -> None:
    assert golden(said) == GOLDEN.read_text(encoding="utf-8")


def test_every_text_speaks_both_languages_and_no_key_is_shown(said: dict[str, list[str]]) -> None:
    text = golden(said)
    assert KEY not in text and KEY[:8] not in text and "[withheld api-key 1]" in text
    for name, words in said.items():
        assert len(words) >= 2, name
        assert any("\u4e00" <= c <= "\u9fff" for c in "".join(words)), name
    errors = [w for n, words in said.items() if n in TABLES for w in words]
    assert len(errors) == 2 * len(TABLES)
    assert all("Remedy: " in e or "处理: " in e for e in errors)


def test_a_sample_never_ends_within_a_key(tmp_path: Path) -> None:
    rest = "".join(f"field{n}=value " for n in range(20))
    for length in range(100, 260, 7):
        line = f"{rest[:length]}X-MBX-APIKEY={KEY}&signature={KEY.lower()}"
        (problem,) = held(tmp_path / str(length), {"a.log": f"{line}\n{LINE}\n"}, UTC).problems
        assert problem.code == "no-time" and KEY[:4] not in problem.sample
        assert KEY[:4].lower() not in problem.sample


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        made = {**dict(of_tables()), **dict(of_files(Path(scratch)))}
    GOLDEN.write_text(golden(made), encoding="utf-8")
    print(f"{GOLDEN}: {len(made)} texts")
