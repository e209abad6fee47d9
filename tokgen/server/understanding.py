"""What a completion request asks for, checked as far as it can be before any work."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.plugin_api.positions import room_after
from tokgen.rng import drawn_seed
from tokgen.server.api_errors import over_limit
from tokgen.server.bodies import CompletionBody
from tokgen.server.completions import Completion
from tokgen.server.prompts import Prompt, prompt_of
from tokgen.server.sampling import chain_of
from tokgen.server.served_model import ServedModel
from tokgen.server.token_reports import WHOLE_VOCABULARY
from tokgen.text_model.keywords import conditions_of
from tokgen.text_model.text_model import TextModel

USUAL_MAX_TOKENS = 16


def understood(served: ServedModel, body: CompletionBody) -> Completion:
    """What a request asks for, as far as it can be checked before any work.

    Raises:
        RequestError: a value does not fit the model or another value.
        ApiError: it asks for another model, or for more than the server gives.
    """
    served.check_name(body.model)
    model = served.text_model.told(body.given)
    count, limits = body.best_of or body.n or 1, served.limits
    prompts, most = body.prompts, limits.prompts
    if len(prompts) > most:
        raise over_limit(f"There are {len(prompts):,} prompts; at most {most} are read.", "prompt")
    if len(prompts) * count > limits.choices:
        choices = f"{len(prompts) * count:,} choices are asked for; at most {limits.choices:,}"
        raise over_limit(f"{choices} are made.", "n")
    if (body.max_tokens or 0) > limits.max_tokens:
        said = f"{body.max_tokens:,} tokens are asked for; at most {limits.max_tokens:,} are drawn."
        raise over_limit(said, "max_tokens")
    served.check_ids(body.stop_token_ids or ())
    conditions = _conditions(body)
    read = tuple(
        prompt_of(served, model, each, may_end=bool(body.echo) and body.max_tokens == 0)
        for each in prompts
    )
    asked = Completion(
        body,
        model,
        read,
        chain_of(body, model.model.vocabulary),
        conditions,
        drawn_seed() if body.seed is None else body.seed,
        count,
        _max_tokens(model, body, conditions, read),
        served.memory,
    )
    _check_logprobs(served, asked)
    return asked


def _conditions(body: CompletionBody) -> Conditions:
    asked = {} if body.conditions is None else body.conditions.model_dump()
    conditions = conditions_of(Conditions(), asked)
    if conditions and body.suffix is not None:
        raise RequestError(
            "suffix and conditions cannot stand together: conditions.suffix asks for an end of "
            "the document.",
            field="suffix",
        )
    return conditions


def _max_tokens(
    model: TextModel, body: CompletionBody, conditions: Conditions, prompts: Sequence[Prompt]
) -> int | None:
    """How many tokens each choice may have; raises where the model cannot read so many."""
    if body.max_tokens is None and conditions:
        return None
    rooms = [room_after(model.model, len(each.given.beginning.ids)) for each in prompts]
    # The last token need not be read.
    room = min((each + 1 for each in rooms if each is not None), default=None)
    if body.max_tokens is None:
        return USUAL_MAX_TOKENS if room is None else min(USUAL_MAX_TOKENS, room)
    if room is not None and body.max_tokens > room:
        raise RequestError(
            f"max_tokens is {body.max_tokens}; the model can read {room - 1} more than the prompt.",
            field="max_tokens",
        )
    return body.max_tokens


def _check_logprobs(served: ServedModel, asked: Completion) -> None:
    """Refuse what would be told in more numbers than an answer may hold."""
    size, most = asked.model.model.vocabulary.size, served.limits.logprobs

    def width(wanted: int | None) -> int:
        if wanted is None:
            return 0
        return size if wanted == WHOLE_VOCABULARY else min(wanted, size) + 1

    body, of_prompts = asked.body, sum(prompt.tokens for prompt in asked.prompts)
    drawn = asked.count * len(asked.prompts) * (asked.max_tokens or served.limits.max_tokens)
    numbers = width(body.logprobs) * (drawn + asked.count * of_prompts * bool(body.echo))
    numbers += width(body.prompt_logprobs) * asked.count * of_prompts
    if numbers > most:
        said = f"The answer would hold {numbers:,} log-probabilities; it may hold {most:,}."
        raise over_limit(said, "logprobs")
