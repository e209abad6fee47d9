"""All places where bytes from outside come in, by name; each is made when it is asked for."""

from __future__ import annotations

from attacking_checkpoints import checkpoint
from attacking_command_line import arguments
from attacking_corpora import card, corpus
from attacking_server import request
from attacking_sessions import repl_line, session_file
from attacking_syntax import condition, options, recipe, sampler_chain, text

TARGETS = {
    made.__name__.replace("_", "-"): made
    for made in (
        checkpoint,
        card,
        recipe,
        session_file,
        corpus,
        repl_line,
        condition,
        options,
        sampler_chain,
        text,
        arguments,
        request,
    )
}
