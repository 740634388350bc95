"""verify.py: the verifier that travels in a bundle, written in parts and joined into one file.

Nothing in this folder imports more than the standard library of Python 3.9. `source`
joins the parts in the order of their imports, so that a reader gets one plain file to
read from top to bottom, and the parts stay small enough to test.
"""

from __future__ import annotations

import re
from pathlib import Path

PARTS = ("ed25519", "text", "container", "checks", "program")


def source() -> bytes:
    """The text of verify.py: the same bytes from the same Liquest."""
    folder = Path(__file__).parent
    texts = [(folder / f"{name}.py").read_text(encoding="utf-8") for name in PARTS]
    shebang, _, last = texts[-1].partition("\n")
    said = re.match(r'""".*?"""\n', last, re.DOTALL)
    head = said[0] if said else ""
    imports: set[str] = set()
    bodies = []
    for name, text in zip(PARTS, [*texts[:-1], last.removeprefix(head)], strict=True):
        # Imports between the parts fall away; those of the library go to the top, once.
        text = re.sub(r"^from \.\w+ import (\([^)]*\)|[^\n]*)\n", "", text, flags=re.MULTILINE)
        imports |= set(re.findall(r"^(?:import|from) [^\n]*\n", text, flags=re.MULTILINE))
        text = re.sub(r"^(?:import|from) [^\n]*\n", "", text, flags=re.MULTILINE)
        bodies.append(f"# ── {name} " + "─" * (70 - len(name)) + "\n\n" + text.strip("\n") + "\n")
    future = "from __future__ import annotations\n"
    top = future + "\n" + "".join(sorted(imports - {future}))
    return "\n\n".join([f"{shebang}\n{head}\n{top}", *bodies]).encode()
