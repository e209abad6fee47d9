"""TokenizerUnderTest: a tokenizer with the inputs on which it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokgen.testing.plugin_under_test import PluginUnderTest


class TokenizerUnderTest(PluginUnderTest):
    """A tokenizer with the inputs on which it is tried."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__("tokenizers", name, options)
