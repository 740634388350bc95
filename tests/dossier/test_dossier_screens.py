"""Screenshots: Chinese and English, wide and phone width. The charts are on the picture, the
console is silent, and nothing is asked of any other place."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import _dossier_made as made
import _report_made as told
import pytest

from liquest.dossier.page import build_page

BROWSER = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium found on this machine")
WIDE, PHONE = 1200, 500
"""A desk, and the narrowest window that Chromium opens."""


def pixels(path: Path) -> tuple[int, list[bytes]]:
    """Bytes of a pixel and the rows of a PNG of 8 bits a channel without interlace."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, body = 8, b""
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == b"IHDR":
            width = int.from_bytes(data[at + 8 : at + 12], "big")
            depth, colour, lace = data[at + 16], data[at + 17], data[at + 20]
            assert (depth, lace) == (8, 0)
        elif kind == b"IDAT":
            body += data[at + 8 : at + 8 + size]
        at += 12 + size
    step = {2: 3, 6: 4}[colour]
    raw, rows, before = zlib.decompress(body), [], bytearray(width * step)
    for start in range(0, len(raw), width * step + 1):
        filter_, line = raw[start], bytearray(raw[start + 1 : start + 1 + width * step])
        for i in range(len(line)):
            left = line[i - step] if i >= step else 0
            up, corner = before[i], before[i - step] if i >= step else 0
            line[i] = (line[i] + _predicted(filter_, left, up, corner)) & 255
        rows.append(bytes(line))
        before = line
    return step, rows


def _predicted(filter_: int, left: int, up: int, corner: int) -> int:
    if filter_ == 4:
        guess = left + up - corner
        a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
        return left if a <= b and a <= c else up if b <= c else corner
    return (0, left, up, (left + up) // 2)[filter_]


def coloured(path: Path) -> int:
    """How many pixels have a colour: text and lines of the page are grey, or nearly."""
    step, rows = pixels(path)
    return sum(
        max(row[i : i + 3]) - min(row[i : i + 3]) > 90
        for row in rows
        for i in range(0, len(row), step)
    )


@pytest.fixture(scope="module")
def page() -> str:
    """The page with its charts at the top, so that a small picture holds them."""
    text = build_page(made.case(), told.inputs())
    only = (
        "main > section, .head, .beside { display: none } #price { display: block; padding: 0 } "
        "#lows, #price > :not(#coins), #coins > :not(.coin), .small-tables { display: none }"
    )
    return text.replace("</style>", only + "</style>", 1)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_page_on_a_screen(page: str, lang: str, width: int, tmp_path: Path) -> None:
    path, shot = tmp_path / "page.html", tmp_path / "shot.png"
    path.write_text(page, encoding="utf-8")
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},560",
            "--virtual-time-budget=6000", f"--screenshot={shot}", f"{path.as_uri()}#lang={lang}",
        ],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert console == []
    assert not re.findall(r"https?://\S+", " ".join(console))
    assert coloured(shot) > 400
