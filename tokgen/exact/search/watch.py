"""Searches, of which whoever waits is told how many prefixes or drawn documents were looked at."""

from __future__ import annotations

from tokgen.watched import Watched

searches = Watched("searched")
