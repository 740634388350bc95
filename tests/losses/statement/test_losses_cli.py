"""`liquest losses` as a claimant runs it: the synthetic sample on the embedded case, in both
languages and zones, and every refusal by name."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest

from _cli import WIDE, Done, liquest, refused
from liquest.losses.register.record import read
from liquest.losses.synthetic.sample import write_sample
from liquest.losses.synthetic.story import sample_truth
from liquest.losses.synthetic.writing import Style, write_exports

CASE = Path(__file__).resolve().parents[3] / "cases" / "2025-10-11"
D = Decimal


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of results: the tape is built once."""
    return tmp_path_factory.mktemp("losses") / "out"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of the synthetic account of seed 1."""
    folder = tmp_path_factory.mktemp("sample")
    return write_sample(folder, 1, "en")[0].parent / "exports"


@pytest.fixture(scope="module")
def found(out: Path, sample: Path) -> list[dict[str, Any]]:
    """The findings of a plain run."""
    done = losses(out, sample, "--json")
    assert done.code == 0, done.err
    return done.json


def losses(out: Path, *words: str | Path, **env: str) -> Done:
    return liquest("losses", CASE, *words, "--out", out, "--account", "synthetic-1", env=env)


def of(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [f for f in found if f["name"] == name]


def test_the_parts_of_every_wallet_add_up(found: list[dict[str, Any]]) -> None:
    wholes = {f["subject"]["wallet"]: f for f in of(found, "losses.whole")}
    assert set(wholes) == {"coinm:ATOM", "coinm:DOT", "usdm:USDT"}
    for wallet, whole in wholes.items():
        parts = [f for f in of(found, "losses.part") if f["subject"]["wallet"] == wallet]
        assert sum(D(f["value"]) for f in parts) == D(whole["value"])
        assert "unexplained" not in {f["subject"]["part"] for f in parts}


def test_what_happened_is_what_the_generator_did(found: list[dict[str, Any]]) -> None:
    truth = sample_truth(1)
    chains = {f"{c.purse[0]}:{c.purse[1]}": c for c in truth.chains}
    for needed in of(found, "losses.rescue.needed"):
        wallet = needed["subject"]["wallet"]
        chain = chains[wallet if ":" in wallet else wallet.replace(" ", ":")]
        assert needed["params"]["breach"].startswith("2025-10-10T21:")
        assert D(needed["value"]) > 0 and chain.equity < chain.maintenance
    wholes = {f["subject"]["wallet"]: D(f["params"]["end"]) for f in of(found, "losses.whole")}
    for (market, asset), steps in truth.balances.items():
        if not asset.startswith("DOT"):  # Of DOT something is still held.
            assert wholes[f"{market}:{asset}"] == steps[-1].amount
    assert all(f["params"]["closes"] == "yes" for f in of(found, "losses.reconciled"))


def test_every_number_has_its_chain(found: list[dict[str, Any]]) -> None:
    assert len({f["id"] for f in found}) == len(found) > 100
    for one in found:
        assert one["method"] and one["subject"]
        if one["name"].startswith(("losses.part", "losses.whole", "losses.piece")):
            assert one["inputs"] or one["subject"].get("part") or one["params"]["end"] == "open"


def test_the_account_is_named_by_its_label_alone(
    found: list[dict[str, Any]], out: Path, sample: Path
) -> None:
    trades = next(sample.glob("Binance-Futures-Trade-History*")).read_text(encoding="utf-8-sig")
    uid = trades.splitlines()[1].split(",")[0].strip('"')
    page = (out / "losses" / "synthetic-1" / "statement.html").read_text(encoding="utf-8")
    assert len(uid) >= 8 and uid not in json.dumps(found) and uid not in page


def test_page_pdf_and_claim_are_written(found: list[dict[str, Any]], out: Path) -> None:
    folder = out / "losses" / "synthetic-1"
    page = (folder / "statement.html").read_text(encoding="utf-8")
    for word in ("合成数据", "SYNTHETIC", "data:image/svg+xml", "本所价格偏离"):
        assert word in page
    assert "<script" not in page
    for lang, word in (("zh", "损失说明"), ("en", "Statement of losses")):
        pages = pypdf.PdfReader(folder / f"statement.{lang}.pdf").pages
        assert word in pages[0].extract_text()
    claim = read((folder / "claim.json").read_bytes(), "claim.json")
    assert claim.loss and claim.loss > 0 and claim.closes and claim.net_assets is None
    # An account's losses are nobody else's: they are not among the findings of the case.
    assert not list((out / "findings").glob("*losses*"))


def test_the_terminal_fits_and_speaks_both_languages(out: Path, sample: Path) -> None:
    for lang, words in (
        ("en", ("venue dislocation", "11 of 12 orders expired", "All 27 comparisons close")),
        ("zh", ("本所价格偏离", "12 笔强平单中 11 笔", "全部 27 项比对均闭合")),
    ):
        done = losses(out, sample, "--lang", lang)
        assert done.code == 0, done.err
        for word in words:
            assert word in done.out.replace("\n", " "), word
        tables = done.out.split("tiers-assumed")[0].splitlines()
        assert max(len(line.rstrip()) for line in tables) <= 100


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_beijing_time_in_any_language_gives_the_same_numbers(
    lang: str, out: Path, found: list[dict[str, Any]], tmp_path: Path
) -> None:
    style = Style(lang=lang, words=lang, hours=8, arrival=True)
    write_exports(sample_truth(1), tmp_path / "e", style)
    other = losses(out, tmp_path / "e", "--json").json
    for name in ("losses.whole", "losses.part"):
        assert [(f["subject"], f["value"]) for f in of(other, name)] == [
            (f["subject"], f["value"]) for f in of(found, name)
        ]


def test_a_later_reference_claims_less_here(found: list[dict[str, Any]]) -> None:
    claims = {
        f["subject"]["reference"]: D(f["value"])
        for f in of(found, "losses.by_reference")
        if f["subject"]["wallet"] == "usdm:USDT"
    }
    assert claims["tariff-post"] > claims["modules-after"] > claims["depeg-window"] == 0


def test_a_reference_that_leans_on_a_refuted_finding_is_flagged(
    sample: Path, tmp_path: Path
) -> None:
    from liquest.findings import Finding, write_findings

    (tmp_path / "findings").mkdir()
    verdict = Finding(
        "claim.verdict", {"claim": "exchange-modules-after-21-18"}, "contradicted", "text", "m"
    )
    write_findings(tmp_path / "findings" / "claims.jsonl", [verdict])
    done = losses(tmp_path, sample, "--lang", "en", **WIDE)
    assert done.code == 0 and "Flagged: “some modules glitched" in done.out
    kept = (tmp_path / "losses" / "synthetic-1" / "findings.jsonl").read_text(encoding="utf-8")
    (line,) = [x for x in kept.splitlines() if '"modules-after"' in x and "usdm" in x]
    assert json.loads(line)["params"]["flagged"] == "yes"
    assert "refuted-reference" in json.loads(line)["caveats"]


def test_other_rules_have_their_part(out: Path, sample: Path) -> None:
    done = losses(out, sample, "--rule", "mark.window=150s", "--json")
    parts = [f for f in of(done.json, "losses.part") if f["subject"]["part"] == "rule"]
    assert parts and all(f["params"]["rules"] == "mark.window=150s" for f in parts)


def test_what_the_claimant_says_reaches_the_schemes(out: Path, sample: Path) -> None:
    done = losses(out, sample, "--net-assets", "15000", "--scheme", "together", "--json")
    (award,) = of(done.json, "schemes.award")
    assert award["params"]["eligible"] is True and D(award["value"]) >= 4


def test_a_chosen_reference_and_end_count_alone(out: Path, sample: Path) -> None:
    done = losses(
        out, sample, "--reference", "2025-10-11T05:18", "--end", "2025-10-11T05:25", "--tz",
        "UTC+8", "--json",
    )  # fmt: skip
    assert {f["window"]["from"] for f in of(done.json, "losses.whole")} == {
        "2025-10-10T21:18:00.000000Z"
    }
    assert {f["window"]["to"] for f in of(done.json, "losses.whole")} == {
        "2025-10-10T21:25:00.000000Z"
    }


def test_a_sample_is_written_and_says_that_it_is_synthetic(tmp_path: Path) -> None:
    done = liquest("losses", "--sample", tmp_path, "--seed", "3", env={"LIQUEST_LANG": "zh"})
    assert done.code == 0 and "合成" in done.out
    readme = (tmp_path / "synthetic-sample-3" / "README.md").read_text(encoding="utf-8")
    assert "SYNTHETIC" in readme and "合成数据" in readme


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reference", "2025-10-12T00:00Z"), "after the end"),
        (("--reference", "yesterday"), "is not a time"),
        (("--opening", "USDT"), "WALLET:ASSET=AMOUNT"),
        (("--closing", "spot:USDT=5"), "WALLET:ASSET=AMOUNT"),
        (("--opening", "USDT=1,500"), "two ways"),
        (("--isolated", "ATOMUSDT"), "SYMBOL=NUMBER"),
        (("--held", "ATOMUSDT:X=5"), "SYMBOL=NUMBER"),
        (("--held", "ATOMUSDT:S=5"), "cannot hold"),
        (("--order", "lifo"), "no order of closing"),
        (("--rule", "mark.window"), "PATH=VALUE"),
        (("--rule", "mark.windw=30s"), "mark.window"),
        (("--net-assets", "lots"), "no number"),
        (("--scheme", "mercy"), "mercy"),
        (("--marks", "nowhere.csv"), "nowhere.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(
    words: tuple[str, ...], said: str, out: Path, sample: Path
) -> None:
    done = losses(out, sample, *words, **WIDE)
    assert done.code == 2 and said in done.err and "Remedy" in done.err, done.err
    chinese = losses(out, sample, *words, LIQUEST_LANG="zh", **WIDE)
    assert "处理" in chinese.err


def test_files_that_are_no_exports_are_refused(out: Path, tmp_path: Path) -> None:
    shot = tmp_path / "截图.png"
    shot.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    refused(losses(out, shot, **WIDE), 2, "PNG", "CSV")
    refused(liquest("losses", CASE, env=WIDE), 2, "no exports")
    both = tmp_path / "both"
    write_exports(sample_truth(1), both / "a", Style())
    write_exports(sample_truth(2), both / "b", Style())
    refused(losses(out, both, **WIDE), 2, "two accounts")


def test_a_file_that_could_not_be_read_leaves_exit_code_3(
    out: Path, sample: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "e"
    write_exports(sample_truth(1), folder, Style(arrival=True))
    (folder / "shot.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    done = losses(out, folder, **WIDE)
    assert done.code == 3 and "shot.csv" in done.err and "PNG" in done.err
    assert "All 27 comparisons close" in done.out
