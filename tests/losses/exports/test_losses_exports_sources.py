"""Files, folders and zips: found, named, guarded; nothing is written where a zip says."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from _export_files import TRADE, TRADES, changed, one, read, trades

from liquest.errors import InputError, Text, UnreadableFile
from liquest.losses.exports import sources
from liquest.losses.exports.read import read_exports
from liquest.run.progress import Silent

BODY = TRADES + TRADE


def packed(path: Path, members: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as held:
        for name, body in members.items():
            held.writestr(name, body)
    return path


def test_a_folder_is_read_in_order_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    trades(tmp_path / "b.csv", changed(Trade_Id="2"))
    trades(tmp_path / "deep" / "er" / "a.csv", changed(Trade_Id="1"))
    trades(tmp_path / ".hidden.csv", changed(Trade_Id="3"))
    trades(tmp_path / "~$open.csv", changed(Trade_Id="4"))
    exports, problems = read(tmp_path)
    assert [f.name for f in exports.files] == ["b.csv", "deep/er/a.csv"]
    assert [t.trade_id for t in exports.trades] == ["1", "2"] and problems == []
    assert exports.trades[0].ref == (1, 2)
    assert exports.files[0].sha256 == hashlib.sha256((tmp_path / "b.csv").read_bytes()).hexdigest()


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    path = packed(tmp_path / "all.zip", {
        "x/trades(UTC+8).csv": BODY.replace("(UTC)", ""), "__MACOSX/x/trades.csv": b"junk",
        "photo.png": b"\x89PNG" + bytes(20),
    })  # fmt: skip
    exports, problems = read(path)
    (file,) = exports.files
    assert (file.name, file.zone, file.zone_by) == ("all.zip: trades(UTC+8).csv", "UTC+8", "name")
    assert one(problems, "unread").path == "all.zip: photo.png"
    assert "picture" in one(problems, "unread").text.en


def test_names_of_chinese_zips_are_read(tmp_path: Path) -> None:
    name = "币本位成交历史.csv".encode("gb18030").decode("cp437")
    path = packed(tmp_path / "zh.zip", {"placeholder-of-length.csv": BODY})
    raw = path.read_bytes()
    assert len(name.encode("cp437")) <= len("placeholder-of-length.csv")
    wanted = name.encode("cp437").rjust(len("placeholder-of-length.csv"), b"_")
    path.write_bytes(raw.replace(b"placeholder-of-length.csv", wanted))
    exports, _ = read(path)
    assert exports.files[0].name.endswith("币本位成交历史.csv")


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "a/../b.csv"]
)
def test_a_name_that_leads_out_of_the_folder_leads_nowhere(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "in" / "side"
    inner.mkdir(parents=True)
    exports, _ = read(packed(inner / "z.zip", {name: BODY}))
    assert len(exports.trades) == 1
    assert "/" not in exports.files[0].name and "\\" not in exports.files[0].name
    assert not list(tmp_path.rglob("evil.csv")) and not Path("/etc/evil.csv").exists()


def test_a_zip_in_a_zip_stays_closed_and_is_named(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"t.csv": BODY}).read_bytes()
    (tmp_path / "inner.zip").unlink()
    exports, problems = read(packed(tmp_path / "outer.zip", {"inner.zip": inner, "t.csv": BODY}))
    assert len(exports.trades) == 1
    assert one(problems, "unread").path == "outer.zip: inner.zip"


def test_a_bomb_in_a_folder_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SMALL", 1 << 16)
    packed(tmp_path / "bomb.zip", {"a.csv": bytes(1 << 22)})
    trades(tmp_path / "t.csv", TRADE)
    exports, problems = read(tmp_path)
    assert len(exports.trades) == 1
    assert "far more" in one(problems, "unread").text.en


def test_members_together_may_not_be_a_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SMALL", 1 << 20)
    many = {f"{n}.csv": TRADES + "\n" * (1 << 18) for n in range(8)}
    with pytest.raises(UnreadableFile, match="far more"):
        read(packed(tmp_path / "many.zip", many))


def test_too_many_files_and_too_large_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        trades(tmp_path / f"{n}.csv", TRADE)
    monkeypatch.setattr(sources, "MOST_FILES", 3)
    with pytest.raises(InputError, match="more than 3 files"):
        read(tmp_path)
    with pytest.raises(InputError, match="more than 3 files"):
        read(*sorted(tmp_path.iterdir()))
    with pytest.raises(InputError, match="more than 3 files"):
        read(packed(tmp_path / "z.zip", {f"{n}.csv": BODY for n in range(4)}))
    monkeypatch.setattr(sources, "LARGEST", 100)
    with pytest.raises(UnreadableFile, match="GiB"):
        read(tmp_path / "0.csv")


class Told(Silent):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.total = 0
        self.steps: list[str] = []
        self.ended = False

    def start(self, what: Text, total: int) -> None:
        assert what.en and what.zh
        self.total = total

    def step(self, detail: str = "") -> None:
        self.steps.append(detail)

    def end(self) -> None:
        self.ended = True


def test_progress_is_told_by_file_and_within_long_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liquest.losses.exports.parse._STEP", 10)
    path = trades(tmp_path / "t.csv", *(changed(Trade_Id=str(n)) for n in range(35)))
    told = Told()
    read_exports([path], progress=told)
    assert told.steps == ["t.csv"] * 4 and told.total >= 2 and told.ended
