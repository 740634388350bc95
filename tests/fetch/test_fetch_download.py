"""One file to the disk, whatever the line does."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace

import pytest
from _archive_server import ArchiveServer, FakeTime, Fault, fast_web

from liquest.errors import OutputError
from liquest.fetch.download import Download
from liquest.fetch.failures import Absent, Refused, Stopped, Unreachable
from liquest.fetch.pacing import Limits, RealTime
from liquest.fetch.web import Web

pytest_plugins = ("_archive_fixtures",)

KEY = "data/file.bin"
BODY = random.Random(7).randbytes(300_000)


@pytest.fixture
def other() -> Iterator[ArchiveServer]:
    made = ArchiveServer()
    yield made
    made.close()


def parts(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_file_comes_with_its_headers(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    server.put(KEY, BODY)
    got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == BODY
    assert (got.etag, got.last_modified) == (server.files[KEY].etag, server.files[KEY].modified)
    assert server.headers(KEY)[0]["accept-encoding"] == "identity"
    assert server.headers(KEY)[0]["user-agent"].startswith("liquest/")


@pytest.mark.parametrize("etag", ["", "none"])
def test_a_cut_line_goes_on_where_it_stopped(
    server: ArchiveServer, web: Web, tmp_path: Path, etag: str
) -> None:
    server.put(KEY, BODY, etag=etag)
    server.fail(KEY, Fault(cut=100_000), Fault(cut=100_000))
    got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == BODY
    assert got.resumed == 2
    asked = server.headers(KEY)
    assert asked[1]["range"].startswith("bytes=") and asked[1]["range"] != "bytes=0-"
    expected = server.files[KEY].modified if etag == "none" else server.files[KEY].etag
    assert asked[1]["if-range"] == expected


def test_a_weak_etag_is_no_validator_of_bytes(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    server.put(KEY, BODY, etag='W/"abc"')
    server.fail(KEY, Fault(cut=100_000))
    Download(web, tmp_path, server.url + KEY).take()
    assert server.headers(KEY)[1]["if-range"] == server.files[KEY].modified


def test_a_file_that_changes_between_two_requests_starts_anew(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    fresh = random.Random(8).randbytes(280_000)
    server.put(KEY, BODY)
    server.fail(KEY, Fault(cut=200_000), Fault(then=lambda: server.put(KEY, fresh)))
    got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == fresh
    assert got.etag == server.files[KEY].etag


def test_a_range_of_another_version_is_not_appended(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(cut=200_000), Fault(headers={"ETag": '"another"'}))
    server.files[KEY].etag = '"one"'
    got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == BODY


def test_a_server_without_ranges_sends_it_whole(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(cut=200_000), Fault(plain=True))
    got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == BODY
    assert got.resumed == 0


def test_a_part_longer_than_the_file_is_thrown_away(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    download = Download(web, tmp_path, server.url + KEY)
    download.take()
    with download.path.open("ab") as out:
        out.write(b"too much")
    assert Download(web, tmp_path, server.url + KEY).take().path.read_bytes() == BODY


def test_a_416_starts_anew(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(cut=200_000), Fault(status=416))
    assert Download(web, tmp_path, server.url + KEY).take().path.read_bytes() == BODY


def test_a_whole_part_is_taken_when_the_server_still_has_it(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    Download(web, tmp_path, server.url + KEY).take()
    Download(web, tmp_path, server.url + KEY).take()
    assert server.times(KEY) == 1
    fresh = BODY[::-1]
    server.put(KEY, fresh)
    assert Download(web, tmp_path, server.url + KEY).take().path.read_bytes() == fresh


def test_a_part_of_unknown_origin_is_not_trusted(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    download = Download(web, tmp_path, server.url + KEY)
    download.path.write_bytes(b"x" * 1000)
    for side in ("", "{", json.dumps({"url": "other", "etag": "", "last_modified": "", "size": 1})):
        download.path.with_suffix(".json").write_text(side)
        assert download.take().path.read_bytes() == BODY
        download.path.write_bytes(b"x" * 1000)


def test_two_urls_never_share_a_part(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    server.put(KEY, BODY)
    server.put("data/other.bin", BODY[:1000])
    one = Download(web, tmp_path, server.url + KEY).take()
    two = Download(web, tmp_path, server.url + "data/other.bin").take()
    assert one.path != two.path
    assert len(parts(tmp_path)) == 4


def test_bytes_are_kept_as_they_were_sent(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n1,2\n")
    server.put(KEY, packed)
    server.fail(KEY, Fault(headers={"Content-Encoding": "gzip"}))
    assert Download(web, tmp_path, server.url + KEY).take().path.read_bytes() == packed


def test_retry_after_in_seconds_holds_the_host(
    server: ArchiveServer, web: Web, clock: FakeTime, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(status=429, headers={"Retry-After": "17"}))
    Download(web, tmp_path, server.url + KEY).take()
    assert max(clock.slept) >= 17


def test_retry_after_as_a_date(
    server: ArchiveServer, web: Web, clock: FakeTime, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    date = formatdate(clock.wall() + 40, usegmt=True)
    server.fail(KEY, Fault(status=503, headers={"Retry-After": date}))
    Download(web, tmp_path, server.url + KEY).take()
    assert 38 <= max(clock.slept) <= 41


def test_a_pause_beyond_reason_ends_the_attempt(
    server: ArchiveServer, web: Web, clock: FakeTime, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(status=429, headers={"Retry-After": "86400"}))
    with pytest.raises(Unreachable, match="Retry-After 86400"):
        Download(web, tmp_path, server.url + KEY).take()
    assert not clock.slept


def test_a_burst_of_503_is_waited_out(
    server: ArchiveServer, web: Web, clock: FakeTime, tmp_path: Path
) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, *[Fault(status=503)] * 3)
    Download(web, tmp_path, server.url + KEY).take()
    waits = [s for s in clock.slept if s > 0.1]
    assert waits == sorted(waits) and waits[1] == 2 * waits[0]


def test_an_endless_burst_is_given_up(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, *[Fault(status=503)] * 10)
    with pytest.raises(Unreachable, match=r"4 attempts.*HTTP 503"):
        Download(web, tmp_path, server.url + KEY).take()
    assert server.times(KEY) == 4


def test_progress_earns_new_attempts(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, *[Fault(cut=40_000)] * 7)
    got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == BODY and got.resumed == 7


def test_a_stalled_connection_is_left(server: ArchiveServer, tmp_path: Path) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(cut=150_000, stall=3.0))
    limits = Limits(stall=0.3, first_wait=0.01, reserve_bytes=0)
    with Web(limits, rates={server.host: 1e9}) as web:
        start = web.time.monotonic()
        got = Download(web, tmp_path, server.url + KEY).take()
        assert web.time.monotonic() - start < 2.5
    assert got.path.read_bytes() == BODY


def test_a_trickle_is_left(server: ArchiveServer, tmp_path: Path) -> None:
    server.put(KEY, BODY[:2000])
    server.fail(KEY, Fault(drip=0.05))
    limits = Limits(stall=0.3, first_wait=0.01, reserve_bytes=0)
    with Web(limits, rates={server.host: 1e9}) as web:
        got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == BODY[:2000] and server.times(KEY) >= 2


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_beyond_its_bound_is_refused(
    server: ArchiveServer, tmp_path: Path, chunked: bool
) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(chunked=chunked))
    with fast_web(server, file_bytes=100_000) as web, pytest.raises(Refused, match="larger"):
        Download(web, tmp_path, server.url + KEY).take()
    assert server.times(KEY) == 1
    assert sum(p.stat().st_size for p in tmp_path.glob("*.part")) <= 100_000


def test_a_listing_beyond_its_bound_is_refused(server: ArchiveServer) -> None:
    server.answers["big"] = b"x" * 5000
    with fast_web(server, text_bytes=1000) as web, pytest.raises(Refused, match="larger"):
        web.text(server.url + "big")


def test_a_gone_file_is_absent_at_once(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    for status in (404, 410):
        server.put(KEY, BODY)
        server.fail(KEY, Fault(status=status))
        with pytest.raises(Absent):
            Download(web, tmp_path, server.url + KEY).take()
    assert server.times(KEY) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 451])
def test_a_bar_is_told_with_a_way_out(
    server: ArchiveServer, web: Web, tmp_path: Path, status: int
) -> None:
    server.put(KEY, BODY)
    server.fail(KEY, Fault(status=status))
    with pytest.raises(Refused, match=f"HTTP {status}"):
        Download(web, tmp_path, server.url + KEY).take()


def test_a_redirect_on_the_same_host_is_followed(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    server.put("there.bin", BODY)
    server.put(KEY, b"")
    server.fail(KEY, Fault(status=302, headers={"Location": "/there.bin"}))
    assert Download(web, tmp_path, server.url + KEY).take().path.read_bytes() == BODY


def test_a_redirect_to_another_host_is_refused(
    server: ArchiveServer, other: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    other.put(KEY, b"not the venue's")
    server.put(KEY, b"")
    server.fail(KEY, Fault(status=302, headers={"Location": other.url + KEY}))
    with pytest.raises(Refused, match="redirects to another host"):
        Download(web, tmp_path, server.url + KEY).take()
    assert not other.asked


def test_a_redirect_to_an_allowed_host_is_followed(
    server: ArchiveServer, other: ArchiveServer, tmp_path: Path
) -> None:
    other.put(KEY, BODY)
    server.put(KEY, b"")
    server.fail(KEY, Fault(status=307, headers={"Location": other.url + KEY}))
    with Web(Limits(reserve_bytes=0), time=FakeTime(), allowed=frozenset({other.host})) as web:
        got = Download(web, tmp_path, server.url + KEY).take()
    assert got.path.read_bytes() == BODY and got.served_by == other.url + KEY


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "//["])
def test_a_redirect_out_of_http_is_refused(
    server: ArchiveServer, web: Web, tmp_path: Path, target: str
) -> None:
    server.put(KEY, b"")
    server.fail(KEY, Fault(status=302, headers={"Location": target}))
    with pytest.raises(Refused):
        Download(web, tmp_path, server.url + KEY).take()


def test_a_circle_of_redirects_ends(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    server.put(KEY, b"")
    server.fail(KEY, *[Fault(status=302, headers={"Location": "/" + KEY})] * 20)
    with pytest.raises(Refused, match="redirects"):
        Download(web, tmp_path, server.url + KEY).take()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "nonsense", "http://"])
def test_an_address_that_is_none_is_refused(web: Web, url: str) -> None:
    with pytest.raises(Refused):
        web.text(url)


def test_a_dead_host_is_given_up(tmp_path: Path) -> None:
    gone = ArchiveServer()
    url = gone.url + KEY
    gone.close()
    with fast_web(gone) as web, pytest.raises(Unreachable, match="ConnectError"):
        Download(web, tmp_path, url).take()


def test_a_full_disk_ends_before_the_first_byte(
    server: ArchiveServer, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(KEY, BODY)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(OutputError, match="disk is full"):
        Download(web, tmp_path, server.url + KEY).take()


def test_a_stopped_run_asks_nobody(server: ArchiveServer, web: Web, tmp_path: Path) -> None:
    server.put(KEY, BODY)
    web.stop.set()
    with pytest.raises(Stopped):
        Download(web, tmp_path, server.url + KEY).take()
    assert not server.asked


def test_a_stop_wakes_who_waits() -> None:
    from threading import Event, Timer

    stop = Event()
    clock = RealTime(stop)
    Timer(0.05, stop.set).start()
    start = clock.monotonic()
    clock.sleep(30)
    assert clock.monotonic() - start < 5


@pytest.mark.parametrize("seed", range(25))
def test_whatever_the_line_does_the_bytes_are_those_of_one_version(
    server: ArchiveServer, web: Web, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    body = dice.randbytes(dice.randrange(1, 200_000))
    versions = [body, dice.randbytes(dice.randrange(1, 200_000)), body[: len(body) // 2 + 1]]
    server.put(KEY, body, etag=dice.choice(["", "none", 'W/"w"', ""]))

    def change() -> None:
        # The date changes with the bytes, as it does on every real server.
        server.put(KEY, dice.choice(versions))
        server.files[KEY].modified = formatdate(dice.randrange(10**9), usegmt=True)

    for _ in range(dice.randrange(8)):
        server.fail(
            KEY,
            dice.choice(
                [
                    Fault(cut=dice.randrange(100_000)),
                    Fault(status=dice.choice([429, 500, 502, 503, 504])),
                    Fault(plain=True, cut=dice.randrange(100_000)),
                    Fault(then=change, cut=dice.randrange(100_000)),
                    Fault(chunked=True),
                ]
            ),
        )
    for _ in range(6):
        try:
            got = Download(web, tmp_path, server.url + KEY).take()
            break
        except Unreachable:
            continue
    assert got.path.read_bytes() in versions
