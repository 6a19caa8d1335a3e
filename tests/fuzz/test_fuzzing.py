"""Targets show no defect with random inputs. The inputs are the same in every run.

``FUZZ_SEED`` chooses others, ``FUZZ_CASES`` how many for each target.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.cases import cases
from tests.fuzz.target import check, peak
from tests.fuzz.targets import TARGETS

CASES = int(os.environ.get("FUZZ_CASES", "10000"))
BATCH = 20
"""Cases of one hypothesis example. Making an example takes longer than most cases."""
MAX_HELD = 256 * 2**20
"""Maximum bytes by which all cases of a target together may raise the peak of the resident memory."""
SEED = os.environ.get("FUZZ_SEED")


@pytest.mark.fuzz
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", TARGETS)
def test_target_has_no_defect(name: str) -> None:
    target, started, ran = TARGETS[name], time.monotonic(), 0
    for sample in target.samples():
        check(target, sample)  # starts what all cases share
    memory = peak()

    @settings(
        max_examples=-(-CASES // BATCH),
        deadline=None,
        database=None,
        derandomize=SEED is None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(cases(target), min_size=BATCH, max_size=BATCH))
    def holds(batch: list[bytes]) -> None:
        nonlocal ran
        ran += len(batch)
        for data in batch:
            check(target, data)

    if SEED is not None:
        holds = seed(int(SEED))(holds)
    holds()
    print(f"{name}: {ran:,} cases in {time.monotonic() - started:.1f} s")
    assert ran >= CASES
    assert peak() - memory < MAX_HELD
