"""Other paths that the same market could have taken: a moving-block bootstrap by the second.

Blocks of consecutive seconds are drawn with replacement from a stretch of the record and
laid end to end (Künsch 1989): within a block the moves follow each other as they did, so
that bursts stay bursts; across blocks their order is lost. Each second brings the move of
the trade price and the ratio of mark to trade as they stood together. Draws come from
`random.Random(seed).random()`, whose sequence Python promises to keep, so the same seed
gives the same paths on every machine.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from ..tape.tracks import Floats, Ints


@dataclass(frozen=True)
class Blocks:
    """`paths` paths of `length` seconds, in blocks of `block` seconds, drawn with `seed`."""

    paths: int
    length: int
    block: int
    seed: int

    def drawn(self, seconds: int) -> Ints:
        """The second of the stretch that each second of each path is taken from [paths, length];
        the first second of a stretch has no move and is never drawn. ValueError when the
        stretch holds no block."""
        starts = seconds - self.block
        if starts < 1:
            raise ValueError(f"a stretch of {seconds} s holds no block of {self.block} s")
        rng = random.Random(self.seed)
        blocks = -(-self.length // self.block)
        first = np.array(
            [1 + int(rng.random() * starts) for _ in range(self.paths * blocks)], dtype=np.int64
        ).reshape(self.paths, blocks)
        laid = first[:, :, None] + np.arange(self.block, dtype=np.int64)
        return laid.reshape(self.paths, blocks * self.block)[:, : self.length]


def filled(prices: Floats) -> Floats:
    """The last known price at every second; NaN before the first."""
    known = np.where(np.isnan(prices), -1, np.arange(len(prices)))
    last = np.maximum.accumulate(known) if len(known) else known
    return np.where(last >= 0, prices[last], np.nan) if len(prices) else prices


def resampled(
    marks: Floats, trades: Floats, blocks: Blocks, *, centred: bool = False
) -> tuple[Floats, Floats]:
    """Marks and trades of the paths [paths, length], from 1 on: the first second stands at
    trade 1, each later one moves as the drawn second did.

    The stretch is taken from its first second with both prices; a silent second stands
    still. `centred` takes one steady factor out of every second, so that the mean move of the
    blocks that can be drawn is none: noise is left and no trend. (The mean move of the whole
    stretch would leave some, because its edges stand in fewer blocks.) ValueError where the
    stretch holds no block.
    """
    both = np.flatnonzero(~np.isnan(marks) & ~np.isnan(trades))
    begin = int(both[0]) if len(both) else len(trades)
    trade, mark = filled(trades[begin:]), filled(marks[begin:])
    source = blocks.drawn(len(trade))
    moves = np.ones_like(trade)
    moves[1:] = trade[1:] / trade[:-1]
    if centred:
        mean = float((trade[blocks.block :] / trade[: -blocks.block]).mean())
        moves *= mean ** (-1 / blocks.block)
    taken = moves[source]
    taken[:, 0] = 1.0
    walked = np.cumprod(taken, axis=1, dtype=np.float64)
    return walked * (mark / trade)[source], walked
