"""Which model a command works with, and what it is told: the options, and the request they make."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tokgen.cli.arguments import (
    CheckpointArgument,
    ColumnArgument,
    CorpusArgument,
    GivenArgument,
    ModelArgument,
    OptionsArgument,
    WhereArgument,
)
from tokgen.plugin_api.options import parse_assignments
from tokgen.training.model_request import ModelRequest


@dataclass(frozen=True)
class ModelChoice:
    """Which model a command works with."""

    corpus: CorpusArgument = None
    column: ColumnArgument = None
    model: ModelArgument = None
    checkpoint: CheckpointArgument = None
    where: WhereArgument = None
    option: OptionsArgument = None

    def request(self) -> ModelRequest:
        """What the user asked for; `RequestError` where a `--where` or `-o` is not KEY=VALUE."""
        return ModelRequest(
            corpus=self.corpus,
            model=self.model,
            where=parse_assignments(self.where or []),
            options=parse_assignments(self.option or []),
            checkpoint=self.checkpoint,
            column=self.column,
        )


@dataclass(frozen=True)
class SpeakingModel(ModelChoice):
    """Which model speaks, and what it is told."""

    given: GivenArgument = None

    def request(self) -> ModelRequest:
        """As `ModelChoice.request`, with what is given."""
        given = parse_assignments(self.given, "column") if self.given else None
        return replace(super().request(), given=given)
