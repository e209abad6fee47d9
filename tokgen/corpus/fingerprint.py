"""The fingerprint of a corpus, by which it is known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def fingerprint_of(content: bytes, chosen: Mapping[str, str]) -> str:
    """64 hexadecimal digits that change with the data and with what was chosen of them."""
    digest = hashlib.sha256(content)
    if chosen:
        digest.update(json.dumps(dict(sorted(chosen.items()))).encode())
    return digest.hexdigest()
