"""Make src/liquest/pdf/fonts: Noto Sans CJK SC cut down to what the texts can need.

    apt-get download fonts-noto-cjk fonts-noto-core       # Debian 12
    for deb in fonts-noto-*.deb; do dpkg-deb -x $deb noto; done
    python tools/subset_fonts.py noto/usr/share/fonts

The regular weight holds Latin, Greek, Cyrillic, signs, all of GB 2312 and the frequent half of
Big5, so that names in traditional characters are drawn; the bold weight does without Big5. The
monospaced face, for digests and commands, holds Latin only. Noto Sans stands in for the letters
of other European languages and for raised and lowered letters, which the CJK faces lack. What
the regular weights hold together is written to coverage.txt as ranges of code points. Same
fonts and same fonttools, same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent.parent / "src" / "liquest" / "pdf" / "fonts"
SC, MONO_SC = 2, 7
"""Where the simplified Chinese faces stand in the collection."""
CJK, CORE = "opentype/noto/NotoSansCJK-{}.ttc", "truetype/noto/NotoSans-Regular.ttf"
_LETTERS = ((0x100, 0x24F), (0x2B0, 0x2FF), (0x1D2C, 0x1D6A), (0x1E00, 0x1EFF), (0x2070, 0x209C))
_LATIN = ((0x20, 0x7E), (0xA0, 0x17F))
_SIGNS = (
    (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20BF),
    (0x2100, 0x218B), (0x2190, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x26FF), (0x2713, 0x2718),
    (0x3000, 0x303F), (0xFF00, 0xFFEF), (0xFFFD, 0xFFFD),
)  # fmt: skip
_FEATURES = ["kern", "ccmp", "mark", "mkmk"]


def ranges(pairs: Iterable[tuple[int, int]]) -> set[int]:
    """Every code point from first to last, both included."""
    return {point for first, last in pairs for point in range(first, last + 1)}


def encoded(codec: str, leads: range, trails: Iterable[int]) -> set[int]:
    """The characters of a two-byte code."""
    found = set()
    for lead in leads:
        for trail in trails:
            try:
                found.add(ord(bytes([lead, trail]).decode(codec)))
            except UnicodeDecodeError:
                continue  # The code has no character there.
    return found


def gb2312() -> set[int]:
    """GB 2312-80, levels 1 and 2 with its signs."""
    return encoded("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))


def big5() -> set[int]:
    """Level 1 of Big5: 5,401 frequent traditional characters."""
    return encoded("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])


def cut(source: Path, number: int, points: set[int], target: Path) -> set[int]:
    """Write one face with these characters only; returns those that it has."""
    font = TTFont(source, fontNumber=number, recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.layout_features = _FEATURES
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    font.save(target)
    return set(font.getBestCmap())


def spans(points: Iterable[int]) -> Iterator[str]:
    """20-7E, one range a line."""
    first = last = -2
    for point in [*sorted(points), -1]:
        if point == last + 1:
            last = point
            continue
        if first >= 0:
            yield f"{first:04X}" if first == last else f"{first:04X}-{last:04X}"
        first = last = point


def main(folder: Path) -> int:
    """Write the four faces and the coverage."""
    FONTS.mkdir(parents=True, exist_ok=True)
    regular, bold = (folder / CJK.format(weight) for weight in ("Regular", "Bold"))
    plain = ranges(_LATIN) | ranges(_SIGNS) | gb2312()
    held = cut(regular, SC, plain | big5(), FONTS / "NotoSansCJKsc-Regular.otf")
    cut(bold, SC, plain, FONTS / "NotoSansCJKsc-Bold.otf")
    cut(regular, MONO_SC, ranges(_LATIN), FONTS / "NotoSansMonoCJKsc-Regular.otf")
    held |= cut(folder / CORE, -1, ranges(_LETTERS) - held, FONTS / "NotoSans-Regular.ttf")
    (FONTS / "coverage.txt").write_text("\n".join(spans(held)) + "\n", encoding="ascii")
    for path in sorted(FONTS.glob("*.?tf")):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
