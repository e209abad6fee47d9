"""What plugin authors run to know that a plugin is right: `conformance` for pytest."""

from tokgen.testing.conformance import conformance

__all__ = ["conformance"]
