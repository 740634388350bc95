"""Write a file as a user holds it, load it into a lake of its own, look at what came out."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from liquest.tape.lake import Lake
from liquest.tape.load import Loaded, LoadTask, head_of, load
from liquest.tape.mapped import ColumnMap
from liquest.tape.reading import Head
from liquest.vault.intake import Source, digest


class Read(NamedTuple):
    """`rows` are those of the lake in the order of row_no, null columns left out."""

    loaded: Loaded
    rows: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        """Codes of the problems, in order."""
        return [p.code for p in self.loaded.problems]

    @property
    def words(self) -> str:
        """The problems as the user reads them, English and Chinese."""
        return " ".join(f"{p.text.en} {p.text.zh}" for p in self.loaded.problems)

    @property
    def keys(self) -> list[str]:
        """Instruments of the parts."""
        return sorted({p.instrument.key for p in self.loaded.parts})

    def column(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.rows]


def packed(name: str, content: str | bytes) -> bytes:
    """The bytes of a file: gzip or zip where the name ends so."""
    raw = content.encode() if isinstance(content, str) else content
    if name.endswith(".gz"):
        return gzip.compress(raw, mtime=0)
    if name.endswith(".zip"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(Path(name).name.removesuffix(".zip") + ".csv", raw)
        return out.getvalue()
    return raw


def source_of(folder: Path, name: str, content: str | bytes) -> Source:
    """The file on disk as a source that the case calls `name`."""
    path = folder / "file"
    path.write_bytes(packed(name, content))
    return Source(name, path, path.stat().st_size, digest(path))


def head_of_content(name: str, content: str | bytes) -> Head:
    """What readers see of such a file."""
    with tempfile.TemporaryDirectory() as folder:
        return head_of(source_of(Path(folder), name, content))


def read(name: str, content: str | bytes, *maps: ColumnMap) -> Read:
    """Load a file of that name and content."""
    with tempfile.TemporaryDirectory() as folder:
        return read_source(source_of(Path(folder), name, content), Path(folder) / "lake", *maps)


def read_source(source: Source, lake: Path, *maps: ColumnMap) -> Read:
    """Load a source that lies on disk."""
    loaded = load(LoadTask(source, lake, maps))
    rows: list[dict[str, Any]] = []
    with duckdb.connect() as db:
        for part in loaded.parts:
            scan = Lake(lake, (part,)).table(part.record, part.instrument)
            got = db.execute(f"SELECT * FROM {scan}")
            names = [d[0] for d in got.description or ()]
            for values in got.fetchall():
                row = dict(zip(names, values, strict=True))
                assert row.pop("source_id") == source.sha256
                rows.append({k: v for k, v in row.items() if v is not None})
    return Read(loaded, sorted(rows, key=lambda row: row["row_no"]))


def read_path(path: Path, name: str = "") -> Read:
    """Load a real file."""
    with tempfile.TemporaryDirectory() as folder:
        source = Source(name or path.name, path, path.stat().st_size, digest(path))
        return read_source(source, Path(folder) / "lake")
