"""Inputs that are nearly right: bytes, JSON trees and texts with a few things changed."""

from __future__ import annotations

import json

from hypothesis import strategies as st

BYTES = [b"", b"\0", b"\xff", b"\n", b"\r", b"\t", b"{", b"}", b'"', b"[" * 300, b"9" * 5000]
BYTES += [b"&a ", b"*a", b"!!int ", b": ", b"\n  ", b",", b"=", b"\xed\xa0\x80"]
TEXTS = [
    "",
    " ",
    "a",
    "-",
    "nosuch",
    "\0",
    "\x1b[2J",
    "\u202e",
    "e\u0301",
    "\ufffd",
    "\U0001f468\u200d\U0001f469",
    "../../etc/passwd",
    "/dev/zero",
    "<img onerror=x>",
    "9" * 5000,
    "x" * 5000,
]
NUMBERS = [0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 1e308, 5e-324, 0.5]
texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=12))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.integers(),
    st.floats(),
    texts,
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def nearly_bytes(draw, seeds):
    """One of these contents with a few slices dropped, doubled or replaced."""
    content = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.sampled_from([0, 1, 2, 8, 100, 10**9])))
        part = content[begin:end]
        put = draw(
            st.one_of(
                st.just(b""), st.just(part * 2), st.sampled_from(BYTES), st.binary(max_size=4)
            )
        )
        content = content[:begin] + put + content[end:]
    return content


@st.composite
def nearly_tree(draw, seeds, others=values):
    """One of these JSON trees with a few of its values replaced, dropped, renamed or added."""
    tree = json.loads(json.dumps(draw(st.sampled_from(seeds))))
    for _ in range(draw(st.integers(0, 2))):
        holders = [each for each in _holders(tree) if each]
        if not holders:
            break
        # The outermost as often as all that are inside.
        holder = holders[0] if draw(st.booleans()) else draw(st.sampled_from(holders))
        _change(draw, holder, others)
    return tree


def _holders(tree):
    """The tables and lists of a tree, itself included."""
    if isinstance(tree, dict | list):
        yield tree
        for inner in tree.values() if isinstance(tree, dict) else tree:
            yield from _holders(inner)


def _change(draw, holder, others):
    keys = list(holder) if isinstance(holder, dict) else range(len(holder))
    key = draw(st.sampled_from(keys))
    how = draw(st.sampled_from(["replace", "drop", "rename", "swap"]))
    if how == "drop":
        del holder[key]
    elif how == "rename" and isinstance(holder, dict):
        holder[draw(texts)] = holder.pop(key)
    elif how == "swap":
        other = draw(st.sampled_from(keys))
        holder[key], holder[other] = holder[other], holder[key]
    else:
        holder[key] = draw(others)
