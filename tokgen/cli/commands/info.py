"""`tokgen info`: what a checkpoint holds: model, parameters by tensor, recipe, losses."""

from __future__ import annotations

import json as json_format
from typing import Any

from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.model_choice import ModelChoice
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.metrics import metrics_table
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.text_model.text_model import TextModel
from tokgen.training.tensor_names import all_arrays
from tokgen.unicode import inert
from tokgen.unit import Unit


@bundled
def info(
    chosen: ModelChoice = ModelChoice(),
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show a checkpoint's model, parameter counts by tensor, recipe and losses."""
    check_unit(unit, json=json)
    text_model = open_model(chosen.request())
    counts = {name: array.size for name, array in all_arrays(text_model.model).items()}
    if json:
        metadata = text_model.metadata.model_dump(mode="json")
        print_json({**metadata, "parameters": {**counts, "total": sum(counts.values())}})
    else:
        _show(text_model, counts, unit or Unit.nats)


def _show(text_model: TextModel, counts: dict[str, int], unit: Unit) -> None:
    console = output_console()
    metadata = text_model.metadata
    context = text_model.model.context_length
    window = "all tokens" if context is None else f"context {context}"
    console.print(inert(f"{metadata.model.name}, {window}"), style="bold")
    console.print(_parameters(text_model, counts))
    console.print()
    console.print(_settings(metadata.model_dump(mode="json")))
    console.print()
    console.print(metrics_table(metadata.metrics, unit))


def _parameters(text_model: TextModel, counts: dict[str, int]) -> Any:
    from rich.text import Text

    arrays = all_arrays(text_model.model)
    names = [inert(name) for name in arrays]
    shapes = [" × ".join(map(str, array.shape)) for array in arrays.values()]
    numbers = [f"{counts[name]:,}" for name in arrays]
    total = Text(f"{sum(counts.values()):,}", "bold")
    return Table(
        [
            Column([*names, Text("total", "bold")], "tensor", is_key=True, least=LEAST_TEXT),
            figures([*shapes, ""], "shape"),
            figures([*numbers, total], "numbers"),
        ]
    )


def _ancestors(found: list[dict[str, Any]]) -> dict[str, str]:
    """The checkpoints that the training went on from, the first one first."""
    return {
        f"went on from {number}": f"{each['checkpoint'] or 'a session'}: {each['corpus']}, "
        f"seed {each['seed']}, best step {each['steps'] or 0:g}, "
        f"fingerprint {each['fingerprint'][:16]}"
        for number, each in enumerate(found, start=1)
    }


def _settings(metadata: dict[str, Any]) -> Any:
    recipe = {key: value for key, value in metadata["recipe"].items() if key != "options"}
    settings = {
        **metadata["model"]["options"],
        **{f"recipe {key}": value for key, value in recipe.items() if value not in ({}, [], None)},
        "documents": metadata["corpus"]["documents"],
        "corpus fingerprint": metadata["corpus"]["fingerprint"][:16],
        **_ancestors(metadata["ancestors"]),
        **metadata["plugins"],
        **{key: f"the file {file}" for key, file in metadata["plugin_files"].items()},
    }
    shown = [
        inert(value if isinstance(value, str) else json_format.dumps(value))
        for value in settings.values()
    ]
    return Table(
        [
            Column([*map(inert, settings)], style="dim", is_key=True, least=LEAST_TEXT),
            Column(shown, least=LEAST_TEXT),
        ]
    )
