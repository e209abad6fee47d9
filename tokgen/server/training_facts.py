"""What the page may train: models, and those of their options that name nothing."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from tokgen import registry
from tokgen.errors import TokgenError
from tokgen.plugin_api import NetworkOptions
from tokgen.plugin_api.model import LanguageModel
from tokgen.server.page_facts import LEAST, MOST, bound
from tokgen.server.training_limits import TrainingLimits
from tokgen.server.training_work import STEPS

Json = dict[str, Any]
NUMBERS = (int, float, bool)
# Options whose values are other plugins or files.
PARTS = "parts"


@dataclass(frozen=True)
class OfferedOption:
    """An option of a model that a request may set.

    Attributes:
        kind: `int`, `float`, `bool`, or `choice` of one of `choices`.
    """

    name: str
    kind: str
    least: float | None
    most: float | None
    default: Any
    choices: tuple[Any, ...] | None
    said: str

    def as_json(self) -> Json:
        """As the page is told of it."""
        choices = None if self.choices is None else list(self.choices)
        return {**vars(self), "choices": choices}


@dataclass(frozen=True)
class OfferedModel:
    """A model that a request may train, and its options by name."""

    name: str
    said: str
    options: dict[str, OfferedOption]


def offered_models(limits: TrainingLimits) -> Iterator[OfferedModel]:
    """The models that can be trained with options that name neither files nor plugins."""
    for name in registry.names("models"):
        try:
            model_class = registry.load_model(name)
        except TokgenError:
            continue
        fields = _own_first(model_class.Options.model_fields)
        options = {each: _option(each, field, limits) for each, field in fields.items()}
        offered = {each: option for each, option in options.items() if option is not None}
        left_out = [field for each, field in fields.items() if each not in offered]
        if PARTS not in fields and not any(field.is_required() for field in left_out):
            yield OfferedModel(name, _said_of(model_class), offered)


def _own_first(fields: dict[str, FieldInfo]) -> dict[str, FieldInfo]:
    """What makes a model itself before what all networks share."""
    return dict(sorted(fields.items(), key=lambda each: each[0] in NetworkOptions.model_fields))


def limits_as_json(limits: TrainingLimits) -> Json:
    """The limits that the page tells."""
    told = ("words", "bytes", "characters", "steps", "seconds", "parameters")
    return {name: getattr(limits, name) for name in told}


def model_as_json(model: OfferedModel) -> Json:
    """A model as the page is told of it."""
    options = [option.as_json() for option in model.options.values()]
    return {"name": model.name, "said": model.said, "options": options}


def _said_of(model_class: type[LanguageModel]) -> str:
    written = getattr(model_class, "implementation", model_class)
    return (inspect.getdoc(written) or "").partition("\n")[0]


def _option(name: str, field: FieldInfo, limits: TrainingLimits) -> OfferedOption | None:
    """None where a request may not set it."""
    kind = _without_none(field.annotation)
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    said = field.description or ""
    if get_origin(kind) is Literal:
        return OfferedOption(name, "choice", None, None, default, get_args(kind), said)
    if kind not in NUMBERS:
        return None
    most = bound(field, MOST)
    if kind is int:
        ceiling = limits.steps if name == STEPS else limits.option
        most = ceiling if most is None else min(most, ceiling)
    return OfferedOption(name, kind.__name__, bound(field, LEAST), most, default, None, said)


def _without_none(annotation: Any) -> Any:
    """`int` for `int | None`, whose None is the default."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    is_optional = len(kinds) == 1 and NoneType in get_args(annotation)
    return kinds[0] if is_optional else annotation
