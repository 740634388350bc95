"""The stage from statements.toml to findings, kept beside the others in
out/findings/statements.jsonl.

Invariant: what the file says is compared anew only when the file or the code has changed.
"""

from __future__ import annotations

from pathlib import Path

from ..case import Case
from ..kept import Measured, kept_or_made
from ..run import fingerprint
from ..vault.intake import digest
from .reading_statements import NAME, read_statements
from .statement_diff import METHODS, changes, findings

KEPT = "statements"


def compare(case: Case, out: Path) -> Measured:
    """The changes between the versions of every party as findings; empty for a case without
    statements. Raises CaseError for a file with errors."""
    path = case.root / NAME
    if not path.is_file():
        return Measured()
    record = read_statements(path)
    key = fingerprint.of(fingerprint.code("claims", "findings.py", "clock.py"), digest(path))
    folder = out / "findings"
    folder.mkdir(parents=True, exist_ok=True)
    kept, problems, fresh = kept_or_made(folder, KEPT, key, lambda: (findings(changes(record)), []))
    return Measured({KEPT: kept}, problems, {m.id: m.json() for m in METHODS.values()}, fresh)
