"""A client by the TypeScript SDK initializes, subscribes to the notifications, and is told of a call."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_finesse import __version__
from tests.peers import node
from tests.peers.support import controlled_server, server_command

pytestmark = pytest.mark.peer

SUBSCRIBER = node.HERE / "subscriber.mjs"


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_it_is_told_when_a_call_arrives(transport: str, tmp_path: Path) -> None:
    node.node()
    if transport == "stdio":
        done = await node.run(SUBSCRIBER, "stdio", *server_command(tmp_path, "stdio"), home=tmp_path)
    else:
        async with controlled_server(tmp_path) as url:
            done = await node.run(SUBSCRIBER, "http", url, home=tmp_path)
    answer = done.answer()
    assert answer["server"]["version"] == __version__
    assert answer["capability"]["subscribe"] is True
    assert answer["signedIn"] == "confirmed"
    assert answer["told"] == ["finesse://notifications"]
    assert answer["dialog"]["state"] == "ALERTING"
    assert answer["afterUnsubscribing"] == 0
