"""RFC 3161: a local authority, its tokens under openssl too, and every way to be wrong."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from _authority import Authority, Issuer, indefinite, pem
from _loopback import serve
from _sealed import Sealed, checkpoint_of, config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liquest.errors import InputError, Text
from liquest.run.progress import Silent
from liquest.vault.check import ASSUMING, INVALID, UNSUPPORTED, VALID, Check
from liquest.vault.proofs import Proved, Trust, prove, rfc3161, verify_all, verify_commands
from liquest.vault.proofs.ber import octet_strings
from liquest.vault.proofs.certificates import der
from liquest.vault.proofs.stored import Stored, digest_of, read

ROOT = Issuer.root()
OTHER = Issuer.root("Another Root")


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    folder = tmp_path / "roots"
    folder.mkdir()
    (folder / "root.pem").write_bytes(pem(ROOT.certificate))
    return folder


@pytest.fixture
def vault(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path / "vault")


def asked(vault: Sealed, roots: Path | None, *authorities: Authority) -> Proved:
    """`prove` against local authorities."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        urls = tuple(stack.enter_context(serve(a)) for a in authorities)
        return prove(vault, config(tsa=urls, trust=Trust(roots)), Silent())


def judged(vault: Sealed, roots: Path | None = None) -> list[Check]:
    return verify_all(vault.root, {"now": vault.checkpoint()}, Trust(roots))


def test_two_authorities_give_two_tokens(vault: Sealed, roots: Path) -> None:
    done = asked(vault, roots, Authority(ROOT), Authority(ROOT, deep=True))
    assert not done.problems
    assert [c.status for c in done.checks] == [VALID, VALID]
    assert [c.status for c in judged(vault, roots)] == [VALID, VALID]


def test_without_own_roots_the_root_is_named_as_assumption(vault: Sealed, roots: Path) -> None:
    asked(vault, roots, Authority(ROOT, deep=True))
    (check,) = judged(vault)
    assert check.status == ASSUMING
    sha = hashlib.sha256(der(ROOT.certificate)).hexdigest()
    assert "CN=Test Root" in check.assumption.en
    assert sha in check.assumption.en
    assert sha in check.assumption.zh


def test_a_root_that_is_nowhere_is_unsupported_and_asked_for(vault: Sealed, roots: Path) -> None:
    done = asked(vault, None, Authority(ROOT))
    assert [c.status for c in done.checks] == [UNSUPPORTED]
    assert "CN=Test Root" in done.checks[0].detail.en
    assert "--roots" in done.checks[0].detail.en
    # With the root at hand the same token holds.
    assert [c.status for c in judged(vault, roots)] == [VALID]


def test_another_root_of_the_same_name_does_not_help(vault: Sealed, tmp_path: Path) -> None:
    asked(vault, None, Authority(ROOT))
    folder = tmp_path / "same-name"
    folder.mkdir()
    (folder / "root.pem").write_bytes(pem(Issuer.root().certificate))
    assert [c.status for c in judged(vault, folder)] == [UNSUPPORTED]


@pytest.mark.parametrize("deep", [False, True])
def test_openssl_accepts_what_we_store(vault: Sealed, roots: Path, deep: bool) -> None:
    asked(vault, roots, Authority(ROOT, deep=deep))
    (line,) = verify_commands(vault.root)
    assert line.startswith("openssl ts -verify ")
    done = subprocess.run(shlex.split(line), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout
    # And it refuses it for other bytes.
    (vault.shelf / "checkpoint").write_bytes(b"other")
    done = subprocess.run(shlex.split(line), capture_output=True, text=True, check=False)
    assert done.returncode != 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "not valid at that time"),
        ("not-yet-valid", "not valid at that time"),
        ("wrong-eku", "1.3.6.1.5.5.7.3.3"),
        ("mixed-eku", "not one for time stamps"),
        ("eku-not-critical", "critical"),
        ("wrong-nonce", "another request"),
        ("wrong-imprint", "something else"),
        ("bad-signature", "signature"),
        ("no-certificates", "signer's certificate"),
        ("rejected", "no such policy"),
        ("truncated", "no time-stamp response"),
        ("html", "no time-stamp response"),
        ("huge", "longer than"),
        ("gone", "404"),
        ("busy", "HTTP 503"),
    ],
)
def test_a_wrong_answer_is_refused_and_not_kept(
    vault: Sealed, roots: Path, fault: str, words: str
) -> None:
    wrong = Authority(ROOT, fault=fault)
    done = asked(vault, roots, wrong, Authority(ROOT))
    # The other one is not affected.
    assert [c.status for c in done.checks] == [VALID]
    (problem,) = done.problems
    assert words in problem.text.en
    assert "127.0.0.1" in problem.text.en
    assert "later" in problem.text.en or "URL" in problem.text.en
    assert len(vault.proofs()) == 1
    assert not list(vault.shelf.glob(".tmp-*"))
    assert wrong.asked == (2 if fault == "busy" else 1)


def test_ber_is_unsupported_not_invalid_and_kept(vault: Sealed, roots: Path) -> None:
    authority = Authority(ROOT, fault="ber")
    with serve(authority) as url:
        settings_ = config(tsa=(url,), trust=Trust(roots))
        done = prove(vault, settings_, Silent())
        again = prove(vault, settings_, Silent())
    assert not done.problems
    assert [c.status for c in done.checks] == [UNSUPPORTED]
    assert "BER" in done.checks[0].detail.en
    assert again.checks == done.checks
    assert authority.asked == 1
    (line,) = verify_commands(vault.root)
    line = line.partition("  #")[0].replace("ROOT.pem", str(roots / "root.pem"))
    ran = subprocess.run(shlex.split(line), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_an_authority_that_is_not_there_is_named(vault: Sealed, roots: Path) -> None:
    with serve(Authority(ROOT)) as gone:
        pass
    with serve(Authority(ROOT)) as url:
        done = prove(vault, config(tsa=(gone, url), trust=Trust(roots)), Silent())
    assert [c.status for c in done.checks] == [VALID]
    assert gone in done.problems[0].path
    assert done.problems[0].text.zh != done.problems[0].text.en


def test_what_is_there_is_not_asked_for_again(vault: Sealed, roots: Path) -> None:
    authority = Authority(ROOT)
    with serve(authority) as url:
        settings_ = config(tsa=(url, url), trust=Trust(roots))
        first = prove(vault, settings_, Silent())
        second = prove(vault, settings_, Silent())
        assert authority.asked == 1
        assert first.checks == second.checks
        # A longer log is another checkpoint and needs its own.
        vault.size += 1
        prove(vault, settings_, Silent())
    assert authority.asked == 2


def test_a_damaged_proof_is_set_aside_and_replaced(vault: Sealed, roots: Path) -> None:
    authority = Authority(ROOT)
    with serve(authority) as url:
        settings_ = config(tsa=(url,), trust=Trust(roots))
        prove(vault, settings_, Silent())
        (vault.proofs()[0] / rfc3161.RESPONSE).write_bytes(b"broken")
        assert [c.status for c in judged(vault, roots)] == [INVALID]
        prove(vault, settings_, Silent())
    assert authority.asked == 2
    assert [c.status for c in judged(vault, roots)] == [VALID]
    assert len(list(vault.shelf.glob(".invalid-*"))) == 1


def test_a_token_for_another_root(vault: Sealed, roots: Path) -> None:
    asked(vault, roots, Authority(ROOT))
    other = checkpoint_of(99)
    (check,) = verify_all(vault.root, {"now": other}, Trust(roots))
    assert check.status == INVALID
    assert digest_of(other) in check.detail.en
    assert digest_of(vault.checkpoint()) in check.detail.en
    # Moved below the other checkpoint, it is still for the first.
    moved = Sealed(vault.root, 99)
    moved.shelf.mkdir()
    (moved.shelf / "checkpoint").write_bytes(other)
    vault.proofs()[0].rename(moved.shelf / vault.proofs()[0].name)
    found = verify_all(vault.root, {"a": other, "b": vault.checkpoint()}, Trust(roots))
    assert [c.status for c in found] == [INVALID]
    assert f"expected {digest_of(other)}" in found[0].detail.en


def test_verifier_finds_another_imprint_by_itself(vault: Sealed, roots: Path) -> None:
    """The library's view, without the digests of proof.json in front of it."""
    asked(vault, roots, Authority(ROOT))
    stored = read(vault.proofs()[0])
    check = rfc3161.verify(stored, checkpoint_of(99), Trust(roots))
    assert check.status == INVALID
    assert hashlib.sha256(checkpoint_of(99)).hexdigest() in check.detail.en
    wrong = Stored(
        stored.path, stored.kind, stored.source, stored.checkpoint, stored.files, {"nonce": "1"}
    )
    assert "nonce 1" in rfc3161.verify(wrong, vault.checkpoint(), Trust(roots)).detail.en


def test_absent_is_an_empty_list(vault: Sealed) -> None:
    assert judged(vault) == []
    assert verify_commands(vault.root) == []


def test_roots_that_cannot_be_read_are_refused_first(vault: Sealed, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_bytes(b"-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
    with pytest.raises(InputError, match="certificate"):
        asked(vault, bad, Authority(ROOT))
    with pytest.raises(InputError, match="certificate"):
        judged(vault, tmp_path / "nowhere")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sealed, Path]:
    folder = tmp_path_factory.mktemp("token")
    path = folder / "root.pem"
    path.write_bytes(pem(ROOT.certificate))
    vault = Sealed(folder / "vault")
    asked(vault, path, Authority(ROOT, deep=True))
    return vault, path


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_flipped_byte_of_any_file_is_never_valid(
    token: tuple[Sealed, Path], data: st.DataObject
) -> None:
    vault, roots = token
    files = sorted(p for p in vault.shelf.rglob("*") if p.is_file() and p.stat().st_size)
    path = data.draw(st.sampled_from(files))
    good = path.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    bit = data.draw(st.integers(1, 255))
    cut = data.draw(st.booleans())
    path.write_bytes(good[:at] if cut else good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :])
    try:
        (check,) = judged(vault, roots)
        assert check.status == INVALID
        assert "expected" in check.detail.en
    finally:
        path.write_bytes(good)
    assert [c.status for c in judged(vault, roots)] == [VALID]


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_flipped_token_never_says_anything_else(
    token: tuple[Sealed, Path], data: st.DataObject
) -> None:
    """Even with proof.json forged to fit: not valid, or valid for the same time and imprint.

    Some bytes are outside of the signature (unused parameters, certificate order).
    """
    vault, roots = token
    stored = read(vault.proofs()[0])
    raw = stored.files[rfc3161.RESPONSE]
    at = data.draw(st.integers(0, len(raw) - 1))
    bit = data.draw(st.integers(1, 255))
    files = {**stored.files, rfc3161.RESPONSE: raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]}
    forged = Stored(stored.path, stored.kind, stored.source, stored.checkpoint, files, stored.facts)
    true = rfc3161.verify(stored, vault.checkpoint(), Trust(roots))
    check = rfc3161.verify(forged, vault.checkpoint(), Trust(roots))
    assert true.status == VALID
    assert check.status in {INVALID, UNSUPPORTED} or check == true


class Distorting:
    """A wire whose answers are those of an authority with one byte changed."""

    def __init__(self, authority: Authority, at: int, bit: int) -> None:
        self.authority, self.at, self.bit = authority, at, bit

    def post(self, url: str, body: bytes, **rest: object) -> bytes:
        raw = self.authority.answer(body)
        at = self.at % len(raw)
        return raw[:at] + bytes([raw[at] ^ self.bit]) + raw[at + 1 :]

    def get(self, url: str, **rest: object) -> bytes:
        raise InputError(Text("nothing there", "不存在"))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 5000), bit=st.integers(1, 255))
def test_a_distorted_answer_is_refused_in_words(at: int, bit: int) -> None:
    wire: Any = Distorting(Authority(ROOT, deep=True), at, bit)
    target = rfc3161.Authority("http://liar", (ROOT.certificate,))
    try:
        (made,) = target.obtain(checkpoint_of(1), None, wire)
    except InputError as error:
        assert "liar" in error.what.en
    else:
        assert made.files[rfc3161.RESPONSE]


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=300))
def test_garbage_is_no_ber_or_is_and_never_raises(raw: bytes) -> None:
    octet_strings(raw)
    octet_strings(indefinite(b"\x30\x82\x00\x00" + raw))


def test_ber_in_pieces() -> None:
    pieces = bytes.fromhex("2480 0402 3003 0403 040161 0000".replace(" ", ""))
    found = octet_strings(pieces)
    assert found is not None
    assert b"a" in found
    assert octet_strings(b"\x30\x80\x04\x01") is None


def test_a_stray_file_and_a_stray_folder(vault: Sealed, roots: Path) -> None:
    asked(vault, roots, Authority(ROOT))
    folder = vault.proofs()[0]
    (folder / "extra").write_bytes(b"")
    assert [c.status for c in judged(vault, roots)] == [INVALID]
    (folder / "extra").unlink()
    (vault.shelf / "notes.txt").write_bytes(b"")
    assert sorted(c.status for c in judged(vault, roots)) == [INVALID, VALID]
    (vault.shelf / "notes.txt").unlink()
    (vault.shelf / "checkpoint").rename(vault.root / "elsewhere")
    (check,) = judged(vault, roots)
    assert "no such file" in check.detail.en
    (vault.root / "elsewhere").rename(vault.shelf / "checkpoint")
    shutil.copytree(folder, vault.shelf / "rfc3161-copy")
    found = judged(vault, roots)
    assert sorted(c.status for c in found) == [INVALID, VALID]
