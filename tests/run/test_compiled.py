"""Machine code is kept by the digest of every kernel, so that no stale code can run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liquest.run import compiled

INNER = '''"""Inner."""
from liquest.run.compiled import compiled
@compiled
def inner(x):
    return x + {add}
'''
OUTER = '''"""Outer."""
from liquest.run.compiled import compiled
from inner_kernel import inner
@compiled
def outer(x):
    return inner(x) * 2
'''


def test_the_digest_is_of_every_kernel(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    first = tmp_path / "deep" / "a_kernel.py"
    first.write_text("x = 1\n")
    (tmp_path / "plain.py").write_text("y = 1\n")
    before = compiled.digest(tmp_path)
    (tmp_path / "plain.py").write_text("y = 2\n")
    assert compiled.digest(tmp_path) == before
    first.write_text("x = 2\n")
    changed = compiled.digest(tmp_path)
    assert changed != before
    first.rename(tmp_path / "deep" / "b_kernel.py")
    assert compiled.digest(tmp_path) not in (before, changed)


def test_kernels_stand_where_the_digest_looks_for_them() -> None:
    users = {
        path.relative_to(compiled.PACKAGE).as_posix()
        for path in compiled.PACKAGE.rglob("*.py")
        if "run.compiled import" in path.read_text(encoding="utf-8")
        or "from .compiled import" in path.read_text(encoding="utf-8")
    }
    assert len(users) > 20
    assert all(name.endswith("_kernel.py") for name in users), users


def test_another_folder_and_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiled.OWN, str(tmp_path / "own"))
    made = compiled.folder()
    assert made == tmp_path / "own" / f"kernels-{compiled.digest()}" and made.is_dir()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(compiled.OWN, str(tmp_path / "file" / "below"))
    assert compiled.folder() is None


def test_old_machine_code_goes_and_young_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(compiled.OWN, str(tmp_path))
    old, young = tmp_path / "kernels-old", tmp_path / "kernels-young"
    for path in (old, young):
        path.mkdir()
    month = time.time() - 40 * 86_400
    os.utime(old, (month, month))
    compiled.folder()
    assert not old.exists() and young.exists()


def test_a_changed_inner_kernel_is_compiled_again(tmp_path: Path) -> None:
    """The compiler's own cache would run the old inner kernel in the outer one."""

    def run(add: int, kept: str) -> str:
        inner = tmp_path / "inner_kernel.py"
        inner.write_text(INNER.format(add=add))
        (tmp_path / "outer_kernel.py").write_text(OUTER)
        env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / kept), "PYTHONPATH": str(tmp_path)}
        words = [sys.executable, "-c", "from outer_kernel import outer; print(outer(1))"]
        done = subprocess.run(words, env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    stale = f"kernels-{compiled.digest(tmp_path)}"
    assert run(1, stale) == "4"
    (tmp_path / "inner_kernel.py").write_text(INNER.format(add=5))
    fresh = f"kernels-{compiled.digest(tmp_path)}"
    assert fresh != stale and run(5, fresh) == "12"
