"""One step of gradient descent on one example, as it is shown: before, the gradient, after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np

from tokgen.arrays import Floats
from tokgen.corpus.text_file import as_document
from tokgen.errors import RequestError, needing_torch
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.text_model.next_token import next_token
from tokgen.text_model.opened_model import OpenedModel
from tokgen.text_model.results import NextToken

DEFAULT_RATE = 0.01
LARGEST_RATE = 1000


@dataclass(frozen=True)
class MovedRow:
    """A row of the embedding table that the step moves: by which Euclidean distance.

    Attributes:
        length: the row's own length before the step.
    """

    token: str
    distance: float
    length: float


@dataclass(frozen=True, eq=False)
class TakenStep:
    """What one step of gradient descent changes; the loss is −ln p of the target, in nats.

    Attributes:
        before, after: the model's distribution after the context, before the step and after it.
        target: the id of the token that should follow.
        learning_rate: what the gradient of each weight is multiplied by.
        gradient: the derivative of the loss by each logit (V,): p − 1 for the target, p for any
            other token.
        moved: the rows of the embedding table that the step moves, the one that moves farthest
            first; empty where the model has no table.
    """

    before: NextToken
    after: NextToken
    target: int
    learning_rate: float
    gradient: Floats
    moved: tuple[MovedRow, ...]

    @property
    def losses(self) -> tuple[float, float]:
        """The loss before the step and after it, in nats."""
        before, after = self.before.logprobs[self.target], self.after.logprobs[self.target]
        return abs(float(before)), abs(float(after))

    def __str__(self) -> str:
        """What `print` shows."""
        from tokgen.text_model.printed_results import printed_step

        return printed_step(self)

    def __repr__(self) -> str:
        from tokgen.text_model.captions import of_step
        from tokgen.text_model.printed_results import symbol_or_text

        return f"<TakenStep: {of_step(self, symbol_or_text)}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.worked_html import html_of_taken_step

        return html_of_taken_step(self)


def example_of(text_model: OpenedModel, text: str) -> tuple[Beginning, int]:
    """The last token of a text as a target, and all before it as what a model sees.

    Raises:
        RequestError: the text is empty, too long to be a document, or holds an unknown character.
    """
    ids = text_model.tokenizer.encode(as_document(text))
    if not ids:
        raise RequestError("A step needs a TEXT: its last token is the target.")
    start = text_model.model.vocabulary.beginning
    return Beginning((*start, *ids[:-1]), given=text_model.given_ids), ids[-1]


def take_step(
    text_model: OpenedModel, before: Beginning, target: int, rate: float = DEFAULT_RATE
) -> TakenStep:
    """One step on the example that `target` follows `before`; the model stays as it is.

    Raises:
        RequestError: the model is not trained by gradient, or torch is not installed; or the
            rate is none.
        PluginError: the model fails.
    """
    if not (isinstance(rate, Real) and 0 < rate <= LARGEST_RATE):
        shown = f"{rate:g}" if isinstance(rate, Real) else repr(rate)
        raise RequestError(f"A learning rate is above 0 and at most {LARGEST_RATE:,}, not {shown}.")
    model, name = text_model.model, text_model.metadata.model.name
    prefix = before.prefixes(model.vocabulary).last(model.context_length)
    with needing_torch(f"A gradient step of the model {name!r}"):
        step = model.gradient_step(prefix, target, rate)
    if step is None:
        raise RequestError(f"The model {name!r} is not trained by gradient, so it takes no step.")
    found_before, found_after = (
        next_token(text_model.tokenizer, Growth.begin(each, SamplerChain(), before))
        for each in (model, step.model)
    )
    moved = _moved(text_model.tokenizer.symbols, model, step.model)
    return TakenStep(found_before, found_after, target, rate, step.logits_gradient, moved)


def _moved(
    symbols: Sequence[str], before: LanguageModel, after: LanguageModel
) -> tuple[MovedRow, ...]:
    """The rows of the embedding table that differ, the one that differs most first."""
    old, new = before.embedding_table(), after.embedding_table()
    if old is None or new is None:
        return ()
    distances, lengths = np.linalg.norm(new - old, axis=1), np.linalg.norm(old, axis=1)
    order = [row for row in np.argsort(-distances, kind="stable") if distances[row] > 0]
    return tuple(
        MovedRow(symbols[row], float(distances[row]), float(lengths[row])) for row in order
    )
