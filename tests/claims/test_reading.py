"""claims.toml is read whole, or refused with file, line and remedy."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from _claims import HEAD, WINDOWS, a_test, claim, file_of

from liquest.claims.consistency import Difference, Part, Percentage
from liquest.claims.expectation import Between, During, Includes, Matches, Near
from liquest.claims.reading import claims_of, read_claims
from liquest.claims.toml_file import TomlFile
from liquest.clock import parse_time
from liquest.errors import CaseError

LOW = 'name = "low", of = "least"'
GOOD = claim(a_test(LOW, 'at_most = "0.01"'))
NEED = 'needs = [{ what = { en = "logs", zh = "日志" } }]'


def read(text: str) -> list[object]:
    return list(claims_of(file_of(text), WINDOWS))


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(
        HEAD
        + '[source.talk]\nen = "talk"\nzh = "讨论"\nsaid = "2025-10-12T18:15:45Z"\n'
        + claim(
            a_test(
                'name = "low", subject = { venue = "binance" }, window = "crash", take = "at", '
                'of = "least"',
                'since = "2025-10-10T21:20:00Z", before = "2025-10-11T05:22:00+08:00"',
                'about = "number"\nreading = { en = "a", zh = "甲" }\nweight = "bears"\n'
                'then = "against"\nelse = "open"\n'
                'needs = [{ what = { en = "ticks", zh = "逐笔" }, fetch = "liquest fetch x" }]',
            ),
            more='source = "talk"\nabout = 2025-10-10T21:20:00Z\nnote = { en = "n", zh = "注" }',
        )
        + "[[claim.check]]\nkind = 'difference'\nfrom = 140\nto = 180\n"
        "stated = { near = 40, within = '5 %' }\n"
        "[[claim.relies_on]]\nwhat = { en = 'a rule', zh = '规则' }\n"
        "until = '2025-09-18T08:01:00Z'\n",
        encoding="utf-8",
    )
    (one,) = read_claims(path, WINDOWS)
    assert (one.id, one.party, one.speaker) == ("one", "trader", ("A trader", "一名交易者"))
    assert one.source == ("talk", "讨论") and one.note == ("n", "注")
    assert one.said == parse_time("2025-10-12T18:15:45Z")
    assert one.about == parse_time("2025-10-10T21:20:00Z")
    assert one.relies_on[0].until == parse_time("2025-09-18T08:01:00Z")
    (test,) = one.tests
    assert (test.about, test.weight, test.then, test.otherwise) == (
        "number", "bears", "against", "open",
    )  # fmt: skip
    assert test.reading == ("a", "甲") and test.needs[0].fetch == "liquest fetch x"
    side = test.quantity.find
    assert (side.selection.subject, side.selection.window) == ({"venue": "binance"}, "crash")
    assert (side.take, side.of) == (("at",), "least")
    assert test.expect == During(
        parse_time("2025-10-10T21:20:00Z"), parse_time("2025-10-10T21:22:00Z")
    )
    text = path.read_text(encoding="utf-8").splitlines()
    assert text[one.lines[0] - 1] == "[[claim]]" and text[test.line - 1] == "[[claim.test]]"
    assert text[one.lines[1] - 1].startswith("until")


@pytest.mark.parametrize(
    ("table", "made"),
    [
        ('at_least = "0.4"', Between(low=Decimal("0.4"))),
        ('above = "0.4", at_most = 3', Between(Decimal("0.4"), Decimal(3), low_open=True)),
        ('below = "0.4"', Between(high=Decimal("0.4"), high_open=True)),
        ('near = "1.4", within = "5 %"', Near(Decimal("1.4"), Decimal("0.05"), share=True)),
        ('near = "40", within = "2"', Near(Decimal(40), Decimal(2))),
        ('text = "30 s*"', Matches("30 s*")),
        ('includes = "ATOM"', Includes("ATOM")),
        ('since = "2025-10-10T21:20:00Z"', During(since=parse_time("2025-10-10T21:20:00Z"))),
    ],
)
def test_expectations(table: str, made: object) -> None:
    (one,) = claims_of(file_of(claim(a_test(LOW, table))), WINDOWS)
    assert one.tests[0].expect == made


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("kind = 'percentage'\nlow = '1.4'\nhigh = '1.7'\nstated = { above = '0.4' }", Percentage),
        ("kind = 'difference'\nfrom = '1'\nto = '2'\nstated = { near = 1, within = '0' }",
         Difference),
        ("kind = 'part'\npart = '1'\nwhole = '2'\nstated = { at_most = 1 }", Part),
    ],
)  # fmt: skip
def test_checks(table: str, kind: type) -> None:
    (one,) = claims_of(file_of(claim("", more=NEED) + "[[claim.check]]\n" + table), WINDOWS)
    assert isinstance(one.checks[0], kind)


def bad(text: str, mark: str) -> tuple[str, int]:
    """The text without the mark `¦`, and the line on which it stood."""
    at = text.index(mark)
    return text.replace(mark, ""), (HEAD + text[:at]).count("\n") + 1


FAULTS = {
    "unknown key of a claim": (
        claim(a_test(LOW, "at_most = 1"), more="¦spekaer = 1"), "Did you mean 'speaker'"),
    "unknown table": ("¦[claims]\nx = 1\n", "Did you mean 'claim'"),
    "no text": ('¦[[claim]]\nid = "a"\nspeaker = "trader"\nkind = "fact"\n', "'text' is missing"),
    "one language": (
        '[[claim]]\nid = "a"\nspeaker = "trader"\nkind = "fact"\n¦text = { en = "x" }\n',
        "needs 'en' and 'zh'"),
    "empty text": (
        '[[claim]]\nid = "a"\nspeaker = "trader"\nkind = "fact"\n¦text = { en = " ", zh = "x" }\n',
        "is no text"),
    "nobody": (claim("", more=NEED).replace('speaker = "trader"', '¦speaker = "ghost"'),
               "Choose one of: trader, exchange"),
    "no such kind": (
        claim("", more=NEED).replace('kind = "fact"', '¦kind = "gossip"'), "is no kind"),
    "no such source": (claim("", more=NEED + '\n¦source = "rumour"'), "is no source"),
    "no test, no needs": ("¦" + claim(""), "no test and names no data"),
    "bad id": ("¦" + claim("", id_="A b", more=NEED), "is no id"),
    "the same id": (
        claim("", more=NEED) + claim("", more=NEED).replace("id =", "¦id ="), "stands at line"),
    "a float": (claim(a_test(LOW, "at_most = 0.01").replace("expect", "¦expect")),
                'Write it in quotation marks: "0.05"'),
    "no number": (claim(a_test(LOW, 'at_most = "much"').replace("expect", "¦expect")),
                  "'much' is no exact number"),
    "infinite": (claim(a_test(LOW, 'at_most = "inf"').replace("expect", "¦expect")),
                 "no exact number"),
    "empty bounds": (
        claim(a_test(LOW, "at_least = 3, at_most = 2").replace("expect", "¦expect")),
        "no number lies between"),
    "doubled bounds": (claim(a_test(LOW, "above = 3, at_least = 2").replace("expect", "¦expect")),
                       "'at_least' beside 'above'"),
    "near without tolerance": (claim(a_test(LOW, 'near = "3"').replace("expect", "¦expect")),
                               "mixes sorts of expectation"),
    "two sorts": (claim(a_test(LOW, 'text = "a", at_most = 2').replace("expect", "¦expect")),
                  "mixes sorts"),
    "everything fits": (claim(a_test(LOW, 'text = "*"').replace("expect", "¦expect")),
                        "every text fits"),
    "a time without zone": (
        claim(a_test(LOW, 'since = "2025-10-10T21:20:00"').replace("expect", "¦expect")),
        "no time with a zone"),
    "no time": (claim("", more=NEED + '\n¦about = "noon"'), "no time with a zone"),
    "backwards": (
        claim(a_test(
            LOW, 'since = "2025-10-10T21:20:00Z", before = "2025-10-10T21:20:00Z"'
        ).replace("expect", "¦expect")), "ends before it begins"),
    "no such window": (
        claim(a_test('name = "low", window = "night"', "at_most = 1").replace("find", "¦find")),
        "Choose one of: crash, scramble"),
    "no such of": (
        claim(a_test('name = "low", of = "mean"', "at_most = 1").replace("find", "¦find")),
        "Choose one of: each"),
    "no such take": (
        claim(a_test('name = "low", take = "hue"', "at_most = 1").replace("find", "¦find")),
        "no such 'of' or 'take'"),
    "no name": (claim(a_test('window = "crash"', "at_most = 1").replace("find", "¦find")),
                "'name' is missing"),
    "half a relation": (claim(a_test(LOW, "at_most = 1", 'relation = "ratio"')
                                   .replace("[[claim.test]]", "¦[[claim.test]]")),
                        "go together"),
    "no such relation": (
        claim(a_test(LOW, "at_most = 1", '¦relation = "twice"\nagainst = { name = "low" }')),
        "Choose one of: difference"),
    "pair no list": (
        claim(a_test(LOW, "at_most = 1", '¦pair = "venue"')), "no list of names"),
    "the same either way": (
        claim(a_test(LOW, "at_most = 1", 'else = "for"')
              .replace("[[claim.test]]", "¦[[claim.test]]")), "whatever is found"),
    "no such layer": (claim(a_test(LOW, "at_most = 1", '¦about = "mood"')), "Choose one of: fact"),
    "a foreign command": (
        claim("", more='¦needs = [{ what = { en = "a", zh = "甲" }, fetch = "rm -r" }]'),
        "no command of Liquest"),
    "needs no list": (claim("", more='¦needs = "logs"'), "no list of tables"),
    "a claim that is no list": ("¦[claim]\nid = 'a'\n", "Write [[claim]]"),
    "no such check": (
        claim("", more=NEED) + "[[claim.check]]\n¦kind = 'sum'\n", "Choose one of: percentage"),
    "half a check": (claim("", more=NEED) + "¦[[claim.check]]\nkind = 'part'\npart = '1'\n",
                     "is missing"),
    "a check upside down": (
        claim("", more=NEED) + "¦[[claim.check]]\nkind = 'percentage'\nlow = '2'\nhigh = '1'\n"
        "stated = { at_most = 1 }\n", "0 < low < high"),
    "a reliance without time": (
        claim("", more=NEED + '\nabout = "2025-10-10T21:20:00Z"')
        + "¦[[claim.relies_on]]\nwhat = { en = 'a', zh = '甲' }\n", "needs 'since' or 'until'"),
    "broken syntax": (claim("", more=NEED) + "¦id = = 3\n", "not valid TOML"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_line_and_remedy(fault: str) -> None:
    text, fact = FAULTS[fault]
    text, line = bad(text, "¦")
    with pytest.raises(CaseError) as refused:
        read(text)
    error = refused.value
    assert fact in error.render("en"), error.render("en")
    assert error.where == f"claims.toml:{line}"
    assert error.remedy is not None and error.remedy.zh and error.what.zh


def test_the_same_text_without_its_fault_is_read() -> None:
    assert len(read(GOOD)) == 1


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_bytes(HEAD.encode() + b"\xff\xfe")
    with pytest.raises(CaseError, match="UTF-8"):
        read_claims(path)


LINES = '''# a comment
title = "a"
long = """
[not.a.table]
x = 1
"""
[speaker.a]
en = 'it''s'
list = [
  [1, 2], # ]
  { a = "]" },
]
"quoted key" = 1
[[claim]]
id = "a"
[[claim.test]]
x = { a = [1,
  2] }
y.z = 1
[[claim.test]]
x = 1
[[claim]]
[[claim.test]]
x = 2
'''


def test_every_key_knows_its_line() -> None:
    file = TomlFile.of(LINES.replace("it''s", "its"), Path("f.toml"))
    expected = {
        ("title",): 2, ("long",): 3, ("speaker", "a"): 7, ("speaker", "a", "en"): 8,
        ("speaker", "a", "list"): 9, ("speaker", "a", "quoted key"): 13, ("claim", 0): 14,
        ("claim", 0, "id"): 15, ("claim", 0, "test", 0): 16, ("claim", 0, "test", 0, "x"): 17,
        ("claim", 0, "test", 0, "y", "z"): 19, ("claim", 0, "test", 1): 20,
        ("claim", 0, "test", 1, "x"): 21, ("claim", 1): 22, ("claim", 1, "test", 0): 23,
        ("claim", 1, "test", 0, "x"): 24,
    }  # fmt: skip
    assert dict(file.lines) == expected
    assert file.line(("claim", 0, "test", 0, "x", "a")) == 17
    assert file.line(("nowhere",)) == 1
    assert file.last_line(("claim", 0)) == 21
