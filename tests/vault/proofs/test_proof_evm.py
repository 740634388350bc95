"""The EVM anchor against py-evm behind JSON-RPC: calldata, inclusion, and nodes that lie."""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rlp as reference
from _chain import CHAIN_ID, Node
from _loopback import Answer, Asked, serve
from _sealed import Sealed, checkpoint_of, config
from hypothesis import given, settings
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from liquest.run.progress import Silent
from liquest.vault.check import ASSUMING, INVALID, PENDING, Check
from liquest.vault.note import Checkpoint, split_note
from liquest.vault.proofs import Trust, evm, evm_codec, prove, trie, upgrade, verify_all
from liquest.vault.proofs.config import EvmConfig
from liquest.vault.proofs.rlp import decode, encode, keccak, number
from liquest.vault.proofs.stored import Stored, read

KEY = 0


@pytest.fixture
def vault(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path / "vault")


@pytest.fixture
def key_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "anchor.hex"
    path.write_text(Node().key(KEY) + "\n")
    yield path


def anchor(url: str, key_file: Path, **rest: Any) -> Any:
    fields = {"chain_id": CHAIN_ID, "confirmations": 0, "patience": 10.0, **rest}
    return config(evm=EvmConfig(url, key_file, **fields))


def judged(vault: Sealed) -> list[Check]:
    return verify_all(vault.root, {"now": vault.checkpoint()})


def test_anchored_and_proven_to_be_in_the_block(vault: Sealed, key_file: Path) -> None:
    node = Node()
    with serve(node) as url:
        done = prove(vault, anchor(url, key_file), Silent())
        again = prove(vault, anchor(url, key_file), Silent())
    assert not done.problems
    (check,) = done.checks
    assert check.status == ASSUMING
    assert again.checks == done.checks == judged(vault)
    assert node.sent == 1
    assert "is in the chain" in check.assumption.en
    point = Checkpoint.of(split_note(vault.checkpoint())[0])
    expected = b"LQ01" + (12).to_bytes(8, "big") + point.root
    assert node.calldata() == ["0x" + expected.hex()]
    stored = read(vault.proofs()[0])
    assert set(stored.files) == {evm.TRANSACTION, evm.RECEIPT, evm.HEADER, evm.INCLUSION}
    found = evm_codec.read_transaction(stored.files[evm.TRANSACTION])
    assert (found.value, found.chain_id) == (0, CHAIN_ID)
    assert "0x" + found.to.hex() == stored.facts["from"].lower()


@pytest.mark.parametrize("others", [1, 17, 40])
def test_among_other_transactions_of_every_kind(vault: Sealed, key_file: Path, others: int) -> None:
    node = Node()
    node.hold()
    node.traffic(others)
    with serve(node) as url:
        waiting = prove(vault, anchor(url, key_file, patience=0.2), Silent())
        assert [c.status for c in waiting.checks] == [PENDING]
        node.mine()
        done = upgrade(vault, anchor(url, key_file), Silent())
    assert not done.problems
    assert [c.status for c in done.checks] == [ASSUMING]
    stored = read(vault.proofs()[0])
    nodes = decode(stored.files[evm.INCLUSION])
    assert isinstance(nodes, list)
    assert len(nodes) >= 2
    assert stored.facts["index"] in range(others + 1)


def test_confirmations_are_waited_for(vault: Sealed, key_file: Path) -> None:
    node = Node()
    with serve(node) as url:
        settings_ = anchor(url, key_file, confirmations=3, patience=0.2)
        assert [c.status for c in prove(vault, settings_, Silent()).checks] == [PENDING]
        node.mine(3)
        assert [c.status for c in prove(vault, settings_, Silent()).checks] == [ASSUMING]
    assert node.sent == 1


def test_a_legacy_transaction_where_there_is_no_base_fee(vault: Sealed, key_file: Path) -> None:
    node = Node(fault="no-base-fee")
    with serve(node) as url:
        done = prove(vault, anchor(url, key_file), Silent())
    (check,) = done.checks
    assert check.status == ASSUMING
    # That node hides part of its header, so the place in the block is assumed as well.
    assert "holds the transaction" in check.assumption.en
    stored = read(vault.proofs()[0])
    assert evm_codec.read_transaction(stored.files[evm.TRANSACTION]).chain_id == CHAIN_ID
    assert stored.files[evm.TRANSACTION][0] >= 0xC0


def test_a_lost_transaction_is_sent_again_as_it_is(vault: Sealed, key_file: Path) -> None:
    node = Node(fault="drops")
    with serve(node) as url:
        assert [c.status for c in prove(vault, anchor(url, key_file, patience=0.2), Silent()).checks
                ] == [PENDING]  # fmt: skip
        first = read(vault.proofs()[0]).files[evm.TRANSACTION]
        node.fault = ""
        assert [c.status for c in prove(vault, anchor(url, key_file), Silent()).checks] == [
            ASSUMING
        ]
    assert read(vault.proofs()[0]).files[evm.TRANSACTION] == first
    assert len(node.calldata()) == 1


def test_a_nonce_that_was_used_elsewhere_means_a_new_transaction(
    vault: Sealed, key_file: Path, tmp_path: Path
) -> None:
    node = Node(fault="drops")
    other = Sealed(tmp_path / "other", 3)
    with serve(node) as url:
        prove(vault, anchor(url, key_file, patience=0.2), Silent())
        node.fault = ""
        prove(other, anchor(url, key_file), Silent())
        done = prove(vault, anchor(url, key_file), Silent())
    assert [c.status for c in done.checks] == [ASSUMING]
    assert len(node.calldata()) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("other-chain", "is chain 131277322940538"),
        ("greedy", "asks for up to"),
        ("other-receipt", "receipt is for something else"),
    ],
)
def test_a_node_that_lies(vault: Sealed, key_file: Path, fault: str, words: str) -> None:
    node = Node(fault=fault)
    with serve(node) as url:
        done = prove(vault, anchor(url, key_file), Silent())
    assert words in done.problems[0].text.en
    assert not [c for c in judged(vault) if c.status == ASSUMING]
    assert node.sent == (fault == "other-receipt")


@pytest.mark.parametrize("result", [None, 5, "x", [], {}, "0x", "0xzz", True, {"blockNumber": 1}])
@pytest.mark.parametrize("honest", range(8))
def test_a_node_that_answers_nonsense(
    vault: Sealed, key_file: Path, result: object, honest: int
) -> None:
    """After some honest answers, the same for everything."""
    node, calls = Node(), 0

    def respond(asked: Asked) -> Answer:
        nonlocal calls
        calls += 1
        if calls <= honest:
            return node(asked)
        return Answer(json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode())

    with serve(respond) as url:
        done = prove(vault, anchor(url, key_file, patience=0.05), Silent())
    assert len(done.checks) + len(done.problems) == 1
    assert not [c for c in judged(vault) if c.status not in {PENDING, ASSUMING}]


def test_a_header_that_was_changed_proves_nothing(vault: Sealed, key_file: Path) -> None:
    with serve(Node(fault="other-header")) as url:
        (check,) = prove(vault, anchor(url, key_file), Silent()).checks
    assert "its place in the block is not proven" in check.detail.en


@pytest.mark.parametrize("content", ["", "not a key", "0x12", "zz" * 32])
def test_a_key_that_is_none_is_not_quoted(vault: Sealed, tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    with serve(Node()) as url:
        done = prove(vault, anchor(url, path), Silent())
    assert "no private key" in done.problems[0].text.en
    assert not content or content not in done.problems[0].text.en
    assert vault.proofs() == []


def test_without_the_extra_the_error_says_what_to_install(
    vault: Sealed, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **rest: Any) -> Any:
        if name == "eth_account":
            raise ImportError(name)
        return real(name, *args, **rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with serve(Node()) as url:
        done = prove(vault, anchor(url, key_file), Silent())
    assert "liquest[anchor]" in done.problems[0].text.en


def test_signing_leaves_the_recursion_limit_alone(vault: Sealed, key_file: Path) -> None:
    limit = sys.getrecursionlimit()
    with serve(Node()) as url:
        prove(vault, anchor(url, key_file), Silent())
    assert sys.getrecursionlimit() == limit < 100_000


@pytest.fixture(scope="module")
def anchored(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    folder = tmp_path_factory.mktemp("evm")
    node, vault = Node(), Sealed(folder / "vault")
    path = folder / "key"
    path.write_text(node.key(KEY))
    node.hold()
    node.traffic(20)
    with serve(node) as url:
        prove(vault, anchor(url, path, patience=0.2), Silent())
        node.mine()
        prove(vault, anchor(url, path), Silent())
    return vault


def test_for_another_root(anchored: Sealed) -> None:
    check = evm.verify(read(anchored.proofs()[0]), checkpoint_of(99), Trust())
    assert check.status == INVALID
    assert evm.payload(checkpoint_of(99)).hex() in check.detail.en
    assert evm.payload(anchored.checkpoint()).hex() in check.detail.en


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_flipped_bytes_are_never_the_same_anchor(anchored: Sealed, data: st.DataObject) -> None:
    """Even with proof.json forged to fit the file, and its facts as they were."""
    stored = read(anchored.proofs()[0])
    good = evm.verify(stored, anchored.checkpoint(), Trust())
    assert good.status == ASSUMING
    name = data.draw(st.sampled_from([evm.TRANSACTION, evm.HEADER, evm.INCLUSION]))
    raw = stored.files[name]
    at, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 255))
    bad = (
        raw[:at] if data.draw(st.booleans()) else raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]
    )
    forged = Stored(
        stored.path, stored.kind, stored.source, stored.checkpoint,
        {**stored.files, name: bad}, stored.facts,
    )  # fmt: skip
    check = evm.verify(forged, anchored.checkpoint(), Trust())
    assert check.status == INVALID
    assert "expected" in check.detail.en


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=8)))
def test_rlp_against_the_reference(item: Any) -> None:
    raw = encode(item)
    assert raw == reference.encode(item)
    assert decode(raw) == item


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_rlp_is_strict(raw: bytes) -> None:
    try:
        item = decode(raw)
    except ValueError:
        return
    assert encode(item) == raw


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=90), min_size=1, max_size=300), st.data())
def test_trie_against_the_reference(values: list[bytes], data: st.DataObject) -> None:
    other = HexaryTrie({})
    for place, value in enumerate(values):
        other[reference.encode(place)] = value
    index = data.draw(st.integers(0, len(values) - 1))
    root, nodes = trie.prove(values, index)
    assert root == other.root_hash
    assert trie.value_at(root, index, nodes) == values[index]
    # The nodes prove nothing false about any other index, present or not.
    for wrong in range(len(values) + 2):
        try:
            found = trie.value_at(root, wrong, nodes)
        except ValueError:
            continue
        assert found == values[wrong]


def test_known_values() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    empty = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
    assert trie.EMPTY_ROOT.hex() == empty
    assert number(0) == b""
