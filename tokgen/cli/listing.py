"""A list of commands in the help, each with its whole first sentence."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperGroup


class CommandListing(TyperGroup):
    """A group whose help wraps what it says of a command, where typer would cut it."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands."""
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and command.help and not command.short_help:
                command.short_help = first_sentence(command.help)
        super().format_commands(ctx, formatter)


def first_sentence(text: str) -> str:
    """What stands before the first end of a sentence or of a paragraph, in one line."""
    paragraph = " ".join(text.strip().partition("\n\n")[0].split())
    return re.split(r"(?<=\.) ", paragraph)[0]
