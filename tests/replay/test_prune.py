"""Kept populations: the last few stay, what is in use always does, nothing else is touched."""

from __future__ import annotations

import os
from pathlib import Path

from liquest.replay.stage import MOST, prune


def test_the_oldest_go_and_the_one_in_use_stays(tmp_path: Path) -> None:
    names = [f"{n:016x}" for n in range(MOST + 4)]
    for age, name in enumerate(names):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.npz").write_bytes(b"x")
        os.utime(tmp_path / name, (1000 + age, 1000 + age))
    (tmp_path / "charts").mkdir()
    prune(tmp_path, names[0])
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {"charts", names[0], *names[-MOST:]}


def test_nothing_goes_while_there_are_few(tmp_path: Path) -> None:
    for n in range(MOST + 1):
        (tmp_path / f"{n:016x}").mkdir()
    prune(tmp_path, f"{0:016x}")
    assert len(list(tmp_path.iterdir())) == MOST + 1
