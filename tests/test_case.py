"""case: what case.toml may say, and every refusal with the key at fault and a way on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from liquest.case import Case, parse_case, read_case
from liquest.clock import HOUR, parse_time
from liquest.errors import CaseError, InputError, LiquestError, UsageError

WINDOW = '[windows.crash]\nfrom = "2025-10-10T21:10:00Z"\nto = "2025-10-10T21:40:00Z"\n'


def case(folder: Path, text: str) -> Case:
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return read_case(folder)


def refusal(folder: Path, text: str) -> LiquestError:
    with pytest.raises(CaseError) as refused:
        case(folder, text)
    error = refused.value
    assert error.exit_code == 2
    assert "case.toml" in error.where
    assert error.remedy is not None and error.remedy.en and error.remedy.zh
    assert error.what.en and error.what.zh
    return error


def test_a_small_case(tmp_path: Path) -> None:
    made = case(tmp_path, WINDOW)
    assert made.name == tmp_path.name and made.title.zh == tmp_path.name
    assert made.main is made.window("crash")
    assert made.main.end - made.main.start == HOUR // 2
    assert made.files() == [] and made.labels() == []


def test_the_first_window_is_the_main_one(tmp_path: Path) -> None:
    text = WINDOW + '[windows.a]\nfrom = "2025-10-10"\nto = "2025-10-11"\n'
    assert case(tmp_path, text).main.name == "crash"


def test_titles_in_two_languages_or_one(tmp_path: Path) -> None:
    both = case(tmp_path, '[case]\ntitle = { en = "a", zh = "甲" }\n' + WINDOW).title
    assert (both.en, both.zh) == ("a", "甲")
    one = case(tmp_path, '[case]\ntitle = "a"\n' + WINDOW).title
    assert (one.en, one.zh) == ("a", "a")


@pytest.mark.parametrize(
    "edges",
    [
        'from = "2025-10-11T05:10:00"\nto = "2025-10-11T05:40:00"\ntz = "UTC+8"',
        'from = "2025-10-11T05:10:00+08:00"\nto = "2025-10-11T05:40:00+08:00"',
        "from = 2025-10-10T21:10:00Z\nto = 2025-10-10T21:40:00Z",
        'from = 2025-10-11T05:10:00\nto = 2025-10-11 05:40:00\ntz = "Asia/Shanghai"',
    ],
)
def test_a_window_however_it_is_written(tmp_path: Path, edges: str) -> None:
    window = case(tmp_path, f"[windows.crash]\n{edges}\n").main
    assert window.start == parse_time("2025-10-10T21:10:00Z")
    assert window.end == parse_time("2025-10-10T21:40:00Z")


def test_a_folder_without_case_toml_is_no_case(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as refused:
        read_case(tmp_path)
    assert "liquest new" in refused.value.render("en") and "liquest new" in refused.value.render(
        "zh"
    )
    assert refused.value.where == str(tmp_path)


@pytest.mark.parametrize("text", ["[case\n\n", "a = \n\n", "a = 1\na = 2\n\n"])
def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    assert "line" in refusal(tmp_path, text).what.en


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes(b"[case]\nname = '\xff\xfe'\n")
    with pytest.raises(CaseError, match="not valid TOML"):
        read_case(tmp_path)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no window"),
        ("[window.crash]\n" + WINDOW, "unknown table: window"),
        ("case = 3\n" + WINDOW, "[case]"),
        ('[case]\ntitel = "x"\n' + WINDOW, "titel"),
        ("windows = 3\n", "[windows]"),
        ('[windows.crash]\nfrom = "2025-10-10T21:10:00Z"\n', "[windows.crash]"),
        ('[windows.crash]\nto = "2025-10-10T21:10:00Z"\n', "[windows.crash]"),
        ("[windows]\ncrash = 3\n", "[windows.crash]"),
        (WINDOW + 'zone = "UTC"\n', "[windows.crash]"),
        (WINDOW + "[source]\npath = 'data'\n", "[[source]]"),
        (WINDOW + "[[source]]\n", "[[source]]"),
        (WINDOW + "[[source]]\npath = 'a'\nenv = 'B'\n", "[[source]]"),
        (WINDOW + "[[source]]\npath = 'a'\nglob = '*'\n", "[[source]]"),
        (WINDOW + "[[source]]\npath = 3\n", "[[source]]"),
        (WINDOW + "[[source]]\npath = ''\n", "[[source]]"),
        (WINDOW + "[[source]]\nenv = ''\n", "[[source]]"),
        (WINDOW + "[[source]]\npath = 'a'\ninclude = '*.csv'\n", "include"),
        (WINDOW + "[[source]]\npath = 'a'\ninclude = [3]\n", "include"),
        (WINDOW + "[[instrument]]\nvenue = 'okx'\n", "[[instrument]]"),
        (WINDOW + "[instrument]\nvenue = 'okx'\n", "[[instrument]]"),
        (WINDOW + "measures = 3\n", "measures"),
        (WINDOW + "[measures]\nlow = 3\n", "low"),
        (WINDOW + "map = 3\n", "[[map]]"),
    ],
)
def test_refusals_name_the_key(tmp_path: Path, text: str, named: str) -> None:
    # Keys of the top stand above the first table.
    head, sep, rest = text.partition("measures = 3\n")
    text = sep + head + rest if sep else text
    head, sep, rest = text.partition("map = 3\n")
    text = sep + head + rest if sep else text
    assert named in refusal(tmp_path, text).what.en


@pytest.mark.parametrize("size", ['"0"', "-1", '"NaN"', '"many"', "inf", "true"])
def test_a_contract_size_is_a_number_above_zero(tmp_path: Path, size: str) -> None:
    text = WINDOW + f"[[instrument]]\nvenue='okx'\nsymbol='X'\ncontract_size = {size}\n"
    assert "contract_size" in refusal(tmp_path, text).what.en


@pytest.mark.parametrize("size", ['"0.1"', "0.1", '"1e-1"'])
def test_a_contract_size_is_exact(tmp_path: Path, size: str) -> None:
    text = WINDOW + f"[[instrument]]\nvenue='okx'\nsymbol='X'\ncontract_size = {size}\n"
    assert case(tmp_path, text).contracts == {("okx", "X"): Decimal("0.1")}


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ('from = "2025-10-10T21:40:00Z"\nto = "2025-10-10T21:10:00Z"', "ends before it starts"),
        ('from = "2025-10-10T21:40:00Z"\nto = "2025-10-10T21:40:00Z"', "ends before it starts"),
        ('from = "soon"\nto = "2025-10-10T21:10:00Z"', "not a time"),
        ('from = "2025-10-10"\nto = "2025-10-11"\ntz = "Europe/Berlin"', "time zone"),
        ("from = 3\nto = 4", "not a time"),
    ],
)
def test_a_window_that_is_none_is_refused_by_its_name(
    tmp_path: Path, edges: str, said: str
) -> None:
    error = refusal(tmp_path, f"[windows.crash]\n{edges}\n")
    assert said in error.what.en and "[windows.crash]" in error.where


def test_a_window_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        case(tmp_path, WINDOW).window("crush")
    assert "crash" in refused.value.render("en") and "crash" in refused.value.render("zh")


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def named(made: Case) -> list[str]:
    return [name for name, _ in made.files()]


def test_files_are_named_by_their_source_and_sorted(tmp_path: Path) -> None:
    fill(tmp_path, "data/b.csv", "data/a/c.csv", "one.csv")
    text = WINDOW + "[[source]]\npath = 'one.csv'\n[[source]]\npath = 'data'\n"
    assert named(case(tmp_path, text)) == ["one.csv", "data/b.csv", "data/a/c.csv"]


def test_a_variable_names_a_folder_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "ticks/a.csv")
    made = case(tmp_path, WINDOW + "[[source]]\nenv = 'LIQUEST_TEST_TICKS'\n")
    monkeypatch.delenv("LIQUEST_TEST_TICKS", raising=False)
    assert named(made) == [] and made.labels() == []
    monkeypatch.setenv("LIQUEST_TEST_TICKS", str(tmp_path / "ticks"))
    assert named(made) == ["$LIQUEST_TEST_TICKS/a.csv"]


@pytest.mark.parametrize(
    ("glob", "taken"),
    [
        ("*.csv", ["data/a.csv", "data/x/b.csv", "data/x/y/c.csv"]),
        ("**/*.csv", ["data/a.csv", "data/x/b.csv", "data/x/y/c.csv"]),
        ("x/*.csv", ["data/x/b.csv"]),
        ("**/y/*", ["data/x/y/c.csv"]),
        ("*.gz", []),
    ],
)
def test_globs_below_a_source(tmp_path: Path, glob: str, taken: list[str]) -> None:
    fill(tmp_path, "data/a.csv", "data/x/b.csv", "data/x/y/c.csv", "data/x/d.txt")
    text = WINDOW + f"[[source]]\npath = 'data'\ninclude = ['{glob}']\n"
    assert named(case(tmp_path, text)) == taken


def test_a_source_that_is_not_there_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        case(tmp_path, WINDOW + "[[source]]\npath = 'gone'\n").files()
    assert "gone" in refused.value.where and refused.value.remedy is not None


def test_the_case_is_no_source_of_itself(tmp_path: Path) -> None:
    fill(tmp_path, "a.csv", "out/lake/trades/x.parquet", "out/problems.jsonl", "provenance.json")
    for path in (".", str(tmp_path)):
        made = case(tmp_path, WINDOW + f"[[source]]\npath = '{path}'\n")
        assert [p.name for _, p in made.files()] == ["a.csv"]


def test_a_name_that_is_no_text_is_made_one(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    try:
        (Path(str(tmp_path / "data")) / b"\xd0\xd0\xc7\xe9.csv".decode("utf-8", "surrogateescape")
         ).write_text("x")  # fmt: skip
    except OSError as error:
        pytest.skip(f"this file system takes only UTF-8 names: {error}")
    ((name, path),) = case(tmp_path, WINDOW + "[[source]]\npath = 'data'\n").files()
    assert name.encode("utf-8").endswith(b".csv") and path.read_text() == "x"


def test_a_table_may_come_from_anywhere() -> None:
    made = parse_case(
        {"windows": {"w": {"from": "2025-10-10", "to": "2025-10-11"}}}, Path("x"), "here"
    )
    assert made.main.name == "w"
