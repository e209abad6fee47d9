"""The settings that belong to everybody: held at known values while a plugin is called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def known_settings() -> Iterator[list[str]]:
    """Torch's default dtype is float32 and it records gradients; both as before afterwards.

    What it yields is filled, when the block ends, with the settings that were changed.
    """
    changed: list[str] = []
    torch: Any = sys.modules.get("torch")
    if torch is None:
        yield changed
        return
    settings = (
        (
            "torch.set_default_dtype",
            torch.get_default_dtype,
            torch.set_default_dtype,
            torch.float32,
        ),
        ("torch.set_grad_enabled", torch.is_grad_enabled, torch.set_grad_enabled, True),
    )
    before = [read() for _, read, _, _ in settings]
    try:
        for _, _, write, known in settings:
            write(known)
        yield changed
        changed += [name for name, read, _, known in settings if read() != known]
    finally:
        for (_, _, write, _), value in zip(settings, before, strict=True):
            write(value)
