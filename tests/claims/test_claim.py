"""A claim is data that cannot be wrong: it has a test or says what one would need."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from liquest.claims import claim
from liquest.claims.claim import Claim, Missing
from liquest.claims.consistency import Reliance
from liquest.claims.expectation import Between
from liquest.claims.quantity import Quantity, Side
from liquest.claims.selecting import Selection
from liquest.errors import Text, UsageError

WORDS = Text("words", "文字")
LOW = Quantity(Side(Selection("low"), of="least"))
NEED = (Missing(WORDS),)


def a_claim(**more: object) -> Claim:
    parts: dict[str, object] = {
        "id": "one", "party": "trader", "speaker": WORDS, "text": WORDS, "kind": "fact",
        "needs": NEED, **more,
    }  # fmt: skip
    return Claim(**parts)  # type: ignore[arg-type]


def a_test(**more: object) -> object:
    return claim.Test(WORDS, LOW, Between(low=Decimal(1)), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "fact"),
    [
        (lambda: a_claim(needs=()), "no test and names no data"),
        (lambda: a_claim(id="Not an id"), "is no id"),
        (lambda: a_claim(id="two--hyphens"), "is no id"),
        (lambda: a_claim(kind="rumour"), "is no kind"),
        (lambda: a_claim(relies_on=(Reliance(WORDS, since=1),)), "at no moment"),
        (lambda: a_test(then="for", otherwise="for"), "whatever is found"),
        (lambda: a_test(then="perhaps"), "unknown"),
        (lambda: a_test(about="mood"), "unknown"),
        (lambda: a_test(weight="heavy"), "unknown"),
        (lambda: Missing(WORDS, "curl http://somewhere"), "no command of Liquest"),
    ],
)
def test_what_makes_no_sense_cannot_be_built(make: Callable[[], object], fact: str) -> None:
    with pytest.raises(UsageError) as refused:
        make()
    assert fact in refused.value.what.en
    assert refused.value.remedy is not None and refused.value.what.zh


def test_a_claim_with_a_test_needs_no_data() -> None:
    made = a_claim(needs=(), tests=(a_test(),))
    assert made.tests[0].then == "for" and made.tests[0].otherwise == "against"


def test_data_of_no_archive_have_no_command() -> None:
    assert Missing(WORDS).fetch == ""
    assert Missing(WORDS, "liquest recheck CASE").fetch
