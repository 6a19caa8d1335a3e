"""Links to third-party XMPP servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from mcp_finesse.xmpp import LinkIdentity, LinkTiming, NotificationLink, Route
from tests.peers.xmpp_server import AGENT, DOMAIN, PASSWORD, PUBSUB
from tests.xmpp.support import Recorder

TIMING = LinkTiming(connect=5, presence=1, request=5, close=1)


@asynccontextmanager
async def linked(
    route: Route,
    *,
    password: str = PASSWORD,
    resource: str = "mcp-finesse-test-1",
    timing: LinkTiming = TIMING,
) -> AsyncIterator[tuple[NotificationLink, Recorder]]:
    """Yield an open link of the agent by this route and its recorder. Close it at the end."""
    recorder = Recorder()
    link = NotificationLink(
        LinkIdentity(AGENT, SecretStr(password), DOMAIN, PUBSUB, resource),
        route,
        on_feed=recorder.on_feed,
        on_link=recorder.on_link,
        timing=timing,
    )
    try:
        await link.open()
        yield link, recorder
    finally:
        await link.close()
