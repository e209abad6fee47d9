"""Plugins of tests as the registry would hand them out: guarded, under a name of their own."""

from __future__ import annotations

import pytest
from models import symbols

from tokgen.errors import PluginError
from tokgen.guards.model import GuardedModel
from tokgen.guards.stamp import guarded
from tokgen.guards.tokenizer import GuardedTokenizer
from tokgen.plugin_api import PluginOptions
from tokgen.registry import FoundPlugin

NAMED = "'mine' of the distribution broken-one 0.1.0"


def found(kind):
    return FoundPlugin(kind, "mine", "broken-one", "0.1.0", "broken:Mine")


def guarded_model(model, size=3):
    """An instance with a vocabulary of `size`."""
    return guarded_model_class(model)(PluginOptions(), symbols(size))


def guarded_model_class(model):
    """The class that the registry would give."""
    return guarded(model, GuardedModel, found("models"))


def raised(said, call):
    """What `call` raises names the plugin and its distribution, in one line, with exit code 3."""
    with pytest.raises(PluginError) as caught:
        call()
    assert NAMED in str(caught.value)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.exit_code == 3


def guarded_tokenizer(tokenizer):
    """The class; `fit` makes an instance."""
    return guarded(tokenizer, GuardedTokenizer, found("tokenizers"))
