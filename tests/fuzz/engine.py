"""Runs one target with atheris, in a process of its own: ``python -m tests.fuzz.engine TARGET FOLDER OPTIONS``.

The options are those of libFuzzer. Inputs that reach new code are written to the folder.
"""

from __future__ import annotations

import logging
import sys
from random import Random

import atheris

with atheris.instrument_imports(include=["mcp_finesse"]):
    from tests.fuzz.targets import TARGETS

from tests.fuzz.mutation import STEP, mutate
from tests.fuzz.target import check


def main(arguments: list[str]) -> None:
    """Fuzz until libFuzzer ends the process."""
    name, *options = arguments
    target = TARGETS[name]
    samples = tuple(target.samples())
    logging.disable(logging.CRITICAL)

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        chance = Random(seed)
        if not samples or chance.random() < 0.4:
            changed: bytes = atheris.Mutate(data, max_size)
            return changed
        recipe = chance.randbytes(STEP * chance.randint(1, 4))
        return mutate(data, recipe, target.words, chance.choice(samples))[:max_size]

    atheris.Setup([sys.argv[0], *options], lambda data: check(target, data), custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
