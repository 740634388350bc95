"""An anchor on an EVM chain (BSC, or any other): the log's root in a transaction's calldata.

Calldata, 44 bytes: "LQ01", the log's size (8 bytes, big-endian), its root (32 bytes), in a
transaction of zero value from an account to itself. Stored: the signed transaction, and
once it is mined its receipt, the block header, and the Merkle-Patricia proof that the
transaction is under the header's transactions root. What remains to be trusted is that
this header is in the chain; its time is the validators' clock.

The signed transaction is stored before it is sent, and sent again as it is by a later
run: a killed run never pays twice. Signing needs the extra [anchor]; verifying does not.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ...clock import format_time
from ...errors import InputError, IntegrityError, Text, UsageError
from ..check import Check
from ..note import Checkpoint, split_note
from . import evm_codec as codec
from . import trie
from .config import BSC, EvmConfig, ProveConfig, Trust
from .rlp import decode, encode, keccak
from .stored import Made, Stored
from .targets import Target, Verdict, assuming, invalid, pending, quoted, unsupported
from .wire import Wire, refused

KIND = "evm"
TAG = b"LQ01"
TRANSACTION, RECEIPT, HEADER, INCLUSION = (
    "transaction.bin", "receipt.json", "header.rlp", "inclusion.rlp",
)  # fmt: skip

_BLOCK_LIMIT = 64 << 20
_RAW = "eth_getRawTransactionByBlockHashAndIndex"
_NAMES = {1: "Ethereum", BSC: "BSC", 97: "BSC testnet", 204: "opBNB", 11155111: "Sepolia"}


@dataclass(frozen=True)
class Chain:
    """An EVM chain and the account that pays."""

    config: EvmConfig
    kind: str = KIND

    @property
    def source(self) -> str:
        return f"eip155:{self.config.chain_id}"

    def obtain(self, checkpoint: bytes, old: Stored | None, wire: Wire) -> Iterator[Made]:
        """First the signed transaction, then, when it is mined, its place in the chain."""
        try:
            yield from self._steps(checkpoint, old, wire)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # Whatever the node answers in place of numbers and hashes.
            words = str(error)[:120] or type(error).__name__
            raise refused(
                self.config.rpc, f"its answer makes no sense: {words}", f"应答无法理解：{words}"
            ) from None

    def _steps(self, checkpoint: bytes, old: Stored | None, wire: Wire) -> Iterator[Made]:
        rpc = self.config.rpc
        chain = codec.quantity(wire.call(rpc, "eth_chainId", []))
        if chain != self.config.chain_id:
            raise refused(
                rpc, f"is chain {chain}, not {self.config.chain_id}",
                f"链编号为 {chain}，而非 {self.config.chain_id}",
            )  # fmt: skip
        made = Made(old.files, old.facts) if old is not None else None
        if made is None or self._replaced(made, wire):
            made = self._signed(payload(checkpoint), wire)
            yield made
        mined = self._mined(made, wire)
        if mined is not None:
            yield mined

    def _signed(self, data: bytes, wire: Wire) -> Made:
        """The transaction, signed and not yet sent."""
        limit = sys.getrecursionlimit()
        try:
            from eth_account import Account
        except ImportError:
            raise UsageError(
                Text(
                    "signing on an EVM chain needs eth-account", "在 EVM 链上签名需要 eth-account"
                ),
                remedy=Text(
                    "Install it with: pip install 'liquest[anchor]'",
                    "请安装：pip install 'liquest[anchor]'",
                ),
            ) from None
        finally:
            # A dependency raises it to 100,000, at which nested JSON overflows the C stack.
            sys.setrecursionlimit(limit)
        rpc = self.config.rpc
        try:
            account = Account.from_key(self.config.key_file.read_text(encoding="ascii").strip())
        except (OSError, ValueError, TypeError):
            # The error itself may quote the key.
            raise UsageError(
                Text("no private key can be read", "无法读取私钥"),
                where=str(self.config.key_file),
                remedy=Text("The file holds 64 hex digits.", "文件内容应为 64 位十六进制。"),
            ) from None
        address = account.address
        asked = {"from": address, "to": address, "value": "0x0", "data": "0x" + data.hex()}
        nonce = codec.quantity(wire.call(rpc, "eth_getTransactionCount", [address, "pending"]))
        gas = codec.quantity(wire.call(rpc, "eth_estimateGas", [asked])) * 6 // 5
        price = codec.quantity(wire.call(rpc, "eth_gasPrice", []))
        head = wire.call(rpc, "eth_getBlockByNumber", ["latest", False])
        base = head.get("baseFeePerGas") if isinstance(head, dict) else None
        fields: dict[str, Any] = {
            "to": address, "value": 0, "data": data, "nonce": nonce, "gas": gas,
            "chainId": self.config.chain_id,
        }  # fmt: skip
        if base is None:
            most = price
            fields["gasPrice"] = price
        else:
            tip = max(price - codec.quantity(base), 1)
            most = 2 * codec.quantity(base) + tip
            fields |= {"type": 2, "maxFeePerGas": most, "maxPriorityFeePerGas": tip}
        if gas * most > self.config.max_fee_wei:
            raise refused(
                rpc, f"asks for up to {gas * most} wei, more than {self.config.max_fee_wei}",
                f"手续费最高 {gas * most} wei，超过上限 {self.config.max_fee_wei}",
            )  # fmt: skip
        raw = bytes(account.sign_transaction(fields).raw_transaction)
        return Made({TRANSACTION: raw}, {"transaction": keccak(raw).hex(), "from": address})

    def _replaced(self, made: Made, wire: Wire) -> bool:
        """Whether the account has used the nonce of a stored transaction for another one."""
        raw = made.files[TRANSACTION]
        name = "0x" + keccak(raw).hex()
        if wire.call(self.config.rpc, "eth_getTransactionByHash", [name]) is not None:
            return False
        used = wire.call(
            self.config.rpc, "eth_getTransactionCount", [str(made.facts.get("from")), "latest"]
        )
        return codec.quantity(used) > codec.nonce_of(raw)

    def _mined(self, made: Made, wire: Wire) -> Made | None:
        """The same with receipt, header and inclusion; None while the chain takes its time."""
        rpc, raw = self.config.rpc, made.files[TRANSACTION]
        name = "0x" + keccak(raw).hex()
        receipt = wire.call(rpc, "eth_getTransactionReceipt", [name])
        if receipt is None:
            try:
                wire.call(rpc, "eth_sendRawTransaction", ["0x" + raw.hex()])
            except InputError as error:
                # "already known" is how a node greets what a killed run has sent.
                if wire.call(rpc, "eth_getTransactionByHash", [name]) is None:
                    raise error from None
        end = time.monotonic() + self.config.patience
        pause = 0.1
        while not self._settled(receipt, wire):
            if time.monotonic() > end:
                return None
            time.sleep(pause)
            pause = min(2 * pause, 3.0)
            receipt = wire.call(rpc, "eth_getTransactionReceipt", [name])
        return self._placed(made, receipt, wire)

    def _settled(self, receipt: Any, wire: Wire) -> bool:
        if not isinstance(receipt, dict) or receipt.get("blockNumber") is None:
            return False
        head = codec.quantity(wire.call(self.config.rpc, "eth_blockNumber", []))
        return head - codec.quantity(receipt["blockNumber"]) >= self.config.confirmations

    def _placed(self, made: Made, receipt: dict[str, Any], wire: Wire) -> Made:
        rpc = self.config.rpc
        try:
            block_hash = codec.hexadecimal(receipt["blockHash"]).hex()
            index = codec.quantity(receipt["transactionIndex"])
            height = codec.quantity(receipt["blockNumber"])
        except (KeyError, ValueError):
            raise refused(rpc, "its receipt names no block", "收据未注明区块") from None
        try:
            block = wire.call(
                rpc, "eth_getBlockByHash", ["0x" + block_hash, True], limit=_BLOCK_LIMIT
            )
            header = codec.header_of(block)
            values = [self._value(t, block_hash, i, wire) for i, t in
                      enumerate(block["transactions"])]  # fmt: skip
            root, nodes = trie.prove(values, index)
            if root != codec.read_header(header).transactions_root:
                raise ValueError("the transactions do not have the root in the header")
            proof, why = {HEADER: header, INCLUSION: encode(list(nodes))}, {}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            # Chains with transactions or headers of their own: the block is then assumed.
            proof, why = {}, {"unproven": str(error)[:160]}
        facts = {**made.facts, "block": block_hash, "height": height, "index": index, **why}
        files = {
            TRANSACTION: made.files[TRANSACTION],
            RECEIPT: json.dumps(receipt, sort_keys=True, separators=(",", ":")).encode(),
            **proof,
        }
        done = replace(made, files=files, facts=facts)
        fault = _placement(done.files, done.facts, self.config.chain_id)
        if fault.status == "invalid":
            raise refused(rpc, fault.detail.en, fault.detail.zh)
        return done

    def _value(self, table: Any, block_hash: str, index: int, wire: Wire) -> bytes:
        try:
            return codec.transaction_of(table)
        except ValueError:
            # A type that this program cannot rebuild: some nodes give it as it is.
            raw = wire.call(self.config.rpc, _RAW, ["0x" + block_hash, hex(index)])
            return codec.hexadecimal(raw)


def targets(config: ProveConfig) -> list[Target]:
    return [Chain(config.evm)] if config.evm else []


def payload(checkpoint: bytes) -> bytes:
    """The calldata for a checkpoint; raises IntegrityError when it is none."""
    text, _ = split_note(checkpoint)
    point = Checkpoint.of(text)
    return TAG + point.size.to_bytes(8, "big") + point.root


def verify(stored: Stored, checkpoint: bytes, trust: Trust) -> Check:
    """Offline: the transaction, its calldata, its place below the header."""
    del trust
    return _verdict(stored, checkpoint).check(KIND, stored.subject)


def commands(stored: Stored) -> list[str]:
    """How to look at the transaction with nothing but curl and openssl-free eyes."""
    name = stored.facts.get("transaction", "")
    asked = f'{{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionByHash","params":["0x{name}"]}}'
    return [
        f"xxd -p -c 0 {quoted(stored.path / TRANSACTION)}",
        f"curl -s RPC-OF-{stored.source} -H 'Content-Type: application/json' -d '{asked}'",
    ]


def _verdict(stored: Stored, checkpoint: bytes) -> Verdict:
    try:
        chain = int(stored.source.removeprefix("eip155:"))
        found = codec.read_transaction(stored.file(TRANSACTION))
        expected = payload(checkpoint)
    except (ValueError, IntegrityError) as error:
        return invalid(
            Text("this is no anchor transaction", "这不是锚定交易"),
            expected="a signed transaction", got=str(error)[:160],
        )  # fmt: skip
    if found.data != expected:
        return invalid(
            Text("the transaction anchors something else", "交易锚定的是其他内容"),
            expected=f"calldata {expected.hex()}", got=found.data.hex()[:200] or "nothing",
        )  # fmt: skip
    if found.chain_id != chain or found.value:
        return invalid(
            Text("the transaction is not the one that is named", "交易与所述不符"),
            expected=f"chain {chain}, value 0", got=f"chain {found.chain_id}, value {found.value}",
        )  # fmt: skip
    name = found.hash.hex()
    if stored.facts.get("transaction") != name:
        return invalid(
            Text("the transaction has another hash", "交易散列不符"),
            expected=str(stored.facts.get("transaction")), got=name,
        )  # fmt: skip
    if RECEIPT not in stored.files:
        return pending(
            f"transaction 0x{name} is signed and not yet seen in a block; run prove again",
            f"交易 0x{name} 已签名，尚未入块；请再次运行 prove",
        )
    return _placement(stored.files, stored.facts, chain)


def _placement(files: Any, facts: Any, chain: int) -> Verdict:
    """Where in the chain the transaction of `files` stands."""
    raw = files[TRANSACTION]
    name, label = keccak(raw).hex(), _NAMES.get(chain, f"chain {chain}")
    height, index, block = facts.get("height"), facts.get("index"), str(facts.get("block"))
    try:
        receipt = json.loads(files[RECEIPT])
        told = (
            codec.hexadecimal(receipt["transactionHash"]).hex(), codec.quantity(receipt["status"]),
            codec.quantity(receipt["blockNumber"]), codec.quantity(receipt["transactionIndex"]),
            codec.hexadecimal(receipt["blockHash"]).hex(),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return unsupported(f"the receipt cannot be read: {error}", f"收据无法读取：{error}")
    if told != (name, 1, height, index, block):
        return invalid(
            Text("the receipt is for something else", "收据针对的是其他内容"),
            expected=str((name, 1, height, index, block)), got=str(told),
        )  # fmt: skip
    if not {HEADER, INCLUSION} <= set(files) or not isinstance(index, int):
        why = facts.get("unproven", "-")
        return assuming(
            Text(
                f"block {height} of {label}, hash 0x{block}, holds the transaction 0x{name}",
                f"{label} 区块 {height}（0x{block}）含有交易 0x{name}",
            ),
            f"anchored by transaction 0x{name}; its place in the block is not proven: {why}",
            f"由交易 0x{name} 锚定；其在区块中的位置未经证明：{why}",
        )
    try:
        header = codec.read_header(files[HEADER])
        nodes = decode(files[INCLUSION])
        path = [n for n in nodes if isinstance(n, bytes)] if isinstance(nodes, list) else []
        value = trie.value_at(header.transactions_root, index, path)
    except ValueError as error:
        return invalid(
            Text("the transaction is not proven to be in the block", "无法证明交易在区块内"),
            expected="a path to the transactions root", got=str(error)[:160],
        )  # fmt: skip
    if value != raw or (header.hash.hex(), header.number) != (block, height):
        return invalid(
            Text("the proof is of another block or transaction", "证明属于另一区块或交易"),
            expected=f"0x{name} in block {height} 0x{block}",
            got=f"0x{keccak(value).hex()} in block {header.number} 0x{header.hash.hex()}",
        )
    at = format_time(header.time * 1_000_000, digits=0)
    return assuming(
        Text(
            f"block {height} of {label}, hash 0x{block}, is in the chain",
            f"{label} 区块 {height}（0x{block}）在链上",
        ),
        f"anchored by transaction 0x{name} in block {height} of {at}",
        f"由交易 0x{name} 锚定于 {at} 的区块 {height}",
    )
