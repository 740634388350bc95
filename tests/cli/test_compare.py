"""`liquest compare`: events side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from liquest.cli import app
from liquest.errors import UsageError

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example"


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The synthetic example as two cases: one with the fall of a venue, one before it."""
    home = tmp_path_factory.mktemp("compare")
    runner = CliRunner()
    made = []
    for name, span in (("fall", ("00:04", "00:06")), ("calm", ("00:00", "00:03"))):
        words = ["new", str(home / name), str(EXAMPLE)]
        words += ["--from", f"2025-01-01T{span[0]}Z", "--to", f"2025-01-01T{span[1]}Z"]
        assert runner.invoke(app, words).exit_code == 0
        assert runner.invoke(app, ["measure", str(home / name), "outliers"]).exit_code == 0
        made.append(home / name)
    return made


def test_the_fall_is_an_outlier_and_the_calm_is_none(cases: list[Path]) -> None:
    done = CliRunner().invoke(app, ["compare", *map(str, cases), "--threshold", "0.1", "--json"])
    assert done.exit_code == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    spot = next(
        r for r in rows if (r["venue"], r["kind"], r["min_venues"]) == ("binance", "spot", 2)
    )
    seen = {c["case"]: (c["outliers"], c["compared"], c["share"]) for c in spot["cells"]}
    assert seen == {"fall": (1, 1, "1"), "calm": (0, 1, "0")}
    assert all(len(i) == 64 for c in spot["cells"] for i in c["findings"])


def test_as_a_table_in_both_languages(cases: list[Path]) -> None:
    for lang, word in (("en", "venue"), ("zh", "场所")):
        done = CliRunner().invoke(app, ["compare", *map(str, cases), "--lang", lang])
        assert done.exit_code == 0
        assert word in done.stdout
        assert "1/1" in done.stdout


def test_two_cases_of_one_name_are_refused(cases: list[Path], tmp_path: Path) -> None:
    twin = tmp_path / "fall"
    shutil.copytree(cases[0], twin)
    done = CliRunner().invoke(app, ["compare", str(cases[0]), str(twin)])
    assert isinstance(done.exception, UsageError)
    assert "name" in str(done.exception)


def test_a_threshold_that_is_no_number_is_refused(cases: list[Path]) -> None:
    done = CliRunner().invoke(app, ["compare", str(cases[0]), "--threshold", "half"])
    assert isinstance(done.exception, UsageError)
