"""Units of the rulebook: what may be typed, what may be written, what is shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import Text, UsageError
from liquest.findings import plain
from liquest.rules.book import book
from liquest.rules.book_units import FIXED, NUMBERS, UNITS, Domain, Value, plain_number, shown

SECONDS, SHARE = Domain("s"), Domain("share")


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("s", "150", "150"), ("s", "150s", "150"), ("s", "150 s", "150"), ("s", "2.5min", "150"),
        ("s", "2.5 分钟", "150"), ("s", "24h", "86400"), ("s", "24 小时", "86400"),
        ("s", "1d", "86400"), ("s", "3000 ms", "3"), ("s", "１５０ｓ", "150"), ("s", "0", "0"),
        ("share", "60%", "0.6"), ("share", "0.6", "0.6"), ("share", "60 %", "0.6"),
        ("share", "60％", "0.6"), ("share", ".6", "0.6"), ("share", "5bp", "0.0005"),
        ("share", "1.25 %", "0.0125"), ("share", "100%", "1"),
        ("ratio", "1.05", "1.05"), ("ratio", "105%", "1.05"), ("ratio", "3.5x", "3.5"),
        ("ratio", "3.5倍", "3.5"), ("count", "30", "30"), ("price", "0.251", "0.251"),
        ("settle", "188M", "188000000"), ("settle", "188,000,000", "188000000"),
        ("settle", "1.88亿", "188000000"), ("quote", "10m", "10000000"),
        ("USD", "1_000", "1000"), ("size", "0.001", "0.001"),
    ],
)  # fmt: skip
def test_a_number_may_be_typed_as_people_do(unit: str, text: str, value: str) -> None:
    assert Domain(unit).typed(text, "a.b") == Decimal(value)


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        (SECONDS, ""), (SECONDS, "abc"), (SECONDS, "0.5s"), (SECONDS, "-5"), (SECONDS, "5 %"),
        (SECONDS, "nan"), (SECONDS, "inf"), (SECONDS, "1e9"), (SECONDS, "1e999999999"),
        (SECONDS, "5s5s"), (SECONDS, "1.2.3"), (SECONDS, "9" * 60), (SECONDS, "0x10"),
        (SECONDS, "1,5"), (SECONDS, "unlimited"), (SHARE, "60"), (SHARE, "101%"),
        (SHARE, "-1%"), (SHARE, "0.6s"), (Domain("count"), "1.5"), (Domain("ratio"), "book"),
        (Domain("flag"), "2"), (Domain("word", ("a", "b")), "c"),
        (Domain("word", ("venue", "floor:<price>")), "floor"),
        (Domain("word", ("venue", "floor:<price>")), "floor:"),
        (Domain("word", ("venue", "floor:<price>")), "floor:x"),
        (Domain("word", ("venue", "floor:<price>")), "floor:0"),
        (Domain("word", ("venue", "floor:<price>")), "floor:-1"),
        (Domain("word", ("venue", "floor:<price>")), "venue:1"),
        (Domain("parts"), "a"), (Domain("parts"), "a=0"), (Domain("parts"), "a=1,a=2"),
        (Domain("parts"), "a=-1,b=2"), (Domain("parts"), ""), (Domain("parts"), "a=1;b=2"),
        *((Domain(unit), "anything") for unit in FIXED),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_is_wanted(domain: Domain, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        domain.typed(text, "mark.window")
    error = caught.value
    assert "mark.window" in error.what.en and "mark.window" in error.what.zh
    assert error.remedy is not None and error.remedy.en and error.remedy.zh
    if domain.unit in NUMBERS:
        assert NUMBERS[domain.unit].example in error.remedy.en


def test_a_refusal_names_unit_and_example() -> None:
    with pytest.raises(UsageError) as caught:
        SECONDS.typed("soon", "mark.window")
    assert caught.value.what.en == "'soon' is not a duration in whole seconds (mark.window)"
    assert caught.value.remedy == Text(
        "Write it as: 150s, 2.5min, 24h", "写法示例：150s, 2.5min, 24h"
    )
    with pytest.raises(UsageError, match=r"'60' is above 1, where index\.deviation ends"):
        SHARE.typed("60", "index.deviation")
    with pytest.raises(UsageError, match="not one of queue, pro-rata"):
        Domain("word", ("queue", "pro-rata")).typed("random", "adl.allocation")
    with pytest.raises(UsageError, match="an amount in the settle currency, or unlimited"):
        Domain("settle", ("unlimited",)).typed("much", "fund.size")


def test_words_flags_and_parts() -> None:
    assert Domain("settle", ("unlimited",)).typed("Unlimited", "p") == "unlimited"
    assert Domain("word", ("venue", "floor:<price>")).typed("floor:0.980", "p") == "floor:0.98"
    assert Domain("flag").typed("是", "p") is True and Domain("flag").typed("off", "p") is False
    assert Domain("parts").typed("binance=0.6, others=0.4", "p") == {
        "binance": Decimal("0.6"),
        "others": Decimal("0.4"),
    }


@pytest.mark.parametrize(
    ("unit", "raw"),
    [
        ("s", 150), ("s", "150s"), ("s", "1.5"), ("s", None), ("s", True), ("share", "60%"),
        ("share", 0.6), ("share", "1.1"), ("share", "1e-2"), ("flag", "true"), ("flag", 1),
        ("word", "zzz"), ("parts", {}), ("parts", {"a": 1}), ("parts", {"a": "0"}), ("parts", "a"),
        ("tiers", {"cap": []}), ("tiers", {"cap": ["1"], "rate": ["1", "2"]}),
        ("tiers", {"cap": "1"}), ("tiers", {"cap": [1]}), ("text", "only English"),
        ("text", {"en": "a"}), ("text", {"en": "a", "zh": ""}), ("formula", "  "),
        ("formula", {"en": "a"}),
    ],
)  # fmt: skip
def test_a_row_states_numbers_as_text_in_the_base_unit(unit: str, raw: object) -> None:
    words = ("queue",) if unit == "word" else ()
    with pytest.raises(UsageError):
        Domain(unit, words).written(raw, "a.b")


def test_a_domain_must_make_sense() -> None:
    with pytest.raises(UsageError, match="no unit 'minutes'"):
        Domain("minutes")
    with pytest.raises(UsageError, match="has none"):
        Domain("word")


NUMBER = st.decimals(
    min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=6
).map(lambda d: Decimal(plain(d)))


@given(number=NUMBER, unit=st.sampled_from([u for u in NUMBERS if not NUMBERS[u].whole]))
@settings(max_examples=500)
def test_what_is_shown_is_typed_back(number: Decimal, unit: str) -> None:
    domain = Domain(unit, high=Decimal(10**12))
    assert domain.typed(shown(number, unit), "p") == number
    assert domain.typed(plain(number), "p") == number
    assert domain.written(plain(number), "p") == number


@given(st.integers(min_value=0, max_value=10**9))
@settings(max_examples=500)
def test_seconds_in_every_unit_are_the_same(seconds: int) -> None:
    spellings = [str(seconds), f"{seconds}s", f"{seconds} 秒", shown(Decimal(seconds), "s")]
    # A number of minutes or hours that is exact in decimals is exact here.
    if seconds % 3 == 0:
        spellings += [f"{plain(Decimal(seconds) / 60)} min"]
    if seconds % 9 == 0:
        spellings += [f"{plain(Decimal(seconds) / 3600)}h"]
    assert {SECONDS.typed(text, "p") for text in spellings} == {Decimal(seconds)}


@given(st.integers(min_value=0, max_value=10**6))
@settings(max_examples=500)
def test_a_share_and_its_percent_are_the_same(millionths: int) -> None:
    share = Decimal(millionths) / 10**6
    per_cent = plain(share * 100)
    spellings = [plain(share), f"{per_cent}%", f"{per_cent} %", f"{plain(share * 1000)}‰"]
    assert {SHARE.typed(text, "p") for text in spellings} == {share}


@given(st.text(max_size=12))
@settings(max_examples=1000)
def test_any_text_is_a_value_or_a_named_refusal(text: str) -> None:
    for domain in (SECONDS, SHARE, Domain("parts"), Domain("settle", ("unlimited",))):
        try:
            value: Value = domain.typed(text, "p")
        except UsageError as error:
            assert error.remedy is not None
        else:
            assert domain.typed(shown(value, domain.unit), "p") == value


def test_every_value_of_the_book_can_be_typed() -> None:
    done = 0
    for path, one in book().parameters.items():
        for row in one.rows:
            if row.unit not in FIXED and row.value is not None:
                assert one.domain.typed(shown(row.value, row.unit), path) == row.value
                assert one.domain.typed(row.text, path) == row.value
                done += 1
    assert done > 100


def test_units_are_shown_for_people() -> None:
    cases: list[tuple[Value | None, str, str]] = [
        (Decimal(30), "s", "30 s"), (Decimal(86400), "s", "24 h"), (Decimal(5400), "s", "5400 s"),
        (Decimal("0.0125"), "share", "1.25 %"), (Decimal(188000000), "USD", "188,000,000"),
        (Decimal("1234.5"), "quote", "1,234.5"), (Decimal("1.05"), "ratio", "1.05"),
        (None, "share", "?"), (True, "flag", "true"), ("book", "share", "book"),
        ({"a": Decimal(1), "b": Decimal("0.5")}, "parts", "a=1, b=0.5"),
        ({"cap": (Decimal(1), Decimal(2))}, "tiers", "cap (2)"),
    ]  # fmt: skip
    assert [shown(value, unit) for value, unit, _ in cases] == [text for _, _, text in cases]
    assert shown(Text("yes", "是"), "text", "zh") == "是"
    assert set(UNITS) > set(NUMBERS)


@pytest.mark.parametrize("raw", [0.5, 1, None, "1e5", "+1", " 1", "1.", ".5", "1_000", "٣", ""])
def test_plain_numbers_only(raw: object) -> None:
    assert plain_number(raw) is None
