"""Plugins that are there: in the metadata of installed distributions, and in files that were added.

Nothing is imported. A distribution whose metadata cannot be read costs itself alone.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distributions

from tokgen.errors import PluginError, RequestError, did_you_mean
from tokgen.registry.found import KINDS, FoundPlugin, Kind, singular

FIRST_PARTY = "tokgen"
DISABLE, LOAD = "TOKGEN_DISABLE_PLUGINS", "TOKGEN_LOAD_PLUGINS"
FROM_FILES: tuple[Kind, ...] = ("tokenizers", "models", "samplers")
_GROUPS = {f"tokgen.{kind}": kind for kind in KINDS}

_added: dict[str, tuple[FoundPlugin, ...]] = {}


@dataclass(frozen=True, order=True)
class DamagedDistribution:
    """A distribution on the path whose plugins cannot be listed.

    Attributes:
        place: the folder of its metadata.
        said: what is wrong with it.
    """

    place: str
    said: str


@cache
def _installed() -> tuple[tuple[FoundPlugin, ...], tuple[DamagedDistribution, ...]]:
    found: set[FoundPlugin] = set()
    damaged: set[DamagedDistribution] = set()
    seen: set[str] = set()
    for distribution in distributions():
        try:
            written = distribution.read_text("entry_points.txt") or ""
            # Most distributions have no plugin: theirs need not be parsed.
            if "[tokgen." not in written:
                continue
            _check_headers(written)
            entries = [each for each in distribution.entry_points if each.group in _GROUPS]
            # The first of a name on sys.path is the one that would be imported.
            if entries and (name := _name_of(distribution)) not in seen:
                seen.add(name)
                version = distribution.metadata["Version"]
                if version is None:
                    raise ValueError("its METADATA has no Version")
                found.update(_plugin(entry, name, version) for entry in entries)
        except Exception as error:
            told = f"{type(error).__name__}: {error}".splitlines()[0]
            damaged.add(DamagedDistribution(_place_of(distribution), told))
    return tuple(sorted(found)), tuple(sorted(damaged))


def _check_headers(written: str) -> None:
    """Refuse a group whose header is not closed: its entries would be lost in silence."""
    unclosed = re.search(r"^\s*(\[tokgen\.[^\]\n]*)$", written, re.MULTILINE)
    if unclosed:
        raise ValueError(f"its entry_points.txt has the header {unclosed[1]!r} without a ]")


def _name_of(distribution: Distribution) -> str:
    name: str | None = distribution.metadata["Name"]
    if not name:
        raise ValueError("its METADATA has no Name")
    return name


def _plugin(entry: EntryPoint, distribution: str, version: str) -> FoundPlugin:
    return FoundPlugin(_GROUPS[entry.group], entry.name, distribution, version, entry.value)


def _place_of(distribution: Distribution) -> str:
    return str(getattr(distribution, "_path", "an unknown place"))


def find_plugins() -> tuple[FoundPlugin, ...]:
    """Every plugin of every kind, sorted. Nothing is imported."""
    installed = _installed()[0]
    if not _added:
        return installed  # They are sorted: requests of a server come here again and again.
    files = (plugin for plugins in _added.values() for plugin in plugins)
    return tuple(sorted((*installed, *files)))


def damaged_distributions() -> tuple[DamagedDistribution, ...]:
    """The distributions whose plugins cannot be listed."""
    return _installed()[1]


def look_again() -> None:
    """Forget what is installed, because the path has changed."""
    _installed.cache_clear()


def added_files() -> tuple[str, ...]:
    """The files that were added to this process, in order."""
    return tuple(_added)


def added_from(file: str) -> tuple[FoundPlugin, ...] | None:
    """The plugins of a file, if it has been added."""
    return _added.get(file)


def add(file: str, plugins: tuple[FoundPlugin, ...]) -> None:
    """Let the plugins of a file be found; a plugin that is disabled leaves its name to others.

    Raises:
        RequestError: a name is taken already.
    """
    for number, plugin in enumerate(plugins):
        enabled = (each for each in find_plugins() if not disabled_by(each))
        for other in (*enabled, *plugins[:number]):
            if (other.kind, other.name) == (plugin.kind, plugin.name):
                raise RequestError(
                    f"The {plugin.display_name} cannot be added: its name is taken by the "
                    f"{other.display_name}. Give its class another `name`."
                )
    _added[file] = plugins


def disabled_by(plugin: FoundPlugin) -> str | None:
    """The environment variable that disables a plugin; None where it is enabled.

    `TOKGEN_DISABLE_PLUGINS` names plugins (`name` or `kind:name`) and distributions; with
    `TOKGEN_LOAD_PLUGINS` no others than first-party ones and those distributions are enabled. The
    names of plugins are those of installed ones: a file was asked for by whoever names it.
    """
    names = set() if plugin.file else {plugin.name, f"{plugin.kind}:{plugin.name}"}
    if {*names, plugin.distribution} & _listed(DISABLE):
        return DISABLE
    enabled = LOAD not in os.environ or plugin.distribution in {FIRST_PARTY, *_listed(LOAD)}
    return None if enabled or plugin.file else LOAD


def unknown_in_variables() -> tuple[tuple[str, str], ...]:
    """What the environment disables or enables and is not there: each variable with the name."""
    plugins = _installed()[0]
    distributions = {each.distribution for each in plugins}
    names = {name for each in plugins for name in (each.name, f"{each.kind}:{each.name}")}
    known = {DISABLE: names | distributions, LOAD: distributions}
    return tuple(
        (variable, name)
        for variable in known
        for name in sorted(_listed(variable) - known[variable])
    )


def _listed(variable: str) -> set[str]:
    return {each.strip() for each in os.environ.get(variable, "").split(",") if each.strip()}


def names(kind: Kind) -> list[str]:
    """The names of one kind that are enabled, sorted, each once."""
    return sorted(
        {each.name for each in find_plugins() if each.kind == kind and not disabled_by(each)}
    )


def find(kind: Kind, name: str) -> FoundPlugin:
    """The one plugin of this kind and name, which may be written `distribution:name`.

    Raises:
        RequestError: there is none, and the closest name is suggested; or it is disabled.
        PluginError: two distributions offer the name, or its entry point is malformed.
    """
    plugins = [each for each in find_plugins() if each.kind == kind and _is_named(each, name)]
    enabled = [each for each in plugins if not disabled_by(each)]
    if not plugins:
        hint = did_you_mean(name, names(kind))
        # Where no name is near, what is meant is probably in a file that was not brought.
        of_file = kind in FROM_FILES and not hint.startswith(" Did you mean")
        field = "plugin" if of_file else None
        raise RequestError(f"There is no {singular(kind)} {name!r}.{hint}", field)
    if not enabled:
        variable = disabled_by(plugins[0])
        raise RequestError(f"The {plugins[0].display_name} is disabled by {variable}.")
    if len(enabled) > 1:
        owners = " and ".join(each.owner for each in enabled)
        raise PluginError(
            f"More than one distribution offers the {singular(kind)} {name!r}: {owners}. "
            f"Write {' or '.join(f'{each.distribution}:{name}' for each in enabled)}."
        )
    if is_malformed(enabled[0]):
        raise PluginError(
            f"The {enabled[0].display_name} has a malformed entry point: "
            f"{enabled[0].reference!r} is not 'module:attribute'."
        )
    return enabled[0]


def _is_named(plugin: FoundPlugin, name: str) -> bool:
    return name in (plugin.name, f"{plugin.distribution}:{plugin.name}")


def unambiguous_name(plugin: FoundPlugin) -> str:
    """The name under which `find` finds this plugin and no other."""
    return f"{plugin.distribution}:{plugin.name}" if rivals_of(plugin) else plugin.name


def rivals_of(plugin: FoundPlugin) -> list[FoundPlugin]:
    """The other plugins that are enabled under the same kind and name."""
    return [
        each
        for each in find_plugins()
        if (each.kind, each.name) == (plugin.kind, plugin.name)
        and each != plugin
        and not disabled_by(each)
    ]


def is_malformed(plugin: FoundPlugin) -> bool:
    """Whether its entry point is not `module:attribute`."""
    match = EntryPoint.pattern.match(plugin.reference)
    return not (match and match["attr"])


def split_written(kind: Kind, written: str) -> tuple[str, str]:
    """A plugin as it is written with options: its name, and what follows the colon behind it.

    `distribution:name` counts as a name where such a distribution has such a plugin.
    """
    for plugin in find_plugins():
        qualified = f"{plugin.distribution}:{plugin.name}"
        if plugin.kind == kind and (written == qualified or written.startswith(f"{qualified}:")):
            return qualified, written[len(qualified) + 1 :]
    name, _, rest = written.partition(":")
    return name.strip(), rest
