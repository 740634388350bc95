"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from _ticks import lake_of
from liquest.tape.lake import Lake


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files, from LIQUEST_DATA or beside the checkout; skips without it."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("LIQUEST_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"real data not present at {folder}: set LIQUEST_DATA")
    return folder


@pytest.fixture(scope="session")
def real_lake(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of all real tick files, with their seconds; shared by the whole session."""
    return lake_of(
        tmp_path_factory.mktemp("real"), sorted(shared_data.glob("**/*_trades_*.csv.gz"))
    )
