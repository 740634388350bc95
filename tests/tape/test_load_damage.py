"""Nothing is lost: every line of a damaged file is in the tape or named by a problem.

A file is damaged at random; then each of its lines below the header either stands in the
tape under its own number, or within the rows of a problem that sets rows aside. A line
that was not touched is in the tape as it was written, unless a problem names it.
"""

from __future__ import annotations

import gzip
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from _cases import TICKS, tick
from _tape import Read, read
from liquest.problems import ASIDE

COUNT = 14
SOUND = [
    tick(i, f"2.{i:03d}", f"{i}.5", symbol="DOT-USD" if i % 5 == 0 else "ATOM-USD")
    for i in range(1, COUNT + 1)
]
BYTES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b'"', b",", b"\n", b"\r", b"\r\n", b"\n\n", b"\x00", b"\xff", b",,", b"-", b".", b"e9",
         b"1e300", b"\xef\xbb\xbf", b" ", b"NaN", b"inf", b"'", b";", b"\xe4\xbb\xb7", b"9" * 40]
    ),
)  # fmt: skip
CHANGE = st.tuples(
    st.sampled_from(["insert", "replace", "delete", "cut", "double", "drop", "move", "blank"]),
    st.integers(0, COUNT - 1),
    st.integers(0, 70),
    BYTES,
)


def damaged(changes: list[tuple[str, int, int, bytes]]) -> bytes:
    lines = [line.encode() for line in SOUND]
    for what, which, at, new in changes:
        if not lines:
            break
        which %= len(lines)
        line = lines[which]
        match what:
            case "insert":
                lines[which] = line[:at] + new + line[at:]
            case "replace":
                lines[which] = line[:at] + new + line[at + len(new) :]
            case "delete":
                lines[which] = line[:at] + line[at + 3 :]
            case "cut":
                lines[which] = line[:at]
            case "double":
                lines.insert(at % len(lines), line)
            case "drop":
                del lines[which]
            case "move":
                lines.insert(at % len(lines), lines.pop(which))
            case "blank":
                lines.insert(which, b"\n")
    return TICKS.encode() + b"".join(lines)


def account(got: Read, raw: bytes) -> None:
    text = raw.replace(b"\r\n", b"\n")
    lines = (
        text.removesuffix(b"\n").split(b"\n")[1:] if text.endswith(b"\n") else text.split(b"\n")[1:]
    )
    below = {n: line.decode("utf-8", "replace") + "\n" for n, line in enumerate(lines, start=2)}
    aside = {
        n
        for p in got.loaded.problems
        if p.effect == ASIDE and p.first is not None and p.last is not None
        for n in range(p.first, p.last + 1)
    }
    taken = {row["row_no"]: row for row in got.rows}
    assert len(taken) == len(got.rows)
    assert not taken.keys() & aside
    assert taken.keys() | aside >= below.keys()
    assert taken.keys() <= below.keys()
    for number, row in taken.items():
        if below[number] in SOUND:
            cells = below[number].rstrip("\n").split(",")
            assert (row["ts"], row["price"], row["raw_size"], row["side"], str(row["id"])) == (
                int(cells[2]), Decimal(cells[6]), Decimal(cells[7]), cells[5], cells[4],
            )  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(CHANGE, min_size=1, max_size=6))
def test_every_line_is_in_the_tape_or_named(
    changes: list[tuple[str, int, int, bytes]],
) -> None:
    raw = damaged(changes)
    account(read("ticks.csv", raw), raw)


@settings(max_examples=25, deadline=None)
@given(st.lists(CHANGE, max_size=3), st.integers(1, 400))
def test_also_where_the_archive_is_cut(
    changes: list[tuple[str, int, int, bytes]], short: int
) -> None:
    raw = damaged(changes)
    packed = gzip.compress(raw, mtime=0)
    got = read("ticks.bin", packed[: max(len(packed) - short, 12)])
    if got.loaded.read:
        last = max(row["row_no"] for row in got.rows) if got.rows else 1
        kept = raw.replace(b"\r\n", b"\n").split(b"\n")[: max(last, 1)]
        whole = b"\n".join(kept) + b"\n"
        taken = {row["row_no"] for row in got.rows}
        assert taken <= set(range(2, len(kept) + 1))
        assert whole.startswith(TICKS.encode())
    assert any(p.effect == "unread" for p in got.loaded.problems)


def test_the_undamaged_file_is_taken_whole() -> None:
    raw = TICKS.encode() + b"".join(line.encode() for line in SOUND)
    got = read("ticks.csv", raw)
    account(got, raw)
    assert len(got.rows) == COUNT and got.codes == []
