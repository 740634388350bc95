"""Every command of both READMEs runs and says what it should."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from _cli import liquest

ROOT = Path(__file__).parent.parent.parent


def commands(name: str) -> list[list[str]]:
    """The liquest commands of the code blocks and tables of a README, split into words."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    cells = "\n".join(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))
    lines = [*blocks.splitlines(), *cells.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/liquest ")]


def targets(name: str) -> list[str]:
    """The make targets that a README tells to run."""
    return re.findall(r"^make (\w+)$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example and the embedded case, as a reader would have them."""
    home = tmp_path_factory.mktemp("desk")
    (home / "docs").symlink_to(ROOT / "docs")
    (home / "cases" / "2025-10-11").mkdir(parents=True)
    for path in sorted((ROOT / "cases" / "2025-10-11").iterdir()):
        name = path.name
        if name in ("out", "vault"):
            continue
        (home / "cases" / "2025-10-11" / name).symlink_to(ROOT / "cases" / "2025-10-11" / name)
    return home


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_command_of_the_readme_runs(readme: str, desk: Path) -> None:
    asked = commands(readme)
    assert {words[0] for words in asked} >= {"new", "investigate", "findings", "measure"}
    home = desk / readme.replace(".", "-")
    home.mkdir()
    for name in ("docs", "cases"):
        (home / name).symlink_to(desk / name)
    if not (desk / "cases" / "2025-10-11" / "out").exists():
        _run(["investigate", "cases/2025-10-11"], home)
    for words in asked:
        printed = _run(words, home)
        assert printed.strip(), words
        if "--json" in words:
            assert printed.lstrip().startswith('{"id"'), words
    assert (home / "mycase" / "out" / "dossier" / "index.html").is_file()


def _run(words: list[str], home: Path) -> str:
    with contextlib.chdir(home):
        done = liquest(*words, env={"COLUMNS": "80"})
    assert done.code == 0, (words, done.out[-2000:], done.err[-2000:])
    return done.out


def test_the_low_of_the_example_names_its_venue(desk: Path) -> None:
    home = desk / "low"
    home.mkdir()
    (home / "docs").symlink_to(desk / "docs")
    _run(["new", "mycase", "docs/example"], home)
    printed = _run(["measure", "mycase", "low", "--json"], home)
    found = [json.loads(line) for line in printed.splitlines()]
    lows = {f["subject"]["venue"]: Decimal(f["value"]) for f in found if f["name"] == "low"}
    assert set(lows) == {"binance", "coinbase", "kraken"}
    assert lows["binance"] * 10 < min(lows["coinbase"], lows["kraken"]) * 8


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_make_targets_of_the_readme_exist(readme: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets(readme) == ["demo", "test"]
    for target in targets(readme):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "README.zh.md",
        *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md")),
    ],
)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert not link.startswith("http"), link
        assert (ROOT / page).parent.joinpath(link).exists(), (page, link)
