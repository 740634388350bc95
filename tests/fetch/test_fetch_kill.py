"""kill -9 at any instant: nothing acknowledged is lost, nothing half is sealed, and the
command run again brings the same as if nothing had happened."""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from _archive_server import ArchiveServer, fast_web, publish_binance
from _fetch_child import PRELOAD, fetch, open_sealer

from liquest.fetch import binance, dates
from liquest.fetch.sealing import Sealer
from liquest.fetch.venues import archive
from liquest.fetch.wanted import Plan
from liquest.vault.store import Vault

pytest_plugins = ("_archive_fixtures",)

KILLS = 65
_SYMBOLS = ["ATOMUSDT", "BTCUSDT", "ETHUSDT", "POLUSDT", "SKYUSDT", "TRXUSDT"]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOAD)


@pytest.fixture
def plan(server: ArchiveServer) -> Iterator[Plan]:
    publish_binance(server, _SYMBOLS, ["2025-10-10"], rows=1500)
    with fast_web(server) as web:
        asked = binance.Asked("spot", ("trades",), ("*",), tuple(dates.days("2025-10-10")))
        yield binance.plan(web, archive("binance-vision", server.url), asked)


def check(server: ArchiveServer, sealer: Sealer, acknowledged: Path) -> dict[str, str]:
    """The sealed digests by URL, each checked against its bytes and the server's."""
    found = {}
    for item in sealer.items():
        body = sealer.path_of(item.sha256).read_bytes()
        assert body == server.files[item.url.removeprefix(server.url)].body
        assert hashlib.sha256(body).hexdigest() == item.sha256
        found[item.url] = item.sha256
    if isinstance(sealer, Vault):
        sealer.log.check_tree()
    lines = acknowledged.read_text().splitlines() if acknowledged.exists() else []
    for line in lines:
        url, sha = line.split()
        assert found.get(url) == sha, f"acknowledged and lost: {url}"
    return found


def test_kill_at_random_instants(server: ArchiveServer, plan: Plan, tmp_path: Path) -> None:
    assert len(plan.wanted) == len(_SYMBOLS)
    server.pause = 0.002
    dice = random.Random(20251010)
    expected = {
        server.url + key: hashlib.sha256(served.body).hexdigest()
        for key, served in server.files.items()
    }
    warm = tmp_path / "warm"
    warm.mkdir()
    whole = 0.0
    for kind in ("vault", "folder"):
        # The first start also brings up the server that forks: only the second is timed.
        start = time.monotonic()
        first = _context.Process(target=fetch, args=(server.url, warm, kind, plan, warm / "ack"))
        first.start()
        first.join()
        assert first.exitcode == 0
        whole = time.monotonic() - start
    killed = interrupted = 0
    round_ = 0
    while killed < KILLS:
        kind = ("vault", "folder")[round_ % 2]
        root = tmp_path / str(round_)
        root.mkdir()
        ack = root / "ack"
        # The same case is killed again and again until a run comes through.
        for _ in range(8):
            process = _context.Process(target=fetch, args=(server.url, root, kind, plan, ack))
            process.start()
            process.join(dice.uniform(0, whole * 1.1))
            process.kill()
            process.join()
            killed += 1
            if process.exitcode == 0:
                break
            interrupted += 1
            if (root / "vault").exists() or (root / "out").exists():
                check(server, open_sealer(kind, root), ack)
        fetch(server.url, root, kind, plan, ack)
        assert check(server, open_sealer(kind, root), ack) == expected
        left = {p.name for p in (root / ".part").iterdir()}
        assert left == {"lock"}, left
        round_ += 1
    assert interrupted >= KILLS // 3
