"""Transactions and headers of EVM chains, from the JSON of a node to their RLP and back.

Transactions: legacy (EIP-155), EIP-2930, EIP-1559, EIP-4844, EIP-7702. Headers: the
fields of the yellow paper and those that London, Shanghai, Cancun and Prague added, in
this order. Nothing is believed: what was rebuilt must have the hash that the node said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .rlp import Item, decode, encode, integer, keccak, number

_HEADER = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot",
    "logsBloom", "#difficulty", "#number", "#gasLimit", "#gasUsed", "#timestamp", "extraData",
    "mixHash", "nonce",
)  # fmt: skip
_LATER = (
    "#baseFeePerGas", "withdrawalsRoot", "#blobGasUsed", "#excessBlobGas",
    "parentBeaconBlockRoot", "requestsHash",
)  # fmt: skip
_TRANSACTION = {
    0: ("#nonce", "#gasPrice", "#gas", "to", "#value", "input", "#v", "#r", "#s"),
    1: (
        "#chainId", "#nonce", "#gasPrice", "#gas", "to", "#value", "input", "accessList",
        "#yParity", "#r", "#s",
    ),
    2: (
        "#chainId", "#nonce", "#maxPriorityFeePerGas", "#maxFeePerGas", "#gas", "to", "#value",
        "input", "accessList", "#yParity", "#r", "#s",
    ),
    3: (
        "#chainId", "#nonce", "#maxPriorityFeePerGas", "#maxFeePerGas", "#gas", "to", "#value",
        "input", "accessList", "#maxFeePerBlobGas", "blobVersionedHashes", "#yParity", "#r", "#s",
    ),
    4: (
        "#chainId", "#nonce", "#maxPriorityFeePerGas", "#maxFeePerGas", "#gas", "to", "#value",
        "input", "accessList", "authorizationList", "#yParity", "#r", "#s",
    ),
}  # fmt: skip
"""Fields by EIP-2718 type, a number marked with #."""


class Anchor(NamedTuple):
    """What of a transaction matters here."""

    hash: bytes
    chain_id: int | None
    to: bytes
    value: int
    data: bytes


class Block(NamedTuple):
    """What of a header matters here. `time` in seconds since 1970."""

    hash: bytes
    transactions_root: bytes
    number: int
    time: int


def hexadecimal(value: Any) -> bytes:
    """The bytes of 0x…; raises ValueError."""
    if value is None:
        return b""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError("0x… was expected")
    return bytes.fromhex(value[2:])


def quantity(value: Any) -> int:
    """The number of 0x…; raises ValueError."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError("0x… was expected")
    return int(value, 16)


def transaction_of(table: Mapping[str, Any]) -> bytes:
    """The encoded transaction of a node's JSON; raises ValueError if it lacks its hash."""
    kind = quantity(table.get("type") or "0x0")
    if kind not in _TRANSACTION:
        raise ValueError(f"transactions of type {kind} are not known here")
    # Some nodes give only v for typed transactions, where it is the parity.
    filled = {"yParity": table.get("v"), **table}
    try:
        body = encode([_field(filled, name) for name in _TRANSACTION[kind]])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a transaction lacks {error}") from None
    raw = body if kind == 0 else bytes([kind]) + body
    if keccak(raw) != hexadecimal(table.get("hash")):
        raise ValueError("a transaction does not have its hash")
    return raw


def header_of(table: Mapping[str, Any]) -> bytes:
    """The RLP of a block header from a node's JSON; raises ValueError if it lacks its hash."""
    present = [name for name in _LATER if table.get(name.lstrip("#")) is not None]
    try:
        raw = encode([_field(table, name) for name in (*_HEADER, *present)])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the header lacks {error}") from None
    if keccak(raw) != hexadecimal(table.get("hash")):
        raise ValueError("the header does not have its hash")
    return raw


def _field(table: Mapping[str, Any], name: str) -> Item:
    if name.startswith("#"):
        return number(quantity(table[name[1:]]))
    if name == "accessList":
        return [
            [hexadecimal(entry["address"]), [hexadecimal(k) for k in entry["storageKeys"]]]
            for entry in table[name] or ()
        ]
    if name == "blobVersionedHashes":
        return [hexadecimal(entry) for entry in table[name]]
    if name == "authorizationList":
        return [
            [
                number(quantity(entry["chainId"])), hexadecimal(entry["address"]),
                number(quantity(entry["nonce"])), number(quantity(entry["yParity"])),
                number(quantity(entry["r"])), number(quantity(entry["s"])),
            ]
            for entry in table[name]
        ]  # fmt: skip
    return hexadecimal(table[name])


def read_transaction(raw: bytes) -> Anchor:
    """A legacy or EIP-1559 transaction, the two kinds that an anchor is; else ValueError."""
    typed = raw[:1] == b"\x02"
    parts = decode(raw[1:] if typed else raw)
    if isinstance(parts, bytes) or len(parts) != (12 if typed else 9):
        raise ValueError("neither a legacy nor an EIP-1559 transaction")
    at = 5 if typed else 3
    to, value, data = parts[at : at + 3]
    if not isinstance(to, bytes) or not isinstance(data, bytes):
        raise ValueError("a field of the transaction is a list")
    if typed:
        chain: int | None = integer(parts[0])
    else:
        # EIP-155: v = 35 + 2 × chain id + parity; before it, v was 27 or 28.
        v = integer(parts[6])
        chain = (v - 35) // 2 if v >= 35 else None
    return Anchor(keccak(raw), chain, to, integer(value), data)


def read_header(raw: bytes) -> Block:
    """The header in its RLP; raises ValueError."""
    parts = decode(raw)
    if isinstance(parts, bytes) or len(parts) < len(_HEADER):
        raise ValueError("this is no block header")
    root = parts[4]
    if not isinstance(root, bytes) or len(root) != 32:
        raise ValueError("the header has no transactions root")
    return Block(keccak(raw), root, integer(parts[8]), integer(parts[11]))


def nonce_of(raw: bytes) -> int:
    """The account nonce of a legacy or EIP-1559 transaction; raises ValueError."""
    typed = raw[:1] == b"\x02"
    parts = decode(raw[1:] if typed else raw)
    if isinstance(parts, bytes) or len(parts) < 2:
        raise ValueError("this is no transaction")
    return integer(parts[1 if typed else 0])
