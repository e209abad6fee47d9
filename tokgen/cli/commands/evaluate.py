"""`tokgen eval`: the loss of a checkpoint on documents, and what follows from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument
from tokgen.cli.bundles import bundled
from tokgen.cli.measured import measure
from tokgen.cli.model_choice import ModelChoice
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.metrics import named_figures
from tokgen.corpus.corpus import SPLIT_NAMES
from tokgen.training.evaluation import Evaluation

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
    result, name = measure(open_model(chosen.request()), chosen, split)
    if json:
        print_json({**asdict(result), "split": name})
    else:
        _show(result)


def _show(result: Evaluation) -> None:
    values = asdict(result)
    names = [key.replace("_", " ") for key in values]
    found = [
        f"{value:,}" if isinstance(value, int) else f"{value:.4f}" for value in values.values()
    ]
    output_console().print(named_figures(names, found, [_UNITS[key] for key in values]))
