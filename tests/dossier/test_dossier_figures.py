"""Numbers and times as they are shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from _dossier_made import finding

from liquest.clock import parse_time
from liquest.dossier.figures import amount, grouped, moment, parameter, resolution_words, short

D = Decimal


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (D("102497.49"), "102,497.49"),
        (D("0.001"), "0.001"),
        (D("-1234.50"), "−1,234.5"),
        (1446889422, "1,446,889,422"),
        (D("1E-8"), "0.00000001"),
        (0, "0"),
    ],
)
def test_grouped(value: Decimal | int, shown: str) -> None:
    assert grouped(value) == shown


def test_long_fractions_are_cut_for_show_only() -> None:
    assert short(D("123456.123456789")) == "123,456.12"
    assert short(D("0.123456789012")) == "0.123457"
    assert short(D("0.00000012345678")) == "0.000000123457"


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        (D("0.703652"), "ratio", "70.37\u202f%", "70.37\u202f%"),
        (D("-0.005"), "ratio", "−0.5\u202f%", "−0.5\u202f%"),
        (30_000, "us", "30 ms", "30 ms"),
        (D("185"), "s", "3 min 05 s", "3 min 05 s"),
        (0, "s", "0 s", "0 s"),
        (92, "trades", "92 trades", "92 笔"),
        (D("0.001"), "USDT", "0.001 USDT", "0.001 USDT"),
        (None, "us", "–", "–"),
        ("ATOM, POL", "text", "ATOM, POL", "ATOM, POL"),
    ],
)
def test_amount(value: Decimal | int | str | None, unit: str, en: str, zh: str) -> None:
    assert tuple(amount(finding("x", {}, value, unit))) == (en, zh)


def test_a_multiple_is_no_percentage() -> None:
    assert amount(finding("silence.ratio", {}, D("3.712"), "ratio")).en == "3.712\u202f×"


def test_times_are_cut_not_rounded() -> None:
    at = parse_time("2025-10-10T21:20:37.689943Z")
    assert moment(at) == "<time>10-10 21:20:37.689</time>"
    assert moment(at, 6) == "<time>10-10 21:20:37.689943</time>"
    assert moment(parse_time("2025-10-10T21:20:00Z")) == "<time>10-10 21:20:00</time>"


def test_parameters_and_resolutions() -> None:
    assert parameter("threshold", "0.05") == "5\u202f%"
    assert parameter("level", "0.95") == "95\u202f%"
    assert parameter("direction", "below") == "below"
    assert resolution_words("900s").en == "15 min"
    assert resolution_words("1s").en == "1 s"
    assert resolution_words("trade").zh == "逐笔"
