"""The archive of each test, and its client: `pytest_plugins = ("_archive_fixtures",)`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from _archive_server import ArchiveServer, FakeTime, fast_web

from liquest.fetch.web import Web


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArchiveServer]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    made = ArchiveServer()
    yield made
    made.close()


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
def web(server: ArchiveServer, clock: FakeTime) -> Iterator[Web]:
    with fast_web(server, clock) as made:
        yield made
