"""Claimants out of the committee's register: those who consent to be counted in sums."""

from __future__ import annotations

from pathlib import Path

from ...errors import InputError, Text
from ...problems import ASIDE, Problem
from ..register.register import AGGREGATE, WITHDRAWN, opened
from .register import Register

_SQLITE = b"SQLite format 3\x00"


def is_committee(path: Path) -> bool:
    """Whether a file is a database, as the committee's register is; not one that is not there."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(_SQLITE)) == _SQLITE


def from_committee(path: Path) -> Register:
    """The claims of the register with consent to "aggregate"; how many are left out is told.

    They have no rows to point to: the register keeps them encrypted. Raises InputError where
    nobody consents, and whatever opening the register raises.
    """
    with opened(path) as held:
        claimants = tuple(held.claimants(AGGREGATE))
        left = sum(one.status != WITHDRAWN for one in held.claims()) - len(claimants)
    if not claimants:
        raise InputError(
            Text("no claim of the register may be counted in sums", "登记册中没有可计入汇总的申索"),
            where=str(path),
            remedy=Text(
                f"Ask for consent: liquest register consent REGISTER ID {AGGREGATE}",
                f"请征得同意：liquest register consent 登记册 编号 {AGGREGATE}",
            ),
        )
    problems: tuple[Problem, ...] = ()
    if left:
        said = Text(
            f"{left} claims without consent to be counted in sums are left out",
            f"{left} 项申索未同意计入汇总，未予采用",
        )
        problems = (Problem("no-consent", ASIDE, said, path=str(path), count=left),)
    return Register(claimants, {}, problems, "")
