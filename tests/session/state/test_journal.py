"""Journal: numbers, cursors, gaps and waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.session.state import journal as journal_module
from mcp_finesse.session.state.journal import Entry, Journal


def entry(text: str = "", feed: str = "dialogs") -> Entry:
    return Entry(feed, "dialog", text=text)


def filled(count: int, size: int = 100) -> Journal:
    journal = Journal(size, epoch="e")
    for number in range(1, count + 1):
        journal.append(entry(str(number)))
    return journal


def texts(entries: list[Entry]) -> list[str]:
    return [e.text for e in entries]


def test_entries_are_numbered_from_one() -> None:
    journal = Journal(epoch="e")
    assert [journal.append(entry()).number for _ in range(3)] == [1, 2, 3]
    assert journal.cursor == "e:3"


def test_read_without_cursor_returns_newest_entries_and_counts_the_rest() -> None:
    page = filled(5).read(limit=2)
    assert texts(page.entries) == ["4", "5"]
    assert (page.left_out, page.cursor, page.gap) == (3, "e:5", False)


def test_read_with_cursor_returns_next_entries_and_advances_the_cursor() -> None:
    journal = filled(5)
    page = journal.read("e:1", limit=2)
    assert texts(page.entries) == ["2", "3"]
    assert (page.left_out, page.cursor) == (2, "e:3")
    assert texts(journal.read(page.cursor).entries) == ["4", "5"]


def test_read_at_the_end_returns_nothing_and_the_same_cursor() -> None:
    page = filled(3).read("e:3")
    assert (page.entries, page.cursor, page.left_out, page.gap) == ([], "e:3", 0, False)


def test_entries_dropped_after_the_cursor_are_a_counted_gap() -> None:
    page = filled(10, size=4).read("e:2")
    assert texts(page.entries) == ["7", "8", "9", "10"]
    assert (page.left_out, page.gap) == (4, True)


def test_cursor_of_another_process_reads_as_a_gap() -> None:
    page = filled(2).read("older:40")
    assert texts(page.entries) == ["1", "2"]
    assert page.gap


def test_cursor_ahead_of_the_journal_reads_as_its_end() -> None:
    assert filled(2).read("e:99").cursor == "e:2"


@pytest.mark.parametrize("cursor", ["", "7", "e:", ":7", "e:x", "e:-1"])
def test_malformed_cursor_is_rejected(cursor: str) -> None:
    with pytest.raises(InvalidRequestError, match="is not a cursor"):
        filled(1).read(cursor)


def test_gaps_are_included_when_reading_one_feed() -> None:
    journal = Journal(epoch="e")
    journal.append(entry("call"))
    journal.append(entry("me", feed="user"))
    since = datetime(2026, 1, 1, tzinfo=UTC)
    journal.append_gap("the connection was lost", since, since)
    page = journal.read("e:0", feed="user")
    assert [e.kind for e in page.entries] == ["dialog", "gap"]
    assert page.gap
    assert "the connection was lost" in page.entries[1].text
    assert page.entries[1].gap is not None
    assert page.entries[1].gap.since == since


def test_gap_of_one_feed_is_shown_with_that_feed_only() -> None:
    journal = Journal(epoch="e")
    since = datetime(2026, 1, 1, tzinfo=UTC)
    journal.append_gap("the feed team:310 does not come", since, None, "team:310")
    assert not journal.read("e:0", feed="user").gap
    assert journal.read("e:0").gap
    (gap,) = journal.read("e:0", feed="team:310").entries
    assert (
        gap.text == "Notifications may be missing: the feed team:310 does not come."
    )  # nothing was read again
    assert gap.received_at == since


async def test_wait_returns_first_existing_match_after_the_cursor() -> None:
    found = await filled(3).wait("e:1", lambda e: True, timeout=5)
    assert found is not None
    assert found.text == "2"


async def test_wait_without_cursor_matches_only_new_entries() -> None:
    journal = filled(2)
    waiting = asyncio.create_task(journal.wait(None, lambda e: e.text == "new", timeout=5))
    await asyncio.sleep(0)
    journal.append(entry("other"))
    journal.append(entry("new"))
    found = await waiting
    assert found is not None
    assert found.number == 4


async def test_wait_returns_none_on_timeout() -> None:
    assert await filled(1).wait(None, lambda e: True, timeout=0.01) is None


async def test_finished_or_cancelled_wait_leaves_no_listener() -> None:
    journal = filled(1)
    waiting = asyncio.create_task(journal.wait(None, lambda e: True, timeout=5))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await journal.wait(None, lambda e: True, timeout=0)
    assert journal._listeners == []


def test_failing_listener_does_not_stop_other_listeners() -> None:
    journal = Journal(epoch="e")
    heard: list[int] = []

    def fail(_: Entry) -> None:
        raise RuntimeError("broken")

    journal.listen(fail)
    end = journal.listen(lambda e: heard.append(e.number))
    journal.append(entry())
    end()
    end()
    journal.append(entry())
    assert heard == [1]


def test_journal_keeps_at_most_its_size() -> None:
    journal = filled(10, size=4)
    assert (len(journal), journal.oldest, [e.number for e in journal]) == (4, 7, [7, 8, 9, 10])
    assert Journal().oldest == 1


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000])
def test_cursor_beyond_all_numbers_reads_as_the_end(number: str) -> None:
    assert filled(3).read(f"e:{number}").cursor == "e:3"


async def test_entries_arriving_during_a_search_are_matched_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal_module, "_SLICE", -1.0)
    journal = Journal(epoch="e")
    for _ in range(3):
        journal.append(Entry("user", "user"))
    seen: list[int] = []

    def match(entry: Entry) -> bool:
        if not seen:
            asyncio.get_running_loop().call_soon(journal.append, Entry("user", "user"))
        seen.append(entry.number)
        return False

    assert await journal.wait("e:0", match, 0) is None
    assert seen == [1, 2, 3, 4]
