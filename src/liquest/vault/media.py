"""The media type of a file by its name: a table of our own, the same on every machine."""

from __future__ import annotations

EMPTY = "application/x-empty"
"""A file of 0 bytes: sealed like any other, and marked."""

_TYPES = {
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".txt": "text/plain",
    ".log": "text/plain", ".md": "text/markdown", ".html": "text/html", ".xml": "application/xml",
    ".json": "application/json", ".jsonl": "application/jsonl", ".ndjson": "application/jsonl",
    ".toml": "application/toml", ".gz": "application/gzip", ".zip": "application/zip",
    ".zst": "application/zstd", ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
    ".webp": "image/webp", ".mp4": "video/mp4", ".eml": "message/rfc822",
    ".warc": "application/warc",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def media_type(name: str, size: int) -> str:
    """The type by the last ending of `name`; application/octet-stream when unknown."""
    if size == 0:
        return EMPTY
    dot = name.rfind(".")
    return _TYPES.get(name[dot:].lower() if dot >= 0 else "", "application/octet-stream")
