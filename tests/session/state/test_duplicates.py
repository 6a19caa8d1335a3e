"""Detection of repeated notifications."""

from __future__ import annotations

import pytest

from mcp_finesse.session.state.duplicates import Duplicates
from mcp_finesse.session.state.journal import MAX_RAW, UNREADABLE, Entry, bounded

NODE = "/finesse/api/user/1001"


def entry(payload: str) -> Entry:
    return Entry("user", "user", raw=payload)


def remembered(*entries: tuple[str | None, str], size: int = 512) -> tuple[Duplicates, list[Entry]]:
    seen, kept = Duplicates(size), []
    for item_id, payload in entries:
        kept.append(entry(payload))
        seen.remember(NODE, item_id, payload, kept[-1])
    return seen, kept


def test_same_item_on_same_node_is_a_repetition() -> None:
    seen, (first, _) = remembered(("i1", "<Update>1</Update>"), ("i2", "<Update>2</Update>"))
    assert seen.earlier(NODE, "i1", "<Update>1</Update>") is first


def test_same_item_id_on_another_node_is_not_a_repetition() -> None:
    seen, _ = remembered(("i1", "<Update>1</Update>"))
    assert seen.earlier("/finesse/api/user/1002", "i1", "<Update>1</Update>") is None


def test_payload_equal_to_the_newest_of_its_node_is_a_repetition() -> None:
    seen, (first,) = remembered(("i1", "<Update>1</Update>"))
    assert seen.earlier(NODE, "i9", "<Update>1</Update>") is first
    assert seen.earlier(NODE, None, "<Update>1</Update>") is first


def test_payload_equal_to_an_older_one_is_not_a_repetition() -> None:
    seen, _ = remembered((None, "<Update>1</Update>"), (None, "<Update>2</Update>"))
    assert seen.earlier(NODE, None, "<Update>1</Update>") is None


def test_equal_errors_with_different_item_ids_are_not_repetitions() -> None:
    error = "<Update><data><apiErrors>...</apiErrors></data></Update>"
    seen, (first,) = remembered(("i1", error))
    assert seen.earlier(NODE, "i2", error) is None
    assert seen.earlier(NODE, "i1", error) is first


def test_republished_item_with_another_payload_is_not_a_repetition() -> None:
    # XEP-0060 7.1.2: the new item overwrites the old one.
    seen, _ = remembered(("current", "<Update>1</Update>"))
    assert seen.earlier(NODE, "current", "<Update>2</Update>") is None


@pytest.mark.parametrize("cut", ["<Update>1", "<Update>1" + "x" * MAX_RAW], ids=["short", "long"])
def test_unreadable_payload_is_repeated_only_by_an_equal_payload(cut: str) -> None:
    seen = Duplicates()
    unreadable = Entry("user", UNREADABLE, raw=bounded(cut))
    seen.remember(NODE, "i1", cut, unreadable)
    assert seen.earlier(NODE, "i1", cut) is unreadable
    assert seen.earlier(NODE, "i1", "<Update>1</Update>") is None


def test_payload_equal_to_the_newest_is_not_a_repetition_after_a_read() -> None:
    seen, (first,) = remembered(("i1", "<Update>1</Update>"))
    seen.forget_newest()
    assert seen.earlier(NODE, "i9", "<Update>1</Update>") is None
    assert seen.earlier(NODE, "i1", "<Update>1</Update>") is first


def test_number_of_remembered_items_is_bounded() -> None:
    seen, kept = remembered(*((f"i{n}", f"<Update>{n}</Update>") for n in range(3)), size=2)
    assert seen.earlier(NODE, "i0", "<Update>0</Update>") is None
    assert seen.earlier(NODE, "i1", "<Update>1</Update>") is kept[1]
