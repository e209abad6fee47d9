"""Who is named where a stranger's plugin fails, as a user of the command line meets it."""

from __future__ import annotations

import numpy as np
import pytest
from plugin_sources import UNIGRAM

from tokgen import registry
from tokgen.errors import PluginError
from tokgen.guards.blame import blamed
from tokgen.plugin_api import PluginOptions, Prefixes, Vocabulary
from tokgen.registry import FoundPlugin, names

DOUBLED = (
    UNIGRAM
    + """
class Mine(Unigram):
    def next_logprobs(self, prefixes):
        return super().next_logprobs(prefixes) + np.log(2)
"""
)
TOKENIZER = """\
import numpy as np
from tokgen_tokenizers.characters import Characters
"""


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("".join(f"{a}{b}\n" for a in "abcdefgh" for b in "xyz"))
    return path


@pytest.fixture
def train(place, corpus, tmp_path):
    def trained(content, *arguments, kind="models", reference="broken:Mine"):
        files = content if isinstance(content, dict) else {"broken.py": content}
        place.install("broken-one", files, {kind: {"mine": reference}})
        made = tmp_path / "made.safetensors"
        return place.tokgen("train", "--corpus", corpus, "--output", made, *arguments)

    return trained


def blames(done, said, kind="model"):
    assert done.code == 3, done.err
    assert f"The {kind} 'mine' of the distribution broken-one 0.1.0 failed in {said}" in done.err
    assert "Traceback" not in done.err


MODELS = {
    "twice as probable": (DOUBLED, "next_logprobs: the probabilities of a row sum to 2, not to 1"),
    "NaN": (
        UNIGRAM + "class Mine(Unigram):\n"
        "    def next_logprobs(self, prefixes):\n"
        "        return super().next_logprobs(prefixes) * np.nan\n",
        "next_logprobs: a row holds NaN",
    ),
    "nothing": (
        UNIGRAM + "class Mine(Unigram):\n    def next_logprobs(self, prefixes): pass\n",
        "next_logprobs: it gives NoneType instead of an array",
    ),
    "lacks what it learns": (
        UNIGRAM + "class Mine(Unigram):\n    def fit(self, train, validation, run): pass\n",
        "fit: it does not set 'counts', which learned() names",
    ),
    "has no parameters": (
        "import torch\n"
        "from tokgen.plugin_api import NetworkOptions, TorchModel\n"
        "class Mine(TorchModel):\n"
        "    tokgen_api = 1\n"
        "    class Options(NetworkOptions):\n"
        "        context: int = 2\n"
        "    def build(self, options, vocabulary): pass\n"
        "    def forward(self, ids, given=None, cache=None):\n"
        "        return torch.zeros(len(ids), self.vocabulary.size)\n",
        "fit: ValueError: build makes no layer with parameters: there is nothing to train.",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_broken_model_is_named(train, name):
    content, said = MODELS[name]
    blames(train(content, "--model", "mine"), said)


TOKENIZERS = {
    "an id too large": (
        "    def encode_documents(self, documents):\n"
        "        made = super().encode_documents(documents)\n"
        "        made.ids[0] = 99\n"
        "        return made\n",
        "encode_documents: it gives the id 99, and there are 27",
    ),
    "two alike": ("    symbols = ('a',) * 27\n", "fit: the ids 0 and 26 have the same symbol 'a'"),
    "numpy in its state": (
        "    def to_json(self): return {'merges': np.zeros(2)}\n",
        "to_json: its value 'merges' is ndarray, no type of JSON",
    ),
}


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_broken_tokenizer_is_named_and_the_model_is_not(train, name):
    content, said = TOKENIZERS[name]
    content = TOKENIZER + "class Mine(Characters):\n" + content
    done = train(content, "--model", "ngram", "--tokenizer", "mine", kind="tokenizers")
    blames(done, said, "tokenizer")


def test_of_several_plugins_in_one_file_the_right_one_is_named(place, corpus, tmp_path):
    content = UNIGRAM + "".join(
        f"class {name}(Unigram):\n    def fit(self, *arguments): [][99]\n" for name in ("A", "B")
    )
    points = {"a": "broken:A", "b": "broken:B", "good": "broken:Unigram"}
    place.install("broken-one", {"broken.py": content}, {"models": points})
    for name in ("a", "b"):
        done = place.tokgen(
            "train", "--corpus", corpus, "--model", name, "--output", tmp_path / "m"
        )
        assert done.code == 3
        assert f"The model '{name}' of the distribution broken-one 0.1.0 failed in fit" in done.err
    good = tmp_path / "good.safetensors"
    done = place.tokgen("train", "--corpus", corpus, "--model", "good", "--output", good)
    assert done.code == 0, done.err


def test_a_class_of_an_inner_module_is_named(train):
    files = {"broken/__init__.py": "from broken.inner.deep import Mine\n"}
    files |= {"broken/inner/__init__.py": "", "broken/inner/deep.py": DOUBLED}
    blames(train(files, "--model", "mine", reference="broken:Mine"), "next_logprobs: the prob")


MIXTURE = """\
from tokgen.plugin_api import LanguageModel, PluginOptions, Field
class Mixture(LanguageModel):
    context_length = 3
    class Options(PluginOptions):
        parts: tuple[str, ...] = Field(default=("mine",), description="what is mixed")
    def learned(self): return {}
    def fit(self, *arguments): pass
    def next_logprobs(self, prefixes):
        (part,) = self.parts.values()
        return part.next_logprobs(prefixes.last(part.context_length))
"""


def test_a_class_from_elsewhere_is_saved_under_the_name_that_loaded_it(place, corpus, tmp_path):
    files = {
        "inside/__init__.py": "from inside.deep import Unigram\n",
        "inside/deep.py": UNIGRAM,
        "mixing.py": MIXTURE,
    }
    points = {"mine": "inside:Unigram", "mixing": "mixing:Mixture"}
    place.install("broken-one", files, {"models": points})
    made = tmp_path / "made.safetensors"
    arguments = ["--corpus", corpus, "--model", "mixing", "--output", made]
    done = place.tokgen("train", *arguments)
    assert done.code == 0, done.err
    assert place.tokgen("generate", "--checkpoint", made, "--seed", 1).code == 0


def test_a_part_that_fails_is_named_and_not_the_model_around_it(place, corpus, tmp_path):
    points = {"mine": "broken:Mine", "mixing": "mixing:Mixture"}
    place.install("broken-one", {"broken.py": DOUBLED, "mixing.py": MIXTURE}, {"models": points})
    made = tmp_path / "made.safetensors"
    done = place.tokgen("train", "--corpus", corpus, "--model", "mixing", "--output", made)
    blames(done, "next_logprobs: the probabilities")


def test_the_same_plugin_gives_the_same_guarded_class_under_its_own_name():
    for kind, loader in (
        ("models", registry.load_model),
        ("tokenizers", registry.load_tokenizer),
        ("samplers", registry.load_sampler),
    ):
        for name in names(kind):
            loaded = loader(name)
            assert loader(name) is loaded
            assert issubclass(loaded, loaded.implementation)
            assert loaded.__name__ == loaded.implementation.__name__
            assert loaded.registered_as == registry.find(kind, name)
    assert registry.name_of_model(registry.load_model("ngram")) == "ngram"
    with pytest.raises(PluginError, match="registered under no entry point"):
        registry.name_of_model(registry.load_model("ngram").implementation)


@pytest.mark.parametrize("name", ["ngram", "mlp", "gru"])
def test_tokgens_own_models_pass(name):
    from tokgen import load

    text_model = load("indian-names", name)
    model = text_model.model
    assert isinstance(model, registry.load_model(name))
    prefixes = Prefixes.of([[], [0, 1], [1, 2, 3, 4]]).last(model.context_length)
    rows = model.next_logprobs(prefixes)
    grown = model.decoder(prefixes)
    np.testing.assert_allclose(grown.logprobs(), rows, atol=1e-12)
    grown.advance(np.array([2, 0]), np.array([1, 1]))
    assert grown.logprobs().shape == (2, 27)
    model.explain(prefixes.select(np.array([1])))
    model.embedding_table()
    if model.context_length is not None:
        model.state_keys(prefixes)


@pytest.mark.parametrize("name", names("tokenizers"))
def test_tokgens_own_tokenizers_pass(name):
    from tokgen.plugin_api import Documents

    tokenizer_class = registry.load_tokenizer(name)
    texts = Documents.of(["abc", "", "cab"])
    tokenizer = tokenizer_class.fit(tokenizer_class.Options(), texts, "abc")
    tokenizer = tokenizer_class.from_json(tokenizer.to_json())
    assert tokenizer.encode_documents(texts)[2] == tokenizer.encode("cab")
    assert tokenizer.decode(tokenizer.encode("cab")) == "cab"
    certain, rest = tokenizer.encode_prefix("ab").ids, tokenizer.encode_prefix("ab").rest
    assert tokenizer.decode(certain) + rest.decode() == "ab"
    detokenizer = tokenizer.detokenizer()
    assert "".join(map(detokenizer.add, tokenizer.encode("cab"))) + detokenizer.finish() == "cab"


def test_one_line_is_told_of_an_error_of_many():
    plugin = FoundPlugin("models", "mine", "broken-one", "0.1.0", "broken:Mine")
    with (
        pytest.raises(PluginError, match=r"0\.1\.0 failed in fit: ValueError: first\.$"),
        blamed(plugin, "fit"),
    ):
        raise ValueError("first\nsecond")
    with pytest.raises(PluginError, match=r"failed in fit: KeyError\.$"), blamed(plugin, "fit"):
        raise KeyError


def test_who_guesses_an_attribute_of_the_plugin_api_reads_the_nearest_one():
    plugin = FoundPlugin("samplers", "mine", "broken-one", "0.1.0", "broken:Mine")
    vocabulary = Vocabulary(("a", "-"), 1)
    said = r"'Vocabulary' object has no attribute 'id'\. Did you mean 'id_of'\?$"
    with pytest.raises(PluginError, match=said), blamed(plugin, "apply"):
        vocabulary.id("a")
    said = r"'int' object has no attribute 'id'\.$"
    with pytest.raises(PluginError, match=said), blamed(plugin, "apply"):
        (3).id  # noqa: B018


def test_who_guesses_an_option_reads_those_that_are_declared():
    class Options(PluginOptions):
        share: float = 0.5

    plugin = FoundPlugin("samplers", "mine", "broken-one", "0.1.0", "broken:Mine")
    said = r"'Options' object has no attribute 'shar'\. Did you mean 'share'\?$"
    with pytest.raises(PluginError, match=said), blamed(plugin, "apply"):
        Options().shar  # noqa: B018
    said = r"declares no options: those stand in a nested class `Options\(PluginOptions\)`\.$"
    with pytest.raises(PluginError, match=said), blamed(plugin, "apply"):
        PluginOptions().share  # noqa: B018


def test_what_tokgen_says_of_a_plugins_code_is_told_without_the_name_of_a_class():
    class SaidError(Exception):
        source_line = None

    plugin = FoundPlugin("models", "mine", "broken-one", "0.1.0", "broken:Mine")
    said = r"failed in fit: forward returns nothing\.$"
    with pytest.raises(PluginError, match=said), blamed(plugin, "fit"):
        raise SaidError("forward returns nothing")
