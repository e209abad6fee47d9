"""The documents on which a model is measured: those of a split that it was not trained on."""

from __future__ import annotations

from tokgen.cli.model_choice import ModelChoice
from tokgen.cli.terminal import say
from tokgen.cli.waiting import waiting
from tokgen.corpus.columns import encode_splits
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.splits import SPLIT_NAMES, SplitName
from tokgen.errors import RequestError, counted, did_you_mean
from tokgen.generation.scoring import tokens_read
from tokgen.text_model.text_model import TextModel
from tokgen.training.evaluation import Evaluation, evaluate


def measure(
    text_model: TextModel, chosen: ModelChoice, split: str | None
) -> tuple[Evaluation, SplitName]:
    """The losses on a split, or on the one that suits, and its name; what it is is said.

    Raises:
        RequestError: there is no such split, or it is empty.
    """
    asked = checked_split(split)
    beside_checkpoint = None not in (chosen.checkpoint, chosen.corpus)
    documents = text_model.corpus if beside_checkpoint else text_model.trained_on
    name: SplitName = asked or _default_split(documents, text_model)
    measured = documents.split(name)
    if not len(measured):
        raise RequestError(
            f"The {name} split of {documents.name!r} is empty; --split all takes everything."
        )
    say(f"{name} split of {documents.name}: {counted(len(measured), 'document')}")
    model = text_model.model
    dataset = encode_splits(documents, [name], text_model.tokenizer, model.vocabulary)
    with waiting("scoring", tokens_read):
        return evaluate(model, dataset, measured.characters()), name


def checked_split(split: str | None) -> SplitName | None:
    """The split that was asked for, if one was; raises as `measure`."""
    known: dict[str | None, SplitName] = {name: name for name in SPLIT_NAMES}
    if split is not None and split not in known:
        raise RequestError(f"There is no split {split!r}.{did_you_mean(split, SPLIT_NAMES)}")
    return known.get(split)


def _default_split(corpus: Corpus, text_model: TextModel) -> SplitName:
    """A corpus: test. A file that the model was trained on: validation. Another file: all."""
    if corpus.package is not None:
        return "test"
    trained_on_it = corpus.fingerprint == text_model.metadata.corpus.fingerprint
    return "validation" if trained_on_it else "all"
