"""What a model is told of a document: the values of columns, as names and as ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tokgen.errors import RequestError, did_you_mean
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.unicode import nfc

Columns = Mapping[str, tuple[str, ...]]


def given_ids(
    model: str, columns: Columns, given: Mapping[str, str], instead: Callable[[list[str]], str]
) -> tuple[int, ...]:
    """The id of the value of each column (C,), 0 where it is not given.

    Args:
        model: how a sentence names the model.
        columns: the values of each column that the model was trained to be told.
        given: column -> value.
        instead: says in a sentence which other model can be told these columns.

    Raises:
        RequestError: the model is told no such column, or knows no such value of it; or it is no
            mapping.
    """
    if not isinstance(given, Mapping):
        raise RequestError(f"given is a mapping of columns to their values, not {given!r}.")
    written = {nfc(column): nfc(value) for column, value in given.items()}
    if written and not columns:
        raise RequestError(
            f"The model {model!r} is told no columns, so that {written_as_options(written)} cannot "
            f"be given. {instead([*written])}"
        )
    for column, value in written.items():
        _check(model, columns, column, value)
    return tuple(
        1 + values.index(written[name]) if name in written else 0
        for name, values in columns.items()
    )


def given_values(vocabulary: Vocabulary, ids: Sequence[int]) -> dict[str, str]:
    """Column -> value, of the columns whose value is known; `ids` (C,), or none at all."""
    if not ids:
        return {}
    columns = zip(vocabulary.columns.items(), ids, strict=True)
    return {name: values[number - 1] for (name, values), number in columns if number}


def written_as_options(given: Mapping[str, str]) -> str:
    """`gender=f origin=tamil`, as a user writes it."""
    return " ".join(f"{column}={value}" for column, value in given.items())


def _check(model: str, columns: Columns, column: str, value: str) -> None:
    if column not in columns:
        having = [name for name, values in columns.items() if value in values]
        hint = f" Did you mean {having[0]}={value}?" if len(having) == 1 else ""
        hint = hint or did_you_mean(column, columns)
        raise RequestError(f"The model {model!r} is told no column {column!r}.{hint}")
    if value not in columns[column]:
        hint = did_you_mean(value, columns[column])
        raise RequestError(f"The model {model!r} knows no {column}={value}.{hint}")
