"""Asking a host many small questions at once: listings, and sizes by HEAD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from ..errors import Text
from ..run.progress import Progress, Silent, shown
from .failures import Absent, FetchError, Stopped
from .wanted import Plan, Wanted, absent
from .web import Web

T = TypeVar("T")
R = TypeVar("R")


def each(
    web: Web,
    what: Text,
    ask: Callable[[T], R],
    questions: Sequence[T],
    progress: Progress | None = None,
) -> list[R]:
    """The answers in the order of the questions; the first error ends it."""
    progress = progress or Silent()
    answers: list[R] = []
    with (
        shown(progress, what, len(questions)),
        ThreadPoolExecutor(web.limits.concurrency, thread_name_prefix="liquest-ask") as pool,
    ):
        futures = [pool.submit(ask, q) for q in questions]
        try:
            for future in futures:
                answers.append(future.result())
                progress.step()
        except BaseException:
            web.stop.set()
            for future in futures:
                future.cancel()
            raise
    return answers


def sized(web: Web, plan: Plan, progress: Progress | None = None) -> Plan:
    """The same plan with sizes; a file that is gone becomes an absence, a host that does
    not tell leaves the size unknown."""

    def ask(one: Wanted) -> Wanted | None:
        try:
            meta = web.head(one.url)
        except Absent:
            return None
        except Stopped:
            raise
        except FetchError:
            return one
        return replace(one, size=meta.size, etag=meta.etag)

    done = Plan(problems=list(plan.problems))
    told = each(web, Text("Asking sizes", "查询文件大小"), ask, plan.wanted, progress)
    for one, answer in zip(plan.wanted, told, strict=True):
        if answer is None:
            done.problems.append(absent(one.archive, one.key))
        else:
            done.wanted.append(answer)
    return done
