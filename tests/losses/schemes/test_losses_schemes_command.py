"""`liquest schemes`: as it is typed, in both languages, with its refusals, and the page."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

import pytest
import typer
from rich.cells import cell_len

from _cli import Done, liquest, refused
from liquest.losses.register.register import made
from liquest.losses.schemes.register import read_register, write_template
from liquest.losses.schemes.schemes_commands import register
from liquest.rules.schemes import schemes

APP = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
register(APP)
PRICES = """kind,name,at,price
asset,USDE,2025-10-11T00:00:00Z,1.0002
mark,ATOMUSDT,2025-10-10T21:51:00Z,3.19
mark,BTCUSD_PERP,2025-10-10T21:51:00Z,111000
others,ATOMUSDT,2025-10-10T21:19:53Z,3.61
"""


@APP.callback()
def _root() -> None:
    """Several commands, as in the program."""


def run(*words: str | Path) -> Done:
    with mock.patch("liquest.cli.app", APP):
        return liquest("schemes", *words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    case = tmp_path / "case"
    case.mkdir()
    (case / "case.toml").write_text(
        '[case]\nname = "x"\ntitle = { en = "A <case>", zh = "案件" }\n[windows.crash]\n'
        'from = "2025-10-10T21:10:00Z"\nto = "2025-10-10T21:40:00Z"\n',
        encoding="utf-8",
    )
    write_template(tmp_path / "register.csv")
    (tmp_path / "prices.csv").write_text(PRICES, encoding="utf-8")
    return tmp_path


def asked(folder: Path, *words: str | Path) -> Done:
    return run(
        folder / "case", folder / "register.csv", "--prices", folder / "prices.csv", "--no-tape",
        *words,
    )  # fmt: skip


def test_tables_in_both_languages(folder: Path) -> None:
    done = asked(folder)
    assert done.code == 0, done.err
    # (1.0002 − 0.70) · 10,000 + 105 = 3,107: all of the loss that the template states.
    assert re.search(r"^collateral +3,107 ", done.out, re.MULTILINE)
    assert re.search(r"^collateral +100 % +0 % +0 %", done.out, re.MULTILINE)
    assert "no collateral was liquidated" in done.out and "assumed-rules" in done.out
    assert "collateral: the coverage of the class collateral (100 %) for all takes" in done.out
    zh = asked(folder, "--lang", "zh")
    assert "各类申索人的覆盖率" in zh.out and "没有被强平的抵押品" in zh.out
    tables = [line for line in done.out.splitlines() if not line.startswith("  ")]
    assert [line for line in tables if cell_len(line) > 100] == []


def test_one_claimant_with_the_reasons(folder: Path) -> None:
    done = asked(folder, "--claimant", "B-002", "--lang", "zh")
    assert "34,200.00" in done.out and "该账户没有抵押品被强平" in done.out
    assert "ATOMUSDT" in done.out and "美元场所中位价" in done.out
    refused(asked(folder, "--claimant", "B-02"), 2, "no sound claimant 'B-02'", "B-002")


def test_json_holds_every_award_with_its_chain(folder: Path) -> None:
    done = asked(folder, "--json")
    awards = [one for one in done.json if one["name"] == "schemes.award"]
    assert len(awards) == 3 * len(schemes())
    held = {(a["subject"]["claimant"], a["subject"]["scheme"]): a for a in awards}
    assert held["A-001", "collateral"]["value"] == "3107"
    assert held["A-001", "collateral"]["inputs"][0]["rows"] == [2, 4]
    assert held["C-003", "fair-median"]["value"] is None
    assert held["C-003", "fair-median"]["params"]["missing"]
    only = asked(folder, "--json", "--claimant", "A-001", "--scheme", "together").json
    assert [(o["subject"]["scheme"], o["params"]["eligible"]) for o in only] == [("together", None)]


def test_schemes_may_be_chosen_and_rules_set(folder: Path) -> None:
    done = asked(
        folder, "--scheme", "voucher-high", "--set", "compensation.voucher.high=0.5%", "--json"
    )
    awards = [o for o in done.json if o["name"] == "schemes.award"]
    values = {o["subject"]["claimant"]: o["value"] for o in awards}
    assert values == {"A-001": "15.54", "B-002": "208.5", "C-003": "4500"}
    taken = next(o for o in done.json if o["name"] == "schemes.paid")["params"]["rules"]
    assert taken == {"compensation.voucher.high": "0.5 %"}
    refused(asked(folder, "--scheme", "vouchers"), 2, "there is no scheme 'vouchers'")
    refused(asked(folder, "--set", "compensation.voucher.hi=1%"), 2, "there is no rule")
    refused(asked(folder, "--at", "2025-10-10T21:20Z"), 2, "no rule known for compensation.")


def test_which_text_is_in_force(folder: Path) -> None:
    path = folder / "register.csv"
    rows = path.read_text(encoding="utf-8-sig")
    path.write_text(rows.replace("T21:41:05Z", "T22:15:30Z"), encoding="utf-8")

    def paid(*words: str) -> str:
        done = asked(folder, "--scheme", "collateral", "--json", *words)
        return str(next(o["value"] for o in done.json if o["name"] == "schemes.paid"))

    assert paid() == "3107" and paid("--at", "2026-02-01T00:00Z") == "0"
    later = ("--at", "2026-02-01T00:00Z", "--set", "compensation.collateral.until=2025-10-10 22:16")
    assert paid(*later) == "3107"


def test_the_page_and_the_table_of_awards(folder: Path) -> None:
    page, table = folder / "deep" / "page.html", folder / "awards.csv"
    done = asked(folder, "--out", page, "--awards", table)
    assert done.code == 0 and "page.html" in done.out
    text = page.read_text(encoding="utf-8")
    assert "A &lt;case&gt;" in text and "<case>" not in text and "<script" not in text
    assert not re.search("https?://", text.replace("http://www.w3.org/2000/svg", ""))
    spans = re.findall(r'<span lang="(en|zh)">', text)
    assert spans.count("en") == spans.count("zh") > 100
    svg = re.search(r"<svg.*?</svg>", text, re.DOTALL)
    assert svg is not None
    lines = ElementTree.fromstring(svg[0]).findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) >= 8
    for line in lines:
        points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
        assert points[0][1] >= points[-1][1] and points == sorted(points)
    with table.open(encoding="utf-8-sig", newline="") as rows:
        held = list(csv.DictReader(rows))
    assert len(held) == 3 * len(schemes())
    assert {r["eligible"] for r in held} == {"yes", "no", "unknown"}
    assert [r["amount"] for r in held if r["ground"] == "not-determinable"] == [""] * 4


def test_faults_of_the_register_are_told_and_the_rest_goes_on(folder: Path) -> None:
    path = folder / "register.csv"
    path.write_text(path.read_text(encoding="utf-8") + "B-002,loss,,soon,futures" + "," * 12 + "\n",
                    encoding="utf-8")  # fmt: skip
    done = asked(folder)
    assert done.code == 0 and "no time" in done.err and "B-002" in done.err
    heads = next(line for line in done.out.splitlines() if line.startswith("scheme  "))
    assert heads and " contract " not in done.out.partition("Coverage")[2].partition("Who")[0]


def test_a_template_is_written_without_a_case(tmp_path: Path) -> None:
    done = run("--template", tmp_path / "new" / "t.csv")
    assert done.code == 0 and (tmp_path / "new" / "t.csv").exists()


def test_what_is_refused(folder: Path) -> None:
    refused(run(), 2, "a case and a register are needed")
    refused(run(folder / "case"), 2, "a case and a register are needed")
    refused(run(folder, folder / "register.csv"), 2, "case.toml")
    refused(asked(folder, "--tz", "Mars"), 2, "time zone")
    (folder / "blocked").write_text("x", encoding="utf-8")
    refused(asked(folder, "--out", folder / "blocked" / "p.html"), 4, "cannot be written")


def test_the_committees_register_counts_those_who_consent(folder: Path) -> None:
    """A-001 may be counted, B-002 may not, under their pseudonyms."""
    path = folder / "committee.db"
    a, b, _ = read_register(folder / "register.csv").claimants
    with made(path) as held:
        counted = held.add(a, consent=("aggregate",)).id
        hidden = held.add(b).id
    done = run(folder / "case", path, "--prices", folder / "prices.csv", "--no-tape", "--json")
    awards = [o for o in done.json if o["name"] == "schemes.award"]
    assert {o["subject"]["claimant"] for o in awards} == {counted}
    assert "without consent" in done.err and hidden not in done.out + done.err
    assert next(o["value"] for o in awards if o["subject"]["scheme"] == "collateral") == "3107"
    with made(folder / "none.db") as held:
        held.add(b)
    refused(run(folder / "case", folder / "none.db", "--no-tape"), 2, "no claim of the register")
