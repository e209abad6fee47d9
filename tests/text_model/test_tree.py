"""The generation tree under samplers of every kind, against distributions worked out again."""

from __future__ import annotations

import pytest
from brute_force import following
from overlapping import Overlapping, Recurrent, table_model, text_model
from samplers import CHAINS

from tokgen.errors import RequestError
from tokgen.generation.growth import Growth
from tokgen.text_model import tree as tree_module
from tokgen.text_model.tree import generation_tree
from tokgen.text_model.tree_layout import meaning, placed

WIDTH = 3


@pytest.fixture(params=[False, True], ids=["plain", "start id"])
def tokenizer(request):
    return Overlapping(started=request.param)


def tree_of(model, chain, prefix, drawn=(), depth=3):
    growth = Growth.at(model.model, chain, model.beginning(prefix), drawn)
    return generation_tree(model.tokenizer, growth, depth, WIDTH)


def all_nodes(node):
    yield node
    for child in node.children:
        yield from all_nodes(child)


def check(node, model, chain, beginning, depth):
    before = len(beginning.ids)
    assert node.ids[:before] == beginning.ids
    _, final = following(model.model, chain, beginning, node.ids[before:])
    best = sorted(range(len(final)), key=lambda token: -final[token])[:WIDTH]
    expected = [token for token in best if final[token] > 0] if depth and not node.ended else []
    assert [child.ids for child in node.children] == [(*node.ids, token) for token in expected]
    for child, token in zip(node.children, expected, strict=True):
        assert child.prob == pytest.approx(final[token])
        assert child.path_prob == pytest.approx(node.path_prob * final[token])
        assert child.token == model.tokenizer.symbols[token]
        check(child, model, chain, beginning, depth - 1)


@pytest.mark.parametrize("prefix", ["", "lash"])
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_every_node_has_its_own_history(chain, prefix, tokenizer):
    model = text_model(table_model(tokenizer, 2), tokenizer)
    check(tree_of(model, chain, prefix), model, chain, model.beginning(prefix), 3)


def test_a_tree_goes_on_from_what_was_drawn(tokenizer):
    model = text_model(Recurrent(tokenizer.vocabulary, 3), tokenizer)
    root = tree_of(model, CHAINS["all"], "s", [7, 0, 7, 0])
    assert root.text == "shasha"
    check(root, model, CHAINS["all"], model.beginning("s"), 3)


def test_texts_are_those_of_the_ids_and_two_spellings_are_two_nodes(tokenizer):
    model = text_model(table_model(tokenizer, 2), tokenizer)
    nodes = list(all_nodes(tree_of(model, CHAINS["none"], "la")))
    for node in nodes:
        assert node.text.startswith("la")
        if not node.ended and len(tokenizer.decode(node.ids)) >= 2:
            assert node.text == tokenizer.decode(node.ids)
    begun = tokenizer.vocabulary.beginning
    spellings = {node.ids for node in nodes if node.text == "la"} - {begun}
    assert spellings == {(*begun, 3), (*begun, 3, 0), (*begun, 9)}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_a_level_grown_in_parts_is_the_same_level(chain, tokenizer, monkeypatch):
    model = text_model(table_model(tokenizer, 4), tokenizer)
    whole = tree_of(model, chain, "s", depth=4)
    monkeypatch.setattr(tree_module, "NUMBERS_AT_ONCE", 2 * tokenizer.vocabulary.size)
    assert tree_of(model, chain, "s", depth=4) == whole


def test_a_tree_of_too_many_nodes_is_refused_with_sizes_that_do(monkeypatch):
    tokenizer = Overlapping()
    model = text_model(table_model(tokenizer, 2), tokenizer)
    nodes = len(list(all_nodes(tree_of(model, CHAINS["none"], "la")))) - 1
    monkeypatch.setattr(tree_module, "MOST_NODES", nodes)
    assert len(list(all_nodes(tree_of(model, CHAINS["none"], "la")))) == nodes + 1
    monkeypatch.setattr(tree_module, "MOST_NODES", 14)
    with pytest.raises(RequestError, match="14 nodes here: a depth of 2 or a width of 2 fits"):
        tree_of(model, CHAINS["none"], "la")


def test_what_is_left_out_is_counted(tokenizer):
    model = text_model(table_model(tokenizer, 2), tokenizer)
    root = tree_of(model, CHAINS["none"], "")
    _, final = following(model.model, CHAINS["none"], model.beginning(""), ())
    assert root.left_out == sum(prob > 0 for prob in final) - WIDTH
    assert root.left_out_prob == pytest.approx(1 - sum(sorted(final)[-WIDTH:]))
    leaves = [node for node in all_nodes(root) if not node.children]
    assert all(node.left_out == 0 for node in leaves)


@pytest.mark.parametrize("count", [0, 1, 5, 17, 10_000])
def test_the_most_probable_nodes_are_a_tree(tokenizer, count):
    model = text_model(table_model(tokenizer, 2), tokenizer)
    root = tree_of(model, CHAINS["none"], "")
    every, kept = list(root.below()), list(root.most_probable(count).below())
    assert len(kept) == min(count, len(every))
    best = sorted((node.path_prob for node in every), reverse=True)[: len(kept)]
    assert sorted((node.path_prob for node in kept), reverse=True) == best
    assert len(list(all_nodes(root.most_probable(count)))) == len(kept) + 1


def test_a_layout_has_a_row_for_each_leaf(tokenizer):
    model = text_model(table_model(tokenizer, 2), tokenizer)
    root = tree_of(model, CHAINS["none"], "")
    drawn = placed(root)
    rows = [each.row for each in drawn.all() if not each.children]
    assert rows == list(range(drawn.leaves))
    for each in drawn.all():
        assert [child.level for child in each.children] == [each.level + 1] * len(each.children)
    gone = len(list(root.below())) - len(list(drawn.all())) + 1
    assert (f"{gone:,} less probable nodes" in meaning(root, drawn)) is (gone > 0)
