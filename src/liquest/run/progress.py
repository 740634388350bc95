"""How a stage tells what it is doing: a protocol, so that no stage knows the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from ..errors import Text

T = TypeVar("T")


class Progress(Protocol):
    """Told of stages and steps; shows them or not."""

    def start(self, what: Text, total: int) -> None: ...

    def step(self, detail: str = "") -> None: ...

    def end(self) -> None: ...


class Silent:
    """Shows nothing."""

    def start(self, what: Text, total: int) -> None:
        del what, total

    def step(self, detail: str = "") -> None:
        del detail

    def end(self) -> None:
        return


@contextmanager
def shown(progress: Progress, what: Text, total: int) -> Iterator[None]:
    """Start and end of a stage, also when it fails."""
    progress.start(what, total)
    try:
        yield
    finally:
        progress.end()


def counted(progress: Progress, items: Iterator[T]) -> Iterator[T]:
    """The items, each a step."""
    for item in items:
        progress.step()
        yield item
