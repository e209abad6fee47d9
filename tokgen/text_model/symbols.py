"""Symbols as a user writes them."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.unicode import inert, nfc, shown_symbol


def symbol_meant(written: str, symbols: Sequence[str]) -> str:
    r"""The symbol that was written: as tables show it (`␣`), as it is, or as an escape (`\t`).

    Tables show no two alike. What is no symbol is given back as it was written.
    """
    written = nfc(written)
    ways = ({way(symbol): symbol for symbol in symbols} for way in (shown_symbol, str, inert))
    return next((way[written] for way in ways if written in way), written)
