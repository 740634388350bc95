"""OpenTimestamps: a local calendar, its upgrade to a made-up block, and calendars that lie."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from _calendar import Calendar, mined, serialized
from _loopback import serve
from _sealed import Sealed, checkpoint_of, config
from hypothesis import given, settings
from hypothesis import strategies as st
from opentimestamps.core.notary import LitecoinBlockHeaderAttestation, UnknownAttestation
from opentimestamps.core.op import OpAppend, OpSHA1, OpSHA256
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

from liquest.errors import InputError
from liquest.run.progress import Silent
from liquest.vault.check import ASSUMING, INVALID, PENDING, UNSUPPORTED, Check
from liquest.vault.proofs import Trust, ots, prove, upgrade, verify_all, verify_commands
from liquest.vault.proofs.headers import Header, Headers
from liquest.vault.proofs.stored import Made, digest_of, keep, name_of, open_shelf, read

REVERSE = pytest.mark.filterwarnings("ignore:OpReverse may get removed:PendingDeprecationWarning")
"""The library warns at an operation that random bytes happen to name."""


@pytest.fixture
def vault(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path / "vault")


def judged(vault: Sealed, headers: Path | None = None) -> list[Check]:
    return verify_all(vault.root, {"now": vault.checkpoint()}, Trust(headers=headers))


def store(vault: Sealed, raw: bytes) -> Check:
    """Put an .ots file where proofs lie, and say what it is worth."""
    shelf = open_shelf(vault.proofs_dir, vault.checkpoint())
    name = name_of("ots", "https://example.org")
    keep(
        shelf, name, "ots", "https://example.org", digest_of(vault.checkpoint()),
        Made({ots.FILE: raw}),
    )  # fmt: skip
    (check,) = judged(vault)
    return check


def test_two_calendars_pending_then_in_a_block(vault: Sealed, tmp_path: Path) -> None:
    first, second = Calendar(), Calendar()
    with serve(first) as a, serve(second) as b:
        first.url, second.url = a, b
        settings_ = config(calendars=(a, b))
        done = prove(vault, settings_, Silent())
        assert not done.problems
        assert [c.status for c in done.checks] == [PENDING, PENDING]
        assert "--upgrade" in done.checks[0].detail.en
        # Nothing has been mined: still pending, and no problem.
        early = upgrade(vault, settings_, Silent())
        assert ([c.status for c in early.checks], early.problems) == ([PENDING, PENDING], [])
        height = first.mine()
        late = upgrade(vault, settings_, Silent())
    assert not late.problems
    assert sorted(c.status for c in late.checks) == [PENDING, ASSUMING]
    assert len(vault.proofs()) == 2
    found = {c.status: c for c in judged(vault)}
    assert f"Bitcoin block {height} has the Merkle root" in found[ASSUMING].assumption.en
    root = Header(first.headers[height]).merkle_root[::-1].hex()
    assert root in found[ASSUMING].assumption.en


@pytest.mark.parametrize("as_json", [False, True])
def test_with_headers_only_the_header_is_assumed(
    vault: Sealed, tmp_path: Path, as_json: bool
) -> None:
    calendar = Calendar()
    with serve(calendar) as url:
        calendar.url = url
        headers = tmp_path / "headers"
        prove(vault, config(calendars=(url,)), Silent())
        height = calendar.mine()
        calendar.write_headers(headers, as_json=as_json)
        trust = Trust(headers=headers)
        done = upgrade(vault, config(calendars=(url,), trust=trust), Silent())
    (check,) = done.checks
    assert check.status == ASSUMING
    assert check.assumption.en.startswith(f"the Bitcoin header {height}, hash ")
    assert Header(calendar.headers[height]).id in check.assumption.en
    assert "2023-11-14" in check.detail.en
    assert judged(vault, headers) == [check]


def test_a_block_that_is_not_that_block_is_invalid(vault: Sealed, tmp_path: Path) -> None:
    calendar = Calendar()
    with serve(calendar) as url:
        calendar.url = url
        prove(vault, config(calendars=(url,)), Silent())
        height = calendar.mine()
        upgrade(vault, config(calendars=(url,)), Silent())
    good = calendar.headers[height]
    expected = Header(good).merkle_root[::-1].hex()
    other = mined(good[4:36], b"\x44" * 32, 1_700_000_000)
    for raw, words in (
        (other, expected),
        (good[:-4] + b"\0\0\0\0", "proof of work"),
        (mined(b"\x55" * 32, good[36:68], 1_700_000_000), "the header before it"),
    ):
        path = tmp_path / "headers"
        path.write_bytes(calendar.headers[0] + raw)
        if Header(raw).worked and words == "proof of work":
            continue
        (check,) = judged(vault, path)
        assert check.status == INVALID
        assert words in check.detail.en


def test_wrong_headers_do_not_cost_a_good_proof(vault: Sealed, tmp_path: Path) -> None:
    calendar = Calendar()
    with serve(calendar) as url:
        calendar.url = url
        prove(vault, config(calendars=(url,)), Silent())
        calendar.mine()
        upgrade(vault, config(calendars=(url,)), Silent())
        wrong = tmp_path / "headers"
        wrong.write_bytes(calendar.headers[0] * 2)
        trust = Trust(headers=wrong)
        done = prove(vault, config(calendars=(url,), trust=trust), Silent())
    assert [c.status for c in done.checks] == [INVALID]
    assert [c.status for c in judged(vault)] == [ASSUMING]
    assert not list(vault.shelf.glob(".invalid-*"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("garbage", "no timestamp"),
        ("empty", "no timestamp"),
        ("html", "no timestamp"),
        ("huge", "longer than 10,000 bytes"),
        ("deep", "no timestamp: Reached timestamp recursion depth limit"),
        ("wide", "no timestamp"),
        ("long-argument", "no timestamp"),
        ("trailing", "no timestamp: Trailing garbage"),
        ("another-file", "no timestamp"),
        ("busy", "HTTP 503"),
    ],
)
def test_a_calendar_that_lies_is_refused_and_nothing_is_kept(
    vault: Sealed, fault: str, words: str
) -> None:
    liar, honest = Calendar(fault=fault), Calendar()
    with serve(liar) as a, serve(honest) as b:
        liar.url, honest.url = a, b
        done = prove(vault, config(calendars=(a, b)), Silent())
    assert [c.status for c in done.checks] == [PENDING]
    assert words in done.problems[0].text.en
    assert a in done.problems[0].path
    assert len(vault.proofs()) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("another-digest", "does not end in this block"),
        ("short-root", "32-byte Merkle root"),
        ("garbage", "no timestamp"),
        ("deep", "recursion"),
    ],
)
def test_an_upgrade_that_lies_changes_nothing(
    vault: Sealed, tmp_path: Path, fault: str, words: str
) -> None:
    calendar = Calendar()
    with serve(calendar) as url:
        calendar.url = url
        prove(vault, config(calendars=(url,)), Silent())
        calendar.mine()
        headers = calendar.write_headers(tmp_path / "headers")
        if fault == "another-digest":
            calendar.headers += [mined(bytes(32), b"\x66" * 32, 1_700_000_000)] * 8
            calendar.write_headers(headers)
        calendar.fault = fault
        before = {p: p.read_bytes() for p in vault.shelf.rglob("*") if p.is_file()}
        trust = Trust(headers=headers)
        done = upgrade(vault, config(calendars=(url,), trust=trust), Silent())
    assert words in done.problems[0].text.en
    assert {p: p.read_bytes() for p in vault.shelf.rglob("*") if p.is_file()} == before
    assert [c.status for c in judged(vault)] == [PENDING]


def test_an_upgrade_is_never_sent_where_a_calendar_points(vault: Sealed) -> None:
    calendar = Calendar(fault="elsewhere")
    with serve(calendar) as url:
        prove(vault, config(calendars=(url,)), Silent())
        done = upgrade(vault, config(calendars=(url,)), Silent())
    assert "not a calendar that may be asked" in done.problems[0].text.en
    assert "elsewhere.invalid" in done.problems[0].text.en
    assert calendar.asked == 1


def test_a_calendar_that_is_slow_does_not_hold_up_the_run(vault: Sealed) -> None:
    slow, quick = Calendar(fault="slow"), Calendar()
    with serve(slow) as a, serve(quick) as b:
        slow.url, quick.url = a, b
        settings_ = config(calendars=(a, b), timeout=1.0, attempts=1)
        done = prove(vault, settings_, Silent())
    assert [c.status for c in done.checks] == [PENDING]
    assert "timed out" in done.problems[0].text.en


def test_what_is_there_is_not_asked_for_again(vault: Sealed) -> None:
    calendar = Calendar()
    with serve(calendar) as url:
        calendar.url = url
        first = prove(vault, config(calendars=(url,)), Silent())
        second = prove(vault, config(calendars=(url,)), Silent())
        assert first == second
        calendar.mine()
        upgrade(vault, config(calendars=(url,)), Silent())
        # Done: nothing is pending, and prove has nothing to add.
        assert upgrade(vault, config(calendars=(url,)), Silent()).checks == []
        prove(vault, config(calendars=(url,)), Silent())
    assert calendar.asked == 2


def test_the_digest_is_mixed_with_a_nonce(vault: Sealed) -> None:
    seen: list[bytes] = []
    calendar = Calendar()

    def watched(asked):  # type: ignore[no-untyped-def]
        seen.append(asked.body)
        return calendar(asked)

    with serve(watched) as url:
        calendar.url = url
        prove(vault, config(calendars=(url, url + "/x")), Silent())
    assert len(seen[0]) == 32
    assert hashlib.sha256(vault.checkpoint()).digest() not in seen


def test_the_ots_command(vault: Sealed) -> None:
    calendar = Calendar()
    with serve(calendar) as url:
        calendar.url = url
        prove(vault, config(calendars=(url,)), Silent())
    (line,) = verify_commands(vault.root, Path("evidence"))
    assert line.startswith("ots verify -f evidence/proofs/")
    (line,) = verify_commands(vault.root)
    assert line.startswith("ots verify -f ")
    for word in line.split()[3:]:
        assert Path(word).is_file()


def test_for_another_root(vault: Sealed) -> None:
    calendar = Calendar()
    with serve(calendar) as url:
        calendar.url = url
        prove(vault, config(calendars=(url,)), Silent())
    stored = read(vault.proofs()[0])
    check = ots.verify(stored, checkpoint_of(99), Trust())
    assert check.status == INVALID
    assert hashlib.sha256(checkpoint_of(99)).hexdigest() in check.detail.en
    assert hashlib.sha256(vault.checkpoint()).hexdigest() in check.detail.en


def detached(vault: Sealed) -> DetachedTimestampFile:
    digest = hashlib.sha256(vault.checkpoint()).digest()
    return DetachedTimestampFile(OpSHA256(), Timestamp(digest))


def test_other_attestations_are_unsupported(vault: Sealed) -> None:
    whole = detached(vault)
    whole.timestamp.attestations.add(UnknownAttestation(b"\x01" * 8, b"what"))
    check = store(vault, serialized(whole))
    assert check.status == UNSUPPORTED
    assert "0101010101010101" in check.detail.en
    whole = detached(vault)
    whole.timestamp.ops.add(OpAppend(b"x")).ops.add(OpSHA256()).attestations.add(
        LitecoinBlockHeaderAttestation(5)
    )
    assert store(vault, serialized(whole)).status == UNSUPPORTED


def test_another_hash_is_refused(vault: Sealed) -> None:
    digest = hashlib.sha1(vault.checkpoint()).digest()
    whole = DetachedTimestampFile(OpSHA1(), Timestamp(digest))
    whole.timestamp.attestations.add(UnknownAttestation(b"\x01" * 8, b"what"))
    check = store(vault, serialized(whole))
    assert check.status == INVALID
    assert "SHA1" in check.detail.en


@REVERSE
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_flipped_or_cut_timestamp_is_never_in_the_block(
    upgraded: tuple[Sealed, Path, bytes], data: st.DataObject
) -> None:
    """The reader alone, without the digests of proof.json, against the header."""
    vault, headers, raw = upgraded
    at = data.draw(st.integers(0, len(raw) - 1))
    bit = data.draw(st.integers(1, 255))
    bad = (
        raw[:at] if data.draw(st.booleans()) else raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]
    )
    stored = read(vault.proofs()[0])
    forged = type(stored)(
        stored.path, stored.kind, stored.source, stored.checkpoint, {ots.FILE: bad}, stored.facts
    )
    good = ots.verify(stored, vault.checkpoint(), Trust(headers=headers))
    check = ots.verify(forged, vault.checkpoint(), Trust(headers=headers))
    assert good.status == ASSUMING
    # What the pending attestation says beside the block is no part of the path.
    assert (
        check.status in {INVALID, PENDING, UNSUPPORTED}
        or check == good
        or ("has the Merkle root" in check.assumption.en)
    )
    (found,) = verify_flipped(vault, bad, headers)
    assert found.status == INVALID


def verify_flipped(vault: Sealed, bad: bytes, headers: Path) -> list[Check]:
    path = vault.proofs()[0] / ots.FILE
    good = path.read_bytes()
    path.write_bytes(bad)
    try:
        return judged(vault, headers)
    finally:
        path.write_bytes(good)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sealed, Path, bytes]:
    folder = tmp_path_factory.mktemp("ots")
    vault, calendar = Sealed(folder / "vault"), Calendar()
    with serve(calendar) as url:
        calendar.url = url
        prove(vault, config(calendars=(url,)), Silent())
        calendar.mine()
        upgrade(vault, config(calendars=(url,)), Silent())
    headers = calendar.write_headers(folder / "headers")
    return vault, headers, read(vault.proofs()[0]).files[ots.FILE]


@REVERSE
@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=200))
def test_garbage_answers_never_escape(raw: bytes) -> None:
    for body in (raw, b"\x08" + raw, b"\xf0" + raw, b"\x00" + raw):
        try:
            ots._answered("http://liar", body, b"\x01" * 32)
        except InputError as error:
            assert "liar" in error.what.en


@pytest.mark.parametrize("content", [b"", b"x" * 81, b"{", b'{"1": "00"}', b'{"a": "b"}', b"{}x"])
def test_header_files_that_are_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "headers"
    path.write_bytes(content)
    with pytest.raises(InputError, match="headers"):
        Headers(path)


def test_the_real_genesis_header(tmp_path: Path) -> None:
    """Block 0 of Bitcoin, as every node has it."""
    raw = bytes.fromhex(
        "01000000" + "00" * 32
        + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"
        + "29ab5f49ffff001d1dac2b7c"
    )  # fmt: skip
    header = Header(raw)
    assert header.id == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    assert header.worked
    assert header.time == 1231006505
    path = tmp_path / "headers.json"
    path.write_text(json.dumps({"0": raw.hex()}))
    assert Headers(path).at(0) == header
    assert Headers(path).at(1) is None
