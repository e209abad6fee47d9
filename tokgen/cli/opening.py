"""Opening the model that a command works with, and telling on standard error which one it is."""

from __future__ import annotations

from tokgen.cli.progress import TrainingProgress
from tokgen.cli.terminal import say
from tokgen.cli.waiting import waiting
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import open_corpus
from tokgen.exact.conditions import Conditions
from tokgen.plugin_api.terminator import TERMINATORS
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.beginning import SPELLING_IS_FIXED, GivenPrefix
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.given import written_as_options
from tokgen.text_model.text_model import TextModel
from tokgen.training.kept import trained_models
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose
from tokgen.training.verdict import UNTRAINED
from tokgen.unicode import shown_symbol


def open_model(request: ModelRequest) -> TextModel:
    """The model that the request means; a training that it needs shows its progress."""
    learning = TrainingProgress(request.corpus_or_default, lambda: _why(request))
    with waiting("opening the model"), learning as progress:
        choice = choose(request, progress.report)
    text_model = TextModel(choice.checkpoint, choice.corpus, request.given)
    name = text_model.metadata.model.name
    told = f" · told {written_as_options(text_model.given)}" if text_model.given else ""
    ends = _terminator(text_model.tokenizer)
    say(f"{_trained_on(text_model, choice.corpus)} · {name}{told}{ends} · {choice.said}")
    if text_model.metadata.untrained:
        say(UNTRAINED)
    if text_model.another_corpus is not None:
        say(text_model.another_corpus)
    return text_model


def _trained_on(text_model: TextModel, named: Corpus | None) -> str:
    """The corpus of the training, named as the user has named it, if that is the one."""
    if named is None or text_model.another_corpus is not None:
        return text_model.metadata.corpus.name
    return named.name


def _terminator(tokenizer: Tokenizer) -> str:
    """Which sign ends a document, where it is another one than usual."""
    sign = tokenizer.symbols[tokenizer.terminator_id]
    return "" if sign == TERMINATORS[0] else f" · {shown_symbol(sign)} ends a document"


def say_if_spelling_is_fixed(given: GivenPrefix) -> None:
    """Tell where only one of a prefix' spellings in tokens is continued."""
    if given.spelling_is_fixed:
        say(SPELLING_IS_FIXED)


def say_of_quality(text_model: TextModel, conditions: Conditions, memory: int) -> None:
    """Tell where the cut of a quality lies, and which share of the mass is kept.

    Raises:
        RequestError: as `TextModel.likeliest`.
    """
    if conditions.quality is None:
        return
    with waiting("looking for the likeliest documents"):
        found = text_model.likeliest(conditions.quality, memory)
    say(found.told)


def say_of_doubt(documents: DocumentSet) -> None:
    """Tell before a search that it will perhaps find nothing; raises as `DocumentSet.markov`."""
    with waiting("looking for documents"):
        doubt = documents.doubt
    if doubt is not None:
        say(doubt)


def open_prefix(text_model: TextModel, prefix: str) -> GivenPrefix:
    """The prefix as ids, told where its spelling is fixed; raises as `TextModel.given_prefix`."""
    given = text_model.given_prefix(prefix)
    say_if_spelling_is_fixed(given)
    return given


def _why(request: ModelRequest) -> str:
    """Why a training begins that was not asked for, and what of another model there is."""
    corpus = open_corpus(request.corpus_or_default, request.where, request.column)
    others = " or ".join(f"--model {name}" for name in trained_models(corpus))
    there_is = f", only with {others}" if others else ""
    return f"there is no checkpoint for this yet{there_is}: one is trained now"
