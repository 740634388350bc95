"""Credentials in logs: found, withheld, and never shown or sealed for all to see."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _log_cases import held
from liquest.errors import InputError
from liquest.run.progress import Silent
from liquest.vault import credentials
from liquest.vault.check import INVALID, PENDING
from liquest.vault.credentials import Withholding, excerpt, holds_any, without
from liquest.vault.intake import Source, digest
from liquest.vault.private import is_private, reveal
from liquest.vault.seal import seal_paths, seal_sources
from liquest.vault.store import Vault
from liquest.vault.verify import verify
from liquest.vault.withheld import must_withhold, original_of

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aPE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SIGN = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
LISTEN = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
SECRETS: dict[str, tuple[str, str]] = {
    "a signature in an address": (f"GET /fapi/v1/order?symbol=X&signature={SIGN} HTTP/1.1", SIGN),
    "a header of Binance": (f"{{'X-MBX-APIKEY': '{KEY}'}}", KEY),
    "a short key of Bybit": ('"X-BAPI-API-KEY":"abCD1234efGH5678xy"', "abCD1234efGH5678xy"),
    "a signature of Bybit": (f"X-BAPI-SIGN: {SIGN}", SIGN),
    "three of OKX": ("OK-ACCESS-KEY=37c541a1-abcd OK-ACCESS-SIGN=" + SIGN, SIGN),
    "a passphrase": ("OK-ACCESS-PASSPHRASE: hunter2", "hunter2"),
    "in JSON": (f'{{"apiKey":"{KEY}"}}', KEY),
    "in JSON within JSON": ('"{\\"secret\\":\\"abcdefgh1234\\"}"', "abcdefgh1234"),
    "in the environment": ("BINANCE_API_SECRET=abcdefgh12345678", "abcdefgh12345678"),
    "a listen key": (f'"listenKey":"{LISTEN}"', LISTEN),
    "a listen key in an address": (f"wss://fstream.binance.com/ws/{LISTEN}", LISTEN),
    "a bearer": ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
    "a cookie": ("Cookie: p20t=web.1.AB; lang=zh", "web.1.AB"),
    "a web token": (f"token {JWT} ok", JWT),
    "a bare key": (f"Client('{KEY}', x)", KEY),
    "a password in an address": ("https://me:pa55word@host/x", "pa55word"),
    "in Chinese": ("密码：abc123456", "abc123456"),
    "a one-time code": ("2fa_code=123456", "123456"),
    "a bot of Telegram": (
        "https://api.telegram.org/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/send",
        "AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
    ),
    "a header of a HAR file": ('{"name":"X-MBX-APIKEY",\n "value":"short12345"}', "short12345"),
    "a cookie of a HAR file": ('{"name":"sid","value":"s3cr3t","httpOnly":true}', "s3cr3t"),
    "a private key": (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\ndef\n-----END RSA PRIVATE KEY-----", "MIIEabc",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_a_credential_is_withheld(name: str) -> None:
    text, secret = SECRETS[name]
    shown = without(f"2025-10-10 20:56:22 INFO {text}\nnext")
    assert secret in text and secret not in shown and "[withheld" in shown
    assert shown.count("\n") == text.count("\n") + 1
    assert without(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "token=USDT code=-1008 msg=overloaded", f"tx 0x{SIGN}", f"sha256 {SIGN}",
        "orderId=8389765812345678 clientOrderId=x-abcd", "signal=buy assign=1 design: x",
        "symbol=KEYUSDT price=0.0051", "secretary: none", "passing order side=BUY",
    ],
)  # fmt: skip
def test_what_is_no_credential_stays(text: str) -> None:
    assert without(text) == text


def test_two_keys_remain_two_and_one_remains_one() -> None:
    other = KEY.swapcase()
    shown = without(f"apiKey={KEY} a\napiKey={other} b\nusing {KEY} again")
    assert shown == (
        "apiKey=[withheld api-key 1] a\napiKey=[withheld api-key 2] b\nusing [withheld api-key 1] "
        "again"
    )


def test_signatures_are_not_counted() -> None:
    hand = Withholding()
    hand.apply("".join(f"signature={n:064x}\n" for n in range(500)).encode())
    assert (hand.count, hand.labels) == (500, {})


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([t for t, _ in SECRETS.values()]) | st.text(max_size=20), max_size=5)
)
def test_whatever_stands_around_them(parts: list[str]) -> None:
    text = " | ".join(parts)
    shown = without(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    secrets = [s for t, s in SECRETS.values() if t in parts]
    assert all(s not in shown for s in secrets)


def test_chunks_are_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "CHUNK", 64)
    pem = SECRETS["a private key"][0]
    text = "".join(f"line {n} of the log\n" for n in range(20)) + pem + "\nend\n"
    pieces = list(credentials.chunks(io.BufferedReader(io.BytesIO(text.encode()))))
    assert b"".join(pieces) == text.encode() and len(pieces) > 3
    assert any(pem.encode() in p for p in pieces)
    assert holds_any(pieces) and not holds_any([b"nothing here\n"])


def test_samples_of_problems_hold_none(tmp_path: Path) -> None:
    lines = ["2025-10-10 20:56:22,438 - bot - ERROR - order failed", f"apiKey={KEY}"]
    got = held(tmp_path, {"bot.log": "\n".join(lines)}, '[[log]]\nfiles = "*"\ntz = "UTC"\n')
    assert (
        got.codes == ["no-time"] and KEY not in str(got) and "[withheld" in got.problems[0].sample
    )


LOG = (
    "2025-10-10 20:56:22 ERROR order failed\n"
    f"2025-10-10 20:56:23 INFO POST /fapi/v1/order?signature={SIGN} X-MBX-APIKEY: {KEY}\n"
)


def case_of(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    (root / "case.toml").write_text(
        '[case]\nname = "x"\n[windows.w]\nfrom = "2025-10-10T21:10:00Z"\n'
        'to = "2025-10-10T21:40:00Z"\n'
    )
    return root


def sealed(root: Path, *paths: Path) -> list[str]:
    """Sources as `liquest seal` yields them."""
    vault = Vault.open(root)
    return [i.source for i in seal_paths(vault, paths, Silent(), {"collector": "me"})]


def public_bytes(vault: Vault) -> bytes:
    """Everything in the vault that anyone can read."""
    return b"".join(p.read_bytes() for p in sorted((vault.root / "objects").rglob("??/*")))


@pytest.mark.parametrize("pack", ["plain", "gzip", "zip", "utf-16"])
def test_the_original_is_sealed_private_and_a_version_public(tmp_path: Path, pack: str) -> None:
    case = case_of(tmp_path / "case")
    path = tmp_path / "bot.log"
    if pack == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("bot.log", LOG)
    else:
        path.write_bytes(
            {"plain": LOG.encode(), "gzip": gzip.compress(LOG.encode()),
             "utf-16": LOG.encode("utf-16")}[pack]
        )  # fmt: skip
    clean = tmp_path / "clean.log"
    clean.write_text("2025-10-10 20:56:22 INFO nothing to hide\n")
    assert sealed(case, path, clean) == ["bot.log", "clean.log"]
    vault = Vault.open(case)
    private, version, other = vault.items()
    assert is_private(private) and not is_private(other)
    assert reveal(vault, private) == path.read_bytes()
    assert (version.parent, original_of(version)) == (private.id, digest(path))
    text = vault.path_of(version.sha256).read_text(encoding="utf-8")
    assert text.replace("[withheld signature]", SIGN).replace("[withheld api-key 1]", KEY) == LOG
    assert KEY.encode() not in public_bytes(vault) and SIGN.encode() not in public_bytes(vault)
    assert sealed(case, path, clean) == ["bot.log", "clean.log"] and len(vault.items()) == 3


def test_a_run_seals_the_version_and_findings_still_stand_on_it(tmp_path: Path) -> None:
    case = case_of(tmp_path / "case")
    path = tmp_path / "bot.log"
    path.write_text(LOG)
    source = Source("data/bot.log", path, path.stat().st_size, digest(path))
    derived = [(source.sha256, "log/events", [1])]
    problems = seal_sources(case, [source], derived, Silent())
    assert [p.code for p in problems] == ["credentials-withheld"]
    assert seal_sources(case, [source], derived, Silent()) == problems
    vault = Vault.open(case)
    assert [i.transform.partition(":")[0] for i in vault.items()][1:] == [
        "credentials-1", "log/events",
    ]  # fmt: skip
    findings = case / "out" / "findings"
    findings.mkdir(parents=True)
    from liquest.findings import Finding, Input, write_findings

    found = Finding("x", {}, 1, "lines", "x@1", inputs=(Input(source.sha256, 1, 2),))
    write_findings(findings / "x.jsonl", [found])
    checks = verify(case, Silent())
    assert not [c for c in checks if c.status == INVALID]
    assert not [c for c in checks if c.name == "findings" and c.status == PENDING]


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    case = case_of(tmp_path / "case")
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.log", LOG)
        archive.writestr("b.log", "x")
    with pytest.raises(InputError, match="several files"):
        sealed(case, path)
    assert Vault.open(case).items() == []


def test_what_is_looked_through(tmp_path: Path) -> None:
    def judged(name: str, content: bytes) -> bool:
        path = tmp_path / name
        path.write_bytes(content)
        return must_withhold(path)

    assert judged("a.log", LOG.encode()) and judged("bot.log.1", LOG.encode())
    assert judged("a", LOG.encode()) and judged("a.json", f'{{"apiKey":"{KEY}"}}'.encode())
    assert judged("a.csv", LOG.encode())
    assert not judged("b.csv", b"a,b\n" * 100_000 + LOG.encode())
    assert not judged("a.png", LOG.encode()) and not judged("a.parquet", LOG.encode())
    assert not judged("b.log", b"\0" * 100 + LOG.encode())
    assert not judged("c.log.gz", b"\x1f\x8b broken")
    assert judged("d.log", b"x" * 300_000 + b"\n" + LOG.encode())


def test_an_excerpt_never_ends_within_a_key() -> None:
    for length in range(0, 300, 3):
        shown = excerpt(f"{'x ' * (length // 2)}X-MBX-APIKEY={KEY}&signature={SIGN} and more")
        assert len(shown) <= 200 and KEY[:4] not in shown and SIGN[:4] not in shown
