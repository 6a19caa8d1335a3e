"""Fixtures: a check that tests leave nothing in the event loop, and third-party XMPP servers."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.ejabberd import Ejabberd
from tests.peers.prosody import Prosody
from tests.peers.xmpp_server import XmppServer, running_or_skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the check to asynchronous tests of this folder only."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.append("nothing_is_left_behind")


@pytest.fixture
async def nothing_is_left_behind() -> AsyncIterator[None]:
    """Check that no task survives the test and no error reaches the event loop's handler."""
    loop = asyncio.get_running_loop()
    handler = loop.get_exception_handler()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    yield
    for _ in range(5):
        await asyncio.sleep(0)  # let cancelled tasks end and closed sockets report
    left = {
        task for task in asyncio.all_tasks() - before if "TestRunner" not in repr(task)
    }  # anyio's own task
    loop.set_exception_handler(handler)
    assert left == set()
    assert complaints == []


@pytest.fixture(scope="module", params=[Prosody, Ejabberd], ids=lambda kind: kind.name)
def server(request: pytest.FixtureRequest) -> Iterator[XmppServer]:
    yield from running_or_skip(request.param)
