"""An EVM chain in this process (eth-tester on py-evm) behind the JSON-RPC of a node."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from typing import Any

from _loopback import Answer, Asked

from liquest.vault.proofs.rlp import keccak

_LIMIT = sys.getrecursionlimit()
import eth_account  # noqa: E402
from eth_tester import EthereumTester, PyEVMBackend  # noqa: E402
from eth_tester.exceptions import BlockNotFound, TransactionNotFound  # noqa: E402

# They raise it to 100,000, at which nested JSON overflows the C stack.
sys.setrecursionlimit(_LIMIT)

SIGNER = eth_account.Account
"""Signs as eth-account does; to be had from here, with the limit put back."""

CHAIN_ID = 131277322940537
"""What py-evm's tester chain calls itself."""

ACCOUNTS = 160

_RENAMED = {"data": "input", "coinbase": "miner"}


def _camel(name: str) -> str:
    if name in _RENAMED:
        return _RENAMED[name]
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_camel(k): _json(v) for k, v in value.items()}
    if hasattr(value, "storage_keys"):
        keys = [f"0x{key:064x}" for key in value.storage_keys]
        return {"address": _json(value.account), "storageKeys": keys}
    if isinstance(value, list | tuple):
        return [_json(v) for v in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int):
        return hex(value)
    return value


class Node:
    """Answers JSON-RPC. `fault` names a lie."""

    def __init__(self, *, fault: str = "") -> None:
        self.fault = fault
        self.sent = 0
        state = PyEVMBackend.generate_genesis_state(num_accounts=ACCOUNTS)
        self._tester = EthereumTester(PyEVMBackend(genesis_state=state))
        self._lock = threading.Lock()
        self._held: list[bytes] | None = None

    def key(self, number: int) -> str:
        """The private key of one of the funded accounts."""
        return f"0x{number + 1:064x}"

    def mine(self, count: int = 1) -> None:
        """What waits into one block, then empty ones."""
        with self._lock:
            for raw in self._held or ():
                # Past eth-tester's own checks: they take no legacy v of a large chain id.
                self._tester.backend.send_raw_transaction(raw)
            self._held = None
            self._tester.mine_blocks(count)

    def hold(self) -> None:
        """Keep what is sent until `mine`."""
        self._held = []

    def traffic(self, count: int) -> None:
        """Other people's transactions: legacy, with access list, EIP-1559."""
        for number in range(count):
            account = SIGNER.from_key(self.key(1 + number))
            kind = number % 3
            fields: dict[str, Any] = {
                "to": account.address if number % 5 else None, "value": 0 if number % 4 else 7,
                "data": bytes(number) if number % 5 else b"", "gas": 60_000,
                "nonce": 0, "chainId": CHAIN_ID,
            }  # fmt: skip
            if fields["to"] is None:
                fields["to"] = "0x" + "77" * 20
            if kind == 2:
                fields |= {
                    "type": 2, "maxFeePerGas": 4 * 10**9, "maxPriorityFeePerGas": 10**9,
                }  # fmt: skip
            else:
                fields["gasPrice"] = 4 * 10**9
            if kind == 1:
                fields |= {
                    "type": 1,
                    "accessList": [{"address": account.address, "storageKeys": ["0x" + "01" * 32]}],
                }
            raw = account.sign_transaction(fields).raw_transaction
            assert self._held is not None, "hold before traffic"
            self._held.append(bytes(raw))

    def calldata(self) -> list[str]:
        """Calldata of every mined transaction."""
        with self._lock:
            head = self._tester.get_block_by_number("latest")["number"]
            blocks = [self._tester.get_block_by_number(n, True) for n in range(head + 1)]
        return [t["data"] for block in blocks for t in block["transactions"]]

    def __call__(self, asked: Asked) -> Answer:
        call = json.loads(asked.body)
        with self._lock:
            try:
                result = getattr(self, call["method"])(*call["params"])
                answer: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"], "result": result}
            except (TransactionNotFound, BlockNotFound):
                answer = {"jsonrpc": "2.0", "id": call["id"], "result": None}
            except Exception as error:  # noqa: BLE001 - a node answers whatever went wrong
                answer = {"jsonrpc": "2.0", "id": call["id"], "error": {"message": str(error)}}
        return Answer(json.dumps(answer).encode(), kind="application/json")

    def eth_chainId(self) -> str:
        return hex(CHAIN_ID + (self.fault == "other-chain"))

    def eth_gasPrice(self) -> str:
        return hex(10**18 if self.fault == "greedy" else 3 * 10**9)

    def eth_blockNumber(self) -> str:
        return hex(self._tester.get_block_by_number("latest")["number"])

    def eth_getTransactionCount(self, address: str, block: str) -> str:
        del block
        return hex(self._tester.get_nonce(address))

    def eth_estimateGas(self, call: dict[str, Any]) -> str:
        asked = {"from": call["from"], "to": call["to"], "value": 0, "data": call["data"]}
        return hex(self._tester.estimate_gas(asked))

    def eth_sendRawTransaction(self, raw: str) -> str:
        self.sent += 1
        if self.fault == "drops":
            return "0x" + "00" * 32
        if self._held is not None:
            self._held.append(bytes.fromhex(raw[2:]))
            return "0x" + keccak(self._held[-1]).hex()
        return str(self._tester.send_raw_transaction(raw))

    def eth_getTransactionByHash(self, name: str) -> Any:
        if name in ["0x" + keccak(raw).hex() for raw in self._held or ()]:
            return {"hash": name, "blockNumber": None}
        return _json(self._tester.get_transaction_by_hash(name))

    def eth_getTransactionReceipt(self, name: str) -> Any:
        found = _json(self._tester.get_transaction_receipt(name))
        if self.fault == "other-receipt":
            found["transactionHash"] = "0x" + "ab" * 32
        return found if found["blockNumber"] else None

    def eth_getBlockByNumber(self, number: str, full: bool) -> Any:
        return self._block(self._tester.get_block_by_number(number, full))

    def eth_getBlockByHash(self, name: str, full: bool) -> Any:
        # From the backend, for the same reason as in `mine`.
        return self._block(self._tester.backend.get_block_by_hash(bytes.fromhex(name[2:]), full))

    def _block(self, block: Mapping[str, Any]) -> Any:
        found = _json(block)
        found["logsBloom"] = "0x" + int(block["logs_bloom"]).to_bytes(256, "big").hex()
        # eth-tester pads it, and the header would not have its hash.
        header = self._tester.backend.chain.get_canonical_block_by_number(block["number"]).header
        found["extraData"] = _json(header.extra_data)
        if self.fault == "other-header":
            found["timestamp"] = "0x1"
        if self.fault == "no-base-fee":
            found["baseFeePerGas"] = None
        return found
