"""Replies by the parties: shown as they were sent, or refused with line and remedy."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import _dossier_made as made
import pytest

from liquest.clock import parse_time
from liquest.dossier.page import build_page
from liquest.dossier.replies import read_replies
from liquest.errors import CaseError, IntegrityError

TEXT = "We <disagree> & say so.\n我们不同意。"


def write(root: Path, *, digest: str = "", file: str = "reply.txt", extra: str = "") -> Path:
    data = TEXT.encode()
    (root / "reply.txt").write_bytes(data)
    (root / "replies.toml").write_text(
        f"""[[reply]]
party = {{ en = "The venue", zh = "交易所" }}
received = "2026-01-15T09:00:00Z"
file = "{file}"
sha256 = "{digest or hashlib.sha256(data).hexdigest()}"
{extra}""",
        encoding="utf-8",
    )
    return root


def test_a_reply_is_read_and_shown_unedited(tmp_path: Path) -> None:
    (reply,) = read_replies(write(tmp_path))
    assert reply.text == TEXT and reply.received == parse_time("2026-01-15T09:00:00Z")
    page = build_page(made.case(), replace(made.inputs(findings=[]), replies=[reply]))
    assert "We &lt;disagree&gt; &amp; say so.\n我们不同意。" in page
    assert "No reply has been received." not in page and "01-15 09:00:00 UTC" in page


def test_a_case_without_replies_has_none(tmp_path: Path) -> None:
    assert read_replies(tmp_path) == []


def test_a_reply_that_was_changed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="expected") as refused:
        read_replies(write(tmp_path, digest="0" * 64))
    assert refused.value.where.endswith("replies.toml:5")


@pytest.mark.parametrize(
    ("file", "extra", "what"),
    [
        ("../outside.txt", "", "there is no file"),
        ("absent.txt", "", "there is no file"),
        ("reply.txt", 'tone = "kind"', "unknown key 'tone'"),
    ],
)
def test_a_file_with_errors_is_refused_with_line_and_remedy(
    tmp_path: Path, file: str, extra: str, what: str
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "outside.txt").write_text("x", encoding="utf-8")
    with pytest.raises(CaseError, match=what) as refused:
        read_replies(write(tmp_path / "inner", file=file, extra=extra))
    assert "replies.toml:" in refused.value.where and refused.value.remedy is not None


def test_bytes_that_are_no_text_and_times_without_a_zone(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "reply.txt").write_bytes(b"\xff\xfe")
    path = tmp_path / "replies.toml"
    text = path.read_text(encoding="utf-8")
    old = hashlib.sha256(TEXT.encode()).hexdigest()
    path.write_text(text.replace(old, hashlib.sha256(b"\xff\xfe").hexdigest()), encoding="utf-8")
    with pytest.raises(CaseError, match="not written in UTF-8"):
        read_replies(tmp_path)
    write(tmp_path)
    path.write_text(text.replace("2026-01-15T09:00:00Z", "yesterday"), encoding="utf-8")
    with pytest.raises(CaseError, match="is not a time"):
        read_replies(tmp_path)
