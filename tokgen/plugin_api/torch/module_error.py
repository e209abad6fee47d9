"""What an author has written otherwise than a `TorchModel` is written, and in which line."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from tokgen.plugin_api.torch.network_options import NetworkOptions

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel


class ModuleError(TypeError):
    """A class that derives from `TorchModel` is not as its contract says.

    Attributes:
        source_line: the file and the line that has to be changed; None where it cannot be found.
    """

    def __init__(self, said: str, written: Any, word: str = "") -> None:
        """`written`: the function or class that is wrong; `word`: how the line in it begins."""
        super().__init__(said)
        self.source_line = _line_in(written, word)


def check_reads(model: TorchModel) -> None:
    """The class says what `forward` reads, and has the option that goes with it.

    Raises:
        ModuleError: it does not.
    """
    declared: str = model.reads
    author_class = _class_with(model, "reads" if "reads" in vars(type(model)) else "forward")
    if declared not in ("context", "sequence"):
        raise ModuleError(
            f'`reads` is {declared!r} instead of "context" or "sequence"', author_class, "reads"
        )
    if declared == "context" and not hasattr(model.options, "context"):
        raise ModuleError(
            'a model whose `reads` is "context", as where the class says nothing, needs an option '
            '`context`: write `reads = "sequence"` into the class if `forward` gives logits '
            "(B, T, V), or else declare the option",
            author_class,
        )


def check_training_options(model: TorchModel) -> None:
    """The options have those of the training, beside what the author declares.

    Raises:
        ModuleError: they do not.
    """
    if not isinstance(model.options, NetworkOptions):
        raise ModuleError(
            "its options lack those of the training (steps, learning_rate, …): write "
            "`class Options(NetworkOptions)`",
            type(model.options),
            "class",
        )


@contextlib.contextmanager
def building_once(model: TorchModel) -> Iterator[None]:
    """Around `build`, which stands where a torch module has its constructor.

    Raises:
        ModuleError: it calls the constructor of `TorchModel`, as that of a torch module would.
    """
    try:
        yield
    except TypeError as error:
        if not str(error).startswith("TorchModel.__init__() missing"):
            raise
        raise ModuleError(
            "build calls `super().__init__()`, which tokgen has called before: leave the line out",
            type(model).build,
            "super().__init__",
        ) from error


def check_layers(model: TorchModel) -> None:
    """Every layer and parameter that `build` has made is one that torch trains and saves.

    Raises:
        ModuleError: one stands in a list, a tuple or a dictionary, where torch does not find it.
    """
    known = {id(each) for each in (*model.modules(), *model.parameters(), *model.parts.values())}
    for module in model.modules():
        for name, kept in vars(module).items():
            if any(id(each) not in known for each in _layers_in(kept)):
                _raise_for(model, module, name, type(kept).__name__)


def check_cache_parameter(model: TorchModel) -> None:
    """`forward`, which has returned a cache, can be given one.

    Raises:
        ModuleError: it has no parameter `cache`.
    """
    parameters = inspect.signature(model.forward).parameters
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    if "cache" in parameters or takes_all:
        return
    raise ModuleError(
        "forward returns a cache, and has no parameter `cache` to go on from it (its parameters "
        f"are {', '.join(parameters)}): write `forward(self, ids, given=None, cache=None)`",
        type(model).forward,
    )


def _raise_for(model: TorchModel, module: nn.Module, name: str, kind: str) -> None:
    written = type(model).build if module is model else type(module).__init__
    wrapper = "nn.ModuleDict" if kind == "dict" else "nn.ModuleList"
    raise ModuleError(
        f"the layers in the {kind} `self.{name}` are not seen by torch, which would neither train "
        f"nor save them: write `self.{name} = {wrapper}(…)` (of parameters `nn.ParameterList`)",
        written,
        f"self.{name}",
    )


def _layers_in(kept: Any) -> Iterator[nn.Module | nn.Parameter]:
    values = kept.values() if isinstance(kept, dict) else kept
    if isinstance(kept, (list, tuple, dict)):
        yield from (each for each in values if isinstance(each, (nn.Module, nn.Parameter)))


def _class_with(model: TorchModel, name: str) -> type[Any]:
    """The class that the author wrote, not one that was derived from it to guard it."""
    return next(each for each in type(model).__mro__ if name in vars(each))


def _line_in(written: Any, word: str) -> tuple[Path, int] | None:
    try:
        lines, first = inspect.getsourcelines(written)
        file = Path(inspect.getfile(written))
    except (OSError, TypeError):
        return None
    for number, line in enumerate(lines, start=first):
        if word and line.lstrip().startswith(word):
            return file, number
    return file, first
