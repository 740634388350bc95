"""Whom to ask for proofs: the table [prove] of case.toml, over the defaults.

[prove]
tsa = ["https://freetsa.org/tsr", "http://timestamp.digicert.com"]
calendars = ["https://a.pool.opentimestamps.org"]
timeout = 20                          # seconds
attempts = 3

[prove.evm]                           # optional, spends a transaction fee
rpc = "https://bsc-dataseed.bnbchain.org"
chain_id = 56                         # BSC
key_file = "~/keys/anchor.hex"
max_fee_wei = 10000000000000000       # more is refused
confirmations = 3

[prove.arweave]                       # optional
gateway = "https://upload.ardrive.io/v1/tx"
wallet = "~/keys/wallet.json"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

from ...errors import CaseError, Text
from .certificates import read_roots
from .headers import Headers
from .wire import Wire, check_url

BSC = 56
"""Chain id of the BNB Smart Chain."""

Known: TypeAlias = Mapping[str, type | tuple[type, ...]]
"""Keys of a table with the types that their values may have."""


@dataclass(frozen=True)
class EvmConfig:
    """An EVM chain to anchor on. The key file holds one private key in hex."""

    rpc: str
    key_file: Path
    chain_id: int = BSC
    max_fee_wei: int = 10**16
    confirmations: int = 3
    patience: float = 90.0


@dataclass(frozen=True)
class ArweaveConfig:
    """Where to upload, and the wallet that signs: a JWK (RSA) or a PEM (Ed25519)."""

    gateway: str
    wallet: Path


@dataclass(frozen=True)
class Trust:
    """What the verifier itself trusts, beside what lies with the proofs.

    `roots`: a PEM file or a folder of them. `headers`: Bitcoin block headers, as 80-byte
    records from block 0 or as JSON {height: hex}.
    """

    roots: Path | None = None
    headers: Path | None = None

    def check(self) -> None:
        """Raises InputError when one of them cannot be read."""
        read_roots(self.roots)
        if self.headers is not None:
            Headers(self.headers)


@dataclass(frozen=True)
class ProveConfig:
    """Whom to ask, and with how much patience."""

    tsa: tuple[str, ...] = ()
    calendars: tuple[str, ...] = ()
    calendar_hosts: tuple[str, ...] = ()
    evm: EvmConfig | None = None
    arweave: ArweaveConfig | None = None
    trust: Trust = Trust()
    timeout: float = 20.0
    attempts: int = 3
    backoff: float = 1.0

    def wire(self) -> Wire:
        """A client with this patience."""
        return Wire(timeout=self.timeout, attempts=self.attempts, backoff=self.backoff)


@cache
def defaults() -> Mapping[str, Any]:
    """The lists of defaults.toml."""
    return tomllib.loads((files(__package__) / "defaults.toml").read_text(encoding="utf-8"))


def config_of(table: Mapping[str, Any], root: Path) -> ProveConfig:
    """The table [prove], checked; `root` is what relative paths start from."""
    where = str(root / "case.toml")
    known: Known = {
        "tsa": list, "calendars": list, "calendar_hosts": list, "evm": dict, "arweave": dict,
        "timeout": (int, float), "attempts": int, "backoff": (int, float),
        "roots": str, "headers": str,
    }  # fmt: skip
    _check(table, known, "prove", where)
    filled = {**defaults(), **table}
    lists = {
        key: tuple(str(entry) for entry in filled[key])
        for key in ("tsa", "calendars", "calendar_hosts")
    }
    for url in (*lists["tsa"], *lists["calendars"]):
        check_url(url)
    return ProveConfig(
        **lists,
        evm=_evm(table["evm"], root, where) if "evm" in table else None,
        arweave=_arweave(table["arweave"], root, where) if "arweave" in table else None,
        trust=Trust(_path(table.get("roots"), root), _path(table.get("headers"), root)),
        timeout=float(filled.get("timeout", 20.0)),
        attempts=int(filled.get("attempts", 3)),
        backoff=float(filled.get("backoff", 1.0)),
    )


def read_config(root: Path) -> ProveConfig:
    """The configuration of the case in `root`; the defaults where it says nothing."""
    table = tomllib.loads((root / "case.toml").read_text(encoding="utf-8"))
    return config_of(table.get("prove", {}), root)


def _evm(table: Mapping[str, Any], root: Path, where: str) -> EvmConfig:
    known: Known = {
        "rpc": str, "key_file": str, "chain_id": int, "max_fee_wei": int,
        "confirmations": int, "patience": (int, float),
    }  # fmt: skip
    _check(table, known, "prove.evm", where, needed=("rpc", "key_file"))
    check_url(table["rpc"])
    rest = {k: v for k, v in table.items() if k not in {"rpc", "key_file"}}
    return EvmConfig(table["rpc"], _within(table["key_file"], root), **rest)


def _arweave(table: Mapping[str, Any], root: Path, where: str) -> ArweaveConfig:
    known: Known = {"gateway": str, "wallet": str}
    _check(table, known, "prove.arweave", where, needed=("gateway", "wallet"))
    check_url(table["gateway"])
    return ArweaveConfig(table["gateway"], _within(table["wallet"], root))


def _within(text: str, root: Path) -> Path:
    return root / Path(text).expanduser()


def _path(text: object, root: Path) -> Path | None:
    return _within(str(text), root) if text else None


def _check(
    table: Mapping[str, Any],
    known: Known,
    name: str,
    where: str,
    needed: tuple[str, ...] = (),
) -> None:
    wrong = [k for k in table if k not in known]
    wrong += [k for k, v in table.items() if k in known and not isinstance(v, known[k])]
    wrong += [k for k in needed if k not in table]
    if wrong:
        raise CaseError(
            Text(f"[{name}] cannot use: {', '.join(wrong)}", f"[{name}] 有误：{'、'.join(wrong)}"),
            where=where,
            remedy=Text(
                f"[{name}] takes {', '.join(known)}.", f"[{name}] 可用：{'、'.join(known)}。"
            ),
        )
