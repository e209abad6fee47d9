"""What a notebook shows, read as a page; a text that must stay text; a distribution."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np

from tokgen.text_model.results import NextToken

HOSTILE = "<img src=x onerror=alert(1)>"


class Read(HTMLParser):
    """The tags of a page, and the text of each table cell and list entry."""

    def __init__(self, page):
        super().__init__()
        self.opened, self.closed, self.texts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.opened.append(tag)

    def handle_endtag(self, tag):
        self.closed.append(tag)

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())


def shown(symbols, probs, *stages, prefix="a"):
    with np.errstate(divide="ignore"):
        rows = [np.log(np.array(each)) for each in (probs, *stages)]
    labels = tuple(f"sampler {number}" for number in range(1, len(rows)))
    tokens = tuple(prefix)
    return NextToken(
        prefix,
        (0,),
        b"",
        0,
        tokens,
        1,
        tokens,
        tuple(symbols),
        rows[0],
        labels,
        tuple(rows[1:]),
    )
