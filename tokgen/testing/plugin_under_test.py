"""PluginUnderTest: a loaded plugin with the options and the time it is checked with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokgen import registry
from tokgen.guards.blame import blamed
from tokgen.plugin_api.options import PluginOptions, parse_options
from tokgen.testing.clause import ClauseNotCheckedError, ClauseViolatedError
from tokgen.testing.clock import Clock
from tokgen.testing.computed_once import computed_once
from tokgen.testing.example_options import example_options


class UnderTest:
    """What is held to clauses: a plugin of any kind, a corpus too, which has no class.

    Attributes:
        found: what the registry knows of it.
        clock: of the clause that is being checked.
        looked_at: the part of the inputs on which this clause is looked at; empty where all are.
        refused_calls: by plugin and name the calls that did not return in an earlier clause, each
            with a sentence on it.
    """

    def __init__(self, found: registry.FoundPlugin) -> None:
        self.found = found
        self.clock = Clock()
        self.looked_at = ""
        self.refused_calls: dict[tuple[str, str], str] = {}
        self.told_errors: dict[tuple[str, str], str] = {}


class PluginUnderTest(UnderTest):
    """A plugin with a class; a subclass for each kind makes what its clauses look at.

    Attributes:
        guarded: its class as the registry hands it out: checked, blamed by name.
        implementation: its class as its author wrote it. A call into it stands inside `blamed`.
    """

    def __init__(self, kind: registry.Kind, name: str, options: Mapping[str, Any]) -> None:
        loaded = registry.load(kind, name)
        super().__init__(loaded.found)
        self.guarded: Any = loaded.implementation
        self.implementation: Any = loaded.implementation.implementation
        self._given_options = options

    @computed_once
    def options(self) -> PluginOptions:
        """The options that it is checked with: those given, else its defaults or examples.

        Raises:
            RequestError: the options given do not fit.
            ClauseNotCheckedError: an option is required and no example of it can be made.
        """
        declared: type[PluginOptions] = self.guarded.Options
        given = example_options(declared) | dict(self._given_options)
        with self.calling("its Options"):
            return parse_options(declared, given, f"The {self.found.display_name}")

    def calling(self, call: str) -> blamed:
        """Around a call into `implementation`: what it raises is a PluginError that names it.

        What a clause raises inside (that it is violated, or could not be checked) passes through.
        """
        return blamed(self.found, call, (ClauseViolatedError, ClauseNotCheckedError))
