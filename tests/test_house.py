"""The house holds: left to right and never back, small files, nothing swallowed, no stray code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import liquest
from liquest.caveats import CAVEATS, caveat
from liquest.measures import measures

SOURCE = Path(liquest.__file__).parent
FILES = {p.relative_to(SOURCE).as_posix(): p for p in sorted(SOURCE.rglob("*.py"))}

BASE = {
    "errors", "clock", "findings", "instruments", "problems", "caveats", "run", "kept", "params",
}  # fmt: skip
"""What stands at the left of everything."""
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "clock": {"errors"},
    "caveats": {"errors"},
    "instruments": set(),
    "run": {"errors"},
    "findings": {"errors", "clock", "run"},
    "problems": {"errors", "run"},
    "params": {"errors"},
    "kept": {"findings", "problems", "run", "vault"},
    "tape": BASE | {"vault", "case"},
    "case": BASE | {"vault", "tape", "logs"},
    "measures": BASE | {"vault", "tape", "case", "logs"},
    "logs": BASE | {"vault", "tape", "case"},
    "screens": BASE | {"vault", "tape", "case", "logs", "measures"},
    "rules": BASE,
    "sheet": {"errors"},
    "replay": BASE | {"vault", "tape", "case", "rules"},
    "losses": BASE | {"vault", "tape", "case", "rules", "replay", "sheet"},
    "pdf": {"errors", "clock", "findings"},
    "claims": BASE | {"case", "vault", "pdf"},
    "dossier": BASE | {"case", "claims", "pdf", "sheet"},
}
"""What a part may import besides itself; parts that are not named stand at the right. The
`commands.py` of a part and what it shows in the terminal are its door, and stand there."""
DOORS = {n for n in FILES if n.endswith(("commands.py", "shown.py", "rules/show.py"))}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def part_of(path: Path) -> str:
    """The first name below the package: a module of its own or a folder."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The parts of the package that a file imports."""
    here = path.relative_to(SOURCE).with_suffix("").parts
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level]
            inner = (*base, *(node.module or "").split(".")) if node.module else base
            names = [inner[0]] if inner else [alias.name for alias in node.names]
            yield from names
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liquest."):
            yield (node.module or "").split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("liquest."))


def test_imports_go_from_right_to_left() -> None:
    wrong = {
        name: found
        for name, path in FILES.items()
        if name not in DOORS
        and (part := part_of(path)) in ALLOWED
        and (found := set(imported(path)) - ALLOWED[part] - {part, "__version__"})
    }
    assert not wrong


def test_case_and_tape_share_maps_only() -> None:
    """case.py takes the column maps from the tape; of the tape only its stage knows a case."""
    knows = {n for n, p in FILES.items() if part_of(p) == "tape" and "case" in imported(p)}
    assert knows == {"tape/stage.py"}
    text = (SOURCE / "case.py").read_text(encoding="utf-8")
    assert re.findall(r"^from \.tape\S* import", text, re.MULTILINE) == ["from .tape.mapped import"]


def test_nothing_imports_the_command_line() -> None:
    assert [name for name, path in FILES.items() if "cli" in set(imported(path))] == []


def test_only_the_command_line_goes_through_a_door() -> None:
    through = [
        name
        for name, path in FILES.items()
        if name != "cli.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.level
        and (
            "commands" in (node.module or "").split(".")
            or "commands" in {a.name for a in node.names}
        )
    ]
    assert through == []


def test_files_are_small() -> None:
    lines = {name: path.read_bytes().count(b"\n") for name, path in FILES.items()}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_names_say_what_is_in_them() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [name for name, path in FILES.items() if path.stem in vague] == []


def test_every_file_says_what_it_is() -> None:
    assert [name for name, path in FILES.items() if not ast.get_docstring(tree(path))] == []


def test_no_error_is_swallowed() -> None:
    swallowed = [
        f"{name}:{node.lineno}"
        for name, path in FILES.items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and all(isinstance(step, ast.Pass) for step in node.body)
    ]
    assert swallowed == []


@pytest.mark.parametrize("name", measures())
def test_every_measure_says_in_both_languages_what_it_measures(name: str) -> None:
    one = measures()[name]
    assert name == one.NAME and one.METHODS
    for method in one.METHODS:
        for text in (method.title, method.definition):
            assert text.en and re.search(r"[\u4e00-\u9fff]", text.zh), method.name
        assert method.name.split(".")[0] == name


def used_caveats() -> set[str]:
    """Strings that stand where measures put caveats."""
    found: set[str] = set()
    for path in (SOURCE / "measures").glob("*.py"):
        for node in ast.walk(tree(path)):
            text = ast.unparse(node) if isinstance(node, ast.stmt) else ""
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) and "caveat" in text.lower():
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        found |= {inner.value} & _dashed(inner.value)
    return found


def _dashed(text: str) -> set[str]:
    return {text} if re.fullmatch(r"[a-z]+(-[a-z]+)+", text) else set()


def test_every_caveat_has_words() -> None:
    unknown = used_caveats() - set(CAVEATS)
    assert not unknown


def test_the_search_for_caveats_finds_some() -> None:
    assert {"bar-resolution", "few-trades"} <= used_caveats()


@pytest.mark.parametrize("code", CAVEATS)
def test_every_caveat_speaks_both_languages(code: str) -> None:
    assert CAVEATS[code].en and re.search(r"[\u4e00-\u9fff]", CAVEATS[code].zh)


def test_a_code_without_words_stands_for_itself() -> None:
    assert caveat("not-a-code") == ("not-a-code", "not-a-code")
