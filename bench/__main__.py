"""Run the named benches, or all of them, and write bench/out/NAME.json."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import bench


def main(names: list[str]) -> None:
    """Each bench prints its figures and keeps them."""
    out = Path(__file__).parent / "out"
    out.mkdir(exist_ok=True)
    known = sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")
    )
    for name in names or known:
        if name not in known:
            sys.exit(f"there is no bench '{name}'; there are: {', '.join(known)}")
        result = importlib.import_module(f"bench.{name}").run()
        (out / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(f"== {name}")
        for key, value in result.items():
            print(f"  {key}: {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
