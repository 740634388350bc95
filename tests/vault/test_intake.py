"""intake: every regular file once, by the digest of its bytes; what cannot be read is told."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from liquest.errors import InputError
from liquest.problems import ASIDE, KEPT, UNREAD
from liquest.vault import intake
from liquest.vault.intake import Digests, digest, take_in, walk


def listed(folder: Path) -> list[tuple[str, Path]]:
    return [(p.relative_to(folder).as_posix(), p) for p in walk(folder, links=True)]


def test_a_digest_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(os.urandom((1 << 20) + 7))
    assert digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_files_come_sorted_and_hidden_ones_do_not(tmp_path: Path) -> None:
    for name in ("b", "a", ".hidden", "x/c", ".git/config", "x/.DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [name for name, _ in listed(tmp_path)] == ["a", "b", "x/c"]


def test_a_file_is_its_own_walk(tmp_path: Path) -> None:
    (tmp_path / ".named").write_text("x")
    assert list(walk(tmp_path / ".named")) == [tmp_path / ".named"]


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        list(walk(tmp_path / "gone"))
    assert "gone" in refused.value.where and refused.value.remedy is not None


def test_pipes_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert list(walk(tmp_path, links=True)) == []


def test_a_loop_of_links_ends_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "x.csv").write_text("x")
    sources, problems = take_in(listed(tmp_path), Digests(tmp_path / "d.json"))
    assert [s.name for s in sources] == ["a/x.csv"]
    assert [(p.code, p.effect, p.path) for p in problems] == [
        ("link-not-followed", ASIDE, "a/b/up")
    ]


@pytest.mark.parametrize("target", ["itself", "nowhere"])
def test_a_link_that_leads_nowhere_is_told(tmp_path: Path, target: str) -> None:
    (tmp_path / "itself").symlink_to(tmp_path / target)
    sources, problems = take_in(listed(tmp_path), Digests(tmp_path / "d.json"))
    assert sources == []
    assert [(p.code, p.effect, p.path) for p in problems] == [("unreadable", UNREAD, "itself")]


def test_only_who_asks_for_links_gets_them(tmp_path: Path) -> None:
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert list(walk(tmp_path)) == []


def test_a_link_to_a_file_counts_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_text("x")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "real" / "x")
    sources, problems = take_in(listed(tmp_path / "data"), Digests(tmp_path / "d.json"))
    assert [s.name for s in sources] == ["linked"] and problems == []


def test_the_same_bytes_under_two_names_are_read_once(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.csv"):
        (tmp_path / name).write_text("the same" if name != "c.csv" else "other")
    sources, problems = take_in(listed(tmp_path), Digests(tmp_path.parent / "d.json"))
    assert [s.name for s in sources] == ["a.csv", "c.csv"]
    (problem,) = problems
    assert (problem.code, problem.effect, problem.path) == ("same-file", KEPT, "b.csv")
    assert "a.csv" in problem.text.en and "a.csv" in problem.text.zh


def test_a_file_that_cannot_be_opened_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    gone = tmp_path / "gone"
    sources, problems = take_in([("gone", gone), ("a", tmp_path / "a")], Digests(tmp_path / "d"))
    assert [s.name for s in sources] == ["a"]
    assert [(p.effect, p.path) for p in problems] == [(UNREAD, "gone")]


def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files that are really read from now on."""
    seen: list[str] = []

    def spy(path: Path) -> str:
        seen.append(path.name)
        return digest(path)

    monkeypatch.setattr(intake, "digest", spy)
    return seen


def test_a_file_that_stands_untouched_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text("a")
    first = Digests(tmp_path / "d.json")
    known = first.of(path)
    first.save()
    seen = hashed(monkeypatch)
    assert Digests(tmp_path / "d.json").of(path) == known and seen == []


def test_a_changed_file_is_read_again_though_size_and_time_are_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text("before")
    digests = Digests(tmp_path / "d.json")
    digests.of(path)
    digests.save()
    state = path.stat()
    path.write_text("after!")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    seen = hashed(monkeypatch)
    again = Digests(tmp_path / "d.json").of(path)
    assert again == hashlib.sha256(b"after!").hexdigest() and seen == ["a"]


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "\x00"])
def test_a_broken_memory_is_no_memory(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.json").write_text(text)
    (tmp_path / "a").write_text("a")
    assert Digests(tmp_path / "d.json").of(tmp_path / "a") == hashlib.sha256(b"a").hexdigest()


def test_memory_holds_names_that_are_no_text(tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/\xff\xfe"))
    try:
        path.write_text("a")
    except OSError as error:
        pytest.skip(f"this file system takes only UTF-8 names: {error}")
    digests = Digests(tmp_path / "d.json")
    digests.of(path)
    digests.save()
    assert Digests(tmp_path / "d.json").of(path) == digest(path)


def test_nothing_learnt_is_nothing_written(tmp_path: Path) -> None:
    Digests(tmp_path / "d.json").save()
    assert not (tmp_path / "d.json").exists()
