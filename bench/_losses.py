"""What the bench of the losses runs in processes of its own: making accounts, claiming for them."""

from __future__ import annotations

import csv
import io
import resource
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from liquest.clock import MINUTE
from liquest.losses.claim import Told, claimant
from liquest.losses.exports.read import read_exports
from liquest.losses.forced.forced_record import forced_record
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.prices.given import GivenPrices
from liquest.losses.schemes.pay import first_known, pay
from liquest.losses.synthetic.plan import Plan
from liquest.losses.synthetic.prices import Paths, write_marks
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.writing import Style, write_exports
from liquest.rules.book import book
from liquest.rules.claimant import Claimant
from liquest.run.executor import Processes

SYMBOLS = ("ATOMUSD_PERP", "BTCUSDT", "XRPUSDT")
ACTIONS = 1230
CRASH = 5
"""The seed of the market."""
MARKS = "marks"
WORKERS = 2


@cache
def _paths() -> Paths:
    """One market for all accounts."""
    return simulate(Plan(CRASH, symbols=SYMBOLS, actions=1)).paths


def make(task: tuple[str, Sequence[int], int]) -> int:
    """One synthetic account a seed in FOLDER/NUMBER, and `copies` that differ from it in their
    account number alone; its rows."""
    folder, seeds, copies = task
    rows = 0
    for seed in seeds:
        plan = Plan(seed, symbols=SYMBOLS, actions=ACTIONS, leverage=4, rescue="in time")
        truth = simulate(plan, _paths())
        own = Path(folder) / f"{seed}-0"
        files = write_exports(truth, own, Style())
        rows += len(truth.transactions) + len(truth.trades) + len(truth.orders)
        for n in range(1, copies):
            other = Path(folder) / f"{seed}-{n}"
            other.mkdir()
            number = str(int(truth.traits.uid) + n).encode()
            for path in files:
                data = path.read_bytes().replace(truth.traits.uid.encode(), number)
                (other / path.name).write_bytes(data)
    return rows


def made(folder: str, accounts: str, distinct: str) -> float:
    """Writes the accounts and the marks; rows of an account on average."""
    seeds = range(1, int(distinct) + 1)
    copies = -(-int(accounts) // int(distinct))
    tasks = [(folder, [seed], copies) for seed in seeds]
    rows = sum(Processes(WORKERS).map(make, tasks))
    write_marks(Path(folder) / MARKS, _paths(), "klines", MINUTE)
    return rows / len(seeds)


@cache
def _marks(folder: str) -> GivenPrices:
    files = sorted((Path(folder) / MARKS).glob("*.csv"))
    return GivenPrices.read([f"{f.name.split('-')[0]}={f}" for f in files])[0]


class Done(NamedTuple):
    """The claim of an account, lines that do not close, rows, processor seconds, and the peak
    memory (MB) so far of the process that did it."""

    claim: Claimant
    wrong: int
    rows: int
    cpu: float
    peak: float


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def claim(task: tuple[str, str]) -> Done:
    """From the files of an account to its claim."""
    folder, name = task
    prices = _marks(folder)
    started = time.process_time()
    exports, _ = read_exports([Path(folder) / name], account=f"synthetic-{name}")
    ledger, _ = reconstruct(exports)
    forced, _ = forced_record(exports, ledger, prices)
    made, _ = claimant(ledger, forced, prices, Told())
    rows = len(exports.transactions) + len(exports.trades) + len(exports.orders)
    wrong = sum(not line.closes for line in ledger.lines)
    return Done(made, wrong, rows, time.process_time() - started, _peak())


def _names(folder: str) -> list[str]:
    return sorted(p.name for p in Path(folder).iterdir() if p.name != MARKS)


def all_accounts(folder: str) -> dict[str, float]:
    """Every account to its claim and through every scheme, by two processes."""
    started = time.perf_counter()
    tasks = [(folder, name) for name in _names(folder)]
    done = list(Processes(WORKERS).map(claim, tasks))
    before = time.process_time()
    paid = pay([one.claim for one in done], book().at(first_known(book())))
    schemes_s = time.process_time() - before
    seconds = time.perf_counter() - started
    return {
        "seconds": round(seconds, 2),
        "rows": sum(one.rows for one in done),
        "losses": sum(len(one.claim.losses) for one in done),
        "not_closed": sum(one.wrong for one in done),
        "cpu_s": round(sum(one.cpu for one in done), 2),
        "schemes": len(paid.outcomes),
        "schemes_s": round(schemes_s, 2),
        "peak_mb": round(_peak() + WORKERS * max(one.peak for one in done)),
    }


def one_account(folder: str) -> float:
    """Seconds of one account, all schemes, when the process has done another before."""
    names = _names(folder)[:2]
    rules = book().at(first_known(book()))
    for name in (names[0], names[-1]):
        started = time.perf_counter()
        pay([claim((folder, name)).claim], rules)
        seconds = time.perf_counter() - started
    return round(seconds, 3)


def read_only(task: tuple[str, str]) -> float:
    """The floor: `csv.reader` over the same bytes; processor seconds."""
    folder, name = task
    started, rows = time.process_time(), 0
    for path in sorted((Path(folder) / name).iterdir()):
        text = path.read_bytes().decode("utf-8-sig")
        rows += sum(1 for _ in csv.reader(io.StringIO(text, newline="")))
    return time.process_time() - started


def floor(folder: str) -> float:
    """Processor seconds in which the same two processes read all rows and do nothing with them."""
    tasks = [(folder, name) for name in _names(folder)]
    return round(sum(Processes(WORKERS).map(read_only, tasks)), 2)


def size(folder: str) -> float:
    """Megabytes of all exports."""
    total = sum(path.stat().st_size for path in Path(folder).rglob("*.csv"))
    return round(total / 1e6, 1)
