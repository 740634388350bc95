"""Assumptions: laws against their closed forms, and the table that they are written in."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import LiquestError, UsageError
from liquest.replay.population_law import (
    Assumptions,
    ClassShare,
    LogNormal,
    Pareto,
    cumulative,
)
from liquest.replay.population_toml import (
    as_toml,
    parse_assumptions,
    read_assumptions,
    write_assumptions,
)

INSIDE = np.concatenate((np.linspace(2**-12, 1 - 2**-12, 999), [2**-16, 1 - 2**-16]))


@given(st.decimals(1, 100_000, places=2), st.decimals("0.1", "2.5", places=2))
@settings(max_examples=12, deadline=None)
def test_lognormal_quantiles(median: Decimal, sigma: Decimal) -> None:
    got = LogNormal(median, sigma).quantiles().draw(INSIDE)
    exact = [float(median) * math.exp(float(sigma) * NormalDist().inv_cdf(u)) for u in INSIDE]
    assert got == pytest.approx(exact, rel=0.05)


@given(st.decimals(1, 1000, places=2), st.decimals("0.8", "5", places=2))
@settings(max_examples=12, deadline=None)
def test_pareto_quantiles(minimum: Decimal, alpha: Decimal) -> None:
    got = Pareto(minimum, alpha).quantiles().draw(INSIDE)
    assert got == pytest.approx(float(minimum) * (1 - INSIDE) ** (-1 / float(alpha)), rel=0.1)


@pytest.mark.parametrize("law", [LogNormal(), Pareto(), LogNormal(sigma=Decimal(0))])
def test_quantiles_rise_and_end(law: LogNormal | Pareto) -> None:
    table = law.quantiles()
    assert (np.diff(table.at) > 0).all() and (np.diff(table.value) >= 0).all()
    ends = table.draw(np.array([0.0, 2.0**-20, 1 - 2.0**-20, 1.0]))
    assert ends[0] == ends[1] == table.value[0] and ends[2] == ends[3] == table.value[-1]
    middle = table.draw(np.array([0.5]))[0]
    if isinstance(law, LogNormal):
        assert middle == 1500


def test_cumulative_shares_end_at_one() -> None:
    edges = cumulative([Decimal(1), Decimal(0), Decimal(2)])
    assert edges.tolist() == [1 / 3, 1 / 3, 1.0]


WEIGHT = st.decimals("0.001", "1000", places=3)


@st.composite
def assumptions(draw: Any) -> Assumptions:
    share = draw(st.decimals(0, 1, places=4))
    unit = st.decimals(0, 1, places=6)
    return Assumptions(
        leverage=draw(st.dictionaries(st.integers(1, 150), WEIGHT, min_size=1, max_size=6)),
        size=draw(
            st.builds(LogNormal, st.decimals(1, 10**6, places=2), st.decimals(0, 4, places=3))
            | st.builds(Pareto, st.decimals(1, 10**6, places=2), st.decimals(1, 20, places=3))
        ),
        least=draw(st.decimals(1, 100, places=2)),
        long=draw(unit), isolated=draw(unit), hedge=draw(unit),
        legs=tuple(draw(st.lists(WEIGHT, min_size=1, max_size=6))),
        classes={"regular": ClassShare(1 - share, Decimal(1)),
                 draw(st.sampled_from(["vip", "desk-a", "自营"])): ClassShare(share, draw(WEIGHT))},
        spare=draw(unit), hours=draw(st.decimals(0, 48, places=2)),
        counterparties=draw(st.integers(1, 500)),
        counterparty_leverage=draw(st.decimals("0.01", 20, places=2)),
    )  # fmt: skip


@given(assumptions())
@settings(max_examples=100, deadline=None)
def test_written_assumptions_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, one: Assumptions
) -> None:
    path = tmp_path_factory.getbasetemp() / "assumptions.toml"
    write_assumptions(path, one)
    assert read_assumptions(path) == one


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[accounts]\nlong = 0.88\n", encoding="utf-8")
    assert read_assumptions(path) == replace(Assumptions(), long=Decimal("0.88"))
    assert parse_assumptions({}) == Assumptions()
    assert "合成" in as_toml(Assumptions()) and "not measured" in as_toml(Assumptions())


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("[acounts]\nlong = 1\n", "acounts", "accounts"),
        ("[accounts]\nlnog = 1\n", "accounts.lnog", "long"),
        ("[accounts]\nlong = 1.5\n", "long", "not from 0 to 1"),
        ("[accounts]\nlong = nan\n", "long", "not from 0 to 1"),
        ("[accounts]\nlong = true\n", "accounts.long", "no number"),
        ("[accounts]\nlong = '0.5'\n", "accounts.long", "no number"),
        ("[accounts]\nlegs = 2\n", "legs", "no list"),
        ("[accounts]\nlegs = []\n", "legs", "weights"),
        ("[accounts]\nlegs = [0, 0]\n", "legs", "weights"),
        (f"[accounts]\nlegs = [{', '.join(['1'] * 13)}]\n", "legs", "more than 12"),
        ("[accounts]\ncounterparties = 1.5\n", "counterparties", "no count"),
        ("[accounts]\ncounterparties = 0\n", "counterparties", "not from 1"),
        ("[leverage]\nfive = 1\n", "leverage", "no leverage"),
        ('[leverage]\n"0" = 1\n', "leverage", "not from 1"),
        ('[leverage]\n"5" = -1\n', "leverage", "weights"),
        ("leverage = 5\n", "leverage", "no table"),
        ("[size]\nlaw = 'normal'\n", "size.law", "no law"),
        ("[size]\nlaw = 'pareto'\nmedian = 5\n", "size.median", "minimum"),
        ("[size]\nsigma = 9\n", "size.sigma", "not from 0 to 4"),
        ("[class.vip]\nsize = 2\n", "class.vip", "no share"),
        ("[class.vip]\nshare = 0.5\n", "class", "add up"),
        ("[class.vip]\nshare = 1\nsize = 0\n", "class.vip.size", "not from"),
        ("[class.'a b']\nshare = 1\n", "class", "no class"),
        ("[accounts\n", "", "cannot be read"),
    ],
)
def test_assumptions_that_cannot_be(tmp_path: Path, text: str, where: str, words: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_assumptions(path)
    assert caught.value.where == (f"{path}: {where}" if where else str(path))
    assert words in str(caught.value) and caught.value.remedy is not None
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.render("zh"))


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LiquestError):
        read_assumptions(tmp_path / "none.toml")
