"""The Indian-names corpus: what its card and SOURCE.md claim is what the data say."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from tokgen.corpus.card import open_package
from tokgen.corpus.opening import open_corpus
from tokgen.corpus.report import check

LECTURE_NAMES = {
    *("abid", "abhidha", "adesh", "aditya", "arjun", "kiran", "krishna", "lakshmi", "meera"),
    *("nisha", "priya", "rajesh", "sunita", "vikash", "zara"),
}


@pytest.fixture(scope="module")
def corpus():
    return open_corpus("indian-names")


@pytest.fixture(scope="module")
def source():
    return (open_package("indian-names").folder / "SOURCE.md").read_text(encoding="utf-8")


def origin_table(corpus):
    rows = list(zip(corpus.columns["origin"], corpus.columns["gender"], strict=True))
    by_origin, by_both = Counter(origin for origin, _ in rows), Counter(rows)
    lines = ["| origin | rows | share | f | m | u |", "|---|---:|---:|---:|---:|---:|"]
    for origin, n in sorted(by_origin.items()):
        sexes = " | ".join(f"{by_both[origin, sex]:,}" for sex in "fmu")
        lines.append(f"| {origin} | {n:,} | {100 * n / len(rows):.1f} % | {sexes} |")
    return "\n".join(lines)


def counted_table(heading, values):
    counts = sorted(Counter(values).items())
    total = sum(n for _, n in counts)
    lines = [f"| {heading} | rows | share |", "|---|---:|---:|"]
    lines += [f"| {key} | {n:,} | {100 * n / total:.1f} % |" for key, n in counts]
    return "\n".join(lines)


def tables(corpus):
    return [
        origin_table(corpus),
        counted_table("gender", corpus.columns["gender"].tolist()),
        counted_table("letters", [len(name) for name in corpus.documents]),
    ]


def test_card_describes_the_file(corpus):
    package = open_package("indian-names")
    content = package.path(package.card.data.file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == package.card.data.sha256
    assert content.count(b"\n") - 1 == package.card.data.rows == len(corpus.documents)


def test_source_tables_are_those_of_the_data(corpus, source):
    for each in tables(corpus):
        assert each in source


def test_every_check_is_passed(corpus):
    assert [finding for finding in check(corpus) if finding.problem] == []


def test_lecture_names_are_in_it(corpus):
    assert set(corpus.documents) >= LECTURE_NAMES


def test_names_are_unique_lower_case_and_of_4_to_10_letters(corpus):
    names = list(corpus.documents)
    assert len(names) >= 6000
    assert len(set(names)) == len(names)
    assert names == sorted(names)
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names)
    assert {len(name) for name in names} == set(range(4, 11))


def test_origins_and_sexes_are_balanced(corpus):
    origins = Counter(corpus.columns["origin"].tolist())
    assert len(origins) == 22
    assert min(origins.values()) >= 100
    assert max(origins.values()) <= len(corpus.documents) / 4
    sexes = Counter(corpus.columns["gender"].tolist())
    assert set(sexes) == {"f", "m", "u"}
    assert min(sexes["f"], sexes["m"]) >= 0.4 * len(corpus.documents)


def test_splits_share_nothing_and_leave_nothing_out(corpus):
    parts = [set(corpus.split(name)) for name in ("train", "validation", "test")]
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(corpus.documents)
    assert len(parts[0]) / len(corpus.documents) == pytest.approx(0.8, abs=0.02)


def test_where_filters_rows_and_has_its_own_fingerprint(corpus):
    women = open_corpus("indian-names", {"gender": "f"})
    assert set(women.columns["gender"].tolist()) == {"f"}
    assert women.fingerprint != corpus.fingerprint
    both = open_corpus("indian-names", {"gender": "f", "origin": "tamil"})
    assert set(both.documents) < set(women.documents)
