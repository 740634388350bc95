"""Is the evidence sound? One screen a file, the same for every party's input.

A screen is a module with the protocol of a measure: NAME, DEFAULTS ([screens.NAME] of the case),
METHODS, plan, work and merge. Its findings are named `screen.NAME…`; the one named `screen.NAME`
says of one source (subject and inputs) what was found, how strong that is, and what innocent
reason there can be (see `_result`). A sound source has such a finding too. Nothing is called
forged: a record can be wrong in many ways, and who made it so a screen cannot know.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..errors import Text, UsageError
from ..measures import Measure as Screen


@cache
def screens() -> Mapping[str, Screen]:
    """Every screen by name, in the order of names; modules that begin with _ are shared parts."""
    found: dict[str, Screen] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if not info.name.startswith("_"):
            module: Any = importlib.import_module(f"{__name__}.{info.name}")
            if hasattr(module, "NAME"):
                found[module.NAME] = module
    return found


def screen(name: str) -> Screen:
    """The screen of that name; raises UsageError with the names there are."""
    if name not in screens():
        raise UsageError(
            Text(f"there is no screen '{name}'", f"没有名为“{name}”的筛查"),
            remedy=Text(f"Screens: {', '.join(screens())}", f"可用筛查：{', '.join(screens())}"),
        )
    return screens()[name]
