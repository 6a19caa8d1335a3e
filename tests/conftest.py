"""Fixtures and markers of all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
ALONE = (
    "account_guard/test_sequences.py",
    "cli",
    "docs/test_examples.py",
    "docs/test_recipes.py",
    "peers",
    "server/test_loop_stall.py",
    "server/transports/test_http.py",
    "server/transports/test_stdio.py",
    "session/state/test_journal_memory.py",
    "test_growth.py",
    "test_signals.py",
    "xmpp/protocol/test_resource.py",
)
"""Folders and files whose tests start processes or measure time: they need the machine for themselves."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The one backend: slixmpp lives on asyncio, so does everything here."""
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that must not run in parallel with others."""
    for item in items:
        path = item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else ""
        if path.startswith(ALONE):
            item.add_marker(pytest.mark.alone)
