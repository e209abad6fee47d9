"""Rows of a corpus chosen by their columns, and what is said where there are none."""

from __future__ import annotations

import pytest
from words import WORDS, coloured

from tokgen.errors import RequestError


def test_rows_with_a_value():
    red = coloured().filtered({"colour": "red"})
    assert [*red.documents] == [word for word in WORDS if word[0] in "bd"]
    assert red.fingerprint != coloured().fingerprint


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"colour": "reddish"}, "has colour=reddish. Did you mean 'red'?"),
        ({"colour": "rde"}, "has colour=rde. Did you mean 'red'?"),
        ({"hue": "white"}, "has no column 'hue'. Did you mean colour=white?"),
        ({"color": "blue"}, "has no column 'color'. Did you mean 'colour'?"),
    ],
)
def test_what_does_not_occur_is_refused_with_the_nearest(where, said):
    with pytest.raises(RequestError) as refused:
        coloured().filtered(where)
    assert said in str(refused.value)
