"""From a plan to sealed files: verified, once, nothing half."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from _archive_server import TRADES_KEY, ArchiveServer, Fault, fast_web, publish_binance, zipped

from liquest.errors import InputError, OutputError
from liquest.fetch import binance, dates
from liquest.fetch.engine import Engine, Outcome, left
from liquest.fetch.sealing import Both, Folder, Sealed, Sealer
from liquest.fetch.transfer import Transfer, sound
from liquest.fetch.venues import archive
from liquest.fetch.wanted import Plan, Record, Wanted
from liquest.fetch.web import Web
from liquest.problems import ABSENT, KEPT, UNREAD
from liquest.vault.intake import digest
from liquest.vault.store import Vault

pytest_plugins = ("_archive_fixtures",)

KEY = TRADES_KEY.format("ATOMUSDT", "2025-10-10")
KINDS: dict[str, Callable[[Path], Sealer]] = {
    "vault": lambda root: Vault.open(root),
    "folder": lambda root: Folder(root / "out"),
    "both": lambda root: Both(Vault.open(root), Folder(root / "out")),
}


@pytest.fixture(params=sorted(KINDS))
def sealer(request: pytest.FixtureRequest, tmp_path: Path) -> Sealer:
    return KINDS[request.param](tmp_path)


def plan(server: ArchiveServer, web: Web, symbols: str = "*") -> Plan:
    asked = binance.Asked(
        "spot", ("trades",), tuple(symbols.split(",")), tuple(dates.days("2025-10-10"))
    )
    return binance.plan(web, archive("binance-vision", server.url), asked)


def run(server: ArchiveServer, web: Web, sealer: Sealer, root: Path, of: Plan) -> Outcome:
    del server
    return Engine(web, {"http": Transfer(web)}, sealer, root, "tester").run(of)


def urls(sealer: Sealer) -> dict[str, Sealed]:
    return {i.url: i for i in sealer.items()}


def test_files_land_with_all_that_is_known_of_them(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT", "BTCUSDT"], ["2025-10-10"])
    done = run(server, web, sealer, tmp_path, plan(server, web))
    assert done.complete and len(done.landed) == 2 and not done.problems
    served = server.files[KEY]
    item = urls(sealer)[server.url + KEY]
    assert sealer.path_of(item.sha256).read_bytes() == served.body
    assert item.source == f"binance-vision/{KEY}"
    record = Record.of(item.note)
    assert record.etag == served.etag and record.last_modified == served.modified
    assert record.published_sha256 == item.sha256 == hashlib.sha256(served.body).hexdigest()
    assert (record.instrument, record.kind, record.date) == (
        "ATOMUSDT",
        "spot trades",
        "2025-10-10",
    )
    checksum = urls(sealer)[server.url + KEY + ".CHECKSUM"]
    assert sealer.path_of(checksum.sha256).read_bytes() == server.files[KEY + ".CHECKSUM"].body
    assert Record.of(checksum.note).checksum_of == item.sha256
    assert [p.name for p in (tmp_path / ".part").iterdir()] == ["lock"]


def test_a_second_run_asks_for_nothing(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    of = plan(server, web)
    run(server, web, sealer, tmp_path, of)
    assert not left(of, sealer).wanted
    before = len(server.asked)
    again = run(server, web, sealer, tmp_path, of)
    assert len(again.skipped) == 1 and not again.landed
    assert len(server.asked) == before
    assert len(list(sealer.items())) == 2


def test_a_wrong_checksum_is_never_sealed(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT", "BTCUSDT"], ["2025-10-10"])
    good = server.files[KEY].body
    server.files[KEY].body = good[:-1] + b"?"
    done = run(server, web, sealer, tmp_path, plan(server, web))
    assert not done.complete
    assert [p.code for p in done.problems] == ["checksum-mismatch"]
    assert server.url + KEY not in urls(sealer)
    (aside,) = (tmp_path / ".part").glob("*.rejected")
    assert aside.read_bytes() == server.files[KEY].body
    assert "expected" in aside.with_name(aside.name + ".json").read_text(encoding="utf-8")
    assert server.times(KEY) == 2
    server.files[KEY].body = good
    assert run(server, web, sealer, tmp_path, plan(server, web)).complete
    assert digest(sealer.path_of(urls(sealer)[server.url + KEY].sha256)) == digest_of(good)


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "0" * 64 + "  other.zip", "<html>", "0" * 63 + "  ATOM.zip"]
)
def test_a_checksum_file_of_something_else_is_no_checksum(
    server: ArchiveServer, web: Web, tmp_path: Path, text: str
) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    server.files[KEY + ".CHECKSUM"].body = text.encode()
    done = run(server, web, Folder(tmp_path), tmp_path, plan(server, web))
    assert [p.code for p in done.problems] == ["checksum-mismatch"]
    assert "checksum file does not name" in done.problems[0].text.en


def test_a_file_replaced_between_the_two_requests_is_asked_again(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    fresh = zipped("x.csv", "1,2\n")
    of = plan(server, web)
    server.fail(KEY + ".CHECKSUM", Fault(then=lambda: server.put(KEY, fresh, checksum=True)))
    done = run(server, web, sealer, tmp_path, of)
    assert done.complete
    assert urls(sealer)[server.url + KEY].sha256 == digest_of(fresh)
    assert [p.code for p in done.problems] == ["changed-since-listing"]


def test_a_file_without_a_checksum_is_sealed_and_said(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    del server.files[KEY + ".CHECKSUM"]
    done = run(server, web, sealer, tmp_path, plan(server, web))
    assert [(p.code, p.effect) for p in done.problems] == [("no-checksum", KEPT)]
    assert Record.of(urls(sealer)[server.url + KEY].note).published_sha256 == ""


def test_a_file_gone_since_the_listing_is_an_absence(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT", "BTCUSDT"], ["2025-10-10"])
    of = plan(server, web)
    del server.files[KEY]
    done = run(server, web, sealer, tmp_path, of)
    assert [(p.code, p.effect) for p in done.problems] == [("absent", ABSENT)]
    assert done.complete and len(done.landed) == 1


def test_one_file_that_fails_does_not_end_the_run(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT", "BTCUSDT", "ETHUSDT"], ["2025-10-10"])
    server.fail(KEY, *[Fault(status=500)] * 9)
    done = run(server, web, sealer, tmp_path, plan(server, web))
    assert [(p.code, p.effect) for p in done.problems] == [("not-fetched", UNREAD)]
    assert len(done.landed) == 2 and not done.complete
    server.faults.clear()
    assert run(server, web, sealer, tmp_path, plan(server, web)).complete


def test_a_broken_archive_is_fetched_twice_and_sealed_as_served(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    broken = gzip.compress(b"x" * 10_000)[:-9]
    server.put("a.csv.gz", broken)
    of = Plan([Wanted("bybit", "a.csv.gz", server.url + "a.csv.gz")])
    done = run(server, web, sealer, tmp_path, of)
    assert [p.code for p in done.problems] == ["archive-broken"]
    assert "as the venue serves it" in done.problems[0].text.en
    assert server.times("a.csv.gz") == 2 and len(done.landed) == 1


def test_soundness(tmp_path: Path) -> None:
    good = zipped("a.csv", "1,2\n" * 1000)
    cases = {
        good: True, good[:-5]: False, good[:40] + b"?" + good[41:]: False,
        gzip.compress(b"abc"): True, gzip.compress(b"abc")[:-3]: False, b"plain": True, b"": True,
    }  # fmt: skip
    for body, expected in cases.items():
        (tmp_path / "x").write_bytes(body)
        assert sound(tmp_path / "x") is expected


def test_a_full_disk_ends_the_run(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    publish_binance(server, ["ATOMUSDT", "BTCUSDT"], ["2025-10-10"])
    of = plan(server, web)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=-1))
    with pytest.raises(OutputError, match="disk is full"):
        run(server, web, sealer, tmp_path, of)
    monkeypatch.undo()
    with fast_web(server) as fresh:
        assert run(server, fresh, sealer, tmp_path, of).complete


def test_two_runs_at_once_are_refused(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    (tmp_path / ".part").mkdir()
    with (tmp_path / ".part" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="another fetch"):
            run(server, web, Folder(tmp_path), tmp_path, Plan())


def test_a_scheme_that_nobody_fetches(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    of = Plan([Wanted("x", "k", "ftp://host/k")])
    done = run(server, web, Folder(tmp_path), tmp_path, of)
    assert [p.code for p in done.problems] == ["not-fetched"]


def test_a_landed_file_is_told_after_it_is_sealed(
    server: ArchiveServer, web: Web, sealer: Sealer, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT", "BTCUSDT", "ETHUSDT"], ["2025-10-10"])
    told: list[str] = []

    def landed(item: Sealed) -> None:
        assert item.url in urls(sealer)
        told.append(item.url)

    Engine(web, {"http": Transfer(web)}, sealer, tmp_path).run(plan(server, web), landed=landed)
    assert len(told) == 3


def test_a_checksum_that_is_sealed_already_is_not_sealed_again(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    of = plan(server, web)
    vault = Vault.open(tmp_path)
    stop = Folder(tmp_path / "lost")
    run(server, web, vault, tmp_path, of)
    before = len(vault.items())
    # As after a kill between the checksum and its file: only the file is missing.
    known = [i for i in vault.items() if i.url.endswith(".CHECKSUM")]
    half = SimpleNamespace(items=lambda: known, put=vault.put, path_of=vault.path_of)
    run(server, web, half, tmp_path, of)
    assert len(vault.items()) == before and not stop.items()


def test_a_folder_keeps_both_of_two_files_with_one_name(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    for body in (b"one", b"two", b"one"):
        (tmp_path / "x").write_bytes(body)
        folder.put(tmp_path / "x", source="a/b.csv", url="http://x/")
    assert {folder.path_of(k.sha256).read_bytes() for k in folder.items()} == {b"one", b"two"}
    assert (tmp_path / "out" / "a" / "b.csv").read_bytes() == b"one"
    with pytest.raises(InputError):
        folder.put(tmp_path / "x", source="../up")
    with pytest.raises(InputError):
        folder.path_of("0" * 64)
    (tmp_path / "out" / "a" / "broken.fetched.json").write_text("{")
    assert len(folder.items()) == 2


def test_a_note_that_is_a_persons_own_is_left_alone() -> None:
    for note in ("", "taken by hand", "[]", '{"a":1}', "12"):
        assert Record.of(note) == Record()
    made = replace(Record(), key="a", etag='"x"')
    assert Record.of(made.note()) == made


def test_a_sealer_that_fails_stops_the_downloads(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    publish_binance(server, [f"C{n:02}USDT" for n in range(20)], ["2025-10-10"])
    of = plan(server, web)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    broken = SimpleNamespace(items=list, put=full, path_of=None)
    with pytest.raises(OSError, match="No space"):
        run(server, web, broken, tmp_path, of)
    assert web.stop.is_set()
    with fast_web(server) as fresh:
        assert len(run(server, fresh, Folder(tmp_path / "o"), tmp_path, of).landed) == 20
