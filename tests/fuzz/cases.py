"""Hypothesis strategies: the inputs of a target."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.mutation import STEP, mutate
from tests.fuzz.target import Target

_STEPS = (1, 2, 3, 5, 8)
_SIZES = (4, 16, 64, 200)
_PLACE = 4
"""Bytes that choose two samples: the one to change, and another one to take parts from."""


def cases(target: Target) -> st.SearchStrategy[bytes]:
    """Return a strategy for the inputs of a target: mutated samples and arbitrary bytes."""
    samples = tuple(target.samples())
    if not samples:
        return st.one_of([st.binary(max_size=size) for size in _SIZES])

    def mutated(recipe: bytes) -> bytes:
        first, second = (int.from_bytes(recipe[at : at + 2], "big") % len(samples) for at in (0, 2))
        return mutate(samples[first], recipe[_PLACE:], target.words, samples[second])

    recipes = [
        st.binary(min_size=size, max_size=size) for size in (_PLACE + STEP * steps for steps in _STEPS)
    ]
    return st.one_of([each.map(mutated) for each in recipes] + [st.binary(max_size=40)])
