"""Training an opened model further, or not at all: no file changes, and nothing is chosen.

The weights of the last step are kept, whatever the held-out documents say of them: who trains so
wants to see how the model moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tokgen.corpus.columns import encode_splits
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.splits import SplitName
from tokgen.errors import RequestError, needing_torch
from tokgen.plugin_api.fit_run import FitRun, Progress
from tokgen.plugin_api.model import LanguageModel
from tokgen.training.beginning import ancestor, check_goes_on, check_known
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.measuring import finite_or_none, loss_of
from tokgen.training.metadata import CorpusRecord, Metadata

SEEDS = 2**64


@dataclass(frozen=True)
class Further:
    """A model after more steps, beside what it was.

    Attributes:
        checkpoint: with the new weights; in no file.
        steps: how many were taken.
        split: on which the losses (nats per token) were measured.
    """

    checkpoint: Checkpoint
    steps: int
    split: SplitName
    loss_before: float
    loss_after: float


def train_further(
    checkpoint: Checkpoint,
    corpus: Corpus,
    steps: int,
    seed: int,
    report: Callable[[Progress], None],
) -> Further:
    """Take more steps on a corpus, with a new schedule and a new optimiser; Ctrl-C ends them early.

    The seed is counted up with the trainings that came before, so that each sees other batches.

    Raises:
        RequestError: the model takes no steps, torch is not installed, the corpus holds what the
            vocabulary lacks, or the loss is no longer a number.
        PluginError: the model fails.
    """
    check_goes_on(checkpoint)
    check_known(corpus, checkpoint)
    model, metadata = checkpoint.model, checkpoint.metadata
    if not corpus.rows_of("train").any():
        raise RequestError(f"The train split of {corpus.name!r} is empty.")
    split: SplitName = "validation" if corpus.rows_of("validation").any() else "train"
    seed = (seed + len(metadata.ancestors)) % SEEDS
    taken = 0

    def counted(progress: Progress) -> None:
        nonlocal taken
        taken = progress.step
        report(progress)

    before = loss_of(checkpoint, corpus, split)
    train = encode_splits(corpus, ["train"], checkpoint.tokenizer, model.vocabulary)
    run = FitRun(seed, report=counted, begin_with=model.arrays())
    options = model.options.model_copy(update={"steps": steps})
    with needing_torch(f"Training the model {metadata.model.name!r}"):
        fitted = type(model).fitted(options, model.vocabulary, train, None, run)
    known = (*metadata.ancestors, ancestor(checkpoint, None))
    told = metadata.model_copy(update={"corpus": _record(corpus), "ancestors": known})
    after = _with_weights(checkpoint, fitted, told, seed, taken)
    return _measured(after, corpus, split, taken, before)


def untrained(checkpoint: Checkpoint, corpus: Corpus, seed: int) -> Further:
    """The same model with the random weights that a training with this seed begins with.

    Raises:
        RequestError: it begins with no random weights, or torch is not installed.
        PluginError: the model fails.
    """
    model, name = checkpoint.model, checkpoint.metadata.model.name
    with needing_torch(f"The model {name!r} before its training"):
        initial = type(model).initial(model.options, model.vocabulary, seed)
    if initial is None:
        raise RequestError(f"The model {name!r} begins with no random weights.")
    split: SplitName = "validation" if corpus.rows_of("validation").any() else "train"
    before = loss_of(checkpoint, corpus, split)
    told = checkpoint.metadata.model_copy(update={"ancestors": ()})
    return _measured(_with_weights(checkpoint, initial, told, seed, 0), corpus, split, 0, before)


def _with_weights(
    checkpoint: Checkpoint, model: LanguageModel, told: Metadata, seed: int, steps: int
) -> Checkpoint:
    """The checkpoint with another model in it, which says how many steps it took."""
    options = {**told.recipe.options, "steps": steps}
    recipe = told.recipe.model_copy(
        update={
            "options": options,
            "seed": seed,
            "refit": False,
            "corpus": told.corpus.name,
            "column": told.corpus.column,
            "where": told.corpus.where,
        }
    )
    written = told.model.model_copy(update={"options": model.options.model_dump(mode="json")})
    update = {"model": written, "recipe": recipe, "metrics": {"steps": float(steps)}}
    return Checkpoint(model, checkpoint.tokenizer, told.model_copy(update=update))


def _measured(
    checkpoint: Checkpoint, corpus: Corpus, split: SplitName, steps: int, before: float
) -> Further:
    after = loss_of(checkpoint, corpus, split)
    metrics = {**checkpoint.metadata.metrics, f"{split}_loss": finite_or_none(after)}
    metadata = checkpoint.metadata.model_copy(update={"metrics": metrics})
    kept = Checkpoint(checkpoint.model, checkpoint.tokenizer, metadata)
    return Further(kept, steps, split, before, after)


def _record(corpus: Corpus) -> CorpusRecord:
    return CorpusRecord(
        name=corpus.lasting_name,
        fingerprint=corpus.fingerprint,
        column=corpus.text_column,
        where=dict(corpus.where),
        documents=len(corpus.documents),
    )
