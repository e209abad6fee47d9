"""Plugins: found without importing them, sorted, and loaded one at a time, by name.

First-party plugins come through the same entry-point groups as a stranger's. A plugin that fails
costs one sentence, and only to the command that named it: what is loaded is a guarded subclass.
"""

import importlib
from typing import TYPE_CHECKING, Any

from tokgen.registry.api_numbers import check_api_number, deprecation
from tokgen.registry.discovery import (
    added_files,
    damaged_distributions,
    disabled_by,
    find,
    find_plugins,
    look_again,
    names,
    split_written,
    unambiguous_name,
    unknown_in_variables,
)
from tokgen.registry.found import KINDS, FoundPlugin, Kind
from tokgen.registry.source import Source, source_of, status

if TYPE_CHECKING:
    from tokgen.registry.loading import (
        LoadedPlugin,
        load,
        load_command,
        load_found,
        load_model,
        load_sampler,
        load_tokenizer,
        name_of_model,
    )
    from tokgen.registry.plugin_file import add_file, add_file_with_command, import_file
    from tokgen.registry.source_options import WrittenOption, written_options
    from tokgen.registry.written import parse_written

# What imports numpy and pydantic is imported when it is first asked for: the help needs neither.
_DEFINED_IN = {
    **dict.fromkeys(
        (
            "LoadedPlugin",
            "load",
            "load_command",
            "load_found",
            "load_model",
            "load_sampler",
            "load_tokenizer",
            "name_of_model",
        ),
        "tokgen.registry.loading",
    ),
    **dict.fromkeys(
        ("add_file", "add_file_with_command", "import_file"), "tokgen.registry.plugin_file"
    ),
    **dict.fromkeys(("WrittenOption", "written_options"), "tokgen.registry.source_options"),
    "parse_written": "tokgen.registry.written",
}

__all__ = [
    "KINDS",
    "FoundPlugin",
    "Kind",
    "LoadedPlugin",
    "Source",
    "WrittenOption",
    "add_file",
    "add_file_with_command",
    "added_files",
    "check_api_number",
    "damaged_distributions",
    "deprecation",
    "disabled_by",
    "find",
    "find_plugins",
    "import_file",
    "load",
    "load_command",
    "load_found",
    "load_model",
    "load_sampler",
    "load_tokenizer",
    "look_again",
    "name_of_model",
    "names",
    "parse_written",
    "source_of",
    "split_written",
    "status",
    "unambiguous_name",
    "unknown_in_variables",
    "written_options",
]


def __getattr__(name: str) -> Any:
    if name not in _DEFINED_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_DEFINED_IN[name]), name)
