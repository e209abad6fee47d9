"""What the page asks of trainings."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import (
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    field_validator,
    model_validator,
)

from tokgen.server.bodies import LARGEST_SEED, Body, NotNegative

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
Options = dict[str, StrictBool | StrictInt | StrictFloat | StrictStr | None]


class TrainBody(Body):
    """A training: a corpus by its name, or the words of one, one a line; and a model."""

    corpus: StrictStr | None = None
    words: StrictStr | None = None
    model: StrictStr
    options: Options = Field(default_factory=dict)
    steps: NotNegative | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 0

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.corpus is None) == (self.words is None):
            raise ValueError("the documents stand either in corpus or in words")
        return self


class JobBody(Body):
    """A training by its id."""

    job: StrictStr


class WatchBody(JobBody):
    """What is new of a training after a step, and the distribution after a text."""

    since: NotNegative | None = None
    typed: StrictStr = ""


class KeepBody(JobBody):
    """The name under which a trained model is kept."""

    name: StrictStr

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not PLAIN_NAME.fullmatch(name):
            plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40]
            such_as = f", such as {plain!r}" if plain else ""
            raise ValueError(
                "a name has 1 to 40 letters (a to z), digits and hyphens, and no hyphen first"
                f"{such_as}"
            )
        return name
