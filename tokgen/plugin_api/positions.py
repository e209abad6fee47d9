"""Positions: how many tokens a model can read at all, and refusing what is longer.

A model whose context length is within its positions reads any text, a window at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokgen.arrays import Ints
from tokgen.errors import RequestError, counted

if TYPE_CHECKING:
    from tokgen.plugin_api.model import LanguageModel


def most_tokens(model: LanguageModel) -> int | None:
    """How many tokens of a document the model can read, the start id not counted; None: any."""
    most, window = model.max_positions, model.context_length
    if most is None or (window is not None and window <= most):
        return None
    return most - len(model.vocabulary.beginning)


def room_after(model: LanguageModel, begun: int) -> int | None:
    """How many tokens the model can still read after `begun` ids, a start id counted; None: any."""
    most = most_tokens(model)
    return None if most is None else most + len(model.vocabulary.beginning) - begun


def check_prefixes(model: LanguageModel, lengths: Ints) -> None:
    """Refuse prefixes of these lengths (B,), start ids counted, that the model cannot read whole.

    Raises:
        RequestError: the longest has too many tokens.
    """
    most = most_tokens(model)
    if most is None:
        return
    count = int(lengths.max(initial=0)) - len(model.vocabulary.beginning)
    if count > most:
        raise RequestError(f"A prefix has {count} tokens; the model reads {most} at most.")


def check_documents(model: LanguageModel, lengths: Ints, whose: str = "Document") -> None:
    """Refuse documents of these lengths (D,), terminators counted, that the model cannot read.

    Raises:
        RequestError: the longest has too many tokens; it is named by its number.
    """
    most = most_tokens(model)
    if most is not None and len(lengths) and lengths.max() - 1 > most:
        number, count = int(lengths.argmax()) + 1, int(lengths.max()) - 1
        raise RequestError(f"{whose} {number} has {count} tokens; the model reads {most} at most.")


def length_limit(model: LanguageModel, asked: int | None, default: int) -> int:
    """After how many tokens, prefix included, documents of this model are cut.

    The default gives way to what the model can read; what was asked for does not.

    Raises:
        RequestError: more was asked for than the model can read.
    """
    most = most_tokens(model)
    if most is None:
        return default if asked is None else asked
    if asked is not None and asked > most:
        reads = counted(most, "token")
        raise RequestError(f"The length limit is {asked}; the model reads {reads} at most.")
    return min(default, most) if asked is None else asked
