"""What kind of value an argument is, refused at the call where it is another."""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np

from tokgen.errors import RequestError


def check_whole(name: str, value: object, *, least: int | None = None) -> None:
    """Refuse what is no whole number, or one below the least there is; None asks for nothing.

    Raises:
        RequestError: it is neither.
    """
    if value is None:
        return
    if not isinstance(value, SupportsIndex):
        raise RequestError(f"{name} is a whole number, not {value!r}.", field=name)
    if least is not None and value.__index__() < least:
        raise RequestError(f"{name} is at least {least}, not {value.__index__()}.", field=name)


def check_truth(name: str, value: object) -> None:
    """Refuse what is neither true nor false; None asks for nothing.

    Raises:
        RequestError: it is another kind of value.
    """
    if value is not None and not isinstance(value, bool | np.bool_):
        raise RequestError(f"{name} is True or False, not {value!r}.", field=name)
