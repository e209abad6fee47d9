"""Options with which a model is fitted in a second or two, where it has options of these names."""

from __future__ import annotations

from typing import Any

from tokgen.errors import RequestError
from tokgen.plugin_api.options import PluginOptions, parse_options

STEPS = 60
# A small network with a low learning rate has learnt the frequencies of tokens by then.
MANY_STEPS = 900
QUICK_OPTIONS: dict[str, Any] = {
    "steps": STEPS,
    "evaluate_every": STEPS // 3,
    "parts": ["ngram:order=2", "ngram:order=3"],
}


def quick_options(declared: type[PluginOptions]) -> dict[str, Any]:
    """A few steps, several validation losses, and parts, as far as they are declared and fit."""
    return {
        name: value
        for name, value in QUICK_OPTIONS.items()
        if name in declared.model_fields and _accepted(declared, name, value)
    }


def _accepted(declared: type[PluginOptions], name: str, value: Any) -> bool:
    try:
        parse_options(declared, {name: value}, "The plugin")
    except RequestError as refused:
        return repr(name) not in str(refused)
    return True
