"""Days and months of archives: "2025-10-09..2025-10-11", "2025-10-10,2025-10-12"."""

from __future__ import annotations

from datetime import date, timedelta

from ..errors import Text, UsageError

_MOST = 20_000


def days(text: str) -> list[date]:
    """The days, ascending, each once; both ends of a range belong to it."""
    found: set[date] = set()
    for piece in text.split(","):
        first, dots, last = piece.strip().partition("..")
        start = _day(first, text)
        end = _day(last, text) if dots else start
        if end < start or (end - start).days > _MOST:
            raise _refuse(text)
        found.update(start + timedelta(n) for n in range((end - start).days + 1))
    return sorted(found)


def months(of: list[date]) -> list[str]:
    """The months, YYYY-MM, that the days fall into."""
    return sorted({d.isoformat()[:7] for d in of})


def shared_start(stamps: list[str]) -> str:
    """What all stamps begin with: a listing narrowed by it is short."""
    first, last = min(stamps), max(stamps)
    return first[: next((i for i, c in enumerate(first) if last[i : i + 1] != c), len(first))]


def _day(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _refuse(whole) from None


def _refuse(text: str) -> UsageError:
    return UsageError(
        Text(f"'{text}' is not a range of dates", f"“{text}”不是有效的日期范围"),
        remedy=Text(
            "Write 2025-10-10, 2025-10-09..2025-10-11, or several with commas.",
            "请写成 2025-10-10、2025-10-09..2025-10-11，或以逗号分隔。",
        ),
    )
