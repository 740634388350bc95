"""What a verification says: one check a proof, one of five words, never one boolean."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Text

VALID = "valid"
"""Proven from what lies here."""
ASSUMING = "valid with assumption"
"""Proven if the named assumption holds: this key, this header, this root certificate."""
PENDING = "pending"
"""Not proven yet, but nothing speaks against it: a proof still to come, a line not signed."""
UNSUPPORTED = "unsupported"
"""A form that this program cannot check; says nothing about its truth."""
INVALID = "invalid"
"""Disproven: two things that must agree do not."""

STATUSES = (VALID, ASSUMING, PENDING, UNSUPPORTED, INVALID)


class Check(NamedTuple):
    """One check: `name` of its kind, `subject` (file, item id, checkpoint), its `status`.

    `assumption` names what a "valid with assumption" rests on, else it is NOTHING.
    `detail` tells what was found; for "invalid" it holds what was expected and got.
    """

    name: str
    subject: str
    status: str
    assumption: Text
    detail: Text


NOTHING = Text("", "")
"""No assumption."""


def json_of(check: Check) -> dict[str, object]:
    """The check as one JSON object."""
    return {
        "name": check.name, "subject": check.subject, "status": check.status,
        "assumption": list(check.assumption), "detail": list(check.detail),
    }  # fmt: skip
