"""The bodies of requests. A field that there is not is refused, as OpenAI's API does it.

`user` alone is read and has no effect, as there; so has `add_special_tokens`, since no token is
added in front of a text.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, model_validator

MOST_STOPS = 16
LARGEST_SEED = 2**64 - 1

Ids = Annotated[tuple[StrictInt, ...], Field(max_length=1 << 20)]
Prompt = StrictStr | tuple[StrictStr, ...] | Ids | tuple[Ids, ...]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]


class Body(BaseModel):
    """What every body is: frozen, its types are not changed into others, no number is NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class StreamOptions(Body):
    """`stream_options`: whether a last chunk tells how many tokens there were."""

    include_usage: bool = False


class AskedConditions(Body):
    """`conditions`: what the whole document must fulfil, by the names of the command line."""

    length: Annotated[int, Field(ge=0)] | Annotated[str, Field(max_length=64)] | None = None
    pattern: str | None = None
    suffix: str | None = None
    contains: str | None = None
    exclude: str | None = None
    novel: bool = False
    novel_distance: Positive | None = None


class CompletionBody(Body):
    """`POST /v1/completions`: OpenAI's fields, extras by vLLM's names, and tokgen's own.

    tokgen's own are `samplers`, `conditions` and `given`. Null is the same as to leave a field out.
    """

    model: str | None = None
    prompt: Prompt | None = None
    suffix: str | None = None
    max_tokens: NotNegative | None = None
    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    n: Positive | None = None
    best_of: Positive | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    logprobs: Annotated[int, Field(ge=-1)] | None = None
    echo: bool | None = None
    stop: StrictStr | Annotated[tuple[StrictStr, ...], Field(max_length=MOST_STOPS)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    user: str | None = None

    top_k: Annotated[int, Field(ge=-1)] | None = None
    min_p: Share | None = None
    repetition_penalty: Annotated[float, Field(gt=0)] | None = None
    min_tokens: NotNegative | None = None
    stop_token_ids: Ids | None = None
    return_token_ids: bool | None = None
    prompt_logprobs: Annotated[int, Field(ge=-1)] | None = None

    samplers: Annotated[tuple[str, ...], Field(max_length=32)] | None = None
    conditions: AskedConditions | None = None
    given: dict[str, str] | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.stream_options is not None and not self.stream:
            raise ValueError("stream_options has no effect without stream")
        if self.stream and (self.best_of or 1) > (self.n or 1):
            raise ValueError("best_of cannot be streamed: the best are known only at the end")
        if self.stream and self.prompt_logprobs is not None:
            raise ValueError("prompt_logprobs cannot be streamed")
        if (self.best_of or self.n or 1) < (self.n or 1):
            raise ValueError("best_of is at least n")
        if "" in self.stops:
            raise ValueError("a stop of no characters would end every text")
        return self

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts before which a choice ends."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def prompts(self) -> tuple[str | tuple[int, ...], ...]:
        """The prompts one by one; without one, the beginning."""
        if self.prompt is None or isinstance(self.prompt, str):
            return (self.prompt or "",)
        if self.prompt and isinstance(self.prompt[0], int):
            return (tuple(each for each in self.prompt if isinstance(each, int)),)
        return tuple(each for each in self.prompt if not isinstance(each, int))


class TokenizeBody(Body):
    """`POST /tokenize`: the text under `prompt`, as vLLM names it, or `content`, as llama.cpp."""

    model: str | None = None
    prompt: str | None = None
    content: str | None = None
    add_special_tokens: bool | None = None
    return_token_strs: bool | None = None

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if (self.prompt is None) == (self.content is None):
            raise ValueError("the text stands either in prompt or in content")
        return self

    @property
    def text(self) -> str:
        """What is to be turned into ids."""
        return self.prompt or self.content or ""


class DetokenizeBody(Body):
    """`POST /detokenize`."""

    model: str | None = None
    tokens: Ids
