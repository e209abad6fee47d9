"""A model's embeddings: the table now and as its training began, similar symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokgen.arrays import Floats
from tokgen.corpus.corpus import Corpus
from tokgen.errors import RequestError, needing_torch
from tokgen.text_model.embedding_map import EmbeddingMap
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.opened_model import OpenedModel
from tokgen.text_model.symbols import symbol_meant
from tokgen.training.metadata import read_metadata
from tokgen.training.model_store import shipped_path
from tokgen.unicode import nfc


@dataclass(frozen=True)
class Similar:
    """The symbols that are most similar to what was asked for, each with its cosine."""

    asked: str
    found: tuple[tuple[str, float], ...]


def space_of(text_model: OpenedModel) -> EmbeddingSpace:
    """The table of a model; `RequestError` where it has none."""
    return _space(text_model, text_model.model.embedding_table())


def initial_space_of(text_model: OpenedModel) -> EmbeddingSpace:
    """The table as the training began.

    Raises:
        RequestError: the model has none, or torch is not installed.
    """
    model, metadata = text_model.model, text_model.metadata
    with needing_torch(f"Making the initial weights of the model {metadata.model.name!r}"):
        begun = type(model).initial(model.options, model.vocabulary, metadata.recipe.seed)
    return _space(text_model, None if begun is None else begun.embedding_table())


def _space(text_model: OpenedModel, table: Floats | None) -> EmbeddingSpace:
    if table is None:
        name = text_model.metadata.model.name
        raise RequestError(f"The model {name!r} has no embedding table.")
    return EmbeddingSpace(text_model.tokenizer.symbols, table)


def neighbours(space: EmbeddingSpace, written: str) -> Similar:
    """The symbols nearest to the one that was written; `RequestError` where there is none."""
    symbol = symbol_meant(nfc(written), space.symbols)
    return Similar(f"near {nfc(written)}", tuple(space.neighbours(symbol)))


def analogy(space: EmbeddingSpace, written: str) -> Similar:
    """What is to c as b is to a, written a:b::c.

    Raises:
        RequestError: it is written otherwise, or there is no such symbol.
    """
    words = [symbol_meant(word, space.symbols) for word in _parsed(nfc(written))]
    return Similar(nfc(written), tuple(space.analogy(words)))


def _parsed(text: str) -> Sequence[str]:
    words = text.replace("::", ":").split(":")
    if len(words) != 3 or not all(words):
        raise RequestError(f"An analogy is written a:e::k, not {text!r}.")
    return words


def flat_checkpoint(corpus: Corpus) -> str | None:
    """A checkpoint that came with the corpus and whose table is two numbers wide, so: exact."""
    for name in corpus.card.checkpoints if corpus.card else ():
        path = shipped_path(corpus, name)
        if path is not None and read_metadata(path).model.options.get("embedding") == 2:
            return f"shipped:{name}"
    return None


def better_map(text_model: OpenedModel, shown: EmbeddingMap) -> str | None:
    """Which checkpoint has a map worth seeing, where this one shows little; a sentence."""
    if not shown.shows_little:
        return None
    little = (
        f"The map holds {100 * shown.share:.0f} % of the variance of {shown.dimensions} "
        "dimensions, so it shows little."
    )
    try:
        named = flat_checkpoint(text_model.trained_on)
    except RequestError:
        named = None
    if named is None:
        return f"{little} A model that is trained with the option embedding=2 shows all of it."
    return f"{little} The checkpoint {named} has 2 dimensions, and its map shows all of them."
