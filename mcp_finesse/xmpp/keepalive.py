"""Keepalive for XMPP streams: XEP-0199 pings, and the rule that decides when a stream is dead."""

from __future__ import annotations

import asyncio
import contextlib
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable

from mcp_finesse.errors import FinesseError
from mcp_finesse.xmpp.identity import LinkTiming
from mcp_finesse.xmpp.negotiation import lost
from mcp_finesse.xmpp.protocol.iq_tracker import StanzaError
from mcp_finesse.xmpp.stream import TransportClient

_PING = "{urn:xmpp:ping}ping"


class MissCounter:
    """Counts consecutive missed pings and decides when the link is dead, without I/O."""

    def __init__(self, misses: int) -> None:
        self._allowed = misses
        self._missed = 0

    def note(self, *, alive: bool) -> bool:
        """Record the result of a ping. Return True if the link is dead."""
        self._missed = 0 if alive else self._missed + 1
        return self._missed >= self._allowed


async def watch(
    ping: Callable[[], Awaitable[None]],
    heard: Callable[[], int],
    *,
    interval: float,
    misses: int,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] | None = None,
) -> None:
    """Send pings until the link is dead, then return.

    A ping is due every ``interval`` seconds. If the previous ping took longer, the next ping is sent
    immediately. With Finesse's values (10 s, 10 s, 2) a frozen link is detected after 20 to 30 s. The guide
    requires a ping at least every 20 s regardless of other traffic, so received data does not postpone a ping.
    A ping without a reply is not a miss if other data arrived while waiting for the reply.

    Args:
        ping: a function that sends one ping. The function returns on any reply, including an error, and raises
            ``TimeoutError`` if no reply arrives.
        heard: a function that returns a counter. The counter increases whenever data is received.
        interval: seconds between two pings.
        misses: number of consecutive misses after which the link is dead.
        sleep: a function that waits for a number of seconds.
        clock: a function that returns monotonic seconds. The default is the event loop's clock.
    """
    counter = MissCounter(misses)
    clock = clock or asyncio.get_running_loop().time
    due = clock() + interval
    while True:
        await sleep(max(0.0, due - clock()))
        due = clock() + interval
        before = heard()
        try:
            await ping()
            alive = True
        except TimeoutError:
            alive = heard() != before
        if counter.note(alive=alive):
            return


async def keep_watch(stream: TransportClient, domain: str, timing: LinkTiming) -> None:
    """Ping the XMPP server of an established stream until the stream ends. End the stream when it is dead.

    Args:
        stream: the stream to monitor.
        domain: the XMPP domain to which pings are sent.
        timing: the time limits. Only the limits for pings are used.
    """

    async def ping() -> None:
        with contextlib.suppress(StanzaError):  # an error reply is also a sign of life
            await stream.request("get", domain, ET.Element(_PING), timing.ping_timeout)

    with contextlib.suppress(FinesseError):  # the stream ended during a ping
        await watch(ping, lambda: stream.heard, interval=timing.ping_interval, misses=timing.ping_misses)
        stream.end(lost(f"{timing.ping_misses} pings in a row received no response"))
