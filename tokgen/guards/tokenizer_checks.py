"""What a tokenizer gives, held against the contract of `Tokenizer`.

Each function raises `NotAsPromisedError`, whose message says what is wrong.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tokgen.guards.blame import NotAsPromisedError
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.tokenizer import Tokenizer


def check_vocabulary(tokenizer: Tokenizer) -> None:
    """Different symbols that can be seen, a terminator among the ids, and perhaps a start."""
    symbols = tuple(tokenizer.symbols)
    for symbol in symbols:
        if not isinstance(symbol, str) or not symbol:
            raise NotAsPromisedError(f"the symbol {symbol!r} is not a text of at least a character")
    if len(set(symbols)) < len(symbols):
        twice = next(symbol for symbol in symbols if symbols.count(symbol) > 1)
        first, *_, last = (token for token, symbol in enumerate(symbols) if symbol == twice)
        raise NotAsPromisedError(f"the ids {first} and {last} have the same symbol {twice!r}")
    for name in ("terminator_id", "start_id"):
        number = getattr(tokenizer, name)
        if name == "start_id" and number is None:
            continue
        if type(number) is not int or not 0 <= number < len(symbols):
            raise NotAsPromisedError(f"its {name} is {number!r}, none of its {len(symbols)} ids")
    if tokenizer.start_id == tokenizer.terminator_id:
        raise NotAsPromisedError("its start_id is its terminator_id")


def check_ids(ids: Any, tokenizer: Tokenizer) -> None:
    """A list of ids, none of which begins or ends a document."""
    if not isinstance(ids, list):
        raise NotAsPromisedError(f"it gives {type(ids).__name__} instead of a list of ids")
    if ids:
        _check_numbers(ids, tokenizer)


def _check_numbers(ids: list[Any] | tuple[Any, ...], tokenizer: Tokenizer) -> None:
    if set(map(type, ids)) != {int}:
        other = next(each for each in ids if type(each) is not int)
        raise NotAsPromisedError(f"it gives {type(other).__name__} instead of int as an id")
    size = len(tokenizer.symbols)
    if min(ids) < 0 or max(ids) >= size:
        outside = next(each for each in ids if not 0 <= each < size)
        raise NotAsPromisedError(f"it gives the id {outside}, and there are {size}")
    if tokenizer.terminator_id in ids:
        raise NotAsPromisedError("it gives the terminator, which the dataset adds by itself")
    if tokenizer.start_id in ids:
        raise NotAsPromisedError("it gives the start id, which is added by itself")


def check_documents(encoded: Any, count: int, tokenizer: Tokenizer) -> None:
    """Unsigned ids of `count` documents and where each begins."""
    if not isinstance(encoded, EncodedDocuments):
        raise NotAsPromisedError(f"it gives {type(encoded).__name__}, no EncodedDocuments")
    ids, offsets = encoded.ids, encoded.offsets
    if not isinstance(ids, np.ndarray) or ids.ndim != 1 or ids.dtype.kind != "u":
        raise NotAsPromisedError("its ids are no row of unsigned integers")
    if not isinstance(offsets, np.ndarray) or offsets.dtype != np.int64:
        raise NotAsPromisedError("its offsets are no array of int64")
    if offsets.shape != (count + 1,) or offsets[0] != 0 or offsets[-1] != len(ids):
        raise NotAsPromisedError(f"its offsets do not divide {len(ids)} ids into {count} documents")
    if (np.diff(offsets) < 0).any():
        raise NotAsPromisedError("its offsets go back")
    if len(ids):
        special = (tokenizer.terminator_id, tokenizer.start_id)
        found = [each for each in special if each is not None and (ids == each).any()]
        _check_numbers([int(ids.max()), *found], tokenizer)


def check_prefix(prefix: Any, text: str, tokenizer: Tokenizer) -> None:
    """Ids and a rest that together spell what `encode` spells."""
    ids, rest = prefix
    if not isinstance(ids, tuple) or not isinstance(rest, bytes):
        raise NotAsPromisedError("it gives something else than a tuple of ids and bytes")
    if ids:
        _check_numbers(ids, tokenizer)
    whole, pieces = tokenizer.encode(text), tokenizer.pieces()
    if pieces is None:
        if rest:
            raise NotAsPromisedError(f"it leaves {rest!r} open, and without pieces nothing can be")
        fits = list(ids) == whole
    else:
        spelt = b"".join(pieces[token] for token in ids) + rest
        fits = spelt == b"".join(pieces[token] for token in whole)
    if not fits:
        raise NotAsPromisedError(f"its ids and rest do not spell {text[:40]!r} as encode does")


def check_pieces(pieces: Any, tokenizer: Tokenizer) -> None:
    """The bytes of each id, none for the terminator and the start."""
    size = len(tokenizer.symbols)
    if not isinstance(pieces, list) or len(pieces) != size:
        raise NotAsPromisedError(f"it gives no list of {size} pieces")
    if set(map(type, pieces)) != {bytes}:
        raise NotAsPromisedError("one of its pieces is not bytes")
    for special in (tokenizer.terminator_id, tokenizer.start_id):
        if special is not None and pieces[special]:
            raise NotAsPromisedError(f"the piece of {tokenizer.symbols[special]!r} is not empty")


def check_text(text: Any) -> str:
    """A text."""
    if not isinstance(text, str):
        raise NotAsPromisedError(f"it gives {type(text).__name__} instead of a text")
    return text


def check_json(state: Any) -> None:
    """A table of JSON's own types, so that what is read back is what was written."""
    if type(state) is not dict:
        raise NotAsPromisedError(f"it gives {type(state).__name__} instead of dict")
    _check_json_value(state, "")


def _check_json_value(value: Any, path: str) -> None:
    if type(value) is dict:
        for key, inner in value.items():
            if type(key) is not str:
                raise NotAsPromisedError(f"its key {path}{key!r} is {type(key).__name__}, not str")
            _check_json_value(inner, f"{path}{key}.")
    elif type(value) is list:
        for number, inner in enumerate(value):
            _check_json_value(inner, f"{path}{number}.")
    elif type(value) is float and not math.isfinite(value):
        raise NotAsPromisedError(f"its value {path[:-1]!r} is {value}, no number of JSON")
    elif value is not None and type(value) not in (str, int, float, bool):
        raise NotAsPromisedError(
            f"its value {path[:-1]!r} is {type(value).__name__}, no type of JSON"
        )
