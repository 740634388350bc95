"""Losses: 1,000 synthetic accounts of about 5,000 rows each, from files to what schemes pay.

Timed is all of it by two processes: import, reconciliation, forced record, claim, every scheme;
and one account in a process that is warm. The floor is `csv.reader` over the same bytes, both in
processor seconds, which another user of the machine does not disturb. A twentieth of the
accounts is simulated; the others are copies with account numbers of their own, which no step can
tell from new ones. LIQUEST_BENCH_ACCOUNTS sets another number. Peak memory is that of the parent
and twice the larger of its two processes.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from bench._child import measured
from bench._losses import WORKERS

_ONE_IN = 20


def run() -> dict[str, Any]:
    """Seconds, ratio to the floor, peak memory; the targets stand beside them."""
    accounts = int(os.environ.get("LIQUEST_BENCH_ACCOUNTS", "1000"))
    with tempfile.TemporaryDirectory() as folder:
        distinct = max(accounts // _ONE_IN, min(accounts, 2))
        made = measured("bench._losses", "made", folder, str(accounts), str(distinct))
        size = measured("bench._losses", "size", folder)["result"]
        floor = measured("bench._losses", "floor", folder)["result"]
        done = measured("bench._losses", "all_accounts", folder)["result"]
        one = measured("bench._losses", "one_account", folder)["result"]
    count = distinct * -(-accounts // distinct)
    return {
        "accounts": count,
        "simulated": distinct,
        "rows_per_account": round(made["result"]),
        "megabytes": size,
        "workers": WORKERS,
        "all_s": done["seconds"],
        "all_target_s": round(60 * count / 1000, 1),
        "cpu_us_per_row": round(done["cpu_s"] / done["rows"] * 1e6, 1),
        "peak_mb": done["peak_mb"],
        "peak_target_mb": 1024,
        "one_account_s": one,
        "one_account_target_s": 1,
        "csv_reader_cpu_s": floor,
        "cpu_over_csv_reader": round(done["cpu_s"] / floor, 1),
        "schemes": done["schemes"],
        "schemes_cpu_s": done["schemes_s"],
        "forced_losses": done["losses"],
        "lines_that_do_not_close": done["not_closed"],
        "making_s": made["seconds"],
    }
