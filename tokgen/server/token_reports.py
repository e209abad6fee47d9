"""What is told of each token: its symbol, its log-probability, those of others, where it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tokgen.arrays import Floats
from tokgen.generation.growth import Beginning
from tokgen.plugin_api.model import LanguageModel
from tokgen.stopping import may_stop
from tokgen.text_model.results import ranked

# JSON has no number for -inf; vLLM writes this instead.
IMPOSSIBLE = -9999.0
WHOLE_VOCABULARY = -1


class TokenReport(NamedTuple):
    """One token.

    Attributes:
        logprob: the model's own, nats; None of what marks the beginning, or if nobody asked.
        top: symbol -> log-probability of the most probable tokens and this one; None as there.
        offset: where its text begins in prompt and completion, in characters.
    """

    id: int
    symbol: str
    logprob: float | None
    top: dict[str, float] | None
    offset: int


@dataclass(frozen=True)
class Reporter:
    """Makes reports of tokens.

    Attributes:
        width: how many of the most probable tokens each tells; None: not even its own logprob.
    """

    symbols: Sequence[str]
    width: int | None

    def report(self, token: int, row: Floats | None, offset: int) -> TokenReport:
        """Of a token that was drawn or given where the model said `row` (V,)."""
        symbol = self.symbols[token]
        if row is None or self.width is None:
            return TokenReport(token, symbol, None, None, offset)
        top = {self.symbols[each]: finite(row[each]) for each in _most_probable(row, self.width)}
        logprob = finite(row[token])
        return TokenReport(token, symbol, logprob, top | {symbol: logprob}, offset)

    def prompt_logprobs(self, token: int, row: Floats, width: int) -> dict[str, Any]:
        """One entry of vLLM's `prompt_logprobs`: by ids, those of the most probable and this."""
        order = ranked(row).tolist()
        ids = dict.fromkeys([*_most_probable(row, width), token])
        return {
            str(each): {
                "logprob": finite(row[each]),
                "rank": order.index(each) + 1,
                "decoded_token": self.symbols[each],
            }
            for each in ids
        }


def rows_along(
    model: LanguageModel, beginning: Beginning, ids: Sequence[int]
) -> Iterator[tuple[int, Floats]]:
    """Each id of a document with the distribution (V,), nats, that the model gives before it."""
    start = Beginning(model.vocabulary.beginning, given=beginning.given)
    decoder = model.decoder(start.prefixes(model.vocabulary))
    for number, token in enumerate(ids):
        may_stop()
        yield token, decoder.logprobs()[0]
        if number + 1 < len(ids):
            decoder.advance(np.zeros(1, np.int64), np.array([token]))


def finite(logprob: float) -> float:
    """A log-probability as JSON can hold it."""
    return max(float(logprob), IMPOSSIBLE)


def _most_probable(row: Floats, width: int) -> list[int]:
    return ranked(row)[: None if width == WHOLE_VOCABULARY else width].tolist()
