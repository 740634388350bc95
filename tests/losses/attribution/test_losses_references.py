"""Reference times: read from the case, flagged by what they lean on, refused when malformed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from _hand_made import Book, Fixed, at

from liquest.clock import parse_time
from liquest.errors import CaseError, Text
from liquest.findings import Finding, write_findings
from liquest.losses.attribution.attribute import Question, attribute
from liquest.losses.attribution.attribution_findings import METHODS, by_reference, findings
from liquest.losses.attribution.references import Lean, Reference, leaning, read_references

CASE = Path(__file__).parents[3] / "cases" / "2025-10-11"
ONE = """[[reference]]
id = "later"
at = "2025-10-10T21:18:00Z"
title = { en = "later", zh = "较晚" }
leans_on = ["claim:a", "finding:screen.bands.phantom"]
[[reference]]
id = "early"
at = 2025-10-11T04:50:01+08:00
title = { en = "early", zh = "较早" }
"""


def written(folder: Path, text: str) -> Path:
    (folder / "references.toml").write_text(text, encoding="utf-8")
    return folder


def test_references_come_in_order_of_time(tmp_path: Path) -> None:
    found = read_references(written(tmp_path, ONE))
    assert [one.id for one in found] == ["early", "later"]
    assert found[0].at == parse_time("2025-10-10T20:50:01Z")


def test_a_case_without_references_has_none(tmp_path: Path) -> None:
    assert read_references(tmp_path) == ()


def test_the_embedded_case_leans_on_claims_that_exist() -> None:
    ids = (CASE / "claims.toml").read_text(encoding="utf-8")
    found = read_references(CASE)
    assert len(found) >= 5
    for one in found:
        for what in one.leans_on:
            if what.startswith("claim:"):
                assert f'id = "{what.removeprefix("claim:")}"' in ids


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[reference]\n", "no valid TOML|not valid TOML"),
        ("x = 1\n", r"only \[\[reference\]\]"),
        ('[[reference]]\ntitle = { en = "a", zh = "b" }\nat = 1\n', "'id' is missing"),
        ('[[reference]]\nid = "a"\nat = "2025-10-10T21:18:00Z"\n', "'title' is missing"),
        (ONE.replace('"2025-10-10T21:18:00Z"', '"2025-10-10T21:18:00"'), "time with its zone"),
        (ONE.replace("+08:00", ""), "time with its zone"),
        (ONE.replace('zh = "较早"', 'xx = "b"'), "needs en and zh"),
        (ONE.replace("claim:a", "a"), "leans_on lists"),
        (ONE.replace("leans_on", "leans"), "'leans' is no key"),
        (ONE.replace('"early"', '"later"', 1), "stands there twice"),
    ],
)
def test_a_malformed_file_is_refused_by_its_entry(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CaseError, match=said) as caught:
        read_references(written(tmp_path, text))
    assert caught.value.where.startswith(str(tmp_path / "references.toml"))
    assert caught.value.what.zh and caught.value.remedy is not None and caught.value.remedy.zh


def test_a_reference_is_flagged_by_what_the_record_contradicts(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "findings"
    folder.mkdir(parents=True)
    verdict = Finding("claim.verdict", {"claim": "a"}, "contradicted", "text", "m")
    phantom = Finding(
        "screen.bands.phantom", {}, Decimal("17.65"), "BTC", "m", params={"strength": "strong"}
    )
    write_findings(folder / "claims.jsonl", [verdict])
    write_findings(folder / "screen.bands.jsonl", [phantom])
    references = read_references(written(tmp_path, ONE))
    found = leaning(references, tmp_path / "out")
    assert found["early"] == ()
    assert found["later"] == (
        Lean("claim:a", "contradicted", verdict.id),
        Lean("finding:screen.bands.phantom", "strong", phantom.id),
    )
    assert all(lean.refuted for lean in found["later"])


@pytest.mark.parametrize("stands", ["supported", "mixed", "undetermined", "not testable", ""])
def test_what_is_not_refuted_flags_nothing(stands: str) -> None:
    assert not Lean("claim:a", stands).refuted
    assert not Lean("finding:screen.x", "sound").refuted


def test_without_findings_nothing_is_known_of_a_lean(tmp_path: Path) -> None:
    found = leaning(read_references(written(tmp_path, ONE)), tmp_path / "out")
    assert [lean.stands for lean in found["later"]] == ["", ""]


def test_findings_carry_the_whole_its_parts_and_its_pieces() -> None:
    book = Book("ATOMUSDT")
    book.row(0, "TRANSFER", "500")
    book.trade(10, "100", "4")
    book.trade(200, "-100", "1.4", "forced")
    ledger = book.ledger()
    prices = Fixed({("ATOMUSDT", 100): Decimal("3.9"), ("ATOMUSDT", 200): Decimal("1.5")})
    question = Question(at(100), at(300))
    shares = attribute(ledger, prices, question, {("usdm", "forced"): "forced"})
    made = list(findings(ledger, question, shares))
    whole = next(f for f in made if f.name == "losses.whole")
    parts = [f for f in made if f.name == "losses.part"]
    assert isinstance(whole.value, Decimal)
    assert whole.value == sum(f.value for f in parts if isinstance(f.value, Decimal))
    (piece,) = [f for f in made if f.name == "losses.piece"]
    assert piece.inputs[0].source == "1" * 64 and piece.inputs[0].first == 3
    assert {f.method for f in made} <= {m.id for m in METHODS}
    assert len({f.id for f in made}) == len(made)
    reference = Reference("x", at(100), Text("x", "某"), ("claim:a",))
    leans = (Lean("claim:a", "contradicted"),)
    (claim,) = by_reference(ledger, [(reference, leans, question, shares)])
    assert claim.value == -shares[0].after and claim.params["flagged"] == "yes"
    assert "refuted-reference" in claim.caveats
