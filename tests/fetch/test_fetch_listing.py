"""Listings: every page, and no key that would leave its folder."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath

import pytest
from _archive_server import ArchiveServer
from hypothesis import given
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.fetch import dates
from liquest.fetch.failures import Absent, Refused
from liquest.fetch.index import index
from liquest.fetch.listing import listing, parse_page
from liquest.fetch.names import chosen, unsafe
from liquest.fetch.web import Web

pytest_plugins = ("_archive_fixtures",)

HOSTILE = [
    "../../etc/x", "/etc/passwd", "data/../../x", "data/a\x00b", "data/a\nb", "data/a\u202eb",
    "data\\..\\x", "C:/x", "data//x", "data/./x", "", "data/" + "x" * 500, "data/\x7f",
    "data/..", "..", ".", "data/a\u2028b",
]  # fmt: skip


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("next_marker", [True, False])
def test_every_page_is_read(
    server: ArchiveServer, web: Web, generation: int, next_marker: bool
) -> None:
    server.page, server.generation, server.next_marker = 7, generation, next_marker
    keys = [f"data/x/{n:03}.zip" for n in range(50)]
    for key in keys:
        server.put(key, b"x" * 10)
    found = listing(web, server.url, "data/x/")
    assert [e.key for e in found.entries] == keys
    assert {e.size for e in found.entries} == {10}
    assert not found.problems


def test_folders_are_one_level(server: ArchiveServer, web: Web) -> None:
    server.page = 2
    for name in ("ATOMUSDT", "BTCUSDT", "币安人生USDT", "A&BUSDT"):
        server.put(f"data/t/{name}/1m/{name}.zip", b"")
    found = listing(web, server.url, "data/t/", folders=True)
    assert sorted(found.folders) == ["A&BUSDT", "ATOMUSDT", "BTCUSDT", "币安人生USDT"]


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_names_have_a_reason(key: str) -> None:
    assert unsafe(key) is not None


def test_hostile_keys_are_refused_and_the_rest_is_kept(server: ArchiveServer, web: Web) -> None:
    server.put("data/good.zip", b"x")
    # What XML cannot hold cannot come by it; the rest comes.
    server.extra_keys = [k for k in HOSTILE if not any(ord(c) < 32 for c in k)]
    found = listing(web, server.url, "data/")
    assert [e.key for e in found.entries] == ["data/good.zip"]
    assert len(found.problems) == len(set(server.extra_keys) - {""})
    assert {p.code for p in found.problems} == {"unsafe-name"}
    assert all(p.sample.isascii() for p in found.problems)


def test_a_key_outside_of_the_prefix_is_refused(server: ArchiveServer, web: Web) -> None:
    server.extra_keys = ["other/file.zip"]
    server.put("data/good.zip", b"x")
    assert [p.sample for p in listing(web, server.url, "data/").problems] == ["'other/file.zip'"]


@given(st.text(max_size=80))
def test_a_name_that_passes_stays_below_its_root(key: str) -> None:
    if unsafe(key) is None:
        path = PurePosixPath("/root") / key
        assert path.parts[:2] == ("/", "root") and ".." not in path.parts
        assert "\x00" not in key and "\n" not in key


@pytest.mark.parametrize(
    "text",
    [
        "", "no xml", "<html></html>", "<Error><Code>AccessDenied</Code></Error>",
        "<ListBucketResult>",
        '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>',
        "<ListBucketResult>&a;</ListBucketResult>",
    ],
)  # fmt: skip
def test_what_is_no_listing_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no listing"):
        parse_page(text, "http://x/")


@pytest.mark.parametrize("size", ["", "-1", "x", "1" * 30, "1.5", "٣"])
def test_a_size_that_is_none_is_unknown(size: str) -> None:
    text = (
        f"<ListBucketResult><Contents><Key>a</Key><Size>{size}</Size></Contents></ListBucketResult>"
    )
    assert parse_page(text, "").entries[0].size is None


def test_pages_that_do_not_go_forward_are_refused(server: ArchiveServer, web: Web) -> None:
    server.answers["loop"] = (
        b"<ListBucketResult><IsTruncated>true</IsTruncated><NextMarker>a</NextMarker>"
        b"<Contents><Key>data/a</Key></Contents></ListBucketResult>"
    )
    with pytest.raises(Refused, match="forward"):
        listing(web, server.url + "loop", "data/")
    server.answers["none"] = b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"
    with pytest.raises(Refused, match="forward"):
        listing(web, server.url + "none", "data/")


def test_an_index_gives_names_of_one_level(server: ArchiveServer, web: Web) -> None:
    server.put("trading/ATOMUSDT/ATOMUSDT2025-10-10.csv.gz", b"x")
    server.put("trading/BTCUSDT/BTCUSDT2025-10-10.csv.gz", b"x")
    assert index(web, server.url + "trading/")[0] == ["ATOMUSDT/", "BTCUSDT/"]
    names, problems = index(web, server.url + "trading/ATOMUSDT/")
    assert names == ["ATOMUSDT2025-10-10.csv.gz"] and not problems
    with pytest.raises(Absent):
        index(web, server.url + "trading/NOPE/")


def test_an_index_takes_absolute_links_below_it_and_no_others(
    server: ArchiveServer, web: Web
) -> None:
    server.answers["t/"] = (
        b'<a href="/t/good.gz">x</a><a href="/t/">self</a><a href="/">up</a>'
        b'<a href="?C=N">sort</a><a href="http://elsewhere/t/bad.gz">y</a><a name="z">z</a>'
        b'<a href="/etc/passwd">bad</a><a href="../../up.gz">bad</a>'
        b'<a href="%2e%2e%2fx.gz">bad</a><a href="a/b.gz">bad</a><a href="a%00b">bad</a>'
    )
    names, problems = index(web, server.url + "t/")
    assert names == ["good.gz"]
    assert len(problems) == 5


def test_globs() -> None:
    names = ["ATOMUSDT", "ATOMUSDC", "BTCUSDT"]
    assert chosen(names, ["ATOM*", "ETH*"]) == (["ATOMUSDC", "ATOMUSDT"], ["ETH*"])
    assert chosen(names, ["atom*"]) == ([], ["atom*"])
    assert chosen(names, ["*USDT", "BTCUSDT"])[0] == ["ATOMUSDT", "BTCUSDT"]


def test_dates() -> None:
    assert dates.days("2025-10-09..2025-10-11,2025-10-10") == [
        date(2025, 10, 9), date(2025, 10, 10), date(2025, 10, 11)
    ]  # fmt: skip
    assert dates.months(dates.days("2025-09-30..2025-10-01")) == ["2025-09", "2025-10"]
    assert dates.shared_start(["2025-10-09", "2025-10-11"]) == "2025-10-"
    assert dates.shared_start(["2025-10-09"]) == "2025-10-09"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-10-11..2025-10-09",
        "yesterday",
        "2025-02-30",
        "2025-10-10..",
        "0001-01-01..9999-12-31",
    ],
)
def test_dates_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        dates.days(text)
