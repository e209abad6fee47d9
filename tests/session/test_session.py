"""The session without a terminal: every command, every error, and nothing lost to one."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import tokgen
from tokgen.cli.views.distribution import titles
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.plugin_api import PluginOptions, Sampler
from tokgen.session import drawing
from tokgen.session.commands import COMMANDS
from tokgen.session.commands.examples import EXAMPLES, TOPICS
from tokgen.session.events import (
    Analyzed,
    Best,
    Comparison,
    Completed,
    Distribution,
    Explained,
    Left,
    Names,
    Refused,
    Sampled,
    Scored,
    Told,
    Tree,
)
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose


def open_model(request):
    return TextModel(choose(request).checkpoint)


@pytest.fixture(scope="module")
def model():
    return tokgen.load("indian-names", model="mlp")


class Answering(Session):
    """A session whose events are all there at once."""

    def handle(self, line):
        return list(super().handle(line))


@pytest.fixture
def session(model):
    return Answering(State(model, Settings(seed=3), ModelRequest(), open_model))


def only(events, kind):
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def test_a_prefix_shows_the_models_distribution(session, model):
    (shown,) = session.handle("abi")
    np.testing.assert_array_equal(shown.next.logprobs, model.next("abi").logprobs)
    assert (shown.next.context, shown.next.seen) == ("abi", 3)


def test_enter_makes_the_document_that_generate_makes(session, model):
    for prefix in ("", "sha", "ab"):
        session.state.enter(prefix)
        tokens = []
        for _ in range(60):
            events = session.handle("")
            tokens.append(only(events, Sampled).token)
            if any(isinstance(event, Completed) for event in events):
                break
        (expected,) = model.generate(1, prefix=prefix, seed=3)
        assert prefix + "".join(tokens[:-1]) == expected.text
        done = only(events, Completed)
        assert done.logprob == pytest.approx(model.score(expected.text).logprob)
        assert done.known == (expected.text in model.known)


def test_back_and_enter_gives_the_next_draw(session, model):
    session.handle("ab")
    first_tokens = []
    for _ in range(12):
        first_tokens.append(only(session.handle(""), Sampled).token)
        if session.state.place.drawn:
            session.handle(":back")
    grown = [d.text[2:3] or "-" for d in model.generate(12, prefix="ab", seed=3)]
    assert first_tokens == grown


def test_sampled_tells_rank_probability_and_surprisal(session, model):
    session.handle("abi")
    sampled = only(session.handle(":pick 3"), Sampled)
    logprobs = np.sort(model.next("abi").logprobs)[::-1]
    assert sampled.rank == 3
    assert sampled.forced
    assert sampled.prob == pytest.approx(math.exp(logprobs[2]))
    assert sampled.surprisal_bits == pytest.approx(-logprobs[2] / math.log(2))


def test_force_back_forward(session):
    session.handle("ab")
    session.handle(":force z")
    assert session.state.text() == "abz"
    session.handle(":force q")
    session.handle(":back 2")
    assert session.state.text() == "ab"
    session.handle(":forward")
    assert session.state.text() == "abz"
    session.handle(":forward")
    assert session.state.text() == "abzq"
    completed = only(session.handle(":force -"), Completed)
    assert completed.text == "abzq"
    assert (completed.known, completed.distance) == (False, 2)
    assert session.state.text() == "ab"


def test_run_completes(session):
    session.handle("pri")
    assert only(session.handle(":run"), Completed).text.startswith("pri")


def test_a_long_run_says_that_it_goes_on(session, monkeypatch):
    monkeypatch.setattr(drawing, "LONGEST", 2)
    session.handle("pri")
    told = only(session.handle(":run"), Told).text
    assert told == "After 2 tokens more the document has not ended: :run goes on from here."
    assert len(session.state.text()) == 5


def test_temperatures_side_by_side_change_nothing(session):
    session.handle("abi")
    shown = only(session.handle(":temp 0.5 1 2"), Comparison)
    assert [each.temperature for each in shown.columns] == [0.5, 1, 2]
    assert titles(shown) == ["T 0.5", "T 1", "T 2"]
    entropies = [each.next.entropy for each in shown.columns]
    assert entropies == sorted(entropies)
    assert session.state.temperature == 1
    session.handle(":temp 0.7")
    assert session.state.temperature == 0.7
    assert only(session.handle(":temp"), Told).text == "temperature 0.7"


class Tilting(Sampler):
    """It has an option t, which is no temperature."""

    class Options(PluginOptions):
        t: float = 0.1

    def apply(self, logprobs, context):
        return logprobs - self.options.t * np.arange(logprobs.shape[1])


def test_temp_keeps_a_sampler_that_has_an_option_named_t(model):
    tilting = ChainedSampler("tilting", Tilting(Tilting.Options()))
    settings = Settings(seed=3, chain=SamplerChain((tilting,)))
    session = Answering(State(model, settings, ModelRequest(), open_model))
    assert session.state.temperature == 1
    session.handle(":temp 0.7")
    session.handle(":temp 0.5")
    assert session.state.temperature == 0.5
    names = [each.name for each in session.state.settings.chain.samplers]
    assert names == ["tilting", "temperature"]


def test_chain_is_kept_and_shown(session):
    session.handle("abi")
    shown = only(session.handle(":chain top_p:p=0.9 temperature:t=1.2"), Distribution)
    assert shown.next.labels == ("top_p p=0.9", "temperature t=1.2")
    session.handle(":temp 2")
    assert [chained.name for chained in session.state.settings.chain.samplers] == [
        "top_p",
        "temperature",
    ]
    kept = session.state.settings
    assert only(session.handle(":chain"), Told).text == "chain top_p:p=0.9 temperature:t=2.0"
    assert session.state.settings == kept
    session.handle(":chain none")
    assert not session.state.settings.chain.samplers
    assert only(session.handle(":chain"), Told).text == "chain none"


def test_a_token_has_its_probability_as_drawn_beside_the_models(session):
    session.handle("abi")
    shown = only(session.handle(":chain top_k:k=2"), Distribution).next
    sampled = only(session.handle(""), Sampled)
    token = shown.symbols.index(sampled.token)
    assert sampled.prob == pytest.approx(np.exp(shown.logprobs[token]))
    assert sampled.prob_drawn == pytest.approx(np.exp(shown.final_logprobs[token]))
    assert sampled.prob_drawn > sampled.prob
    assert only(session.handle(":pick 3"), Sampled).prob_drawn is None


def test_why_ends_in_the_softmax_that_is_shown(session, model):
    session.handle("abi")
    explained = only(session.handle(":why"), Explained)
    names = [step.name for step in explained.steps]
    assert names[0] == "rows of the embedding table"
    np.testing.assert_allclose(explained.steps[-1].values, np.exp(model.next("abi").logprobs))
    np.testing.assert_allclose(explained.steps[1].values, explained.steps[0].values.ravel())


def test_tree_numbers_lead_to_its_nodes(session, model):
    session.handle("abi")
    tree = only(session.handle(":tree 2 3"), Tree)
    assert all(len(node.children) <= 3 for node in (tree.root, *tree.root.children))
    for child in tree.root.children:
        below = sum(grandchild.path_prob for grandchild in child.children)
        assert below <= child.path_prob + 1e-12
    for ids, number in tree.numbers.items():
        session.handle(f":go {number}")
        assert session.state.prefix().beginning.ids == ids


def test_marks(session):
    session.handle("abi")
    session.handle(":mark start")
    session.handle("zzz")
    assert "start  abi" in only(session.handle(":marks"), Told).text
    assert session.handle(":go nowhere") == [
        Refused("There is no mark 'nowhere'. There is: start.")
    ]
    session.handle(":go start")
    assert session.state.text() == "abi"


def test_names_top_score_analyze(session, model):
    session.handle("abi")
    assert [d.text for d in only(session.handle(":names 4"), Names).documents] == [
        d.text for d in model.generate(4, prefix="abi", seed=3)
    ]
    best = only(session.handle(":top 4"), Best).documents
    assert [d.logprob for d in best] == sorted((d.logprob for d in best), reverse=True)
    assert only(session.handle(":score abid"), Scored).score == model.score("abid")
    figures = only(session.handle(":analyze"), Analyzed).figures
    assert figures["prefix_prob"] == pytest.approx(
        math.exp(model.prefix_logprob(model.beginning("abi")))
    )
    session.handle("a")
    drawn = only(session.handle(":names 30 length=5 suffix=a unique novel"), Names).documents
    assert len({each.text for each in drawn}) == 30
    assert all(
        len(each.text) == 5 and each.text[0] == "a" and each.text[-1] == "a" for each in drawn
    )
    assert not {each.text for each in drawn} & model.known
    best = only(session.handle(":top 3 pattern=a?i*"), Best).documents
    assert all(each.text[::2].startswith("ai") for each in best)
    figures = only(session.handle(":analyze length=6 suffix=sh"), Analyzed).figures
    assert figures["expected_length"] == pytest.approx(6)
    for wrong in (":names x", ":names 3 lenght=4", ":top novel=1", ":analyze pattern"):
        assert only(session.handle(wrong), Refused).text


def test_of_names_that_are_drawn_and_checked_the_share_that_was_kept_is_told(session):
    events = session.handle(":names 7 novel-distance=2")
    (said,) = [event.text for event in events if isinstance(event, Told)]
    (drawn,) = re.fullmatch(r"7 of (\d+) drawn documents met the conditions", said).groups()
    assert int(drawn) > 7
    assert not any(isinstance(event, Told) for event in session.handle(":names 7 novel"))


@pytest.mark.parametrize("name", ["ngram", "lstm"])
def test_where_there_is_no_document_a_sentence_says_so(session, name):
    session.handle(f":model {name}")
    session.handle("abina")
    for line in (":top 3 length=4", ":names 3 length=4", ":names 3 unique length=4"):
        *_, refused = session.handle(line)
        assert refused == Refused(
            "No document that the model can make begins with 'abina' and fulfils this condition."
        )


def test_where_there_are_fewer_documents_a_sentence_says_so(session):
    session.handle("abina")
    names, told = session.handle(":names 3 unique pattern=abina[bc]")
    assert sorted(each.text for each in names.documents) == ["abinab", "abinac"]
    assert told == Told("Only 2 of 3 documents: there are no others.")


def test_compare_and_change_of_model(session):
    session.handle("abi")
    shown = only(session.handle(":compare ngram"), Comparison)
    assert titles(shown) == ["mlp", "ngram"]
    ours, theirs = (each.next.logprobs for each in shown.columns)
    bits = float((np.exp(ours) * (ours - theirs)).sum()) / math.log(2)
    assert f"{bits:.4f} bits" in shown.note
    changed = only(session.handle(":model ngram"), Distribution)
    assert session.state.model.metadata.model.name == "ngram"
    assert changed.next.prefix == "abi"
    counted = only(session.handle(":why"), Explained)
    assert counted.steps[-1].name == "probabilities"
    np.testing.assert_array_equal(counted.steps[-1].values, np.exp(changed.next.logprobs))
    session.handle(":checkpoint shipped:mlp-2d")
    assert session.state.model.model.options.embedding == 2


def test_a_model_with_the_same_tokens_takes_over_what_was_drawn(session):
    for line in ("ab", ":force i", ":model gru"):
        session.handle(line)
    assert session.state.place.drawn == (8,)
    assert session.state.text() == "abi"
    session.handle(":back")
    assert session.state.text() == "ab"


def test_a_model_with_other_tokens_goes_on_from_the_text_where_it_can(session, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("ab\nabba\nb a\n" * 20)
    for line in ("ab", ":force b", f":corpus {words}"):
        events = session.handle(line)
    assert only(events, Distribution).next.prefix == "abb"
    assert session.state.place.drawn == ()
    session.handle(":corpus indian-names")
    session.handle("xyz")
    assert only(session.handle(f":corpus {words}"), Distribution).next.prefix == ""


def test_a_corpus_in_a_table_needs_its_column(session, tmp_path):
    table = tmp_path / "two words.csv"
    table.write_text("word,sort\nab,x\nba,y\n")
    refused = only(session.handle(f":corpus {table}"), Refused)
    assert refused.text.endswith(f"one of them must be named. Type :corpus {table} column=NAME.")
    refused = only(session.handle(f":corpus {table} column=wrd"), Refused)
    assert refused.text.endswith("has no column 'wrd'. Did you mean 'word'?")
    only(session.handle(f":corpus {table} column=word"), Distribution)
    assert session.state.request.column == "word"
    assert session.state.model.metadata.corpus.documents == 2


def test_save_and_load(session, tmp_path):
    session.handle("abi")
    session.handle(":chain top_k:k=5")
    session.handle(":force d")
    session.handle(":mark here")
    session.handle("")
    place, draws = session.state.place, dict(session.state.draws)
    session.handle(f":save {tmp_path / 's.json'}")
    session.handle("zzz")
    session.handle(":chain none")
    shown = only(session.handle(f":load {tmp_path / 's.json'}"), Distribution)
    assert session.state.place == place
    assert {k: v for k, v in session.state.draws.items() if v} == draws
    assert shown.next.labels == ("top_k k=5",)
    assert session.handle(":go here") != []
    assert session.state.text() == "abid"


def test_settings_help_and_quit(session):
    assert only(session.handle(":seed 9"), Told).text == "seed 9"
    assert only(session.handle(":sort alphabet"), Distribution).sort == "alphabet"
    assert only(session.handle(":all"), Distribution).rows is None
    told = only(session.handle(":help"), Told).text
    assert all(command.usage.split(" [")[0] in told for command in COMMANDS.values())
    for name, command in COMMANDS.items():
        assert command.usage in only(session.handle(f":help {name}"), Told).text
    assert only(session.handle(":help tree"), Told).text.startswith(":tree")
    assert session.handle(":quit") == [Left()]


def test_each_command_has_a_topic_and_an_example_that_works(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {name for names in TOPICS.values() for name in names} >= set(COMMANDS)
    before = {"forward": "back", "go": "tree", "load": "save"}
    for name in COMMANDS:
        assert EXAMPLES[name].typed in only(session.handle(f":help {name}"), Told).text
        if name in ("given", "step", "embeddings", "train", "untrain"):
            continue
        first = [EXAMPLES[before[name]].typed] if name in before else []
        for line in ("abi", ":force d", ":force a", *first):
            session.handle(line)
        events = session.handle(EXAMPLES[name].typed)
        assert not any(isinstance(event, Refused) for event in events), (name, events)


def test_the_help_fits_a_usual_terminal(session):
    told = only(session.handle(":help"), Told).text.splitlines()
    assert len(told) <= 21
    assert max(map(len, told)) <= 78


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (":tre", "Did you mean ':tree'?"),
        ("abI", "Character 'I' at position 3"),
        (":pick 99", "ranks go from 1 to 27"),
        (":pick one", "not 'one'"),
        (":pick 0", "A rank is at least 1, not 0."),
        (":pick", "An argument is missing: :pick RANK"),
        (":names -3", "A number of documents is at least 1, not -3."),
        (":names 0", "A number of documents is at least 1, not 0."),
        (":top -3", "A number of documents is at least 1, not -3."),
        (":names three", "A number of documents is a whole number, not 'three'."),
        (":names -", "A number of documents is a whole number, not '-'."),
        (":back -1", "A number of tokens is at least 0, not -1."),
        (":seed -1", "A seed is at least 0, not -1."),
        (f":seed {2**64}", f"A seed is at most {2**64 - 1}."),
        (f":seed {'9' * 5000}", f"A seed is at most {2**64 - 1}."),
        (f":names -{'9' * 5000}", "A number of documents is at least 1, not -999"),
        (":force", "An argument is missing: :force TOKEN"),
        (":sort", "An argument is missing: :sort ORDER. There are: probability, alphabet."),
        (":go", "An argument is missing: :go N|MARK"),
        (":mark", "An argument is missing: :mark NAME"),
        (":model", "An argument is missing: :model NAME. There are: cnn, gru, lstm, mixture, mlp"),
        (":corpus", "An argument is missing: :corpus NAME|FILE. There are: indian-names."),
        (":checkpoint", ":checkpoint FILE. There are: shipped:"),
        (":compare", ":compare MODEL. There are: cnn, gru"),
        (":force aa", "There is no token 'aa'"),
        (":why is that", ":why takes nothing behind it: 'is that' would have no effect."),
        (":run 5", ":run takes nothing behind it"),
        (":all 3", ":all takes nothing behind it"),
        (":quit now", ":quit takes nothing behind it"),
        (":tree 2 3 4", "A tree has a depth and a width, not 3 sizes"),
        (":names 2 suffix=a suffix=b", "The condition suffix is given twice."),
        (":names 3 pattern=k??a novel", "can make begins with 'abi' and fulfils this condition."),
        (":top pattern=k??a", "can make begins with 'abi' and fulfils this condition."),
        (":analyze pattern=k??a", "can make begins with 'abi' and fulfils this condition."),
        (":names 5 prefix=ka", "'prefix=ka'. The prefix is the text that was typed before."),
        (":names 5 sufix=ka", "Did you mean 'suffix'?"),
        (":temp hot", "A temperature is a number"),
        (":temp -1", "at least 0"),
        (":chain topp:p=0.9", "Did you mean 'top_p'?"),
        (":chain top_p p=0.9", "an option is written top_p:p=0.9."),
        (":chain top_k 3", "'3' is no sampler: an option is written top_k:k=3."),
        (":chain temperature 0.5 top_k:k=3", "an option is written temperature:t=0.5."),
        (":chain top_k", "Sampler 'top_k' needs an option: write top_k:k=…"),
        (":chain top_k:k=3 top_p:p=0.9 x=1", "an option is written top_p:p=0.9,x=1."),
        (":chain top_p:0.9", "Did you mean 'top_p:p=0.9'?"),
        (":sampler top_p:p=0.9", "Did you mean ':chain'?"),
        (":classify", "There is no command :classify. Did you mean ':loss'?"),
        (":samplers", "Did you mean ':chain'?"),
        (":help samplers", "Did you mean ':chain'?"),
        (":tree 9 9", "1 to 6 deep"),
        (":go 999", "There is no node 999"),
        (":go nowhere", "There is no mark 'nowhere'. :mark NAME makes one."),
        (":mark two words", "A mark is a word"),
        (":score X", "Character 'X'"),
        (":compare nothing", "There is no model 'nothing'"),
        (":model ngarm", "Did you mean 'ngram'?"),
        (":corpus nothing", "There is no corpus or file"),
        (":checkpoint nothing", "there is no such file"),
        (":checkpoint shipped:mlp-3d", "Did you mean 'mlp-2d'?"),
        (":sort size", "There is no order 'size'"),
        (":seed x", "A seed is a whole number"),
        (":load nothing.json", "no such file"),
        (":load pyproject.toml", "Invalid JSON"),
        (":save /nowhere/s.json", "Cannot write"),
        (":save", ":save FILE"),
        (":forward", "Nothing was taken back"),
        (":back", "nothing to take back"),
        (":help tre", "Did you mean ':tree'?"),
    ],
)
def test_errors_are_one_line_and_lose_nothing(session, line, said):
    session.handle("abi")
    before = (session.state.place, session.state.settings, session.state.model)
    (refused,) = session.handle(line)
    assert isinstance(refused, Refused)
    assert said in refused.text
    assert (session.state.place, session.state.settings, session.state.model) == before


def test_of_a_completed_document_back_takes_the_end_first(session):
    session.handle("abi")
    session.handle(":force d")
    (completed,) = (each for each in session.handle(":run") if isinstance(each, Completed))
    assert session.state.text() == "abi"
    session.handle(":back")
    assert session.state.text() == completed.text
    session.handle(":back")
    assert session.state.text() == completed.text[:-1]
    session.handle(":forward")
    assert session.state.text() == completed.text
    (refused,) = session.handle(":forward")
    assert refused.text == "Nothing was taken back."


def test_of_a_completed_document_back_takes_several(session):
    session.handle("abi")
    for token in "dha-":
        session.handle(f":force {token}")
    session.handle(":back 3")
    assert session.state.text() == "abid"
    for text in ("abidh", "abidha"):
        session.handle(":forward")
        assert session.state.text() == text
    session.handle(":force -")
    session.handle(":back 99")
    assert session.state.text() == "abi"


def test_whoever_has_gone_elsewhere_takes_no_completed_document_back(session):
    for elsewhere in ("abi", ":go 0", ":corpus indian-names"):
        session.handle("abi")
        session.handle(":force -")
        session.handle(elsewhere)
        (refused,) = session.handle(":back")
        assert refused.text.endswith("there is nothing to take back.")


def test_a_temperature_of_1_is_no_sampler(session):
    session.handle("abi")
    session.handle(":chain top_k:k=3")
    session.handle(":temp 2")
    assert session.state.temperature == 2
    (shown,) = session.handle(":temp 1")
    assert shown.next.labels == ("top_k k=3",)
    assert session.state.temperature == 1
    session.handle(":chain none")
    session.handle(":temp 1")
    assert not session.state.settings.chain.samplers
    (compared,) = session.handle(":temp 1 2")
    assert [each.temperature for each in compared.columns] == [1, 2]


def test_names_and_top_and_score_give_one_figure_for_one_document(session, model):
    session.handle("sha")
    for line in (":names 3", ":names 3 length=6", ":top 3"):
        (event,) = session.handle(line)
        for document in event.documents:
            assert document.logprob == pytest.approx(model.score(document.text).logprob)


def test_temperatures_are_compared_under_the_sessions_chain(session, model):
    session.handle("abi")
    session.handle(":chain temperature:t=3 top_k:k=2")
    shown = only(session.handle(":temp 0.5 2"), Comparison)
    for column, t in zip(shown.columns, ("0.5", "2"), strict=True):
        expected = model.next("abi", ["top_k:k=2", f"temperature:t={t}"])
        np.testing.assert_array_equal(column.next.final_logprobs, expected.final_logprobs)


def test_a_prefix_in_another_case_than_the_corpus_has_it(tmp_path):
    path = tmp_path / "lakes.txt"
    path.write_text("\n".join(["Lake Tahoe", "Lake Erie", "Lake Como", "lagoon"] * 9))
    request = ModelRequest(str(path), "ngram")
    lakes = Answering(State(open_model(request), Settings(seed=3), request, open_model))
    said = 'No row of lakes.txt begins with "lake"; 27 begin with "Lake".'
    assert only(lakes.handle("lake"), Told).text == f"{said} Did you mean Lake?"
    assert [type(event) for event in lakes.handle("Lake")] == [Distribution]
    told = only(lakes.handle(":names 1 contains=erie"), Told).text
    assert told == 'No row of lakes.txt holds "erie"; 9 hold "Erie".'
