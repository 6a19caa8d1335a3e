"""The kept inputs and the valid ones show no defect."""

from __future__ import annotations

import pytest

from tests.fuzz import corpus
from tests.fuzz.target import check
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_kept_inputs_raise_nothing(name: str) -> None:
    target = TARGETS[name]
    for data in (*target.samples(), *corpus.kept(name)):
        check(target, data)


def test_corpus_is_small_and_belongs_to_targets() -> None:
    files = list(corpus.FOLDER.iterdir())
    assert {file.stem for file in files} == set(TARGETS)
    assert sum(file.stat().st_size for file in files) < corpus.MAX_TOTAL
