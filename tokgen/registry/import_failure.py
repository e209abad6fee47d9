"""How the import of a plugin failed: in a line, with the place in the code."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from tokgen import plugin_api
from tokgen.errors import did_you_mean

IMPORT_SYSTEM = "<frozen importlib"


def told(failure: BaseException) -> str:
    """`NameError: name 'nn' is not defined (gru.py, line 3)`."""
    said = f"{type(failure).__name__}: {failure}{_meant(failure)}".splitlines()[0]
    return said if isinstance(failure, SyntaxError) else f"{said}{_place(failure)}"


def _meant(failure: BaseException) -> str:
    """The nearest name of the plugin API, where the one that is imported is not in it."""
    if not isinstance(failure, ImportError) or failure.name != plugin_api.__name__:
        return ""
    wanted = re.match(r"cannot import name '(\w+)'", str(failure))
    return f".{did_you_mean(wanted[1], plugin_api.__all__)}" if wanted else ""


def _place(failure: BaseException) -> str:
    """The innermost place in what was imported; empty where nothing of it was executed."""
    frames = traceback.extract_tb(failure.__traceback__)
    imported = [each.filename.startswith(IMPORT_SYSTEM) for each in frames]
    if True not in imported:
        return ""
    inside = [each for each in frames[imported.index(True) :] if IMPORT_SYSTEM not in each.filename]
    return f" ({Path(inside[-1].filename).name}, line {inside[-1].lineno})" if inside else ""
