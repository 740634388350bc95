"""liquest findings: the facts of the last run, filtered, as a table or as JSON Lines."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import rfc8785

from _cases import TICKS, case_of, tick
from _cli import Done, liquest, refused


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was investigated once; tests must not change it."""
    folder = tmp_path_factory.mktemp("found")
    files = {
        f"{market}.csv": TICKS + "".join(
            tick(i, price, at=i * 500_000, market=market, symbol=symbol)
            for i, price in enumerate(["4.1", "2.2", low, "3.3"], start=1)
        )
        for market, symbol, low in (
            ("coinbase", "ATOM-USD", "1.10"), ("gemini", "ATOMUSD", "2.20"),
            ("coinbase", "DOT-USD", "0.5"),
        )
    }  # fmt: skip
    more = '[windows.later]\nfrom = "2025-10-10T21:20:01Z"\nto = "2025-10-10T21:30:00Z"\n'
    case_of(folder, files | {"dot.csv": TICKS + tick(1, "0.5", symbol="DOT-USD")}, more)
    assert liquest("investigate", folder).code == 0
    return folder


KEYS = {
    "id", "name", "subject", "value", "unit", "method", "params", "inputs", "count", "caveats",
}  # fmt: skip


def test_json_lines_hold_all_that_a_finding_is(case: Path) -> None:
    found = liquest("findings", case, "--json").json
    assert found
    for one in found:
        assert set(one) - {"at", "window"} == KEYS
        # What rests on no row is arithmetic on stated parameters; a screen speaks of a source.
        timeless = not one["inputs"] or one["name"].startswith("screen.")
        assert "at" in one or "window" in one or timeless
        assert {"venue", "instrument", "kind"} <= set(one["subject"]) or one["subject"]
        assert one["value"] is None or isinstance(one["value"], str | int)
        for row in one["inputs"]:
            first, last = row["rows"]
            assert len(row["source"]) == 64 and 1 <= first <= last


def test_the_id_is_the_hash_of_the_rest(case: Path) -> None:
    for one in liquest("findings", case, "--json").json:
        body = {k: v for k, v in one.items() if k != "id"}
        assert hashlib.sha256(rfc8785.dumps(body)).hexdigest() == one["id"]


def test_an_input_leads_back_to_the_bytes(case: Path) -> None:
    (low,) = liquest(
        "findings", case, "--name", "low", "--subject", "gemini", "--window", "crash", "--json"
    ).json
    (row,) = [i for i in low["inputs"] if i["role"] == "extreme"]
    raw = (case / "data" / "gemini.csv").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == row["source"]
    cells = raw.decode().splitlines()[row["rows"][0] - 1].split(",")
    assert Decimal(cells[6]) == Decimal(low["value"]) == Decimal("2.2")


def names(done: Done) -> set[str]:
    assert done.code == 0, done.err
    return {one["name"] for one in done.json}


def test_filters(case: Path) -> None:
    everything = liquest("findings", case, "--json").json
    assert names(liquest("findings", case, "--name", "low", "--json")) == {"low"}
    many = names(liquest("findings", case, "--name", "low*", "--json"))
    assert {"low", "low.n_at", "low.volume_at"} <= many
    gemini = liquest("findings", case, "--subject", "GEMINI", "--json").json
    assert gemini and all("gemini" in str(one["subject"]) for one in gemini)
    later = liquest("findings", case, "--window", "later", "--json").json
    assert later and {one["window"]["name"] for one in later} == {"later"}
    one = everything[0]
    assert liquest("findings", case, "--id", one["id"][:12].upper(), "--json").json == [one]


def test_nothing_that_fits_is_no_fault(case: Path) -> None:
    done = liquest("findings", case, "--name", "nothing")
    assert done.code == 0 and "No finding fits" in done.out
    assert liquest("findings", case, "--name", "nothing", "--json") == (0, "", "")


def test_the_table_says_what_the_caveats_mean(case: Path) -> None:
    done = liquest("findings", case, "--name", "low")
    assert "thin: rests on fewer than 5 trades" in done.out
    assert "成交不足 5 笔" in liquest("findings", case, "--name", "low", "--lang", "zh").out


def test_before_the_first_run_there_are_none(tmp_path: Path) -> None:
    case_of(tmp_path, {})
    refused(liquest("findings", tmp_path), 2, "no findings yet", "liquest investigate")


def test_a_changed_finding_is_refused_by_its_line(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "case")
    path = tmp_path / "case" / "out" / "findings" / "low.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"value": "0.5"', '"value": "0.4"', 1), encoding="utf-8")
    refused(liquest("findings", tmp_path / "case"), 5, "low.jsonl:", "expected", "应为")


def test_a_changed_finding_is_made_again_by_the_next_run(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "case")
    path = tmp_path / "case" / "out" / "findings" / "low.jsonl"
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"value": "0.5"', b'"value": "0.4"', 1))
    assert liquest("investigate", tmp_path / "case").code == 0
    assert path.read_bytes() == before


def test_a_reader_that_goes_away_is_no_error(case: Path) -> None:
    program = [sys.executable, "-c", "from liquest.cli import main; main()"]
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(map(_quoted, program))} findings {case} --json | head -c 10"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith('{"id"') and done.stderr == ""


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
