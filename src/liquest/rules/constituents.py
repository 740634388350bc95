"""The sources of an index and the weight that each has under a rule.

Weights are relative: an index divides by their sum over the sources that live. A source that
is not chosen has no weight at all (None) and stands in no average and no median; one of weight
zero stands in the medians. Invariant: of the sources chosen, the venue's own together have the
share `own_weight` where it is given, and the others the rest, each side in the proportions of
the book.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from .centre import PRECISION
from .lookup import one_of, within

ALL, USD, OTHERS, OWN = "all", "usd", "others", "own"
CHOICES = (ALL, USD, OTHERS, OWN)
"""Every source; those quoted in US dollars and not in a stablecoin; those of other venues; the
venue's own."""
OTHERS_PART = "others"
"""In the weights of the book: the part that all sources share equally which it does not name."""


@dataclass(frozen=True)
class Source:
    """One venue's market, named by the venue or by a key that begins with it and a colon.

    `quote` is the currency of its price before conversion, `own` says that the venue of the
    index runs it. A `weight` given here stands instead of the book's.
    """

    name: str
    quote: str = "USDT"
    own: bool = False
    weight: Decimal | None = None

    def __post_init__(self) -> None:
        within(f"weight of {self.name}", self.weight or Decimal(0), Decimal(0))

    @property
    def venue(self) -> str:
        return self.name.split(":", 1)[0]

    def chosen(self, choice: str) -> bool:
        """Whether the source stands in an index of that choice."""
        return {
            ALL: True, USD: self.quote == "USD", OTHERS: not self.own, OWN: self.own,
        }[one_of("index.sources", choice, CHOICES)]  # fmt: skip


def shares(
    sources: Sequence[Source],
    choice: str = ALL,
    own_weight: Decimal | None = None,
    parts: Mapping[str, Decimal] | None = None,
) -> tuple[Decimal | None, ...]:
    """The weight of every source, in the order given; None for one that is no source.

    `parts` are the weights of the book by venue: sources of one venue share its part equally,
    those not named share "others", and without that they are no sources. Without `parts` all
    weigh the same. With `own_weight` w the own sources share w, named or not, and the others
    1 − w. Where one side has no source its share goes to nobody, as if its sources were stale:
    the division by the sum of weights gives the other side the whole, unless that side's share
    is zero.
    """
    one_of("index.sources", choice, CHOICES)
    with localcontext(prec=PRECISION):
        base = _base(sources, parts, own_weight is not None)
        base = [w if s.chosen(choice) else None for w, s in zip(base, sources, strict=True)]
        if own_weight is None:
            return tuple(base)
        within("index.own_weight", own_weight, Decimal(0), Decimal(1))
        own = sum((w or 0 for w, s in zip(base, sources, strict=True) if s.own), Decimal(0))
        rest = sum((w or 0 for w, s in zip(base, sources, strict=True) if not s.own), Decimal(0))
        return tuple(
            w if not w else (own_weight * w / own if s.own else (1 - own_weight) * w / rest)
            for w, s in zip(base, sources, strict=True)
        )


def _base(
    sources: Sequence[Source], parts: Mapping[str, Decimal] | None, own_counts: bool
) -> list[Decimal | None]:
    """The weights before any choice: given, of the book, or one each."""
    if parts is None:
        return [Decimal(1) if s.weight is None else s.weight for s in sources]
    asking = Counter(
        s.venue if s.venue in parts else OTHERS_PART for s in sources if s.weight is None
    )
    found: list[Decimal | None] = []
    for source in sources:
        name = source.venue if source.venue in parts else OTHERS_PART
        if source.weight is not None:
            found.append(source.weight)
        elif name in parts:
            found.append(parts[name] / asking[name])
        else:
            found.append(Decimal(1) if source.own and own_counts else None)
    return found
