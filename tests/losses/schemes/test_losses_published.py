"""What is published of a register: sums alone, and nothing that tells of few."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from _scheme_registers import RULES, START, D, Prices, claimant
from hypothesis import given, settings
from hypothesis import strategies as st

from _cases import case_of, ticks
from liquest.case import Case
from liquest.errors import Text
from liquest.findings import Finding, Input
from liquest.investigate import investigate
from liquest.kept import Measured
from liquest.losses.schemes import stage
from liquest.losses.schemes.pay import pay
from liquest.losses.schemes.published import (
    KEPT_BACK,
    PUBLISHED,
    SYNTHETIC,
    published,
    published_methods,
)
from liquest.losses.schemes.register import write_template
from liquest.losses.schemes.schemes_findings import findings
from liquest.losses.schemes.summary import summaries
from liquest.losses.schemes.sums import Sums, vector
from liquest.losses.suppression import Secrecy
from liquest.problems import ASIDE, UNREAD
from liquest.rules.claimant import Claimant, ForcedLoss, Lot
from liquest.rules.schemes import schemes
from liquest.run.executor import Inline
from liquest.run.progress import Silent
from liquest.tape.lake import Lake
from liquest.vault.intake import digest

SECRECY = Secrecy()
ROWS = (Input("0" * 64, 1, 99),)
HEAD = "id,kind,class,at,product,symbol,quantity,price,fee,amount\n"


def told(everyone: Sequence[Claimant]) -> list[Finding]:
    paid = pay(everyone, RULES, Prices())
    return list(published(paid, summaries(paid), ROWS, {}))


def drawn(seed: int, least: int = 1, most: int = 40) -> list[Claimant]:
    rng = Random(seed)
    return [claimant(rng, f"c{k}") for k in range(rng.randint(least, most))]


def evenly(classes: dict[str, int]) -> list[Claimant]:
    """Claimants with equal losses of 100, those of collateral with USDe worth 29.9 more."""
    at, made = START + 40 * 60 * 10**6, []
    for name, count in classes.items():
        for k in range(count):
            lots = (Lot(at, "margin", "USDE", D(100), D("0.7")),) if name == "collateral" else ()
            made.append(Claimant(f"{name}{k}", name, (ForcedLoss(at, "futures", D(100)),), lots))
    return made


def of(found: Sequence[Finding], key: str, **subject: str) -> Finding:
    (one,) = [f for f in found if f.name == f"schemes.{key}" and f.subject == subject]
    return one


def test_by_hand() -> None:
    """Six of collateral get 29.9 of 100 each, five of contract and five of vip nothing: 179.4 of
    1,600; at 29.9 % for all it takes 478.4, of which 299 are missing."""
    found = told(evenly({"collateral": 6, "contract": 5, "vip": 5}))
    own = {"scheme": "collateral"}
    assert of(found, "register").value == 16 and of(found, "register").params["loss"] == 1600
    assert of(found, "register", **{"class": "vip"}).value == 5
    assert of(found, "paid", **own).value == D("179.4")
    assert of(found, "coverage", **own).value == D("0.112125")
    covers = [of(found, "coverage", **own, **{"class": n}).value for n in
              ("collateral", "contract", "vip")]  # fmt: skip
    assert covers == [D("0.299"), 0, 0]
    assert of(found, "uniform_budget", **own).value == D("478.4")
    assert of(found, "uniform_more", **own).value == 299
    assert of(found, "left_out", **own).value == 10
    out = of(found, "left_out", **own, reason="no-collateral")
    assert (out.value, out.params["loss"]) == (10, 1000)
    assert of(found, "recipients", **own).value == of(found, "eligible", **own).value == 6
    assert of(found, "gini", **own).value == D("0.625")
    assert of(found, "overpaid", **own).value == 0 and of(found, "undetermined", **own).value == 0
    assert not [f for f in found if f.subject.get("scheme") == "collateral"
                and KEPT_BACK in f.caveats]  # fmt: skip
    assert {f.count for f in found} == {16} and {f.inputs for f in found} == {ROWS}


def test_few_recipients_are_kept_back() -> None:
    """Four of collateral: what they get, and everything from which it could be told, is not said;
    nor is which class it was."""
    found = told(evenly({"collateral": 4, "contract": 9, "vip": 9}))
    own = {"scheme": "collateral"}
    for key in ("paid", "coverage", "recipients", "eligible", "gini", "left_out", "uniform_more"):
        one = of(found, key, **own)
        assert one.value is None and KEPT_BACK in one.caveats, key
        assert not {"loss", "paid", "coverage"} & set(one.params), key
    hidden = [f for f in found if f.name == "schemes.register" and f.value is None]
    assert len(hidden) == 2  # one class more, lest the total tell of the four


def test_a_register_of_few_or_of_one_large_loss_tells_nothing() -> None:
    few = told(evenly({"vip": 4}))
    at = START
    rich = [*evenly({"vip": 9}), Claimant("r", "vip", (ForcedLoss(at, "futures", D(10**6)),))]
    for found in (few, told(rich)):
        assert found and all(f.value is None and KEPT_BACK in f.caveats for f in found)
        assert {f.count for f in found} == {0}


def test_a_class_that_one_claimant_bears_is_not_named() -> None:
    found = told([*evenly({"vip": 8, "contract": 8, "zhang-san": 1, "li-si": 5})])
    names = {f.subject["class"] for f in found if "class" in f.subject}
    assert names == {"vip", "contract", "li-si", "other"}


def test_synthetic_claimants_are_said_to_be() -> None:
    made = [Claimant(f"synthetic-{c.id}", c.category, c.losses) for c in evenly({"vip": 6})]
    assert all(SYNTHETIC in f.caveats for f in told(made))
    assert not any(SYNTHETIC in f.caveats for f in told(evenly({"vip": 6})))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**48).map(drawn))
def test_nothing_of_one_claimant_and_no_small_number(everyone: list[Claimant]) -> None:
    found = told(everyone)
    assert len({f.id for f in found}) == len(found)
    ids = {c.id for c in everyone}
    for f in found:
        body = json.dumps(f.body())
        assert f.name != "schemes.award" and "claimant" not in f.subject
        assert not ids & set(f.subject.values()) and not any(f'"{i}"' in body for i in ids)
        assert f.value is None or KEPT_BACK not in f.caveats
        assert f.count in (0, len(everyone))
        if f.unit == "claimants" and isinstance(f.value, int):
            assert f.value == 0 or SECRECY.least <= f.value
            assert f.value == len(everyone) or f.value <= len(everyone) - SECRECY.least


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**48).map(lambda seed: drawn(seed, 30, 80)))
def test_what_is_told_is_what_the_register_gives(everyone: list[Claimant]) -> None:
    paid = pay(everyone, RULES, Prices())
    made = summaries(paid)
    whole = {
        (f.name, f.subject["scheme"], f.subject.get("class", "")): f.value
        for f in findings(paid, made, {}, {}) if f.name != "schemes.award"
    }  # fmt: skip
    seen = 0
    for f in published(paid, made, ROWS, {}):
        key = f.name, f.subject.get("scheme", ""), f.subject.get("class", "")
        if KEPT_BACK not in f.caveats and f.name != "schemes.register":
            if "reason" in f.subject:
                continue
            assert f.value == whole[key], f
            seen += 1
    assert seen


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**48))
def test_the_difference_of_two_told_sums_is_safe(seed: int) -> None:
    rng, sums = Random(seed), Sums(SECRECY)
    kept: list[dict[int, Decimal]] = []
    for _ in range(12):
        members = [k for k in range(30) if rng.random() < rng.choice((0.1, 0.9, 1))]
        one = {k: D(rng.randint(1, 50)) if rng.random() < 0.3 else D(10) for k in members}
        if sums.tells({"paid": [one]}):
            kept.append(one)
    for one in kept:
        assert SECRECY.safe(list(one.values()))
    for one, other in combinations(kept, 2):
        gone = [one.get(k, D(0)) - other.get(k, D(0)) for k in {*one, *other}]
        assert SECRECY.safe([v for v in gone if v])


def test_sums_are_told_together_or_not_at_all() -> None:
    sums = Sums(SECRECY)
    good = vector(dict.fromkeys(range(10), D(1)))
    assert not sums.tells({"paid": [good], "loss": [{0: D(1)}]})
    almost = {k: v for k, v in good.items() if k}
    assert sums.tells({"paid": [almost]})  # the refused sum was not remembered
    assert not sums.tells({"paid": [good]}) and sums.tells({"loss": [good]})
    assert sums.tells({"paid": [almost], "loss": [good]})


def test_methods_speak_both_languages() -> None:
    found = published_methods(schemes().values())
    assert {m.name for m in found} >= {f"schemes.{k}" for k in PUBLISHED}
    for method in found:
        for text in (method.title, method.definition):
            assert text.en and any("\u4e00" <= c <= "\u9fff" for c in text.zh), method.name


# -- the stage ---------------------------------------------------------------------------------


def rows(count: int, bad: str = "") -> str:
    kinds = ("collateral", "contract", "vip")
    made = [
        f"synthetic-{k},,{kinds[k % 3]},2025-10-10T21:41:05Z,futures,,,,,{100 + k}\n"
        for k in range(count)
    ]
    return HEAD + "".join(made) + bad


def run(case: Case) -> Measured:
    return stage.build(case, Lake(case.root / "out" / "lake", ()), case.root / "out", Inline(),
                       Silent())  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return case_of(tmp_path, {"ticks.csv": ticks(9)})


def kept_file(case: Case) -> Path:
    return case.root / "out" / "findings" / "schemes.jsonl"


def test_without_a_register_nothing_is_made_and_nothing_stays(case: Case) -> None:
    assert run(case) == Measured() and not kept_file(case).exists()
    (case.root / stage.CLAIMANTS).write_text(rows(18))
    assert run(case).count and kept_file(case).exists()
    (case.root / stage.CLAIMANTS).unlink()
    assert run(case) == Measured() and not list(kept_file(case).parent.glob("schemes*"))


def test_it_is_made_once_and_again_when_a_file_changes(case: Case) -> None:
    register, prices = case.root / stage.CLAIMANTS, case.root / stage.PRICES
    register.write_text(rows(18))
    first = run(case)
    assert first.fresh and not run(case).fresh
    prices.write_text("kind,name,at,price\nasset,USDE,2025-10-11T00:00:00Z,0.9987\n")
    again = run(case)
    assert again.fresh and not run(case).fresh
    assert {i.source for f in again.findings for i in f.inputs} == {
        digest(register), digest(prices)
    }  # fmt: skip
    register.write_text(rows(19))
    assert run(case).fresh


def test_a_bad_row_is_a_problem_that_repeats_nothing_of_it(case: Case) -> None:
    bad = (
        "secret-name,,vip,2025-10-10 21:41:05,futures,,,,,777777\nother-name,,vip,x,futures,,,,,1\n"
    )
    (case.root / stage.CLAIMANTS).write_text(rows(18, bad))
    found = run(case)
    assert [(p.code, p.effect, p.path, p.first) for p in found.problems] == [
        ("no-zone", ASIDE, stage.CLAIMANTS, 20), ("time", ASIDE, stage.CLAIMANTS, 21)
    ]  # fmt: skip
    assert "row 20" in found.problems[0].text.en and "Z or +08:00" in found.problems[0].text.en
    assert "第 20 行" in found.problems[0].text.zh
    everything = "".join(p.read_text() for p in kept_file(case).parent.iterdir())
    for word in ("secret-name", "other-name", "777777", "21:41:05,"):
        assert word not in everything
    assert found.of("schemes")[0].value == 18


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no register"),
        (b"a,b\n1,2\n", "no line names the columns id and class"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "register of claimants"),
        (HEAD.encode(), "no rows"),
        (HEAD.encode() + b"secret,,vip,2025-10-10,futures,,,,,5\n", "first fault is in row 2"),
        (b"SQLite format 3\0" + bytes(200), "register of claimants"),
    ],
)  # fmt: skip
def test_a_register_that_cannot_be_used_is_a_problem(case: Case, content: bytes, says: str) -> None:
    (case.root / stage.CLAIMANTS).write_bytes(content)
    found = run(case)
    (problem,) = found.problems
    assert not found.count and (problem.effect, problem.path) == (UNREAD, stage.CLAIMANTS)
    assert says in problem.text.en or "empty" in problem.text.en, problem.text
    assert "secret" not in str(problem.json()) and problem.text.zh
    assert run(case).problems == found.problems


def test_a_price_that_cannot_be_read_stops_the_schemes(case: Case) -> None:
    (case.root / stage.CLAIMANTS).write_text(rows(18))
    (case.root / stage.PRICES).write_text(
        "kind,name,at,price\nasset,USDE,2025-10-11T00:00:00Z,0,99\n"
    )
    found = run(case)
    (problem,) = found.problems
    assert not found.count and (problem.path, problem.first) == (stage.PRICES, 2)
    assert problem.text.en.endswith("No scheme is paid until then.")
    assert isinstance(problem.text, Text)


def test_investigate_takes_the_register_and_leaves_no_name(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"ticks.csv": ticks(9)})
    write_template(case.root / stage.CLAIMANTS)
    (case.root / stage.CLAIMANTS).write_text(rows(24, "secret,,vip,x,futures,,,,,777777\n"))
    made = investigate(case, case.root / "out", Inline(), Silent())
    assert made.measured.of("schemes")
    assert [p.path for p in made.problems if p.code == "time"] == [stage.CLAIMANTS]
    left = [p for p in (case.root / "out").rglob("*") if p.suffix in (".jsonl", ".html", ".json")]
    assert left and not [p for p in left if "secret" in p.read_text() or "777777" in p.read_text()]
    assert not [p for p in (case.root / "vault").rglob("*") if b"synthetic-3," in _bytes(p)]
    page = made.dossier.read_text(encoding="utf-8")
    assert "Each scheme over the register" in page and "synthetic-" not in page.replace(
        "synthetic-data", ""
    )


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
