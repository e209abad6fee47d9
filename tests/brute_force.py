"""What may follow a place, worked out again from nothing but the model's own rows.

One sequence at a time, with lists of probabilities: no growth, no batch, no branches kept apart
by the code that is tested.
"""

from __future__ import annotations

import itertools
import math

import samplers

from tokgen.plugin_api.prefixes import Prefixes


def following(model, chain, beginning, drawn):
    """The probabilities of the next token: the model's given the rest, and the chain's."""
    rest, ids, surprisals = beginning.rest, list(beginning.ids), []
    for token in drawn:
        alone, final = _at(model, chain, beginning, ids, rest, surprisals)
        probability = final[token] or alone[token]
        surprisals.append(-math.log(probability))
        ids.append(token)
        rest = rest[len(beginning.pieces[token]) :] if rest else b""
    return _at(model, chain, beginning, ids, rest, surprisals)


def _at(model, chain, beginning, ids, rest, surprisals):
    alone = conditional(model, beginning.pieces, ids, rest)
    drawn = ids[len(beginning.ids) :]
    branches = [(1.0, alone)]
    for chained in chain.samplers:
        branches = [
            (weight * share, after)
            for weight, before in branches
            for share, after in _APPLIED[chained.name](before, drawn, surprisals)
        ]
    mixed = [sum(weight * row[t] for weight, row in branches) for t in range(len(alone))]
    return alone, mixed


def own_row(model, ids):
    prefixes = Prefixes.of([ids]).last(model.context_length)
    return [math.exp(each) for each in model.next_logprobs(prefixes)[0]]


def conditional(model, pieces, ids, rest):
    """A token's probability times that of spelling what it leaves, for each token, normalised."""
    return _normalised(_joint(model, pieces, ids, rest))


def _joint(model, pieces, ids, rest):
    row = own_row(model, ids)
    if not rest:
        return row
    joint = [0.0] * len(row)
    for token, piece in enumerate(pieces):
        if piece and piece.startswith(rest):
            joint[token] = row[token]
        elif piece and rest.startswith(piece):
            joint[token] = row[token] * sum(
                _joint(model, pieces, [*ids, token], rest[len(piece) :])
            )
    return joint


def _normalised(row):
    total = sum(row)
    return [each / total for each in row]


def _mirostat(row, drawn, surprisals):
    limit = 2 * samplers.TARGET - samplers.RATE * sum(s - samplers.TARGET for s in surprisals)
    kept = [p if p > 0 and -math.log(p) <= limit else 0.0 for p in row]
    best = max(row)
    return [(1.0, _normalised(kept if any(kept) else [p if p == best else 0.0 for p in row]))]


def _dry(row, drawn, surprisals):
    pairs = list(itertools.pairwise(drawn))
    weights = [
        p * math.exp(-samplers.PENALTY * pairs.count((drawn[-1], token))) if drawn else p
        for token, p in enumerate(row)
    ]
    return [(1.0, _normalised(weights))]


def _xtc(row, drawn, surprisals):
    first, second = sorted(range(len(row)), key=lambda token: -row[token])[:2]
    if row[second] < samplers.THRESHOLD:
        return [(1.0, row)]
    return [(0.5, _normalised([0.0 if t == first else p for t, p in enumerate(row)])), (0.5, row)]


_APPLIED = {"MirostatLike": _mirostat, "DryLike": _dry, "XtcLike": _xtc}
