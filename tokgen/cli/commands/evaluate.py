"""`tokgen eval`: the loss of a checkpoint on documents, and what follows from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument
from tokgen.cli.bundles import bundled
from tokgen.cli.model_choice import ModelChoice
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json, say
from tokgen.cli.views.metrics import named_figures
from tokgen.corpus.columns import encode_splits
from tokgen.corpus.corpus import SPLIT_NAMES, Corpus, SplitName
from tokgen.errors import RequestError, counted, did_you_mean
from tokgen.text_model.text_model import TextModel
from tokgen.training.evaluation import Evaluation
from tokgen.training.evaluation import evaluate as evaluate_documents

_UNITS = {
    "tokens": "predictions, terminators included",
    "nll": "nats per token",
    "bits_per_token": "bits",
    "perplexity": "",
    "bits_per_char": "bits, terminators' included",
    "documents": "",
}


@bundled
def evaluate(
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="|".join(SPLIT_NAMES),
            help="What to use.",
            autocompletion=lambda: SPLIT_NAMES,
        ),
    ] = None,
    chosen: ModelChoice = ModelChoice(),
    json: JsonArgument = False,
) -> None:
    """Measure a model's loss on documents, those of a split that it was not trained on."""
    if split is not None and split not in SPLIT_NAMES:
        raise RequestError(f"There is no split {split!r}.{did_you_mean(split, SPLIT_NAMES)}")
    text_model = open_model(chosen.request())
    beside_checkpoint = None not in (chosen.checkpoint, chosen.corpus)
    documents = text_model.corpus if beside_checkpoint else text_model.trained_on
    name: SplitName = split or _default_split(documents, text_model)
    measured = documents.split(name)
    if not len(measured):
        raise RequestError(
            f"The {name} split of {documents.name!r} is empty; --split all takes everything."
        )
    say(f"{name} split of {documents.name}: {counted(len(measured), 'document')}")
    model = text_model.model
    dataset = encode_splits(documents, [name], text_model.tokenizer, model.vocabulary)
    result = evaluate_documents(model, dataset, measured.characters())
    if json:
        print_json({**asdict(result), "split": name})
    else:
        _show(result)


def _default_split(corpus: Corpus, text_model: TextModel) -> SplitName:
    """A corpus: test. A file that the model was trained on: validation. Another file: all."""
    if corpus.package is not None:
        return "test"
    trained_on_it = corpus.fingerprint == text_model.metadata.corpus.fingerprint
    return "validation" if trained_on_it else "all"


def _show(result: Evaluation) -> None:
    values = asdict(result)
    names = [key.replace("_", " ") for key in values]
    found = [
        f"{value:,}" if isinstance(value, int) else f"{value:.4f}" for value in values.values()
    ]
    output_console().print(named_figures(names, found, [_UNITS[key] for key in values]))
