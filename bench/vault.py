"""The vault against hashing alone: sealing, appending, proving, verifying.

Files of 64 MB, 256 MB together, or 1 GB with LIQUEST_BENCH_FULL=1. Each time is the best
of three, the floor taken in between, on whatever disk TMPDIR is.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from liquest.run.progress import Silent
from liquest.vault.alone import source
from liquest.vault.bundle import bundle
from liquest.vault.items import Item
from liquest.vault.log import Log, leaf_hash, verify_inclusion
from liquest.vault.seal import seal_paths
from liquest.vault.store import Vault
from liquest.vault.verify import verify

_FILE = 64 << 20
_ROUNDS = 3


def run() -> dict[str, Any]:
    """Ratios and seconds; the targets stand beside them."""
    files = 16 if os.environ.get("LIQUEST_BENCH_FULL") == "1" else 4
    with tempfile.TemporaryDirectory(prefix="liquest-bench-") as folder:
        root = Path(folder)
        return {**_bytes(root, files), **_lines(root), **_million(root)}


def _best(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    times = []
    for _ in range(_ROUNDS):
        before()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _hash(paths: list[Path]) -> None:
    for path in paths:
        with path.open("rb") as stream:
            hashlib.file_digest(stream, "sha256")


def _bytes(root: Path, files: int) -> dict[str, Any]:
    """Sealing and verifying against hashing the same bytes, with warm caches."""
    data, case = root / "data", root / "case"
    data.mkdir()
    paths = []
    for n in range(files):
        path = data / f"{n}.bin"
        path.write_bytes(random.Random(n).randbytes(_FILE))
        os.utime(path, (1, 1))
        paths.append(path)

    def fresh() -> None:
        shutil.rmtree(case, ignore_errors=True)
        case.mkdir()
        (case / "case.toml").write_text("[windows]\n")
        os.sync()

    def seal() -> None:
        list(seal_paths(Vault.open(case), [data], Silent(), {"collector": "bench"}))

    floor = _best(lambda: _hash(paths))
    sealing = _best(seal, fresh)
    floor = min(floor, _best(lambda: _hash(paths)))
    one = _best(
        lambda: list(seal_paths(Vault.open(case), paths[:1], Silent(), {"collector": "bench"})),
        fresh,
    )
    one_floor = _best(lambda: _hash(paths[:1]))
    fresh()
    seal()
    target = root / "bundle.zip"
    start = time.perf_counter()
    bundle(case, case / "out", target, Silent())
    bundling = time.perf_counter() - start
    script = root / "verify.py"
    script.write_bytes(source())
    whole = _best(lambda: _hash([target]))
    ours = _best(lambda: verify(target, Silent()))
    command = [sys.executable, "-I", "-S", str(script), str(target)]
    alone = _best(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    in_place = _best(lambda: verify(case, Silent()))
    target.unlink()
    shutil.rmtree(data)
    shutil.rmtree(case)
    return {
        "bytes": files * _FILE,
        "hash_mb_s": round(files * _FILE / floor / 1e6),
        "seal_rate_to_hash_rate (>= 0.8)": round(floor / sealing, 2),
        "seal_one_file_rate_to_hash_rate": round(one_floor / one, 2),
        "bundle_seconds": round(bundling, 2),
        "verify_bundle_to_hash_time (<= 1.3)": round(ours / whole, 2),
        "verify_py_to_hash_time (<= 1.3)": round(alone / whole, 2),
        "verify_case_to_hash_time": round(in_place / whole, 2),
    }


def _item(n: int) -> bytes:
    return Item(
        f"{n:064x}", n, "application/gzip", f"okx/trades/2025-10-11/{n}.csv.gz",
        f"https://archive.test/okx/trades/2025-10-11/{n}.csv.gz", "fetch", "liquest 0.1.0",
        "2025-10-11T00:00:00.000000Z", "bench",
    ).line()  # fmt: skip


def _lines(root: Path) -> dict[str, Any]:
    """100,000 items made into lines and appended, in batches as sealing does it, and at once."""
    times = {}
    for batch in (128, 100_000):
        log = Log(root / f"log{batch}")
        log.create()
        start = time.perf_counter()
        for at in range(0, 100_000, batch):
            log.append([_item(n) for n in range(at, min(at + batch, 100_000))])
        times[batch] = time.perf_counter() - start
    return {
        "append_100000_items_s (<= 5)": round(times[100_000], 2),
        "append_100000_items_by_128_s": round(times[128], 2),
    }


def _million(root: Path) -> dict[str, Any]:
    log = Log(root / "million")
    log.create()
    for at in range(0, 1_000_000, 100_000):
        log.append([b"%d" % n for n in range(at, at + 100_000)])
    head = log.root()
    rng = random.Random(1)
    wanted = [rng.randrange(1_000_000) for _ in range(1000)]
    times = []
    for index in wanted:
        start = time.perf_counter()
        path = log.inclusion(index)
        times.append(time.perf_counter() - start)
        verify_inclusion(leaf_hash(b"%d" % index), index, log.size, path, head)
    times.sort()
    return {
        "inclusion_in_a_million_ms_median (<= 1)": round(times[500] * 1000, 3),
        "inclusion_in_a_million_ms_99th": round(times[990] * 1000, 3),
    }
