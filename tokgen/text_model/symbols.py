"""Symbols as a user writes them."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.unicode import inert, nfc, shown_symbol


def symbol_meant(written: str, symbols: Sequence[str]) -> str:
    r"""The symbol that was written: as it is, as tables show it (`␣`), or as an escape (`\t`).

    What is no symbol is given back as it was written.
    """
    written = nfc(written)
    ways = ({way(symbol): symbol for symbol in symbols} for way in (str, shown_symbol, inert))
    return next((way[written] for way in ways if written in way), written)
