"""What goes into the page as it is: data as JSON, scripts, styles. Nothing in it can end its
element, whatever the data say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("state.js", "tables.js", "register.js", "drawing.js", "charts.js")
STYLES = ("vendor/uPlot.min.css", "page.css", "parts.css", "report.css", "print.css")
_LIBRARY = "vendor/uPlot.iife.min.js"
_ESCAPES = {
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026",
    "\u2028": "\\u2028", "\u2029": "\\u2029",
}  # fmt: skip


def data(value: Any) -> Markup:
    """JSON for a <script type="application/json">."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign, escaped in _ESCAPES.items():
        text = text.replace(sign, escaped)
    return Markup(text)


def styles() -> Markup:
    """Every style sheet, for one <style>."""
    return _safe("\n".join(_read(name) for name in STYLES), "</style")


def scripts() -> list[Markup]:
    """The chart library and the page's own scripts, each for a <script>."""
    return [_safe(_library(), "</script"), *(_safe(_read(n), "</script") for n in SCRIPTS)]


def licence() -> str:
    """The licence text of the chart library."""
    return _read("vendor/uPlot.LICENSE.txt").strip()


def _library() -> str:
    """uPlot with its licence in place of its first comment, so that the page has no address."""
    code = _read(_LIBRARY)
    code = code[code.index("*/") + 2 :].lstrip()
    return f"/*! uPlot 1.6.32\n{licence()}\n*/\n{code}"


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _safe(text: str, end: str) -> Markup:
    """Markup that cannot end its element; raises ValueError when it would."""
    if end in text.lower() or "<!--" in text:
        raise ValueError(f"a file of the page holds {end!r} or a comment opening")
    return Markup(text)
