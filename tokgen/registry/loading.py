"""Loading a plugin: imported by name, held against its contract, guarded."""

from __future__ import annotations

import contextlib
import importlib
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from tokgen.errors import PluginError
from tokgen.guards.model import GuardedModel
from tokgen.guards.sampler import GuardedSampler
from tokgen.guards.stamp import guarded
from tokgen.guards.tokenizer import GuardedTokenizer
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.sampler import Needs, Sampler
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.registry.api_numbers import check_api_number
from tokgen.registry.discovery import find, unambiguous_name
from tokgen.registry.found import FoundPlugin, Kind
from tokgen.registry.import_failure import told
from tokgen.registry.plugin_file import CONTRACTS
from tokgen.registry.unfinished import missing_methods, unfinished

_GUARDS: dict[Kind, type] = {
    "tokenizers": GuardedTokenizer,
    "models": GuardedModel,
    "samplers": GuardedSampler,
}


@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin after being imported, its contract and API number checked.

    Attributes:
        implementation: the guarded subclass of its class.
    """

    found: FoundPlugin
    implementation: Any


def load(kind: Kind, name: str) -> LoadedPlugin:
    """Import the plugin, check what it is and guard it.

    Raises:
        RequestError: there is no plugin of that name.
        PluginError: it cannot be imported, or is not what its group promises.
    """
    return load_found(find(kind, name))


@cache
def load_found(found: FoundPlugin) -> LoadedPlugin:
    """A plugin that was found; raises as `load`.

    It is cached, so that a plugin has the same class wherever it is asked for.
    """
    implementation = _checked(found, _import(found))
    return LoadedPlugin(found, guarded(implementation, _GUARDS[found.kind], found))


def _import(found: FoundPlugin) -> Any:
    module, _, attribute = found.reference.partition(":")
    try:
        # Output on import would spoil what the user asked to have on standard output.
        with contextlib.redirect_stdout(sys.stderr):
            return getattr(importlib.import_module(module.strip()), attribute.strip())
    except KeyboardInterrupt:
        raise
    except BaseException as failure:  # a plugin may even raise SystemExit
        said = f"The {found.display_name} cannot be imported: {told(failure)}"
        raise PluginError(said) from failure


def _checked(found: FoundPlugin, implementation: Any) -> Any:
    contract = CONTRACTS[found.kind]
    if not (isinstance(implementation, type) and issubclass(implementation, contract)):
        raise PluginError(f"The {found.display_name} is not a subclass of {contract.__name__}.")
    check_api_number(found, getattr(implementation, "tokgen_api", None))
    if missing_methods(implementation):
        raise PluginError(f"The {found.display_name}: {unfinished(implementation)}")
    options = getattr(implementation, "Options", None)
    if not (isinstance(options, type) and issubclass(options, PluginOptions)):
        raise PluginError(f"The {found.display_name}: its Options is no subclass of PluginOptions.")
    for misnamed in _options_of_another_name(implementation):
        raise PluginError(
            f"The {found.display_name}: its options stand in a class {misnamed!r}, which has to be "
            "called 'Options'."
        )
    return implementation


def _options_of_another_name(implementation: type) -> list[str]:
    own = vars(implementation)
    nested = [name for name, value in own.items() if isinstance(value, type)]
    options = [name for name in nested if issubclass(own[name], PluginOptions)]
    return [] if "Options" in options else options


def load_command(name: str) -> tuple[FoundPlugin, Any]:
    """The command of this name, and what its entry point names; raises as `load`."""
    found = find("commands", name)
    return found, _import(found)


def load_tokenizer(name: str) -> type[Tokenizer]:
    """The tokenizer class of this name; raises as `load` does."""
    tokenizer: type[Tokenizer] = load("tokenizers", name).implementation
    return tokenizer


def load_model(name: str) -> type[LanguageModel]:
    """The model class of this name; raises as `load` does."""
    model: type[LanguageModel] = load("models", name).implementation
    return model


def load_sampler(name: str) -> type[Sampler]:
    """The sampler class of this name; raises as `load` does."""
    loaded = load("samplers", name)
    sampler: type[Sampler] = loaded.implementation
    if sampler.needs not in get_args(Needs):
        known = ", ".join(get_args(Needs))
        raise PluginError(
            f"The {loaded.found.display_name} has needs = {sampler.needs!r}; there are: {known}."
        )
    return sampler


def name_of_model(model: type[LanguageModel]) -> str:
    """The name under which a model class was loaded.

    Raises:
        PluginError: it did not come through the registry, so no checkpoint could name it.
    """
    found = getattr(model, "registered_as", None)
    if not isinstance(found, FoundPlugin):
        reference = f"{model.__module__}:{model.__qualname__}"
        raise PluginError(f"The model class {reference} is registered under no entry point.")
    return unambiguous_name(found)
