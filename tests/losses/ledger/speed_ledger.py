"""Prints how long an account of about 5,000 rows takes: `python speed_ledger.py [accounts]`.

Best of several runs in one process, in seconds of the processor, so that what else runs on the
machine does not count; garbage collector on, as a command would run it.
"""

from __future__ import annotations

import sys
import time

from _ledger_histories import Account

from liquest.losses.entries import COINM, USDM
from liquest.losses.ledger.reconstruct import reconstruct


def main(runs: int) -> None:
    for market in (USDM, COINM):
        for hedge in (False, True):
            exports = Account(7, market=market, hedge=hedge, rows=2_250).exports()
            rows = len(exports.transactions) + len(exports.trades) + len(exports.positions)
            times = []
            for _ in range(runs):
                start = time.process_time()
                reconstruct(exports)
                times.append(time.process_time() - start)
            best = min(times)
            sys.stdout.write(
                f"{market} hedge={hedge}: {rows} rows, best {best * 1e3:.1f} ms, "
                f"{best / rows * 1e6:.1f} µs a row\n"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
