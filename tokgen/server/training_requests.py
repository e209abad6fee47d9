"""What a request asks to be trained, within the limits: a recipe, and the documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import corpus_of_lines
from tokgen.errors import RequestError, did_you_mean
from tokgen.server.api_errors import ApiError, over_limit
from tokgen.server.training_bodies import TrainBody
from tokgen.server.training_corpora import TrainingCorpora
from tokgen.server.training_facts import OfferedModel, OfferedOption
from tokgen.server.training_limits import TrainingLimits
from tokgen.server.training_work import PASTED, STEPS
from tokgen.training.recipe import Recipe


@dataclass(frozen=True)
class Wanted:
    """A training that may begin.

    Attributes:
        words: the content of the corpus, where it was pasted.
    """

    recipe: Recipe
    corpus: Corpus
    words: bytes | None


def wanted(
    body: TrainBody,
    corpora: TrainingCorpora,
    offered: Mapping[str, OfferedModel],
    limits: TrainingLimits,
) -> Wanted:
    """What is to be trained.

    Raises:
        ApiError: 404, there is no such corpus or model; 422, it is more than a limit allows, or
            there is no such option.
        RequestError: the words are no documents.
    """
    model = offered.get(body.model)
    if model is None:
        said = f"There is no model {body.model!r} to train.{did_you_mean(body.model, offered)}"
        raise ApiError(404, said, "model", "model_not_found")
    options = _options(body, model)
    words = None if body.words is None else body.words.encode("utf-8", "surrogatepass")
    corpus = corpora.named(body.corpus or "") if words is None else _pasted(words, limits)
    recipe = Recipe(
        corpus=corpus.lasting_name,
        column=corpus.text_column,
        where=dict(corpus.where),
        model=model.name,
        options=options,
        seed=body.seed,
    )
    return Wanted(recipe, corpus, words)


def _options(body: TrainBody, model: OfferedModel) -> dict[str, Any]:
    options = {name: value for name, value in body.options.items() if value is not None}
    if body.steps is not None:
        if options.get(STEPS, body.steps) != body.steps:
            said = "The steps are given twice: as 'steps' and among the options."
            raise ApiError(422, said, STEPS, "invalid_value")
        if STEPS not in model.options:
            said = f"The model {model.name!r} takes no steps: leave 'steps' out."
            raise ApiError(422, said, STEPS, "invalid_value")
        options[STEPS] = body.steps
    for name, value in options.items():
        option = model.options.get(name)
        if option is None:
            hint = did_you_mean(name, model.options) or " It takes none."
            said = f"The model {model.name!r} has no option {name!r} that can be set here.{hint}"
            raise ApiError(422, said, "options", "unknown_option")
        _check(option, value)
    return options


def _check(option: OfferedOption, value: Any) -> None:
    """Refuse a number that is too large; all else is checked by the model's own declaration."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and option.most is not None and value > option.most:
        field = STEPS if option.name == STEPS else "options"
        raise over_limit(f"The option {option.name!r} is at most {option.most:,}.", field)


def _pasted(content: bytes, limits: TrainingLimits) -> Corpus:
    if len(content) > limits.bytes:
        said = f"The text has {len(content):,} bytes; at most {limits.bytes:,} are read."
        raise over_limit(said, "words")
    try:
        corpus = corpus_of_lines(content, PASTED)
    except RequestError as error:
        raise ApiError(422, str(error), "words", "invalid_value") from None
    if len(corpus.documents) > limits.words:
        count = f"{len(corpus.documents):,} words"
        raise over_limit(f"There are {count}; at most {limits.words:,} are read.", "words")
    longest = max(map(len, corpus.documents))
    if longest > limits.characters:
        most = f"at most {limits.characters:,} are read"
        raise over_limit(f"A word has {longest:,} characters; {most}: one word a line.", "words")
    return corpus
