"""Clauses of the import: whoever lists, completes or loads plugins must not be disturbed by it."""

from __future__ import annotations

from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.every_kind.import_probe import ImportReport, report_of
from tokgen.testing.plugin_under_test import PluginUnderTest, UnderTest


@clause
def fresh_load(plugin: UnderTest) -> None:
    """The plugin's module can be imported in a fresh process.

    Why: every command starts a new process; what worked only because something else had been
    imported before fails there.

    Mend: import in the module itself all that it uses.
    """
    failure = _report(plugin).failure
    if failure is not None:
        raise ClauseViolatedError(f"the import fails: {failure}", plugin.found.shown_reference)


@clause
def quiet_import(plugin: UnderTest) -> None:
    """The import of the plugin's module prints nothing.

    Why: standard output holds the names or the JSON that a user asked for.

    Mend: take `print` and progress bars out of the module's top level.
    """
    printed = _report(plugin).printed
    if printed:
        raise ClauseViolatedError(
            f"the import printed {printed[:80]!r}", plugin.found.shown_reference
        )


@clause
def light_import(plugin: UnderTest) -> None:
    """The import of the plugin's module imports no torch, unless its class is a torch module.

    Why: torch takes a second to import, which every command that names the plugin would wait for,
    and where torch is not installed the plugin could not even be shown.

    Mend: move `import torch` into the function that uses it, or the network into a module of its
    own that `torch_model` imports.
    """
    if not _is_torch_module(plugin) and _report(plugin).imported_torch:
        raise ClauseViolatedError("the import imported torch", plugin.found.shown_reference)


@clause
def import_changes_nothing(plugin: UnderTest) -> None:
    """The import of the plugin's module changes nothing for the rest of the process.

    Why: random states, numbers of threads, default dtypes, filters of warnings and environment
    variables belong to everybody; another plugin or the user's own program would get other figures.

    Mend: make random generators of your own (`np.random.default_rng(seed)`), and set what must be
    set inside the call that needs it, and back at its end.
    """
    changed = _report(plugin).changed
    if changed:
        raise ClauseViolatedError(
            f"the import changed {' and '.join(changed)}", plugin.found.shown_reference
        )


def _report(plugin: UnderTest) -> ImportReport:
    return report_of(plugin.found, with_torch=_is_torch_module(plugin))


def _is_torch_module(plugin: UnderTest) -> bool:
    bases = plugin.guarded.__mro__ if isinstance(plugin, PluginUnderTest) else ()
    return any(base.__module__.partition(".")[0] == "torch" for base in bases)


CLAUSES: tuple[Clause, ...] = (fresh_load, quiet_import, light_import, import_changes_nothing)
