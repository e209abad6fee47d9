"""A kept model as lines: its name, then what it is."""

from __future__ import annotations

from collections.abc import Iterator

from tokgen.training.kept_models import KeptModel
from tokgen.training.metadata import STOPPED_AT
from tokgen.training.recipe import Recipe
from tokgen.unicode import inert
from tokgen.unit import Unit


def kept_lines(kept: KeptModel, unit: Unit = Unit.nats) -> Iterator[str]:
    """The lines of one model, an empty one at the end."""
    date = kept.date.astimezone().strftime("%Y-%m-%d %H:%M")
    used = ", used by default" if kept.used else ""
    yield inert(f"{kept.name}  {_state(kept)} {date}{used}")
    if kept.problem is not None:
        yield inert(f"  problem    {kept.problem}")
    if not kept.name.startswith(kept.model):
        yield inert(f"  model      {kept.model}")
    if kept.recipe is not None:
        yield from map(inert, _recipe_lines(kept.recipe))
    if kept.loss is not None:
        split, loss = kept.loss
        figure = "infinite" if loss is None else f"{unit.of(loss):.4f} {unit} per token"
        yield f"  loss       {figure} ({split})"
    yield inert(f"  path       {kept.path}")
    yield ""


def _state(kept: KeptModel) -> str:
    if kept.state == "stopped" and kept.metrics:
        state = f"stopped at step {kept.metrics[STOPPED_AT]:.0f}"
    else:
        state = kept.state
    return f"{state}, --resume can go on," if kept.resumable else state


def _recipe_lines(recipe: Recipe) -> Iterator[str]:
    where = "".join(f" {column}={value}" for column, value in recipe.where.items())
    yield f"  corpus     {recipe.corpus}{where}"
    yield f"  tokenizer  {recipe.tokenizer}"
    options = "".join(f"{key}={value} " for key, value in recipe.options.items())
    yield f"  options    {options or 'the defaults '}(seed {recipe.seed})"
