"""Ten million snapshots of 25 levels through depth, spread, uptime and the screens of books, and
how often those screens are wrong on markets whose truth is known."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench._child import measured
from liquest.clock import DAY, SECOND, Window, parse_time
from liquest.findings import Finding
from liquest.instruments import identify
from liquest.measures import Context, measure
from liquest.measures import run as run_one
from liquest.params import with_defaults
from liquest.run.database import connection
from liquest.run.executor import Threads
from liquest.screens import screen
from liquest.tape.lake import COPY, Lake, Part, part_path
from liquest.tape.reading import literal
from liquest.tape.schema import LEVELS

SNAPSHOTS, INSTRUMENTS = 1_000_000, 10
START = parse_time("2025-01-01T00:00:00Z")
MEASURES = ("depth", "spread", "uptime")
SCREENS = ("crossed", "phantom", "stale_side", "update_gaps")
TERMS = {"uptime": {"max_spread_bps": "10", "min_notional": "5000000"}}
SOUND, EACH = 400, 20
"""Sound markets, and markets with each fault and length of it, that the screens are tried on."""
LENGTHS = (3, 10, 20, 40)


def run() -> dict[str, Any]:
    """Seconds and peak memory of one process with two threads; false alarms and misses."""
    done = measured("bench.books", "walk")
    wrong = measured("bench.books", "rates")
    found = done["result"]
    return {
        "snapshots": SNAPSHOTS * INSTRUMENTS,
        "levels": LEVELS,
        "seconds": found["wall_s"],
        "seconds_target": 60,
        "cpu_s": found["cpu_s"],
        "by_name": found["by_name"],
        "peak_mb": done["peak_mb"],
        "peak_target_mb": 2048,
        "findings": found["findings"],
        "markets_tried": wrong["result"],
    }


def walk() -> dict[str, Any]:
    """Everything over a lake whose ten instruments share the bytes of one day; making it is not
    counted."""
    with tempfile.TemporaryDirectory() as folder:
        lake = made(Path(folder))
        span = Window("day", START, START + DAY)
        by_name, findings = {}, 0
        begun, cpu = time.perf_counter(), time.process_time()
        for name in (*MEASURES, *SCREENS):
            started = time.perf_counter(), time.process_time()
            findings += len(_run(name, lake, span))
            wall, used = time.perf_counter() - started[0], time.process_time() - started[1]
            by_name[name] = {"wall_s": round(wall, 1), "cpu_s": round(used, 1)}
        return {
            "wall_s": round(time.perf_counter() - begun, 1),
            "cpu_s": round(time.process_time() - cpu, 1),
            "by_name": by_name,
            "findings": findings,
        }


def _run(name: str, lake: Lake, span: Window) -> list[Finding]:
    chosen = measure(name) if name in MEASURES else screen(name)
    params = with_defaults(name, chosen.DEFAULTS, TERMS.get(name, {}))
    found, _ = run_one(chosen, Context(lake, {span.name: span}, params), Threads(2))
    return found


def made(root: Path) -> Lake:
    """A lake of books and of the seconds of trades beside them."""
    columns = []
    for level in range(LEVELS):
        for side, sign in (("ask", 1), ("bid", -1)):
            away = level + (1 if sign > 0 else 0)
            columns.append(
                f"(p + {sign} * {away} * 0.1)::DECIMAL(18, 9) AS {side}_price_{level}, "
                f"(0.001 * (1 + hash(i, {level}, {sign}) % 5000))::DECIMAL(18, 12) "
                f"AS {side}_size_{level}"
            )
    walked = "round(120000 + 1000 * sin(range / 50000.0) + (hash(range) % 100) / 10.0, 1)"
    source = "ENUM('bench')"
    first = identify("binance-futures", "S0USDT")
    step = DAY // SNAPSHOTS
    book = part_path("book", first, "2025-01-01", "bench")
    seconds = part_path("seconds", first, "2025-01-01", "bench")
    for path in (book, seconds):
        (root / path).parent.mkdir(parents=True)
    db = connection()
    db.execute(
        f"COPY (SELECT {START} + i * {step} AS ts, {', '.join(columns)}, 'bench'::{source} AS "
        f"source_id, i + 2 AS row_no FROM (SELECT range AS i, {walked} AS p "
        f"FROM range({SNAPSHOTS}))) TO {literal(str(root / book))} {COPY}"
    )
    db.execute(
        f"COPY (SELECT {START} + range * {SECOND} AS ts, p AS open, p + 10 AS high, p - 10 AS low, "
        f"p AS close, 5::BIGINT AS n, 'bench'::{source} AS source_id, range + 2 AS row_no FROM "
        f"(SELECT range, (120000 + 1000 * sin(range * {SECOND // step} / 50000.0))"
        f"::DECIMAL(18, 9) AS p FROM range(86400))) TO {literal(str(root / seconds))} {COPY}"
    )
    parts = []
    for number in range(INSTRUMENTS):
        one = identify("binance-futures", f"S{number}USDT")
        for record, path, rows in (("book", book, SNAPSHOTS), ("seconds", seconds, 86_400)):
            end = START + (rows - 1) * (DAY // rows)
            parts.append(
                Part(record, one, "2025-01-01", path, "bench", rows, START, end, 2, rows + 1)
            )
    return Lake(root, tuple(parts))


def rates() -> dict[str, Any]:
    """Per screen: false alarms among sound markets, and misses by how long its fault lasts (s).

    In half of the sound markets sizes repeat all the time, as where makers put the same size
    back: there a level often looks unchanged.
    """
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    import _books
    from _ticks import small_lake

    draw = random.Random(7)
    truth: dict[str, tuple[str, int]] = {}
    worlds = {}
    for number in range(SOUND):
        size = 500 if number % 2 else 3
        drift = draw.choice((-1, 0, 1))
        worlds[f"S{number}USDT"] = _books.World(seed=number, seconds=90, drift=drift, size=size)
    for number in range(SOUND, SOUND + len(SCREENS) * len(LENGTHS) * EACH):
        kind, length = SCREENS[number % 4], LENGTHS[number // 4 % len(LENGTHS)]
        worlds[f"S{number}USDT"] = _faulty(_books, number, kind, length, draw)
        truth[f"S{number}USDT"] = (kind, length)
    alarms: Counter[str] = Counter()
    missed: Counter[tuple[str, int]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        names = list(worlds)
        for at in range(0, len(names), 20):
            files: dict[str, str] = {}
            for name in names[at : at + 20]:
                files |= worlds[name].files("binance-futures", name)
            lake = small_lake(Path(folder) / str(at), {}, files)
            for one in SCREENS:
                found = _books.strengths(one, _run(one, lake, Window("w", START, START + 1)))
                for symbol, strength in found.items():
                    if symbol not in truth:
                        alarms[one] += strength != "sound"
                    elif truth[symbol][0] == one:
                        missed[truth[symbol]] += strength == "sound"
    return {
        name: {
            "sound": SOUND, "false_alarms": alarms[name], "with_fault_of_each_length": EACH,
            "missed_by_length": {f"{n}s": missed[(name, n)] for n in LENGTHS},
        }
        for name in SCREENS
    }  # fmt: skip


def _faulty(books: Any, number: int, kind: str, length: int, draw: random.Random) -> Any:
    """A market with a fault of that kind from second 30 on, of a size drawn anew."""
    drift = draw.choice((-1, 1)) if kind == "phantom" else draw.choice((-1, 0, 1))
    world = books.World(seed=number, seconds=90, drift=drift)
    now = next(s for s in world.shots if s.at >= 30)
    side = "bid" if drift <= 0 else "ask"
    held = now.bids if side == "bid" else now.asks
    if kind == "crossed":
        return world.faulty(
            30, 30 + length, books.crossed(str(Decimal(draw.randrange(1, 30)) / 10))
        )
    if kind == "stale_side":
        return world.faulty(30, 30 + length, books.frozen(side, list(held)))
    if kind == "update_gaps":
        world.shots = [s for s in world.shots if not 30 <= s.at < 30 + length]
        return world
    # A phantom stands where the market is and leaves it: from then on all trades pass it.
    size = str(Decimal(draw.randrange(1, 900)) / 100)
    return world.faulty(30, 30 + length, books.phantom(side, str(held[0].price), size))
