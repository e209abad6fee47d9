"""The flags that say what to train and how: the settings of a recipe, laid over a recipe file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tokgen.cli import candidates, column_candidates
from tokgen.cli.arguments import (
    ColumnArgument,
    CorpusArgument,
    ModelArgument,
    OptionsArgument,
    SeedArgument,
    TokenizerArgument,
    WhereArgument,
)
from tokgen.cli.file_roles import FileRole
from tokgen.errors import RequestError
from tokgen.plugin_api.options import parse_assignments
from tokgen.rng import drawn_seed
from tokgen.training.default_steps import MANY_DOCUMENTS, MOST_TIMES
from tokgen.training.model_store import checkpoint_path
from tokgen.training.plan import Plan, plan
from tokgen.training.recipe import Device, Recipe, find_recipe, read_recipe, setting_line


@dataclass(frozen=True)
class RecipeFlags:
    """What to train, on what, and how."""

    corpus: CorpusArgument = None
    column: ColumnArgument = None
    model: ModelArgument = None
    option: OptionsArgument = None
    where: WhereArgument = None
    condition_on: Annotated[
        str | None,
        typer.Option(
            "--condition-on",
            metavar="COLUMN,…",
            help="Train one model that is told the values of these columns.",
            autocompletion=column_candidates.columns,
        ),
    ] = None
    tokenizer: TokenizerArgument = None
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE|CORPUS/NAME",
            help="A recipe file, or the name of a recipe that a corpus ships; flags override it.",
            autocompletion=candidates.recipes,
        ),
        FileRole.read,
    ] = None
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="CHECKPOINT",
            help="Start from the weights of this checkpoint, on its corpus or another.",
            autocompletion=candidates.checkpoints,
        ),
        FileRole.read,
    ] = None
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps",
            min=0,
            help="Make at most N updates (as -o steps=N); 0 leaves the model untrained. "
            f"The default is the model's own; beyond {MANY_DOCUMENTS:,} training documents it "
            f"grows with their number, to at most {MOST_TIMES} times as many.",
        ),
    ] = None
    deduplicate: Annotated[
        bool | None, typer.Option("--deduplicate", help="Keep only the first of equal documents.")
    ] = None
    refit: Annotated[
        bool | None,
        typer.Option(
            "--refit/--no-refit",
            help="Train once more, on training and validation documents together.",
        ),
    ] = None
    device: Annotated[
        Device | None, typer.Option("--device", help="Device on which networks are trained.")
    ] = None
    seed: SeedArgument = None

    def settings(self) -> dict[str, Any]:
        """What the recipe file says, with the flags laid over it; nothing that neither says."""
        columns = self.condition_on and [name.strip() for name in self.condition_on.split(",")]
        flags = {
            "corpus": self.corpus,
            "column": self.column,
            "model": self.model,
            "tokenizer": self.tokenizer,
            "where": parse_assignments(self.where or []) or None,
            "condition_on": columns,
            "from_checkpoint": self._beginning(),
            "deduplicate": self.deduplicate,
            "refit": self.refit,
            "device": self.device,
            "seed": self.seed,
        }
        given = {key: value for key, value in flags.items() if value is not None}
        written = read_recipe(find_recipe(self.config)) if self.config else {}
        options = {**written.get("options", {}), **self._options()}
        return {**written, **given, "options": options}

    def _options(self) -> dict[str, Any]:
        options = parse_assignments(self.option or [])
        if self.steps is None:
            return options
        if "steps" in options:
            raise RequestError("--steps and -o steps=N say the same thing: one is enough.")
        return {**options, "steps": self.steps}

    def _beginning(self) -> str | None:
        """The path of the checkpoint to go on from."""
        if self.from_ is None:
            return None
        return str(checkpoint_path(self.from_, self.corpus))

    def plan(self) -> Plan:
        """The plan of these settings, with a drawn seed; errors in the file name their line."""
        settings = self.settings()
        try:
            return plan(Recipe.model_validate({"seed": drawn_seed(), **settings}))
        except RequestError as error:
            if self.config is None:
                raise
            place = _place(find_recipe(self.config), settings["options"], str(error))
            raise RequestError(f"{place}: {error}") from None


def _place(config: Path, options: dict[str, Any], message: str) -> str:
    """The file and, where the message speaks of one setting, its line."""
    keys = ["tokenizer"] if message.startswith("Tokenizer ") else []
    for name in options if message.startswith("Model ") else ():
        if f"option {name!r}" in message:
            keys = ["options", name]
    return f"{str(config)!r}, line {setting_line(config, keys)}" if keys else repr(str(config))
