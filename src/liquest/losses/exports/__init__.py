"""Exports of accounts: recognised by content, read without loss, merged without doubles."""

from __future__ import annotations

from .mapped import ColumnMap, read_maps
from .read import read_exports
from .zones import Fit

__all__ = ["ColumnMap", "Fit", "read_exports", "read_maps"]
