"""The device that a fit runs on, by its name."""

from __future__ import annotations

import torch

from tokgen.errors import RequestError


def find_device(name: str) -> torch.device:
    """The device of this name; `auto` takes an accelerator where there is one.

    Raises:
        RequestError: there is no such device here.
    """
    here = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device("cuda" if here["cuda"] else "mps" if here["mps"] else "cpu")
    if not here.get(name, False):
        present = ", ".join(device for device, there in here.items() if there)
        raise RequestError(f"There is no device {name!r} here. There is: {present}.")
    return torch.device(name)
