"""HAR files: what a browser's developer tools save of a session, one record a request.

HTTP Archive 1.2: log.entries[] with startedDateTime, time (ms), request and response. The
event stands at the moment of the answer; a request without an answer has the status 0.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...clock import format_time, parse_time
from ...errors import Text, UnreadableFile, UsageError
from ...tape.reading import Head
from . import Document, Records

FORMAT = "har"
MOST_BYTES = 1 << 29
"""A larger file does not fit into memory as one document."""
_SHOWN = 4096


def document(head: Head) -> Document | None:
    """A HAR file, told by its outer objects."""
    text = head.text[:4096]
    if not text.lstrip().startswith("{") or '"log"' not in text[:200]:
        return None
    if '"entries"' not in head.text and '"creator"' not in text:
        return None
    return Document(FORMAT, _records)


def _records(plain: Path) -> Records:
    if plain.stat().st_size > MOST_BYTES:
        raise UnreadableFile(
            Text("the HAR file is too large to be read at once", "HAR 文件过大，无法一次读入"),
            remedy=Text("Save it in parts of at most 512 MB.", "请拆分保存，每份不超过 512 MB。"),
        )
    try:
        entries = list(json.loads(plain.read_bytes())["log"]["entries"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnreadableFile(
            Text("the HAR file is cut off or damaged", "HAR 文件不完整或已损坏"),
            remedy=Text("Save it from the browser again.", "请在浏览器中重新导出。"),
        ) from None
    for number, entry in enumerate(entries, start=1):
        yield number, json.dumps(_record(entry), ensure_ascii=False).encode()


def _record(entry: Any) -> dict[str, Any]:
    """One request as a flat object; one without the parts of a request is empty."""
    if not isinstance(entry, Mapping):
        return {}
    request, response = _map(entry.get("request")), _map(entry.get("response"))
    took = entry.get("time")
    took = took if isinstance(took, int | float) and took >= 0 else 0
    try:
        begun = parse_time(str(entry.get("startedDateTime")))
    except UsageError:
        return {}
    status = response.get("status")
    record: dict[str, Any] = {
        "time": format_time(begun + int(took * 1000)),
        "latency_ms": round(float(took), 3),
        "msg": f"{request.get('method', '')} {request.get('url', '')}",
        "url": request.get("url", ""),
        "request": _map(request.get("postData")).get("text", "")[:_SHOWN],
        "response": _body(_map(response.get("content")))[:_SHOWN],
    }
    if status:
        record["http_status"] = status
    else:
        record["error"] = "no response"
    return record


def _body(content: Mapping[str, Any]) -> str:
    text = content.get("text")
    if not isinstance(text, str):
        return ""
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(text).decode("utf-8", errors="replace")
        except (binascii.Error, ValueError):
            return ""
    return text


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
