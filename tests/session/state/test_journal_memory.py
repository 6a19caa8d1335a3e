"""The journal's memory limit, and what it reports as dropped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mcp_finesse.model import parse_update
from mcp_finesse.session.state.duplicates import Duplicates
from mcp_finesse.session.state.journal import Entry, Journal

ROOT = Path(__file__).parents[3]
MB = 2**20


def notification(number: int, words: int = 100) -> str:
    return (
        f"<Update><data><dialog><id>{number}</id><state>ACTIVE</state><fromAddress>{'x' * words}</fromAddress>"
        "</dialog></data><event>PUT</event></Update>"
    )


def entry(number: int, words: int = 100) -> Entry:
    raw = notification(number, words)
    return Entry("dialogs", "dialog", object_id=str(number), payload=parse_update(raw), raw=raw)


def filled(count: int, memory: int, words: int = 100) -> Journal:
    journal = Journal(memory=memory, epoch="e")
    for number in range(1, count + 1):
        journal.append(entry(number, words))
    return journal


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process from /proc")
@pytest.mark.parametrize(
    ("count", "characters", "memory"),
    [(60, 1_000_000, 32 * MB), (12_000, 5_000, 32 * MB)],
    ids=["large notifications", "ordinary notifications"],
)
def test_process_memory_stays_near_the_limit(count: int, characters: int, memory: int) -> None:
    command = [sys.executable, "-m", "tests.session.held_memory", str(count), str(characters), str(memory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    grown, held, entries = map(int, done.stdout.split())
    assert 0.5 * memory < held <= memory
    assert entries < count
    assert grown < 2 * memory + 32 * MB  # memory freed after parsing goes to the allocator, not to the system


def test_entries_evicted_by_memory_are_a_gap_like_entries_evicted_by_count() -> None:
    journal = filled(100, memory=50_000)
    page = journal.read("e:1", limit=50)
    assert journal.oldest > 1
    assert page.gap
    assert page.left_out >= journal.oldest - 2
    assert journal.held <= 50_000


def test_newest_entry_is_kept_even_if_it_alone_exceeds_the_limit() -> None:
    journal = filled(3, memory=1_000, words=10_000)
    assert [e.object_id for e in journal] == ["3"]
    assert journal.read().entries[0].payload.dialog.id == "3"


def test_models_of_older_entries_are_dropped_and_parsed_again_when_read() -> None:
    journal = filled(100, memory=300_000)
    entries = list(journal)
    assert not entries[0].has_model
    assert entries[-1].has_model
    assert [e.payload.dialog.id for e in entries] == [e.object_id for e in entries]


def test_held_memory_is_the_sum_of_the_entries_costs() -> None:
    journal = filled(100, memory=300_000)
    assert journal.held == sum(e.cost for e in journal)


def test_stored_xml_is_returned_unchanged() -> None:
    for raw in ("", "<a/>", "\U0001f600" * 10, "x" * 100_000 + "\U0001f600", "\ud800"):
        kept = Entry("user", "unreadable", raw=raw)
        assert kept.raw == raw
        assert kept.cost < 3_000


def test_evicted_entry_still_in_use_says_that_its_content_is_gone() -> None:
    journal = Journal(1, epoch="e")
    first = journal.append(entry(1))
    journal.append(entry(2))
    assert (first.payload, first.raw) == (None, None)
    assert first.text == "The content of this notification is no longer stored."


def test_repetition_is_recognized_after_its_entry_was_evicted() -> None:
    seen, journal = Duplicates(), Journal(1, epoch="e")
    first = journal.append(entry(1))
    seen.remember("node", "i1", notification(1), first)
    journal.append(entry(2))
    assert seen.earlier("node", "i1", notification(1)) is first
    assert seen.earlier("node", "i1", notification(3)) is None


async def test_wait_searches_entries_whose_models_were_dropped() -> None:
    journal = filled(100, memory=300_000)
    number = next(iter(journal)).number
    found = await journal.wait(f"e:{number}", lambda e: e.payload.dialog.id == str(number + 1), timeout=0)
    assert found is not None
    assert found.number == number + 1
