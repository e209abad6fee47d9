"""Options in a sentence or a table are not broken behind their hyphens at the end of a line."""

from __future__ import annotations

import re
from typing import Any

CODE = re.compile(r"(?<!<pre>)<code>([^<]*)</code>")
OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def on_page_content(html: str, **_: Any) -> str:
    """Mark each option in code that stands in a line of text."""
    return CODE.sub(lambda found: f"<code>{_marked(found[1])}</code>", html)


def _marked(code: str) -> str:
    return OPTION.sub(r'<span class="option">\g<0></span>', code)
