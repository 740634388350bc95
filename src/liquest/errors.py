"""Everything Liquest can refuse, in one tree.

    LiquestError
    ├── UsageError          the command line asks for something that is not there
    ├── CaseError           case.toml is missing, malformed or contradicts itself
    ├── InputError          a file cannot be used
    │   ├── UnreadableFile  broken, truncated, too large unpacked, not permitted
    │   └── UnknownFormat   no reader takes it for what it is
    ├── OutputError         the output folder cannot be written
    └── IntegrityError      two things that must agree do not (expected, got)

Each error says what is wrong, where, and what to do, in English and Chinese.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Text(NamedTuple):
    """One sentence in both languages of the house."""

    en: str
    zh: str

    def in_(self, lang: str) -> str:
        """The sentence in `lang`, "zh" or "en"."""
        return self.zh if lang == "zh" else self.en


class LiquestError(Exception):
    """`what` went wrong, `where` (file, file:row or path), and the `remedy`."""

    exit_code = 2

    def __init__(self, what: Text, *, where: str = "", remedy: Text | None = None) -> None:
        super().__init__(what.en)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes with all that they say."""
        return _restored, (type(self), self.args, self.__dict__)

    def render(self, lang: str) -> str:
        """The whole message in one language, one fact a line."""
        words = ("Where", "Remedy") if lang != "zh" else ("位置", "处理")
        lines = [self.what.in_(lang)]
        if self.where:
            lines.append(f"  {words[0]}: {self.where}")
        if self.remedy is not None:
            lines.append(f"  {words[1]}: {self.remedy.in_(lang)}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render("en")


def _restored(kind: type[LiquestError], args: tuple[Any, ...], held: Any) -> LiquestError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(held)
    return error


class UsageError(LiquestError):
    """The command line asks for something that is not there."""


class CaseError(LiquestError):
    """case.toml is missing, malformed or contradicts itself."""


class InputError(LiquestError):
    """A file cannot be used."""


class UnreadableFile(InputError):
    """Broken, truncated, too large when unpacked, or not permitted."""


class UnknownFormat(InputError):
    """No reader takes the file for what it is."""


class OutputError(LiquestError):
    """The output folder cannot be written, or the disk is full."""

    exit_code = 4


class IntegrityError(LiquestError):
    """Two things that must agree do not."""

    exit_code = 5

    def __init__(
        self, what: Text, *, expected: str, got: str, where: str = "", remedy: Text | None = None
    ) -> None:
        both = Text(
            f"{what.en}: expected {expected}, got {got}",
            f"{what.zh}：应为 {expected}，实为 {got}",
        )
        super().__init__(both, where=where, remedy=remedy)
        self.expected = expected
        self.got = got
