"""A page that would ask another host for a script, a style, a font or a picture ends the build."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

LOADS = (
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*\ssrc=[\"']?((?:https?:)?//[^\"'\s>]+)",
    r"<link\b(?=[^>]*rel=[\"']?(?:stylesheet|icon|preload|preconnect|dns-prefetch))"
    r"[^>]*\shref=[\"']?((?:https?:)?//[^\"'\s>]+)",
    r"(?:url\(|@import\s+)[\"']?((?:https?:)?//[^\"')\s]+)",
)


def on_post_build(config: MkDocsConfig) -> None:
    """Look at each file that a browser reads."""
    found = []
    for path in sorted(Path(config.site_dir).rglob("*")):
        if path.suffix in (".html", ".css", ".svg"):
            text = path.read_text(encoding="utf-8")
            for pattern in LOADS:
                found += [f"{path.name} asks {host}" for host in re.findall(pattern, text)]
    if found:
        raise PluginError("The site is to work offline:\n" + "\n".join(found))
