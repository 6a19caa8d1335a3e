"""Which notifications count as repetitions."""

from __future__ import annotations

from mcp_finesse.session.duplicates import Duplicates

NODE = "/finesse/api/user/1001"


def test_the_same_item_of_the_same_node_is_a_repetition() -> None:
    seen = Duplicates()
    seen.remember(NODE, "i1", "<Update>1</Update>", 7)
    seen.remember(NODE, "i2", "<Update>2</Update>", 8)
    assert seen.earlier(NODE, "i1", "<Update>1</Update>") == 7


def test_the_same_item_id_on_another_node_is_not() -> None:
    seen = Duplicates()
    seen.remember(NODE, "i1", "<Update>1</Update>", 7)
    assert seen.earlier("/finesse/api/user/1002", "i1", "<Update>1</Update>") is None


def test_a_payload_like_the_newest_of_its_node_says_nothing_new() -> None:
    seen = Duplicates()
    seen.remember(NODE, "i1", "<Update>1</Update>", 7)
    assert seen.earlier(NODE, "i9", "<Update>1</Update>") == 7
    assert seen.earlier(NODE, None, "<Update>1</Update>") == 7


def test_a_payload_like_an_older_one_is_news() -> None:
    seen = Duplicates()
    seen.remember(NODE, None, "<Update>1</Update>", 7)
    seen.remember(NODE, None, "<Update>2</Update>", 8)
    assert seen.earlier(NODE, None, "<Update>1</Update>") is None


def test_two_refusals_that_read_alike_are_two() -> None:
    seen = Duplicates()
    error = "<Update><data><apiErrors>...</apiErrors></data></Update>"
    seen.remember(NODE, "i1", error, 7)
    assert seen.earlier(NODE, "i2", error) is None
    assert seen.earlier(NODE, "i1", error) == 7


def test_only_so_many_items_are_remembered() -> None:
    seen = Duplicates(size=2)
    for number in range(3):
        seen.remember(NODE, f"i{number}", f"<Update>{number}</Update>", number)
    assert seen.earlier(NODE, "i0", "x") is None
    assert seen.earlier(NODE, "i1", "x") == 1
