"""Speed and memory, as ratios against a named floor in the same run.

    make bench                     everything
    .venv/bin/python -m bench ingest measures

Each bench is a module with `run() -> dict`; the result goes to bench/out/NAME.json.
Benches that need the raw ticks read them from LIQUEST_DATA or ../shared/data and say so
when they are not there.
"""
