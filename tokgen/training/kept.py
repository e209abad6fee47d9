"""Where trainings are kept that name no output: side by side in the user's folders.

    trained/CORPUS/MODEL/TRAINING.safetensors   what the user trained; what it is that was trained
                                                (tokenizer, options, seed, …) decides TRAINING
    trained/CORPUS/MODEL.safetensors            the same, as tokgen kept it before
    named/NAME.safetensors                      kept under a name that the user chose
    checkpoints/CORPUS/MODEL.safetensors        trained by the default recipe, in the cache

CORPUS and TRAINING are the beginnings of fingerprints.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from platformdirs import user_cache_path, user_data_path

from tokgen.corpus.corpus import Corpus
from tokgen.corpus.tokenizer_choice import parse_tokenizer
from tokgen.errors import TokgenError
from tokgen.reading import files_in
from tokgen.temporary import remove_leftovers
from tokgen.training.plan import Plan
from tokgen.training.tensor_names import fingerprint

SUFFIX = ".safetensors"
# Settings that decide nothing, or that are told by what they stand for.
_SAID_OTHERWISE = {"corpus", "where", "device", "tokenizer", "from_checkpoint"}


def trained_folder() -> Path:
    """The folder of what the user has trained."""
    return user_data_path("tokgen", appauthor=False) / "trained"


def named_folder() -> Path:
    """The folder of what the user has kept under names."""
    return user_data_path("tokgen", appauthor=False) / "named"


def cache_folder() -> Path:
    """The folder of what the default recipe has trained."""
    return user_cache_path("tokgen", appauthor=False) / "checkpoints"


def kept_path(plan: Plan) -> Path:
    """Where a training without `--output` is kept; only the same training takes its place."""
    folder = trained_folder() / _key(plan.corpus) / _file_name(plan.model_name)
    return folder / f"{_fingerprint(plan)[:12]}{SUFFIX}"


def cached_path(corpus: Corpus, model: str) -> Path:
    """Where the default recipe's model of a corpus is kept."""
    return cache_folder() / _key(corpus) / f"{_file_name(model)}{SUFFIX}"


def trained_paths(corpus: Corpus, model: str, ending: str = SUFFIX) -> list[Path]:
    """What the user has trained of a model on a corpus, the last first.

    Args:
        corpus: What it was trained on.
        model: The name of a model.
        ending: How the names of the files end.

    Raises:
        RequestError: the folder may not be read.
    """
    folder, name = trained_folder() / _key(corpus), _file_name(model)
    before = folder / f"{name}{ending}"
    side_by_side = [path for path in files_in(folder / name) if path.name.endswith(ending)]
    written = []
    for path in (before, *side_by_side):
        # It may be removed meanwhile, or a file stands where the folder would be.
        with suppress(FileNotFoundError, NotADirectoryError):
            written.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(written, reverse=True)]


def trained_models(corpus: Corpus) -> list[str]:
    """The models that the user has trained on a corpus; raises as `trained_paths`."""
    entries = files_in(trained_folder() / _key(corpus))
    names = {entry.stem for entry in entries if entry.suffix == SUFFIX}
    names |= {entry.name for entry in entries if any(map(_is_checkpoint, files_in(entry)))}
    return sorted(map(unquote, names))


def remove_leftovers_of_kept() -> None:
    """Remove what killed processes left half written, whichever model it was to become."""
    with suppress(TokgenError):
        remove_leftovers(named_folder())
        for corpus in (*files_in(trained_folder()), *files_in(cache_folder())):
            for folder in (corpus, *files_in(corpus)):
                remove_leftovers(folder)


def _is_checkpoint(path: Path) -> bool:
    return path.suffix == SUFFIX


def _key(corpus: Corpus) -> str:
    return corpus.fingerprint[:16]


def _file_name(model: str) -> str:
    """A model's name as a file can have it everywhere: `distribution:name` has a colon."""
    return quote(model, safe="")


def _fingerprint(plan: Plan) -> str:
    """64 hexadecimal digits that change with all that decides what the training makes."""
    recipe = plan.recipe.model_dump(mode="json", exclude_defaults=True, exclude=_SAID_OTHERWISE)
    name, _, options = parse_tokenizer(plan.chosen_tokenizer.written)
    decides = {
        **recipe,
        "corpus": plan.corpus.fingerprint,
        "tokenizer": [name, options.model_dump(mode="json")],
        "options": plan.options.model_dump(mode="json"),
    }
    if plan.beginning is not None:
        decides["begun_with"] = fingerprint(plan.beginning.model)
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
