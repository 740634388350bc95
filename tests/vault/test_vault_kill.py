"""kill -9 at random instants: what was acknowledged stays, the log verifies, a rerun completes.

A hundred instants of sealing and seventy-five of bundling here; those of proving and
fetching stand with their own tests.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from _vaults import empty_case, made_bundle, old, sealed_case

from liquest.errors import UsageError
from liquest.run.progress import Silent
from liquest.vault import store
from liquest.vault.alone.program import verify as verify_alone
from liquest.vault.check import INVALID, PENDING
from liquest.vault.seal import seal_paths
from liquest.vault.store import Vault
from liquest.vault.verify import verify

Ack = Callable[[str], None]


def run(work: Callable[[Ack], None], after: float | None) -> tuple[list[str], float]:
    """`work` in a child that is killed `after` seconds; its acknowledgements, its duration."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        # The child takes over no thread that it needs; Python 3.12 warns of forks at large.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(read)
            work(lambda text: (os.write(write, f"{text}\n".encode()), None)[1])
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    start = time.perf_counter()
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read) as stream:
        told = stream.read().split("\n")[:-1]
    _, status = os.waitpid(child, 0)
    assert after is not None or status == 0
    return told, time.perf_counter() - start


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(7)
    folder = tmp_path_factory.mktemp("kill") / "data"
    for n in range(30):
        old(folder / f"{n:02d}.bin", rng.randbytes(rng.randrange(20_000)))
    old(folder / "large.bin", rng.randbytes(5_000_000))
    return folder


@pytest.mark.parametrize("chunk", range(5))
def test_killed_while_sealing(
    chunk: int, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_BATCH", 4)
    rng = random.Random(chunk)

    def seal(root: Path) -> Callable[[Ack], None]:
        def work(ack: Ack) -> None:
            for item in seal_paths(Vault.open(root), [data], Silent(), {"collector": "k"}):
                ack(item.id)

        return work

    _, whole = run(seal(empty_case(tmp_path / "whole")), None)
    for instant in range(20):
        root = empty_case(tmp_path / f"{instant}")
        told, _ = run(seal(root), rng.uniform(0, whole * 1.05))
        try:
            checks = verify(root, Silent())
            assert not [c for c in checks if c.status == INVALID], checks
            ids = [i.id for i in Vault.open(root, write=False).items()]
        except UsageError:
            ids = []
        assert set(told) <= set(ids)
        seal(root)(lambda _: None)
        checks = verify(root, Silent())
        assert not [c for c in checks if c.status == INVALID], checks
        assert not [c for c in checks if c.status == PENDING and c.name == "checkpoint"]
        names = [i.source for i in Vault.open(root).items()]
        assert len(names) == len(set(names)) == 31
        assert ids == [i.id for i in Vault.open(root).items()][: len(ids)]
        assert not list((root / "vault" / "objects" / ".tmp").iterdir())
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def case(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = sealed_case(tmp_path_factory.mktemp("kill") / "case")
    list(seal_paths(Vault.open(root), [data], Silent(), {"collector": "k"}))
    return root


@pytest.mark.parametrize("chunk", range(3))
def test_killed_while_bundling(chunk: int, case: Path, tmp_path: Path) -> None:
    rng = random.Random(100 + chunk)
    reference = made_bundle(case, tmp_path / "reference.zip").read_bytes()
    target = tmp_path / "bundle.zip"

    def work(ack: Ack) -> None:
        ack(str(made_bundle(case, target)))

    _, whole = run(work, None)
    target.unlink()
    for _ in range(25):
        told, _ = run(work, rng.uniform(0, whole * 1.05))
        assert target.exists() or not told
        if target.exists():
            assert not [f for f in verify_alone(target) if f.status == INVALID]
        assert not [c for c in verify(case, Silent()) if c.status == INVALID]
        assert made_bundle(case, target).read_bytes() == reference
        assert [p.name for p in sorted(tmp_path.iterdir())] == ["bundle.zip", "reference.zip"]
        target.unlink()
