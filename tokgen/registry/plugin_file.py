"""Plugins from a file that is not installed: the plugin classes that it defines."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tokgen.errors import PluginError, RequestError
from tokgen.paths import is_there
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.sampler import Sampler
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.reading import check_readable
from tokgen.registry.discovery import add, added_from
from tokgen.registry.found import FoundPlugin, Kind
from tokgen.registry.import_failure import told
from tokgen.registry.unfinished import missing_methods

CONTRACTS: dict[Kind, type] = {
    "tokenizers": Tokenizer,
    "models": LanguageModel,
    "samplers": Sampler,
}


def add_file(path: str | Path) -> tuple[FoundPlugin, ...]:
    """Import a file and let its plugins be found in this process; a second time changes nothing.

    They are the classes of plugins that are defined in the file itself and whose names do not begin
    with `_`. A class that lacks a method is one of them, so that loading it says what it lacks,
    unless another class of the file derives from it. A plugin's name is its attribute `name`, or
    the class' name in snake_case.

    Raises:
        RequestError: there is no such Python file, it may not be read, it defines no plugin or a
            command alone, or a name is taken.
        PluginError: the file cannot be imported.
    """
    plugins = add_file_with_command(path)
    if all(each.kind == "commands" for each in plugins):
        raise RequestError(
            f"{str(path)!r} defines a command alone, which tokgen takes from installed "
            f"distributions only: `python {path}` runs it, `tokgen plugins check {path}` checks it."
        )
    return plugins


def add_file_with_command(path: str | Path) -> tuple[FoundPlugin, ...]:
    """The plugins of `add_file`, and the command of a file whose attribute `app` is a Typer app.

    Its name is that of the file. Raises as `add_file`, but not of a command alone.
    """
    file = Path(path)
    if file.suffix != ".py" or not is_there(file):
        raise RequestError(f"There is no Python file {str(path)!r}.")
    check_readable(file)
    resolved = str(file.resolve())
    already = added_from(resolved)
    if already is not None:
        return already
    module = import_file(resolved)
    plugins = (*_plugins_of(module, resolved), *_command_of(module, resolved))
    if not plugins:
        raise RequestError(
            f"{str(path)!r} defines no plugin: no class that derives from Tokenizer, LanguageModel "
            "or Sampler and whose name does not begin with _, and no Typer app named `app`."
        )
    add(resolved, plugins)
    return plugins


def import_file(file: str) -> ModuleType:
    """The module of a file, under a name that no other file has.

    Raises:
        PluginError: its code fails.
    """
    stem = re.sub(r"\W", "_", Path(file).stem)
    name = f"{stem}_{hashlib.sha256(file.encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RequestError(f"{file!r} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # Output on import would spoil what the user asked to have on standard output.
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as failure:  # it may even raise SystemExit
        del sys.modules[name]
        said = f"The file {Path(file).name} cannot be imported: {told(failure)}"
        raise PluginError(said) from failure
    return module


def _plugins_of(module: ModuleType, file: str) -> list[FoundPlugin]:
    own = {
        attribute: value
        for attribute, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }
    return [
        FoundPlugin(
            kind, _name_of(value), Path(file).name, "", f"{module.__name__}:{attribute}", file
        )
        for attribute, value in own.items()
        if not attribute.startswith("_") and not _is_only_a_base(value, own.values())
        for kind, contract in CONTRACTS.items()
        if issubclass(value, contract)
    ]


def _is_only_a_base(value: type, classes: Iterable[type]) -> bool:
    """Whether a class leaves something to others, and one of them derives from it."""
    return bool(missing_methods(value)) and any(
        issubclass(each, value) for each in classes if each is not value
    )


def _command_of(module: ModuleType, file: str) -> list[FoundPlugin]:
    """The command of a module; what makes no Typer app has not imported typer."""
    typer = sys.modules.get("typer")
    if typer is None or not isinstance(vars(module).get("app"), typer.Typer):
        return []
    name, reference = Path(file).stem.replace("_", "-"), f"{module.__name__}:app"
    return [FoundPlugin("commands", name, Path(file).name, "", reference, file)]


def _name_of(plugin: type) -> str:
    name = vars(plugin).get("name")
    return name if isinstance(name, str) else snake_case(plugin.__name__)


def snake_case(name: str) -> str:
    """`MixUniform` -> `mix_uniform`, `CharRNN` -> `char_rnn`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return words.lower()
