"""The chain of custody, read from the log."""

from __future__ import annotations

import json
from pathlib import Path

from _vaults import sealed_case

from liquest.vault.custody import MEANING, custody
from liquest.vault.store import Vault


def test_order_depth_and_anchors(tmp_path: Path) -> None:
    vault = Vault.open(sealed_case(tmp_path / "case"), write=False)
    steps = custody(vault)
    assert [s.item.id for s in steps] != [i.id for i in vault.items()]
    assert {s.item.id for s in steps} == {i.id for i in vault.items()}
    assert [(s.line, s.depth) for s in steps[:3]] == [(1, 0), (6, 1), (2, 0)]
    assert steps[1].item.parent == steps[0].item.id
    assert {s.checkpoint for s in steps if s.line <= 5} == {5}
    assert {s.checkpoint for s in steps if s.line > 5} == {7}
    # Only the newest checkpoint has a proof, and it covers every line before it.
    assert {len(s.anchors) for s in steps} == {1}
    assert json.loads(json.dumps(steps[0].json()))["anchors"][0]["status"] == "pending"
    assert steps[0].item.collector == "Li Wei"


def test_what_anchoring_means() -> None:
    assert "existence, not truth" in MEANING.en
    assert "不证明真实" in MEANING.zh
