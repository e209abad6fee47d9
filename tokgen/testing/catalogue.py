"""The clauses of each kind of plugin, in the order in which they are checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tokgen.errors import RequestError, did_you_mean
from tokgen.registry import Kind
from tokgen.testing import commands, corpora, every_kind, models, samplers, tokenizers
from tokgen.testing.clause import Clause
from tokgen.testing.plugin_under_test import UnderTest

CLAUSES: dict[Kind, tuple[Clause, ...]] = {
    "tokenizers": every_kind.CLAUSES + tokenizers.CLAUSES,
    "models": every_kind.CLAUSES + models.CLAUSES,
    "samplers": every_kind.CLAUSES + samplers.CLAUSES,
    "corpora": corpora.CLAUSES,
    "commands": commands.CLAUSES,
}

_UNDER_TEST: dict[Kind, Callable[[str, Mapping[str, Any]], UnderTest]] = {
    "tokenizers": tokenizers.TokenizerUnderTest,
    "models": models.ModelUnderTest,
    "samplers": samplers.SamplerUnderTest,
    "corpora": corpora.CorpusUnderTest,
    "commands": commands.CommandUnderTest,
}


def plugin_under_test(kind: Kind, name: str, options: Mapping[str, Any]) -> UnderTest:
    """The plugin with what its clauses look at.

    Raises:
        RequestError: there is no plugin of that name.
        PluginError: it cannot be loaded.
    """
    return _UNDER_TEST[kind](name, options)


def clauses_named(clause_id: str) -> list[Clause]:
    """The clauses with this id; kinds that have it in common have one and the same.

    Raises:
        RequestError: there is none; the nearest is suggested.
    """
    everything = [each for clauses in CLAUSES.values() for each in clauses]
    named = [each for each in everything if each.id == clause_id]
    if not named:
        hint = did_you_mean(clause_id, {each.id for each in everything})
        raise RequestError(f"There is no clause {clause_id!r}.{hint}")
    return list(dict.fromkeys(named))
