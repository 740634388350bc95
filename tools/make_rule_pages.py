"""Write docs/rules: a page per rule, from the rulebook and the words in pages.toml.

    python tools/make_rule_pages.py          write them
    python tools/make_rule_pages.py --check  exit 1 when they are out of date

A test runs the check, so the pages stay true.
"""

from __future__ import annotations

import sys
from pathlib import Path

from liquest.rules.book import book
from liquest.rules.rule_pages import documents

DOCS = Path(__file__).parent.parent / "docs" / "rules"


def main(check: bool, folder: Path = DOCS) -> int:
    """Write the pages, or compare them; returns the exit code."""
    wanted = documents(book())
    found = {path.name for path in folder.glob("*.md")}
    stale = sorted(found - set(wanted))
    for name, text in wanted.items():
        path = folder / name
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if not check:
        for name in sorted(found - set(wanted)):
            (folder / name).unlink()
        return 0
    if stale:
        print(f"out of date: {', '.join(stale)}; run tools/make_rule_pages.py", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
