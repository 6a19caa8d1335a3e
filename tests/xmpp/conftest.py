"""Every test of the link has to leave the event loop as it found it; and the servers that we did not write."""

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
    """Only tests with an event loop can leave something in it; other folders' tests are none of ours."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.append("nothing_is_left_behind")


@pytest.fixture
async def nothing_is_left_behind() -> AsyncIterator[None]:
    """No task survives a test, and no error reaches the loop unseen."""
    loop = asyncio.get_running_loop()
    handler = loop.get_exception_handler()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = asyncio.all_tasks()
    yield
    for _ in range(5):
        await asyncio.sleep(0)  # cancelled tasks end, closed sockets say so
    left = {task for task in asyncio.all_tasks() - before if "TestRunner" not in repr(task)}  # anyio's own
    loop.set_exception_handler(handler)
    assert left == set()
    assert complaints == []


@pytest.fixture(scope="module", params=[Prosody, Ejabberd], ids=lambda kind: kind.name)
def server(request: pytest.FixtureRequest) -> Iterator[XmppServer]:
    yield from running_or_skip(request.param)
