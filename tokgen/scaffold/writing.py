"""writing: files into a folder, none of them over one that is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tokgen.errors import RequestError
from tokgen.files import writing_whole
from tokgen.paths import make_folder


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write files (text by path in the folder) with line ends as they are, and the folders above.

    Raises:
        RequestError: one of the files is there already, and then none is written; or a folder
            cannot be made or written into.
        TokgenError: the disk is full or fails.
    """
    for name in files:
        if os.path.lexists(folder / name):
            raise RequestError(f"{str(folder / name)!r} is there already and is not overwritten.")
    for name, text in files.items():
        path = folder / name
        make_folder(path.parent)
        with writing_whole(path) as file:
            file.write(text.encode())
