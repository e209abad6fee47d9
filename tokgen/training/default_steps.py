"""How many steps a network is trained for where nobody says it: more for a large corpus."""

from __future__ import annotations

from typing import TypeVar

from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.torch.network_options import NetworkOptions

# With the steps that suit 10,000 names, the networks are worse than an n-gram on 30,000.
MANY_DOCUMENTS = 14_000
MOST_TIMES = 10  # A million words would train for an hour without anybody asking for it.

OptionsT = TypeVar("OptionsT", bound=PluginOptions)


def with_default_steps(options: OptionsT, documents: int) -> OptionsT:
    """The options, with the steps that suit so many training documents where they name none.

    Beyond `MANY_DOCUMENTS` each is read as often as if there were just as many as that, until the
    steps are `MOST_TIMES` the model's own default.
    """
    if not isinstance(options, NetworkOptions) or "steps" in options.model_fields_set:
        return options
    times = min(max(documents / MANY_DOCUMENTS, 1), MOST_TIMES)
    return options.model_copy(update={"steps": round(options.steps * times)})
