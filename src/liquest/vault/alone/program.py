#!/usr/bin/env python3
"""Verify a Liquest evidence bundle with Python 3.9 or newer and nothing else.

    python3 verify.py                     the folder that this file lies in
    python3 verify.py BUNDLE.zip          a bundle as one file
    python3 verify.py BUNDLE --key VKEY   and demand that this key signed it
    python3 verify.py BUNDLE --json       one JSON object a line

Offline. Checks every file against the signed list, every object against its manifest
line, every line against the Merkle log (RFC 6962), every checkpoint against its
signature (Ed25519, RFC 8032) and the log, and every finding against its id. Exit code 0
when nothing is invalid, 5 when something is, 2 when there is no bundle to read.

It does not check trusted time: README.txt has the openssl and ots commands for that.
What it cannot know: whether the key is whose you think (compare it with one that you got
by another way), and whether what the bytes say is true.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from .checks import ENTRIES, bad, check_files, check_findings, check_items, check_key, check_points
from .container import Container, Folder, Zip, read, refusal
from .text import NONE, Broken, Found


def verify(path: Path, demanded: str = "") -> list[Found]:
    """All checks of a bundle, a folder or a zip file."""
    try:
        box: Container = Folder(path) if path.is_dir() else Zip(path)
    except Broken as error:
        return [bad("container", path.name, error)]
    made = []
    for name in box.names:
        if why := refusal(name):
            shown = ascii(name)
            made.append(
                bad(
                    "name",
                    shown,
                    Broken(f"{shown} is refused: {why[0]}", f"拒绝 {shown}：{why[1]}"),
                )
            )
    if made:
        return made
    key, said = check_key(box, demanded)
    made.append(said)
    if key is None:
        return made
    made += check_files(box, key)
    try:
        raw = read(box, ENTRIES)
        if raw and not raw.endswith(b"\n"):
            raise Broken("the manifest ends inside a line: it was cut", "清单在行中截断")
    except Broken as error:
        return [*made, bad("log", ENTRIES, error)]
    lines = raw.split(b"\n")[:-1]
    made += check_points(box, key, lines)
    found, digests = check_items(box, lines)
    made += found + check_findings(box, digests)
    if proofs := [n for n in box.names if n.startswith("vault/proofs/")]:
        words = (
            f"{len(proofs)} files of trusted time: README.txt has the commands that check them",
            f"{len(proofs)} 个可信时间文件：核验命令见 README.txt",
        )
        made.append(Found("time", "vault/proofs", "unsupported", NONE, words))
    return made


def say(line: str) -> None:
    """One line to the reader."""
    sys.stdout.write(line + "\n")


def show(found: Iterable[Found]) -> None:
    """The checks for people, both languages."""
    for one in found:
        say(f"{one.status:<22} {one.name:<11} {one.subject}")
        say(f"    {one.detail[0]}\n    {one.detail[1]}")
        if one.assumption[0]:
            say(f"    if · 前提: {one.assumption[0]}\n        {one.assumption[1]}")


def main(arguments: list[str]) -> int:
    """Print every check; 0 when nothing is invalid."""
    demanded, paths = "", []
    as_json = "--json" in arguments
    rest = [a for a in arguments if a != "--json"]
    while rest:
        one = rest.pop(0)
        if one == "--key" and rest:
            demanded = rest.pop(0)
            if Path(demanded).is_file():
                demanded = Path(demanded).read_text(encoding="utf-8")
        else:
            paths.append(one)
    path = Path(paths[0]) if paths else Path(__file__).resolve().parent
    if len(paths) > 1 or not path.exists():
        sys.stderr.write((__doc__ or "").split("\n\n")[1] + "\n")
        return 2
    found = verify(path, demanded)
    wrong = sum(check.status == "invalid" for check in found)
    if as_json:
        for check in found:
            say(json.dumps(check._asdict(), ensure_ascii=False))
    else:
        show(found)
        word = f"{wrong} INVALID · 无效" if wrong else "nothing is invalid · 未发现无效项"
        say(f"\n{word} ({len(found)})")
    return 5 if wrong else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
