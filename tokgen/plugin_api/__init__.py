"""Everything that a plugin may import, and nothing else.

`from tokgen.plugin_api import Sampler` is how a plugin begins, whatever its kind. `TorchModel` is
imported when it is first asked for, since torch is slow to import and often not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from tokgen.arrays import Arrays, Floats, Ints, in_parts, normalised
from tokgen.errors import PluginError, RequestError, TokgenError
from tokgen.plugin_api.dataset import Dataset, Windows
from tokgen.plugin_api.decoder import Decoder
from tokgen.plugin_api.detokenizer import Detokenizer
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.encoded import EncodedDocuments, EncodedPrefix
from tokgen.plugin_api.explanation import Explanation
from tokgen.plugin_api.fit_run import FitRun, Progress, Snapshot
from tokgen.plugin_api.gradient_step import GradientStep
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.network_model import NetworkModel
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.row_product import RowProduct
from tokgen.plugin_api.sampler import Branches, History, Sampler, SamplingContext
from tokgen.plugin_api.spelling import known_spelling
from tokgen.plugin_api.state_model import State, StateModel
from tokgen.plugin_api.terminator import terminator_symbol
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.plugin_api.torch.network_options import NetworkOptions
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.unicode import all_texts_are_nfc, nfc, shown_symbols

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.cache import Cache, from_cache, to_cache
    from tokgen.plugin_api.torch.dropout import Dropout
    from tokgen.plugin_api.torch.model import TorchModel

__all__ = [
    "Arrays",
    "Branches",
    "Cache",
    "Dataset",
    "Decoder",
    "Detokenizer",
    "Documents",
    "Dropout",
    "EncodedDocuments",
    "EncodedPrefix",
    "Explanation",
    "Field",
    "FitRun",
    "Floats",
    "GradientStep",
    "History",
    "Ints",
    "LanguageModel",
    "NetworkModel",
    "NetworkOptions",
    "PluginError",
    "PluginOptions",
    "Prefixes",
    "Progress",
    "RequestError",
    "RowProduct",
    "Sampler",
    "SamplingContext",
    "Snapshot",
    "State",
    "StateModel",
    "Tokenizer",
    "TokgenError",
    "TorchModel",
    "Vocabulary",
    "Windows",
    "all_texts_are_nfc",
    "from_cache",
    "in_parts",
    "known_spelling",
    "nfc",
    "normalised",
    "shown_symbols",
    "terminator_symbol",
    "to_cache",
]


_WITHOUT_A_CLASS = {
    "Corpus": "A corpus is data and has no class: `tokgen plugins new corpus NAME` begins one.",
    "Command": "A command is a Typer app: `tokgen plugins new command NAME` begins one.",
}


def __getattr__(name: str) -> Any:
    if name in _WITHOUT_A_CLASS:
        raise ImportError(_WITHOUT_A_CLASS[name], name=__name__)
    if name == "TorchModel":
        from tokgen.plugin_api.torch.model import TorchModel

        return TorchModel
    if name == "Dropout":
        from tokgen.plugin_api.torch.dropout import Dropout

        return Dropout
    if name in ("Cache", "from_cache", "to_cache"):
        from tokgen.plugin_api.torch import cache

        return getattr(cache, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
