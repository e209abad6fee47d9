"""What the page asks: each body holds the whole place, so that the server remembers nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictStr

from tokgen.server.bodies import LARGEST_SEED, AskedConditions, Body, Ids, NotNegative, Positive

Written = Annotated[tuple[StrictStr, ...], Field(max_length=32)]
Given = dict[str, str]


class ModelBody(Body):
    """A model by its name; null is the one that the server was started with."""

    model: str | None = None


class PlaceBody(ModelBody):
    """A place: the text that was typed, the ids chosen since, and what the model is told."""

    typed: StrictStr = ""
    drawn: Ids = ()
    given: Given | None = None


class StepBody(PlaceBody):
    """The distribution at a place, under samplers as the command line writes them."""

    samplers: Written = ()


class DrawBody(StepBody):
    """One token drawn at a place: the n-th draw from a place is sequence n of the seed."""

    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)]
    sequence: NotNegative = 0


class TreeBody(StepBody):
    """The tree that grows from a place."""

    depth: Annotated[int, Field(ge=1, le=8)] = 3
    width: Annotated[int, Field(ge=1, le=30)] = 3


class ExactBody(StepBody):
    """What is exactly known of the documents that go on from a place."""

    conditions: AskedConditions = AskedConditions()
    positions: bool = False


class TopBody(ExactBody):
    """The most probable of these documents."""

    count: Annotated[Positive, Field(le=100)] = 10
