"""How often the log screens are wrong, on logs whose truth is known; docs/health.md says it.

    python tests/screens/test_log_rates.py        prints the table of docs/health.md

The table counts SOUND sound logs (tests/_log_faults.py) and EACH logs with each fault and size
of it. The test looks at the first of them, so that a screen that grew worse, or a table that
says less than the truth, is seen in seconds.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from _log_cases import log_case, read_logs
from _log_faults import ATOM, FAULTS, MARKET, Log, sound
from _ticks import small_lake
from liquest.findings import Finding
from liquest.measures import Context, run
from liquest.params import with_defaults
from liquest.run.executor import Threads
from liquest.screens import screen
from liquest.screens._result import HINT, SOUND, STRONG
from liquest.tape.lake import Lake

DOCS = Path(__file__).parents[2] / "docs" / "health.md"
MANY, EACH = 200, 20
FEW, EVERY = 20, 2
ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'


def strengths(folder: Path, lake: Lake, logs: Sequence[Log], *names: str) -> dict[str, list[str]]:
    """The strength of each log by screen; "" where the screen has nothing to look at."""
    files = {f"{n:04d}.log": log.text for n, log in enumerate(logs)}
    held = read_logs(log_case(folder, files, ZONE), Threads(2))
    found: dict[str, list[str]] = {}
    for name in names:
        one = screen(name)
        context = Context(lake, {}, with_defaults(name, one.DEFAULTS, {}), held.logs)
        results, problems = run(one, context, Threads(2))
        assert problems == []
        by_log = {f.subject["log"]: strength(f) for f in results if f.name == f"screen.{name}"}
        found[name] = [by_log.get(f"data/{file}", "") for file in files]
    return found


def strength(one: Finding) -> str:
    """Of a result, which has an innocent reason unless it is sound, and accuses nobody."""
    assert ("innocent" in one.params) == (one.params["strength"] != SOUND)
    words = " ".join(str(one.params.get(k, "")) for k in ("said", "innocent", "does_not_follow"))
    assert not re.search("forge|fake|fabricat|tamper|伪造|造假|篡改", words)
    return str(one.params["strength"])


def table(folder: Path, sounds: int, each: int) -> dict[str, tuple[int, ...]]:
    """screen → (sound logs with a hint, with more; then missed and weak of each size): missed
    are those that are called sound, weak those that are a hint only."""
    lake = small_lake(folder / "tape", {ATOM: MARKET})
    plain = strengths(folder / "sound", lake, [sound(n) for n in range(sounds)], *FAULTS)
    rows: dict[str, tuple[int, ...]] = {}
    for name, (fault, sizes) in FAULTS.items():
        counted = Counter(plain[name])
        row = [counted[HINT], counted[STRONG]]
        planted = [fault(1000 * size + n, size) for size in sizes for n in range(each)]
        found = strengths(folder / name, lake, planted, name)[name]
        for place in range(len(sizes)):
            of_size = Counter(found[place * each : (place + 1) * each])
            row += [of_size[SOUND] + of_size[""], of_size[HINT]]
        rows[name] = tuple(row)
    return rows


def stated() -> dict[str, tuple[int, ...]]:
    """The same as docs/health.md says it."""
    text = DOCS.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(log_\w+)` \| (\d+) \| (\d+) \|(.*)\|$", text, re.MULTILINE)
    found = {}
    for name, hint, strong, cells in rows:
        pairs = [
            n for cell in cells.split("|") for n in re.findall(r"(\d+) / (\d+)$", cell.strip())
        ]
        found[name] = (int(hint), int(strong), *(int(n) for pair in pairs for n in pair))
    return found


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, ...]]:
    return table(tmp_path_factory.mktemp("rates"), FEW, EVERY)


@pytest.mark.parametrize("name", FAULTS)
def test_no_more_false_alarms_than_are_stated(name: str, tried: dict[str, tuple[int, ...]]) -> None:
    hint, strong, *_ = tried[name]
    at_most = stated()[name]
    assert (hint, strong) <= (at_most[0], at_most[1]) and strong <= at_most[1]
    assert hint + strong <= FEW * max(3 * (at_most[0] + at_most[1]) / MANY, 0.05)


@pytest.mark.parametrize("name", FAULTS)
def test_no_more_is_missed_than_is_stated(name: str, tried: dict[str, tuple[int, ...]]) -> None:
    said = stated()[name]
    assert len(said) == 2 + 2 * len(FAULTS[name][1])
    for found, most in zip(tried[name][2:], said[2:], strict=True):
        assert found <= most
        assert found == EVERY or most < EACH


def test_the_largest_of_each_fault_is_never_missed() -> None:
    assert {name: row[-2] for name, row in stated().items()} == dict.fromkeys(FAULTS, 0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        made = table(Path(scratch), MANY, EACH)
    for name, (_, sizes) in FAULTS.items():
        hint, strong, *rest = made[name]
        cells = " | ".join(
            f"{size}: {rest[2 * n]} / {rest[2 * n + 1]}" for n, size in enumerate(sizes)
        )
        print(f"| `{name}` | {hint} | {strong} | {cells} |")
