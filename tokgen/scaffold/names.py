"""Names: what a plugin is called wherever its distribution has to call it something."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from tokgen.errors import RequestError

_PREFIX = "tokgen-"
_VALID = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST = 40


@dataclass(frozen=True)
class Names:
    """The names of a plugin that users type as `plugin`."""

    plugin: str

    @property
    def module(self) -> str:
        """`char_rnn`, where the plugin is `char-rnn`."""
        return self.plugin.replace("-", "_")

    @property
    def package(self) -> str:
        """`tokgen_char_rnn`."""
        return f"tokgen_{self.module}"

    @property
    def distribution(self) -> str:
        """`tokgen-char-rnn`."""
        return _PREFIX + self.plugin.replace("_", "-")

    @property
    def class_name(self) -> str:
        """`CharRnn`."""
        return "".join(word.capitalize() for word in self.module.split("_"))

    def in_place_of(self, stand_in: Names, source: str) -> str:
        """The source with these names where it has those of `stand_in`, as whole words."""
        forms = ("plugin", "module", "class_name")
        new_names = {getattr(stand_in, form): getattr(self, form) for form in forms}
        words = "|".join(map(re.escape, new_names))
        whole_words = rf"(?<![\w-])(?:{words})(?![\w-])"
        return re.sub(whole_words, lambda found: new_names[found[0]], source)


def parse_names(text: str) -> Names:
    """The names of a plugin that is to be called `text`.

    Raises:
        RequestError: it cannot be the name of a plugin and of its distribution.
    """
    if text.startswith((_PREFIX, "tokgen_")):
        rest = text[len(_PREFIX) :]
        raise RequestError(
            f"The name of the plugin is without {_PREFIX!r}, which its distribution gets by "
            f"itself. Did you mean {rest!r}?"
        )
    if not _VALID.fullmatch(text):
        raise RequestError(
            f"{text!r} cannot be the name of a plugin: it consists of small letters a-z and "
            f"digits, begins with a letter, and - or _ may join its words.{_nearest(text)}"
        )
    if len(text) > _LONGEST:
        raise RequestError(f"The name has {len(text)} characters; it may have at most {_LONGEST}.")
    names = Names(text)
    if keyword.iskeyword(names.class_name):
        raise RequestError(
            f"{text!r} cannot be the name of a plugin: {names.class_name} is a word of Python."
        )
    return names


def _nearest(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", text).lower())
    valid = "-".join(words)
    return f" Did you mean {valid!r}?" if _VALID.fullmatch(valid) else ""
