"""The files of a dossier: the page, and the same report as PDF in both languages.

Invariant: each file is written whole or not at all, and the same inputs give the same bytes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..case import Case
from .inputs import Inputs
from .markup import parse
from .page import body_of, page_of
from .pdf import LANGUAGES, pdf_of
from .report import report

PAGE = "index.html"
FILES = (PAGE, *(f"dossier.{lang}.pdf" for lang in LANGUAGES))
"""What stands in the folder afterwards."""


def write_dossier(case: Case, inputs: Inputs, folder: Path) -> list[Path]:
    """Write FILES into `folder`, which is made if need be; returns their paths in that order.

    Raises InputError where a text cannot be set as PDF.
    """
    made = report(case, inputs)
    tree = parse(body_of(made, paper=True))
    # The compiler works outside the interpreter's lock: both languages and the page at once.
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        set_ = {lang: pool.submit(pdf_of, made, tree, lang) for lang in LANGUAGES}
        contents = [page_of(made, body_of(made)).encode(), *(set_[n].result() for n in LANGUAGES)]
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in FILES]
    for path, content in zip(paths, contents, strict=True):
        _write(path, content)
    return paths


def _write(path: Path, content: bytes) -> None:
    """The file takes its place only when all of it is on the disk."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
