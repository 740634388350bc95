"""The pages of the rules say what the rulebook says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import liquest
from liquest.errors import CaseError
from liquest.rules.book import book
from liquest.rules.rule_pages import documents, pages, read_pages
from liquest.rules.show import Sources, since, span, value

ROOT = Path(__file__).parent.parent.parent
PACKAGE = Path(liquest.__file__).parent


def test_the_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_rule_pages.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_stale_page_is_found(tmp_path: Path) -> None:
    """The check itself: a changed, a missing and a foreign page fail it."""
    program = (
        "import sys; sys.path.insert(0, 'tools'); from pathlib import Path; "
        "import make_rule_pages as m; sys.exit(m.main({check}, Path(sys.argv[1])))"
    )

    def run(check: bool) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program.format(check=check), str(tmp_path)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert run(True).returncode == 1
    assert run(False).returncode == 0 and run(True).returncode == 0
    (tmp_path / "mark.md").write_text("150 s", encoding="utf-8")
    (tmp_path / "adl.md").unlink()
    (tmp_path / "old.md").write_text("gone", encoding="utf-8")
    done = run(True)
    assert done.returncode == 1
    assert {"mark.md", "adl.md", "old.md"} <= set(re.findall(r"\w+\.md", done.stderr))
    assert run(False).returncode == 0 and not (tmp_path / "old.md").exists()


def test_every_rule_stands_on_one_page() -> None:
    for path in book().parameters:
        assert [p.name for p in pages().values() if p.holds(path)] != []
        assert len([p for p in pages().values() if p.holds(path)]) == 1, path


@pytest.mark.parametrize("name", pages())
def test_a_page_speaks_both_languages_and_names_code_that_is_there(name: str) -> None:
    page = pages()[name]
    assert page.parameters(book())
    for text in (page.title, page.text, *filter(None, [page.example])):
        assert text.en and re.search(r"[\u4e00-\u9fff]", text.zh)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
    assert page.code
    missing = [file for file in page.code if not (PACKAGE / file).is_file()]
    assert missing == []


def test_a_page_holds_every_row_with_its_source() -> None:
    made = documents(book())
    assert set(made) == {"README.md", *(f"{name}.md" for name in pages())}
    for name, page in pages().items():
        text = made[f"{name}.md"]
        for one in page.parameters(book()):
            assert f"### `{one.path}`" in text
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        # Each table has a heading besides its rows.
        assert len(rows) == len(page.rows(book())) + len(page.parameters(book()))
        for held in page.rows(book()):
            assert held.origin.en in text and held.origin.zh in text
        assert f"[{name}]({name}.md)" in made["README.md"]


def test_numbers_of_the_pages_follow_from_the_rules() -> None:
    """The worked numbers in the words, where a rule gives them."""
    ltv = book().at(0).get("loan.liquidation_ltv").number
    said = pages()["loan"].example
    assert said is not None
    for exposure in ("3.5", "5"):
        e = float(exposure)
        assert f"{(e - 1) / (e * float(ltv)):.3f}" in said.en and exposure in said.zh


def test_how_rows_are_said() -> None:
    window = book().history("mark.window")
    assert [since(row, "en") for row in window] == [
        "2024-04-03 06:00", "2025-05-05", "2025-09-18 08:01", "undated",
    ]  # fmt: skip
    assert since(window[2], "zh", "UTC+8") == "2025-09-18 16:01"
    assert [since(row, "zh") for row in book().history("index.deviation")][:3] == [
        "≤ 2020-10-29", "≤ 2024-06-06", "2025-04-23 ?",
    ]  # fmt: skip
    rate = book().history("collateral.rate.USDE")[0]
    assert value(rate, "en") == "92.5 % [90…95 %]"
    assert span(book().history("grace.vip")[0]) == "0 s…24 h"
    assert value(book().history("contract.size")[0], "en") == "10 USD"
    sources = Sources()
    assert [sources.number(row) for row in window] == ["1", "2", "3", "4"]
    assert sources.number(window[0]) == "1" and len(sources.lines("zh")) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[page.a]\ntitle = { en = "a", zh = "甲" }', "needs code, rules, text, title"),
        ('[page.a]\ntitle = "a"\ntext = "b"\ncode = []\nrules = []', "needs 'en' and 'zh'"),
        ("[page.a", "not valid TOML"),
    ],
)
def test_words_that_are_no_page(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pages.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=message) as caught:
        read_pages(path)
    assert caught.value.where.startswith("pages.toml")
