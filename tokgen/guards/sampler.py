"""GuardedSampler: the mixin in front of every sampler class that the registry loads."""

from __future__ import annotations

from typing import Any, ClassVar

from tokgen.guards.blame import NotAsPromisedError, Registered, blamed
from tokgen.plugin_api.sampler import Sampler


class GuardedSampler(Sampler):
    """Blames on the plugin what fails before a chain asks it; `ChainedSampler` checks the rest."""

    registered_as: ClassVar[Registered]
    implementation: ClassVar[type[Sampler]]

    def __init__(self, options: Any) -> None:
        with blamed(self.registered_as, "its constructor"):
            super().__init__(options)

    @property
    def constant_after(self) -> int | None:
        """A position, or None."""
        with blamed(self.registered_as, "constant_after"):
            position = super().constant_after
            if position is not None and (type(position) is not int or position < 0):
                raise NotAsPromisedError(f"it gives {position!r} instead of a position or None")
        return position

    @property
    def as_temperature(self) -> float | None:
        """A number from 0 on, or None."""
        with blamed(self.registered_as, "as_temperature"):
            t = super().as_temperature
            if t is not None and not (isinstance(t, (int, float)) and t >= 0):
                raise NotAsPromisedError(f"it gives {t!r} instead of a temperature or None")
        return t
