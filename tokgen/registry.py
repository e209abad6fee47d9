"""Plugins: found without importing them, sorted, and loaded one at a time, by name.

First-party plugins come through the same entry-point groups as a stranger's. A plugin that fails
costs one sentence, and only to the command that named it: what is loaded is a guarded subclass.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, distributions
from typing import Any, Literal, get_args

from tokgen.errors import PluginError, RequestError, did_you_mean
from tokgen.guards.model import GuardedModel
from tokgen.guards.sampler import GuardedSampler
from tokgen.guards.stamp import guarded
from tokgen.guards.tokenizer import GuardedTokenizer
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.sampler import Needs, Sampler
from tokgen.plugin_api.tokenizer import Tokenizer

TOKGEN_API = 1

Kind = Literal["tokenizers", "models", "samplers", "corpora"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_CONTRACTS: dict[Kind, type] = {
    "tokenizers": Tokenizer,
    "models": LanguageModel,
    "samplers": Sampler,
}
_GUARDS: dict[Kind, type] = {
    "tokenizers": GuardedTokenizer,
    "models": GuardedModel,
    "samplers": GuardedSampler,
}


@dataclass(frozen=True, order=True)
class FoundPlugin:
    """A plugin before loading: what its distribution's metadata says of it."""

    kind: Kind
    name: str
    distribution: str
    version: str
    reference: str

    @property
    def display_name(self) -> str:
        """`model 'gru' of the distribution tokgen-gru 0.3`, for messages."""
        singular = "corpus" if self.kind == "corpora" else self.kind.removesuffix("s")
        return f"{singular} {self.name!r} of the distribution {self.distribution} {self.version}"


@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin after being imported, its contract and API number checked.

    Attributes:
        implementation: the guarded subclass of its class.
    """

    found: FoundPlugin
    implementation: Any


@cache
def find_plugins() -> tuple[FoundPlugin, ...]:
    """Every plugin of every kind, sorted. Nothing is imported."""
    return tuple(sorted(set(_entry_points())))


def _entry_points() -> list[FoundPlugin]:
    groups = {f"tokgen.{kind}": kind for kind in KINDS}
    found, seen = [], set()
    for distribution in distributions():
        entries = [entry for entry in distribution.entry_points if entry.group in groups]
        if not entries or distribution.name in seen:
            continue
        # The first of a name on sys.path is the one that would be imported.
        seen.add(distribution.name)
        found += [
            FoundPlugin(
                groups[entry.group],
                entry.name,
                distribution.name,
                distribution.version,
                entry.value,
            )
            for entry in entries
        ]
    return found


def names(kind: Kind) -> list[str]:
    """The names of one kind, sorted, each once."""
    return sorted({plugin.name for plugin in find_plugins() if plugin.kind == kind})


def status(plugin: FoundPlugin) -> str:
    """`available`, or what metadata alone shows to be wrong with it."""
    rivals = Counter((other.kind, other.name) for other in find_plugins())
    if rivals[plugin.kind, plugin.name] > 1:
        return "name taken twice"
    if _pattern_match(plugin) is None:
        return "malformed entry point"
    return "available"


def _pattern_match(plugin: FoundPlugin) -> Any:
    match = EntryPoint.pattern.match(plugin.reference)
    return match if match and match["attr"] else None


def find(kind: Kind, name: str) -> FoundPlugin:
    """The one plugin of this kind and name.

    Raises:
        RequestError: there is none; the closest name is suggested.
        PluginError: two distributions offer the name, or its entry point is malformed.
    """
    plugins = [plugin for plugin in find_plugins() if (plugin.kind, plugin.name) == (kind, name)]
    if not plugins:
        singular = "corpus" if kind == "corpora" else kind.removesuffix("s")
        raise RequestError(f"There is no {singular} {name!r}.{did_you_mean(name, names(kind))}")
    if len(plugins) > 1:
        rivals = " and ".join(f"{plugin.distribution} {plugin.version}" for plugin in plugins)
        raise PluginError(f"Two distributions offer the {kind} plugin {name!r}: {rivals}.")
    if _pattern_match(plugins[0]) is None:
        raise PluginError(
            f"The {plugins[0].display_name} has a malformed entry point: "
            f"{plugins[0].reference!r} is not 'module:attribute'."
        )
    return plugins[0]


def load(kind: Kind, name: str) -> LoadedPlugin:
    """Import the plugin, check what it is and guard it.

    Raises:
        RequestError: there is no plugin of that name.
        PluginError: it cannot be imported, or is not what its group promises.
    """
    return _loaded(find(kind, name))


@cache
def _loaded(found: FoundPlugin) -> LoadedPlugin:
    """Cached, so that a plugin has the same class wherever it is asked for."""
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
        told = f"{type(failure).__name__}: {failure}".splitlines()[0]
        raise PluginError(f"The {found.display_name} cannot be imported: {told}") from failure


def _checked(found: FoundPlugin, implementation: Any) -> Any:
    contract = _CONTRACTS[found.kind]
    if not (isinstance(implementation, type) and issubclass(implementation, contract)):
        raise PluginError(f"The {found.display_name} is not a subclass of {contract.__name__}.")
    api = getattr(implementation, "tokgen_api", None)
    if api != TOKGEN_API:
        raise PluginError(
            f"The {found.display_name} is written for tokgen_api = {api}; this is {TOKGEN_API}."
        )
    missing = sorted(getattr(implementation, "__abstractmethods__", ()))
    if missing:
        raise PluginError(f"The {found.display_name} lacks {', '.join(missing)}.")
    options = getattr(implementation, "Options", None)
    if not (isinstance(options, type) and issubclass(options, PluginOptions)):
        raise PluginError(f"The {found.display_name}: its Options is no subclass of PluginOptions.")
    return implementation


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
    return found.name
