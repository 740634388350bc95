"""Percentiles of waiting times of which some are only known to be longer: Kaplan–Meier.

S(t) is the product over the distinct answered times s ≤ t of 1 - answered(s) / waiting(s);
who gave up at s was still waiting at s. The percentile q is the first t with S(t) ≤ 1 - q.
Interval: Brookmeyer and Crowley (Biometrics 38, 1982) with the log-log transformation,
all t whose S could be 1 - q at 95 %, variance by Greenwood. Nothing is dropped: a time-out
counts as an answer that was not there yet.

E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._log_shares import Z95

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Curve:
    """S just after each distinct answered time (µs, rising), with the variance of log(-log S).

    `longest` is the longest time that anything is known for."""

    times: Ints
    surviving: Floats
    variance: Floats
    longest: int


def curve(times: Ints, answered: npt.NDArray[np.bool_]) -> Curve:
    """The curve of waiting times (µs); those not `answered` are censored. Needs one time."""
    order = np.argsort(times, kind="stable")
    times, answered = times[order], answered[order]
    distinct, first = np.unique(times, return_index=True)
    counts = np.add.reduceat(answered.astype(np.int64), first)
    waiting = len(times) - first
    held = counts > 0
    distinct, counts, waiting = distinct[held], counts[held], waiting[held]
    surviving = np.cumprod(1.0 - counts / waiting, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(
            np.where(waiting > counts, counts / (waiting * (waiting - counts)), 0)
        )
        variance = greenwood / np.log(surviving) ** 2
    return Curve(distinct, surviving, variance, int(times[-1]))


def percentile(found: Curve, q: float) -> int | None:
    """The time (µs) by which a share q was answered; None where so many never were."""
    at = int(np.searchsorted(-found.surviving, -(1.0 - q) - 1e-12))
    return int(found.times[at]) if at < len(found.times) else None


def interval(found: Curve, q: float, z: float = Z95) -> tuple[int | None, int | None]:
    """The 95 % interval of the percentile; None for an end that the data do not reach."""
    target = 1.0 - q
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.log(-np.log(found.surviving)) - np.log(-np.log(target))
        inside = np.abs(distance) <= z * np.sqrt(found.variance)
    inside &= (found.surviving > 0) & (found.surviving < 1)
    at = percentile(found, q)
    own = None if at is None else int(np.searchsorted(found.times, at))
    places = np.flatnonzero(inside)
    low = int(places[0]) if len(places) else own
    if own is not None and low is not None:
        low = min(low, own)
    high = int(places[-1]) + 1 if len(places) else None if own is None else own + 1
    if own is not None and high is not None:
        high = max(high, own)
    return (
        None if low is None else int(found.times[low]),
        int(found.times[high]) if high is not None and high < len(found.times) else None,
    )
