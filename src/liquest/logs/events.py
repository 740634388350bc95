"""Scanned rows → the columns of a Parquet part, and back to words when they are read.

Columns with a fixed set of words are stored as small numbers, 0 for none: it is what lets a
gigabyte of log become events in seconds. `decoded` is the SQL that gives the words back;
CODED is kept in every part's metadata, so that a part explains itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from ..run.database import connection
from ..tape.lake import PARQUET
from ..tape.reading import literal, quoted
from . import codes, line
from .classify import Classes
from .line import NONE
from .readers import formats
from .schema import ACTIONS, CLASSES, EVENT_COLUMNS, KINDS, LEVELS, MARKETS, SIDES, ZONES
from .vocabulary import meanings

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Columns = dict[str, npt.NDArray[Any]]

_SYMBOL = re.compile(r"^[A-Z0-9\u4e00-\u9fff][A-Z0-9/_:.\u4e00-\u9fff-]{1,40}$")
_NAMED = re.compile(r"[^\w .:@/#()-]")
_LONG_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
_HOST = re.compile(r"[a-z0-9.-]{3,80}")
_LONGEST_NAME = 40


@cache
def coded() -> Mapping[str, tuple[str, ...]]:
    """Column → its words; a stored number n stands for word n, counted from 1."""
    return {
        "zone": ZONES,
        "format": formats(),
        "venue": tuple(m.removeprefix("venue.") for m in meanings() if m.startswith("venue.")),
        "market": MARKETS[1:],
        "level": LEVELS[1:],
        "kind": KINDS,
        "action": ACTIONS[1:],
        "class": CLASSES[1:],
        "wording": tuple(w.id for w in codes.wordings()),
        "side": SIDES[1:],
    }


def decoded(column: str) -> str:
    """SQL of a column in words."""
    words = coded().get(column)
    if words is None:
        return quoted(column)
    return f"[{', '.join(literal(w) for w in words)}][{quoted(column)}]"


def columns_of(
    data: Bytes, rows: Ints, meant: Classes, ts: Ints, row_no: Ints, row_last: Ints, zone: Ints,
    format_: Ints,
) -> Columns:  # fmt: skip
    """The columns of the part; `zone` and `format_` are numbers as in `coded`."""
    filled = rows[line.AVERAGE] != NONE
    price = np.where(filled, rows[line.AVERAGE], rows[line.PRICE])
    places = np.where(filled, rows[line.AVERAGE_PLACES], rows[line.PRICE_PLACES])
    return {
        "ts": ts, "row_no": row_no, "row_last": row_last,
        "zone": _small(zone), "format": _small(format_), "venue": _small(meant.venue),
        "market": _small(meant.market),
        "client": _texts(data, rows, line.CLIENT_AT, line.CLIENT_LEN, client_name),
        "interface": _texts(data, rows, line.INTERFACE_AT, line.INTERFACE_LEN, host_name),
        "level": _small(np.maximum(rows[line.LEVEL], 0)),
        "kind": _small(meant.kind + 1), "action": _small(meant.action),
        "class": _small(meant.cls), "code": _masked(meant.code),
        "status": _masked(rows[line.STATUS]),
        "wording": _small(np.maximum(rows[line.WORDING], -1) + 1),
        "symbol": _texts(data, rows, line.SYMBOL_AT, line.SYMBOL_LEN, symbol_name),
        "side": _small(meant.side), "price": _masked(price), "price_places": places,
        "quantity": _masked(rows[line.QUANTITY]),
        "quantity_places": rows[line.QUANTITY_PLACES],
        "latency": _masked(rows[line.LATENCY]),
        "exchange_ts": _masked(rows[line.EXCHANGE_TIME]),
        "order_ref": _masked(rows[line.ORDER_REF]), "client_ref": _masked(rows[line.CLIENT_REF]),
        "text_hash": rows[line.HASH],
    }  # fmt: skip


def write_part(columns: Columns, target: Path, source: str) -> None:
    """Write the part; its metadata name the source and explain its numbers."""
    wanted = [
        f"{_decimal(columns, name)} AS {name}" if f"{name}_places" in columns else quoted(name)
        for name in EVENT_COLUMNS
    ]
    said = json.dumps(coded(), ensure_ascii=False)
    # A cursor of its own: the thread's connection may hold a result that is not read to its end.
    with connection().cursor() as db:
        db.register("scanned", columns)
        db.execute(
            f"COPY (SELECT {', '.join(wanted)} FROM scanned) TO {literal(str(target))} "
            f"({PARQUET}, KV_METADATA {{source_id: {literal(source)}, coded: {literal(said)}}})"
        )


def symbol_name(text: str) -> str:
    """A symbol in capitals; "" for what is none."""
    upper = text.upper()
    return upper if _SYMBOL.match(upper) and not upper.isdigit() else ""


def client_name(text: str) -> str:
    """A short name; what could be a key is none."""
    plain = _NAMED.sub("", text).strip()
    return "" if _LONG_TOKEN.search(plain) else plain[:_LONGEST_NAME]


def host_name(text: str) -> str:
    """The host of an address."""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def _small(values: Ints) -> npt.NDArray[np.int8]:
    return values.astype(np.int8)


def _masked(values: Ints) -> npt.NDArray[Any]:
    return np.ma.masked_array(values, mask=values == NONE)


def _texts(
    data: Bytes, rows: Ints, at: int, length: int, clean: Callable[[str], str]
) -> npt.NDArray[np.object_]:
    """The cleaned text of a place in every row; null where there is none, or none that is one."""
    from .intern_kernel import intern

    starts, sizes = rows[at], np.abs(rows[length])
    sizes[starts == NONE] = 0
    firsts, numbers = intern(data, starts, sizes)
    raw = (
        data[starts[f] : starts[f] + sizes[f]].tobytes().decode("utf-8", errors="replace")
        for f in firsts
    )
    return np.array([*(clean(r) or None for r in raw), None], dtype=object)[numbers]


def _decimal(columns: Columns, name: str) -> str:
    """SQL of an exact decimal of the finest scale that stands in the part, from mantissa and
    places; a part whose numbers do not fit into 18 digits has them as text first."""
    values = columns[name]
    held = ~np.ma.getmaskarray(values)
    mantissas, places = np.ma.getdata(values), columns[f"{name}_places"]
    finest = int(places[held].max(initial=0))
    powers = 10 ** (finest - places[held])
    if held.any() and int(np.abs(mantissas[held]).max()) > 10**18 // int(powers.max()):
        columns[name] = np.array(
            [
                format(Decimal(int(m)).scaleb(-int(p)), "f") if h else None
                for m, p, h in zip(mantissas, places, held, strict=True)
            ],
            dtype=object,
        )
        return f"{name}::DECIMAL(38, 18)"
    whole = mantissas.copy()
    whole[held] *= powers
    columns[name] = np.ma.masked_array(whole, mask=~held)
    if not finest:
        return f"{name}::DECIMAL(18, 0)"
    unit = f"'{Decimal(1).scaleb(-finest):f}'::DECIMAL({finest + 1}, {finest})"
    return f"({name}::DECIMAL(18, 0) * {unit})::DECIMAL({max(18, finest)}, {finest})"
