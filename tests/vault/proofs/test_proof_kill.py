"""kill -9 at random instants of `prove`: what is stored verifies, and a second run completes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from _arweave import Bundler
from _authority import Authority, Issuer, pem
from _calendar import Calendar
from _chain import CHAIN_ID, Node
from _loopback import serve
from _sealed import Sealed
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liquest.vault.check import ASSUMING, PENDING, VALID
from liquest.vault.proofs import Trust, evm, verify_all
from liquest.vault.proofs.stored import read, versions

KILLS = 60

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@contextmanager
def zygote() -> Iterator[Any]:
    """A function that sends one line and reads the answer."""
    here = Path(__file__).parent
    with subprocess.Popen(
        [sys.executable, str(here / "_zygote.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        out, answers = process.stdin, process.stdout

        def ask(**asked: Any) -> dict[str, Any]:
            out.write(json.dumps(asked) + "\n")
            out.flush()
            return dict(json.loads(answers.readline()))

        try:
            yield ask
        finally:
            out.close()
            process.wait(10)


def test_killed_at_random_instants(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    root = Issuer.root()
    node, bundler, calendar = Node(), Bundler(), Calendar()
    files = {name: tmp_path / name for name in ("root.pem", "key.hex", "wallet.pem")}
    files["root.pem"].write_bytes(pem(root.certificate))
    files["key.hex"].write_text(node.key(0))
    files["wallet.pem"].write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    trust = Trust(files["root.pem"])
    with ExitStack() as stack:
        ask = stack.enter_context(zygote())
        calendar.url = stack.enter_context(serve(calendar))
        fixed: dict[str, Any] = {
            "tsa": [stack.enter_context(serve(Authority(root, deep=d))) for d in (False, True)],
            "calendars": [calendar.url],
            "rpc": stack.enter_context(serve(node)),
            "gateway": stack.enter_context(serve(bundler)),
            "key": str(files["key.hex"]), "wallet": str(files["wallet.pem"]),
            "roots": str(files["root.pem"]), "chain": CHAIN_ID,
        }  # fmt: skip
        longest = {}
        for anchor in (False, True):
            asked = {"anchor": anchor, "delay": 60, **fixed}
            times = [
                ask(root=str(tmp_path / f"whole{n}{anchor}"), **asked)["seconds"] for n in range(3)
            ]
            longest[anchor] = sorted(times)[1]
        killed = number = 0
        while killed < KILLS:
            number += 1
            assert number < 4 * KILLS, "the runs end before they can be killed"
            # The chain is slow here; every third run is enough for it.
            anchor = number % 3 == 0
            fixed["anchor"] = anchor
            vault = Sealed(tmp_path / f"v{number}")
            first = ask(root=str(vault.root), delay=rng.uniform(0, longest[anchor]), **fixed)
            killed += first["killed"]
            if not first["killed"]:
                longest[anchor] = first["seconds"]
            before = statuses(vault, trust)
            assert set(before.values()) <= {VALID, ASSUMING, PENDING}, (seed, number, before)
            signed = transactions(vault)
            ask(root=str(vault.root), delay=60, **fixed)
            after = statuses(vault, trust)
            expected = [PENDING, VALID, VALID, ASSUMING, *([ASSUMING] if anchor else [])]
            assert sorted(after.values()) == expected, (seed, number, after)
            # Nothing acknowledged was lost, and nothing was paid for twice.
            assert set(before) <= set(after)
            assert all(len(group) == 1 for group in versions(vault.shelf).values())
            assert not signed or transactions(vault) == signed
        assert len(node.calldata()) == number // 3 + 3


def statuses(vault: Sealed, trust: Trust) -> dict[str, str]:
    found = verify_all(vault.root, {"now": vault.checkpoint()}, trust)
    return {check.subject.partition("~")[0]: check.status for check in found}


def transactions(vault: Sealed) -> list[bytes]:
    if not vault.shelf.is_dir():
        return []
    paths = [group[-1] for name, group in versions(vault.shelf).items() if name[:4] == "evm-"]
    return [read(path).files[evm.TRANSACTION] for path in paths]
