"""Words and keys: where a phrase counts, and the automaton that finds all at once."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.logs import codes
from liquest.logs.automaton import automaton
from liquest.logs.hits_kernel import hits
from liquest.logs.schema import CLASSES
from liquest.logs.vocabulary import Phrase, Vocabulary, meanings, phrase, vocabulary


def test_every_meaning_has_a_bit_of_its_own() -> None:
    words = vocabulary()
    bits = [words.bit(m) for m in words.meanings]
    assert len(set(bits)) == len(bits) and max(bits) < 2**62


def test_words_of_a_case_are_added() -> None:
    words = vocabulary([("outcome.refused", "下不了单")])
    assert any(p.text == "下不了单".encode() for p in words.phrases)


def test_versions_of_an_interface() -> None:
    texts = {p.text for p in vocabulary().phrases}
    assert {b"/fapi/v1/order", b"/fapi/v2/order", b"/fapi/v3/order"} <= texts


def test_edges_of_words() -> None:
    one = phrase("rate limit*", 0, 0)
    assert (one.text, one.left, one.right) == (b"rate limit", True, False)
    assert phrase("*.binance.com", 0, 0).left is False


SMALL = st.lists(
    st.text("ab c", min_size=1, max_size=4).filter(lambda t: t == t.lower()),
    min_size=1, max_size=6, unique=True,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(SMALL, st.text("abAB c\n", max_size=60))
def test_the_automaton_finds_what_a_search_finds(texts: list[str], text: str) -> None:
    phrases = tuple(Phrase(t.encode(), 0, n) for n, t in enumerate(texts))
    table = automaton(Vocabulary(("a",), phrases))
    data = np.frombuffer(text.encode() + b"\n", dtype=np.uint8).copy()
    places, states = hits(data, np.flatnonzero(data == 10), table)
    found = {
        (int(place), int(n))
        for place, state in zip(places, states, strict=True)
        for n in table.emits[
            table.first[state - table.quiet] : table.first[state - table.quiet + 1]
        ]
    }
    wanted = {
        (at + len(t) - 1, n)
        for n, t in enumerate(texts)
        for at in range(len(text))
        if text.lower().startswith(t, at) and "\n" not in text[at : at + len(t)]
    }
    assert found == wanted


def test_every_code_speaks_both_languages_and_has_a_class() -> None:
    for code in codes.known().values():
        assert code.cls in CLASSES[1:] and code.meaning.en and code.source
        assert re.search(r"[\u4e00-\u9fff]", code.meaning.zh)
    for status, (cls, meaning) in codes.statuses().items():
        assert cls in CLASSES[1:] and 400 <= status <= 599 and meaning.zh and meaning.en


def test_wordings_are_told_apart() -> None:
    ids = [w.id for w in codes.wordings()]
    assert len(set(ids)) == len(ids) < 127


def test_the_two_texts_of_minus_1008() -> None:
    old, new = codes.known()[("binance", -1008)].wordings
    assert old.text.endswith("Please try again in a few minutes.") and old.since is None
    assert "Reduce-only/close-position orders are exempt" in new.text
    assert (new.since, new.announced) == (1_761_177_600_000_000, 1_760_400_000_000_000)
    assert old.until == new.since


def test_a_code_of_an_unknown_venue_is_the_only_one_that_has_it() -> None:
    found = codes.meaning("", -1008)
    assert found is not None and found.cls == "overload"
    assert codes.meaning("bybit", -1008) is None
    assert codes.meaning("", 1008) is None


def test_meanings_are_in_a_fixed_order() -> None:
    assert meanings()[0] == "outcome.sent" and "venue.binance" in meanings()
