"""A template becomes PDF/A with the fonts of the package, the same bytes each time, or is refused
with the line at fault."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

import liquest.pdf.compile as compiler
from liquest.errors import InputError
from liquest.pdf import compile_pdf

PLAIN = """#import "/pdf/house.typ": *
#let data = json(bytes(sys.inputs.data))
#show: house.with(lang: data.lang, title: data.title, mark: "v1")
#head(data.title)
= One
#data.text #hex(data.digest)
#rows((1fr, 1fr), ("a", "b"), data.rows)
"""
DATA = {
    "lang": "zh",
    "title": "标题",
    "text": "订单簿 $x$ #y *z*",
    "digest": "0123456789abcdef" * 4,
    "rows": [["1", Decimal("2.50")], ["3", "4"]],
}
MADE = 1_760_131_200_000_000


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template outside the package, with the house's page beside it."""
    shutil.copytree(
        compiler.PACKAGE / "pdf", tmp_path / "pdf", ignore=lambda _, n: {"fonts"} & {*n}
    )
    path = tmp_path / "page.typ"
    path.write_text(PLAIN, encoding="utf-8")
    return path


def text_of(pdf: bytes) -> str:
    """What a reader can copy out of the file."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_data_are_set_as_they_stand(template: Path) -> None:
    text = text_of(compile_pdf(template, DATA))
    assert "标题" in text
    # Nothing in the data is markup.
    assert "订单簿 $x$ #y *z*" in text
    assert "2.5" in text and "2.50" not in text
    # A digest is copied as one word however it is broken over lines.
    assert "0123456789abcdef" * 4 in re.sub(r"\s", "", text)


def test_the_file_says_that_it_is_pdf_a(template: Path) -> None:
    pdf = compile_pdf(template, DATA)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"


def test_every_font_is_embedded_and_of_the_package(template: Path) -> None:
    names = set()
    for page in PdfReader(io.BytesIO(compile_pdf(template, DATA))).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            names.add(str(inner["/BaseFont"]).split("+")[1].partition("-Identity")[0])
            assert "/FontFile3" in inner["/FontDescriptor"].get_object()
    assert names == {"NotoSansCJKsc-Regular", "NotoSansCJKsc-Bold", "NotoSansMonoCJKsc-Regular"}


def test_the_moment_of_making_is_the_one_that_is_given(template: Path) -> None:
    info = PdfReader(io.BytesIO(compile_pdf(template, DATA, dated=MADE))).metadata
    assert info is not None and info.creation_date is not None
    assert info.creation_date.isoformat().startswith("2025-10-10T21:20:00")


def test_the_same_data_give_the_same_bytes(template: Path) -> None:
    first = compile_pdf(template, DATA, dated=MADE)
    assert compile_pdf(template, DATA, dated=MADE) == first
    assert compile_pdf(template, {**DATA, "title": "另题"}, dated=MADE) != first


def test_another_process_gives_the_same_bytes(template: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from liquest.pdf import compile_pdf; "
        "from test_compile import DATA, MADE; "
        "sys.stdout.buffer.write(compile_pdf(Path(sys.argv[1]), DATA, dated=MADE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(template)], check=True, capture_output=True,
        env={"PYTHONPATH": str(Path(__file__).parent), "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.stdout == compile_pdf(template, DATA, dated=MADE)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("#data.absent", 'does not contain key "absent"'),
        ("#let x = (", "unclosed delimiter"),
        ('#text(font: "Arial")[x]', "unknown font family"),
        ("#image(bytes(\"<svg xmlns='http://www.w3.org/2000/svg'/>\"))", "alt text"),
        ("龘", "could not be displayed"),
        ('#read("/etc/passwd")', "file not found"),
    ],
)
def test_what_does_not_compile_or_warns_is_refused_with_its_line(
    template: Path, bad: str, says: str
) -> None:
    template.write_text(PLAIN + bad + "\n", encoding="utf-8")
    line = PLAIN.count("\n") + 1
    with pytest.raises(InputError) as refused:
        compile_pdf(template, DATA)
    assert says in refused.value.render("en")
    assert "无法生成 PDF" in refused.value.render("zh")
    assert refused.value.where.startswith(str(template))
    assert f":{line}:" in refused.value.where


def test_a_template_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        compile_pdf(tmp_path / "none.typ", {})
    assert refused.value.where == str(tmp_path / "none.typ")


def test_a_float_is_no_data(template: Path) -> None:
    with pytest.raises(TypeError, match=r"0\.1"):
        compile_pdf(template, {**DATA, "rows": [["x", 0.1]]})
