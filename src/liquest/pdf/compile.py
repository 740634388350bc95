"""A template and its data set by Typst.

The file is PDF/A-2a (ISO 19005-2, level A): fonts embedded, text that can be searched and read
aloud, headings and tables tagged, and every image with an alternative text (`alt:`). Invariant:
only the fonts of the package are used, warnings are errors, and the clock is not read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from ..clock import SECOND
from ..errors import InputError, Text
from .coverage import FONTS, settable

PACKAGE = Path(__file__).parent.parent
STANDARD: Final = "a-2a"


def compile_pdf(template: Path, data: Mapping[str, Any], *, dated: int = 0) -> bytes:
    """The PDF of `template` with `data`; `dated` is the moment written into the file as that of
    its making, UTC microseconds.

    Data are texts, whole numbers, decimals, truth values, None, lists and mappings; the template
    reads them with `json(bytes(sys.inputs.data))`. An SVG is given as text and set with
    `image(bytes(data.chart), format: "svg", alt: …)`. Raises InputError where the template does
    not compile, asks for data that are not there, or draws a warning.
    """
    if not template.is_file():
        raise _refused(template, "there is no such template", (), "")
    inside = template.resolve().is_relative_to(PACKAGE)
    root = PACKAGE if inside else template.parent
    try:
        made, warnings = typst.compile_with_warnings(
            str(template), root=str(root), font_paths=_fonts(), ignore_system_fonts=True,
            format="pdf", sys_inputs={"data": json.dumps(settable(data), ensure_ascii=False)},
            pdf_standards=[STANDARD], timestamp=dated // SECOND,
        )  # fmt: skip
    except typst.TypstError as error:
        raise _refused(template, error.message, error.hints, error.diagnostic) from None
    if warnings:
        first = warnings[0]
        raise _refused(template, first.message, first.hints, first.diagnostic)
    assert isinstance(made, bytes), type(made)
    return made


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the package and no others."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


def _refused(template: Path, what: str, hints: Sequence[str], shown: str) -> InputError:
    """The error with the line at which Typst stopped, where it says one."""
    hint = f" ({'; '.join(hints)})" if hints else ""
    place = next((x.split("─", 1)[1].strip() for x in shown.splitlines() if "┌─" in x), "")
    line = place.rpartition("/")[2].partition(":")[2]
    return InputError(
        Text(f"the PDF cannot be set: {what}{hint}", f"无法生成 PDF：{what}{hint}"),
        where=f"{template}:{line}" if line else str(template),
        remedy=Text("Mend the template, or give the data that it asks for.",
                    "请修正模板，或提供其所需数据。"),
    )  # fmt: skip
