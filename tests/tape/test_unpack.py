"""unpack: the same text out of every packing, its lines counted; what is unsafe is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import shutil
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import OutputError, UnreadableFile
from liquest.problems import UNREAD
from liquest.tape import unpack as module
from liquest.tape.unpack import container, encoding, peek, unpack

TEXT = b"id,price\n1,2.5\n2,3.5\n"


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "text": bytes,
    "gzip": lambda raw: gzip.compress(raw, mtime=0),
    "bzip2": bz2.compress,
    "xz": partial(lzma.compress, preset=0),
    "zip": lambda raw: zipped(("ATOMUSDT-trades.csv", raw)),
}
EVERY = pytest.mark.parametrize("packing", PACKINGS)


class Plain(NamedTuple):
    text: bytes
    lines: int
    codes: list[str]


def plain(folder: Path, raw: bytes) -> Plain:
    (folder / "in").write_bytes(raw)
    made = unpack(folder / "in", folder / "out", name="the file")
    assert made.size == (folder / "out").stat().st_size
    return Plain((folder / "out").read_bytes(), made.lines, [p.code for p in made.problems])


def refusal(folder: Path, raw: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        plain(folder, raw)
    assert refused.value.remedy is not None and refused.value.where
    return f"{refused.value.render('en')} {refused.value.render('zh')}"


@EVERY
def test_the_same_text_out_of_every_packing(tmp_path: Path, packing: str) -> None:
    assert plain(tmp_path, PACKINGS[packing](TEXT)) == (TEXT, 3, [])
    assert container(tmp_path / "in") == packing


@EVERY
def test_the_beginning_is_the_beginning_of_the_text(tmp_path: Path, packing: str) -> None:
    (tmp_path / "in").write_bytes(PACKINGS[packing](TEXT))
    assert peek(tmp_path / "in", 12) == TEXT[:12]
    assert peek(tmp_path / "in") == TEXT


@EVERY
def test_nothing_is_nothing(tmp_path: Path, packing: str) -> None:
    assert plain(tmp_path, PACKINGS[packing](b"")) == (b"", 0, [])


def test_a_last_line_without_its_end_counts(tmp_path: Path) -> None:
    assert plain(tmp_path, b"a\nb").lines == 2
    assert plain(tmp_path, b"a\nb\n").lines == 2
    assert plain(tmp_path, b"a").lines == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + TEXT,
        TEXT.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n"),
        TEXT.decode().encode("utf-16"),
        TEXT.decode().replace("\n", "\r\n").encode("utf-16"),
    ],
    ids=["bom", "crlf", "both", "utf-16", "utf-16 crlf"],
)
def test_marks_of_windows_are_gone(tmp_path: Path, raw: bytes) -> None:
    assert plain(tmp_path, raw) == (TEXT, 3, [])


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
def test_chinese_in_its_usual_encodings(tmp_path: Path, charset: str) -> None:
    text = "编号,价格\n1,2.5\n二,三\n" * 50
    assert plain(tmp_path, text.encode(charset)).text.decode("utf-8") == text


def test_a_lone_byte_of_another_century_is_still_text(tmp_path: Path) -> None:
    assert plain(tmp_path, b"caf\xe9,1\n").text == "café,1\n".encode()


@pytest.mark.parametrize("cut", range(-3, 4))
def test_an_end_of_line_split_between_two_reads(tmp_path: Path, cut: int) -> None:
    first = b"x" * ((1 << 20) + cut - 1) + b"\r\n"
    assert plain(tmp_path, first + b"y\r\n") == (first[:-2] + b"\ny\n", 2, [])


def test_a_carriage_return_alone_is_no_end_of_line(tmp_path: Path) -> None:
    assert plain(tmp_path, b"a\rb\nc\r") == (b"a\rb\nc\r", 2, [])


def test_a_character_split_between_two_reads(tmp_path: Path) -> None:
    text = "价" * ((1 << 20) // 2 + 1) + "\n"
    assert plain(tmp_path, text.encode("gb18030")).text.decode("utf-8") == text


def test_a_long_text_without_an_end_of_line_keeps_its_encoding() -> None:
    text = '{"市场":"' + "价" * 100_000
    head = text.encode()[: 1 << 18]
    assert encoding(head) == "utf-8"


def lines(count: int) -> bytes:
    random.seed(7)
    return b"".join(b"%d,%d\n" % (i, random.randrange(10**9)) for i in range(count))


@pytest.mark.parametrize(
    ("packing", "count"),
    [("gzip", 3_000), ("gzip", 120_000), ("bzip2", 120_000), ("xz", 3_000), ("xz", 120_000)],
)
def test_of_a_truncated_archive_every_whole_line_is_kept(
    tmp_path: Path, packing: str, count: int
) -> None:
    text = lines(count)
    packed = PACKINGS[packing](text)
    got = plain(tmp_path, packed[: len(packed) * 2 // 3])
    assert got.codes == ["truncated"]
    assert got.text and text.startswith(got.text) and got.text.endswith(b"\n")
    assert got.lines == got.text.count(b"\n")
    # bzip2 gives blocks of 900 kB or nothing, the others all but the last lines.
    assert len(got.text) > (800_000 if packing == "bzip2" else len(text) * 6 // 10)


@pytest.mark.parametrize("left", [1, 5, 9, 19])
def test_an_archive_without_a_single_line_is_refused(tmp_path: Path, left: int) -> None:
    packed = gzip.compress(lines(1000), mtime=0)
    words = refusal(tmp_path, packed[: max(left, 3)])
    assert "cannot be unpacked" in words and "无法解开" in words


def test_a_truncated_archive_is_not_read_to_its_end(tmp_path: Path) -> None:
    packed = gzip.compress(lines(3000), mtime=0)
    (tmp_path / "in").write_bytes(packed[:-2000])
    (problem,) = unpack(tmp_path / "in", tmp_path / "out", name="a.gz").problems
    assert (problem.effect, problem.path) == (UNREAD, "a.gz")
    assert "whole lines" in problem.text.en and "整行" in problem.text.zh


def test_a_gzip_whose_checksum_is_wrong_keeps_its_lines_and_says_so(tmp_path: Path) -> None:
    text = lines(3000)
    packed = bytearray(gzip.compress(text, mtime=0))
    packed[-6] ^= 0xFF
    assert plain(tmp_path, bytes(packed)) == (text, 3000, ["truncated"])


def test_two_gzips_in_a_row_are_one_text(tmp_path: Path) -> None:
    packed = gzip.compress(b"a\n", mtime=0) + gzip.compress(b"b\n", mtime=0)
    assert plain(tmp_path, packed) == (b"a\nb\n", 2, [])


def test_without_the_fast_reader_the_result_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(lines(3000), mtime=0)
    for raw in (packed, packed[:-2000]):
        fast = plain(tmp_path, raw)
        with monkeypatch.context() as slow:
            slow.setattr(module, "_FAST_GZIP", gzip)
            assert plain(tmp_path, raw) == fast


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ()])
def test_a_zip_holds_one_data_file(tmp_path: Path, names: tuple[str, ...]) -> None:
    words = refusal(tmp_path, zipped(*((n, TEXT) for n in names)))
    assert f"{len(names)} data files" in words and "解压" in words
    assert all(n in words for n in names)


@pytest.mark.parametrize(
    "junk", ["__MACOSX/._a.csv", ".DS_Store", "folder/.DS_Store", "Thumbs.db", "folder/"]
)
def test_what_archivers_add_is_no_data(tmp_path: Path, junk: str) -> None:
    assert plain(tmp_path, zipped((junk, b""), ("folder/a.csv", TEXT))) == (TEXT, 3, [])


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a/../../b"])
def test_a_name_that_climbs_is_a_name(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    assert plain(inner, zipped((name, TEXT))).text == TEXT
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["in", "inner", "out"]


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped(("a.csv", TEXT)))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    words = refusal(tmp_path, bytes(raw))
    assert "encrypted" in words and "加密" in words


def test_a_zip_of_an_unknown_packing_is_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped(("a.csv", TEXT)))
    raw[8] = raw[raw.index(b"PK\x01\x02") + 10] = 97
    words = refusal(tmp_path, bytes(raw))
    assert "Unpack it" in words and "解压" in words


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    assert "broken or cut off" in refusal(tmp_path, zipped(("a.csv", lines(1000)))[:-30])


def test_zstandard_is_refused_with_the_way_to_unpack_it(tmp_path: Path) -> None:
    words = refusal(tmp_path, b"\x28\xb5\x2f\xfd" + bytes(20))
    assert "zstd -d" in words and "不支持" in words


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz", "zip"])
def test_a_bomb_is_refused_before_it_goes_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str
) -> None:
    monkeypatch.setattr(module, "BOMB_FLOOR", 2 << 20)
    bomb = PACKINGS[packing](bytes(12 << 20))
    words = refusal(tmp_path, bomb)
    assert "bomb" in words and "压缩炸弹" in words
    assert (tmp_path / "out").stat().st_size <= 4 << 20


def test_a_well_packed_file_is_no_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BOMB_FLOOR", 1 << 20)
    assert plain(tmp_path, gzip.compress(lines(120_000), 1, mtime=0)).lines == 120_000


def test_a_full_disk_stops_it_with_a_way_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(OutputError) as refused:
        plain(tmp_path, TEXT)
    assert "--out" in refused.value.render("en") and refused.value.exit_code == 4


@EVERY
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_wrong_it_is_refused_and_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, packing: str, data: st.DataObject
) -> None:
    raw = bytearray(PACKINGS[packing](lines(40)))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    del raw[data.draw(st.integers(len(raw) // 2, len(raw))) :]
    folder = tmp_path_factory.mktemp("damaged")
    try:
        got = plain(folder, bytes(raw))
    except UnreadableFile:
        return
    assert got.lines == len(got.text.splitlines()) or b"\r" in got.text or packing == "text"
