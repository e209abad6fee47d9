"""The least log-probability of the likeliest documents that together hold a share of the mass."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tokgen.errors import RequestError
from tokgen.percentages import bounds, percent

# Nats: sums of log-probabilities differ by so much with the order in which they are added.
ROUNDING = 1e-9


class Known(StrEnum):
    """How a cut is known."""

    exact = "exact"
    bracketed = "bracketed"
    estimated = "estimated"


@dataclass(frozen=True)
class LikeliestShare:
    """The documents that are at least so probable, and the share of probability they hold.

    Attributes:
        least_logprob: the cut, nats, of whole documents under the model alone.
        least, most: the share is between these: equal where it is exact, bounds where it is
            bracketed, a 95 % confidence interval where it is estimated.
    """

    least_logprob: float
    least: float
    most: float
    known: Known

    @property
    def told(self) -> str:
        """The cut and its share in a sentence."""
        kept = f"Documents with a log-probability of {self.least_logprob:.3f} nats or more hold"
        if self.known is Known.exact:
            return f"{kept} {percent(self.least)} of the model's probability, exactly."
        least, most = bounds(self.least, self.most)
        between = f"{kept} between {least} and {most} of the model's probability"
        if self.known is Known.bracketed:
            return f"{between}."
        return f"{between}: a 95 % confidence interval, from documents drawn for it."


def check_share(share: float) -> None:
    """Refuse what is no share of a mass.

    Raises:
        RequestError: it is not above 0 and below 1.
    """
    if not 0 < share < 1:
        raise RequestError(
            f"A quality is a share of the model's probability, above 0 and below 1, not {share:g}.",
            field="quality",
        )
