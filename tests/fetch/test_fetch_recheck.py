"""The same bytes a second time: what a venue changed in what it had published."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest
from _archive_server import KLINES_KEY, ArchiveServer, Fault, fast_web, gzipped, trades, zipped

from liquest.fetch import revision
from liquest.fetch.engine import PARTS, Engine
from liquest.fetch.recheck import Rechecked, chains, recheck, write
from liquest.fetch.report import revisions
from liquest.fetch.transfer import Transfer
from liquest.fetch.venues import archive
from liquest.fetch.wanted import Plan, Record, Wanted
from liquest.fetch.web import Web
from liquest.findings import Finding, read_findings
from liquest.problems import read_problems
from liquest.vault.store import Vault

pytest_plugins = ("_archive_fixtures",)

KEY = KLINES_KEY.format("ATOMUSDT", "2025-10-10")
MINUTE_AT = 1760131200000000


def klines(low: str = "0.001") -> list[str]:
    return [
        f"{MINUTE_AT + 60_000_000 * n},1.9,2.0,{x},1.95,10,{MINUTE_AT + 60_000_000 * n + 59999999}"
        ",20,3,5,9,0"
        for n, x in enumerate(["1.8", low, "1.7"])
    ]


def pack(lines: list[str], *, level: int = 6) -> bytes:
    return zipped("ATOMUSDT-1m-2025-10-10.csv", "\n".join(lines) + "\n", level=level)


@pytest.fixture
def vault(server: ArchiveServer, web: Web, tmp_path: Path) -> Vault:
    """A case with one day of klines and its checksum sealed."""
    server.put(KEY, pack(klines()), checksum=True)
    at = archive("binance-vision", server.url)
    of = Plan(
        [Wanted("binance-vision", KEY, at.url(KEY), "ATOMUSDT", "spot klines", "2025-10-10",
                checksum=at.url(KEY + ".CHECKSUM"))]
    )  # fmt: skip
    made = Vault.open(tmp_path)
    assert Engine(web, {"http": Transfer(web)}, made, tmp_path).run(of).complete
    return made


def again(server: ArchiveServer, root: Path, base: str = "") -> Rechecked:
    with fast_web(server) as web:
        return recheck(
            root, Vault.open(root), web, {"http": Transfer(web, verify=False)}, base=base
        )


def cells(found: Rechecked) -> list[Finding]:
    return [f for f in found.findings if f.name == "revision" and "CHECKSUM" not in str(f.subject)]


def statuses(found: Rechecked) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for one in found.findings:
        if one.name == "revision.file":
            made.setdefault(one.subject["source"].rsplit("/", 1)[-1], []).append(str(one.value))
    return made


ZIP, SUM = "ATOMUSDT-1m-2025-10-10.zip", "ATOMUSDT-1m-2025-10-10.zip.CHECKSUM"


def test_the_same_bytes_are_unchanged(server: ArchiveServer, vault: Vault, tmp_path: Path) -> None:
    before = vault.items()
    found = again(server, tmp_path)
    assert statuses(found) == {ZIP: ["unchanged"], SUM: ["unchanged"]}
    assert found.files == 2 and found.complete and not found.problems
    assert vault.items() == before


def test_an_edited_low_is_told_with_both_rows(
    server: ArchiveServer, vault: Vault, tmp_path: Path
) -> None:
    old = hashlib.sha256(server.files[KEY].body).hexdigest()
    server.put(KEY, pack(klines("1.540")), checksum=True)
    new = hashlib.sha256(server.files[KEY].body).hexdigest()
    found = again(server, tmp_path)
    assert statuses(found)[ZIP] == ["revised"]
    (one,) = cells(found)
    assert one.value == Decimal("1.540")
    assert one.params["column"] == "low"
    assert (one.params["old"], one.params["new"]) == ("0.001", "1.540")
    assert one.params["row"] == str(MINUTE_AT + 60_000_000)
    assert [(i.source, i.first, i.last) for i in one.inputs] == [(old, 2, 2), (new, 2, 2)]
    assert one.subject["instrument"] == "ATOMUSDT" and one.subject["venue"] == "binance"
    assert one.subject["url"] == server.url + KEY
    assert one.at == MINUTE_AT + 60_000_000
    sealed = {i.sha256: i for i in Vault.open(tmp_path).items()}
    assert one.params["sealed"] == sealed[old].collected_at
    assert one.params["resealed"] == sealed[new].collected_at
    assert one.method == revision.METHOD.id
    assert Record.of(sealed[new].note).key == KEY
    assert vault.path_of(new).read_bytes() == server.files[KEY].body
    assert vault.path_of(old).read_bytes() != server.files[KEY].body


def test_a_second_recheck_finds_the_same_revisions(
    server: ArchiveServer, vault: Vault, tmp_path: Path
) -> None:
    del vault
    server.put(KEY, pack(klines("1.540")))
    first = cells(again(server, tmp_path))
    count = len(Vault.open(tmp_path).items())
    second = again(server, tmp_path)
    assert [f.id for f in cells(second)] == [f.id for f in first]
    assert statuses(second)[ZIP] == ["revised", "unchanged"]
    assert len(Vault.open(tmp_path).items()) == count


def test_a_revision_that_is_taken_back_is_two_revisions(
    server: ArchiveServer, vault: Vault, tmp_path: Path
) -> None:
    del vault
    original = server.files[KEY].body
    server.put(KEY, pack(klines("1.540")))
    again(server, tmp_path)
    server.put(KEY, original)
    found = again(server, tmp_path)
    assert [(f.params["old"], f.params["new"]) for f in cells(found)] == [
        ("0.001", "1.540"), ("1.540", "0.001")
    ]  # fmt: skip
    assert statuses(again(server, tmp_path))[ZIP] == ["revised", "revised", "unchanged"]


def test_rows_that_went_and_came(server: ArchiveServer, vault: Vault, tmp_path: Path) -> None:
    del vault
    lines = klines()
    more = f"{MINUTE_AT + 600_000_000},1,1,1,1,1,{MINUTE_AT + 659_999_999},1,1,1,1,0"
    server.put(KEY, pack([lines[0], lines[2], more]))
    found = again(server, tmp_path)
    gone, came = cells(found)
    assert (gone.value, gone.params["old"], len(gone.inputs)) == ("removed", lines[1], 1)
    assert (came.value, came.params["new"], came.inputs[0].first) == ("added", more, 3)
    head = next(f for f in found.findings if f.name == "revision.file" and f.value == "revised")
    assert head.params["rows"] == {"added": 1, "removed": 1} and head.count == 2


def test_a_file_packed_anew(server: ArchiveServer, vault: Vault, tmp_path: Path) -> None:
    del vault
    server.put(KEY, pack(klines(), level=1) + b"")
    if server.files[KEY].body == pack(klines()):
        server.put(KEY, gzipped("\n".join(klines()) + "\n"))
    assert statuses(again(server, tmp_path))[ZIP] == ["re-packed"]


def test_a_vanished_file(server: ArchiveServer, vault: Vault, tmp_path: Path) -> None:
    del vault
    del server.files[KEY]
    found = again(server, tmp_path)
    assert statuses(found) == {ZIP: ["gone"], SUM: ["unchanged"]}
    assert [p.code for p in found.problems] == ["gone"] and found.complete


def test_a_host_that_fails_is_no_revision(
    server: ArchiveServer, vault: Vault, tmp_path: Path
) -> None:
    del vault
    server.fail(KEY, *[Fault(status=503)] * 9)
    found = again(server, tmp_path)
    assert statuses(found) == {SUM: ["unchanged"]}
    assert [p.code for p in found.problems] == ["not-rechecked"] and not found.complete


def test_a_file_that_is_no_text_any_more(
    server: ArchiveServer, vault: Vault, tmp_path: Path
) -> None:
    del vault
    server.put(KEY, b"\x89PNG\x00\x00")
    assert statuses(again(server, tmp_path))[ZIP] == ["rewritten"]


def test_another_address_of_the_same_archive(
    server: ArchiveServer, vault: Vault, tmp_path: Path
) -> None:
    del vault
    for key in (KEY, KEY + ".CHECKSUM"):
        server.put("mirror/" + key, server.files[key].body)
        del server.files[key]
    assert statuses(again(server, tmp_path, base=server.url + "mirror/")) == {
        ZIP: ["unchanged"], SUM: ["unchanged"]
    }  # fmt: skip


def test_a_file_sealed_by_hand_is_rechecked_too(
    server: ArchiveServer, web: Web, tmp_path: Path
) -> None:
    del web
    path = tmp_path / "statement.md"
    path.write_text("# Notice\nhigh load\n", encoding="utf-8")
    vault = Vault.open(tmp_path)
    vault.put(path, source="statement.md", url=server.url + "notice", note="saved by hand")
    vault.put(path, source="no address.md")
    server.put("notice", b"# Notice\nsome modules\n")
    found = again(server, tmp_path)
    assert statuses(found) == {"statement.md": ["revised"]}
    assert {f.value for f in cells(found)} == {"removed", "added"}


def test_only_what_has_an_address_is_a_chain(tmp_path: Path) -> None:
    path = tmp_path / "x"
    vault = Vault.open(tmp_path)
    for n, url in enumerate(
        ["", "http://a/1", "http://a/1", "ccxt://x/A?b", "ccxt://x/A?b#pages", "file:///x"]
    ):
        path.write_text(str(n))
        vault.put(path, source=f"{n}", url=url)
    assert [len(c.items) for c in chains(vault.items())] == [2, 1]


def test_the_findings_are_written_as_a_measure_writes_them(
    server: ArchiveServer, vault: Vault, tmp_path: Path
) -> None:
    del vault
    server.put(KEY, pack(klines("1.540")))
    found = again(server, tmp_path)
    path = write(found, tmp_path / "out")
    assert path == tmp_path / "out" / "findings" / "revision.jsonl"
    assert [f.id for f in read_findings(path)] == [f.id for f in found.findings]
    assert list(read_problems(path.with_name("revision.problems.jsonl"))) == found.problems
    assert {p.name for p in path.parent.iterdir()} == {
        "revision.jsonl", "revision.problems.jsonl"
    }  # fmt: skip
    for lang in ("zh", "en"):
        assert revisions(found, lang).row_count == 2
    (one,) = cells(found)
    assert revision.sentence(one, "zh").endswith("low: 0.001 → 1.540")


def test_many_revisions_are_cut_and_counted(
    server: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liquest.fetch.rows.MOST", 5)
    path = tmp_path / "x.csv"
    path.write_text(trades(40))
    Vault.open(tmp_path).put(path, source="x.csv", url=server.url + "x.csv")
    server.put("x.csv", trades(40).replace(".00000000,1", ".5,1").encode())
    found = again(server, tmp_path)
    assert [p.code for p in found.problems] == ["revisions-cut"]
    assert len(cells(found)) == 5


def test_the_part_folder_is_left_clean(server: ArchiveServer, vault: Vault, tmp_path: Path) -> None:
    del vault
    server.put(KEY, pack(klines("1.540")))
    again(server, tmp_path)
    assert [p.name for p in (tmp_path / PARTS).iterdir()] == ["lock"]
