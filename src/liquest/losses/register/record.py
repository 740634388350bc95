"""A claimant as JSON and back: what the register keeps, encrypted, for the schemes to read.

Decimals travel as text in plain notation, times as ISO 8601. Invariant: read(write(c)) == c.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ...clock import format_time, parse_time
from ...errors import IntegrityError, LiquestError, Text
from ...findings import plain
from ...rules.claimant import Claimant, ForcedClose, ForcedLoss, Lot, Mitigation

FORMAT = 1


def write(one: Claimant) -> bytes:
    """Canonical enough to compare: keys sorted, no blanks."""
    body = {
        "format": FORMAT, "id": one.id, "category": one.category,
        "net_assets": _text(one.net_assets), "compensated": plain(one.compensated),
        "losses": [
            {"at": format_time(x.at), "product": x.product, "amount": plain(x.amount)}
            for x in one.losses
        ],
        "lots": [
            {"at": format_time(x.at), "product": x.product, "asset": x.asset,
             "quantity": plain(x.quantity), "price": plain(x.price), "fee": plain(x.fee)}
            for x in one.lots
        ],
        "closes": [
            {"at": format_time(x.at), "symbol": x.symbol, "side": x.side,
             "quantity": plain(x.quantity), "price": plain(x.price), "fee": plain(x.fee),
             "basis": _text(x.basis), "face": _text(x.face)}
            for x in one.closes
        ],
        "mitigation": None if one.mitigation is None else {
            "able": format_time(one.mitigation.able), "loss": _text(one.mitigation.loss),
        },
    }  # fmt: skip
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read(data: bytes, where: str) -> Claimant:
    """Raises IntegrityError for what `write` did not write."""
    try:
        body = json.loads(data)
        if body["format"] != FORMAT:
            raise ValueError(f"format {body['format']}")
        after = body["mitigation"]
        return Claimant(
            body["id"], body["category"],
            tuple(ForcedLoss(parse_time(x["at"]), x["product"], Decimal(x["amount"]))
                  for x in body["losses"]),
            tuple(Lot(parse_time(x["at"]), x["product"], x["asset"], Decimal(x["quantity"]),
                      Decimal(x["price"]), Decimal(x["fee"])) for x in body["lots"]),
            tuple(_close(x) for x in body["closes"]),
            _number(body["net_assets"]), Decimal(body["compensated"]),
            after and Mitigation(parse_time(after["able"]), _number(after["loss"])),
        )  # fmt: skip
    except (LookupError, TypeError, ValueError, InvalidOperation, LiquestError) as error:
        raise IntegrityError(
            Text("the record of a claim is not as it was written", "申索记录与写入时不符"),
            expected="a claimant", got=f"{type(error).__name__}: {error}"[:200], where=where,
            remedy=Text("Restore the register from a copy.", "请用备份恢复登记册。"),
        ) from None  # fmt: skip


def _close(x: Mapping[str, Any]) -> ForcedClose:
    return ForcedClose(
        parse_time(x["at"]), x["symbol"], x["side"], Decimal(x["quantity"]), Decimal(x["price"]),
        Decimal(x["fee"]), _number(x["basis"]), _number(x["face"]),
    )  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
