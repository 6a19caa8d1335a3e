"""Is the server still there? XEP-0199 pings: what counts as dead, the loop that sends them, and what it ends."""

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
    """The decision, apart from all I/O: dead after so many misses in a row."""

    def __init__(self, misses: int) -> None:
        self._allowed = misses
        self._missed = 0

    def note(self, *, alive: bool) -> bool:
        """Note how one ping went; True means that the link is dead."""
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
    """Ping until the link is dead; returns then, and only then.

    A ping is due every ``interval``, or at once if the last took longer, so that with Finesse's own values
    (10 s, 10 s, 2) a frozen link is found dead after 20 to 30 s. The guide wants a ping at least
    every 20 s whatever else is sent, so traffic does not put one off; but it proves life like an answer.

    Args:
        ping: sends one; returns on any answer, an error too; raises TimeoutError if none came in time.
        heard: a count that grows with everything received.
        interval: seconds between two pings.
        misses: so many in a row mean dead.
        sleep: waits for so many seconds.
        clock: monotonic seconds; the event loop's if not given.
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
    """Ping the server of an established stream, and end the stream when it is dead; returns with its end.

    Args:
        stream: what is watched.
        domain: the XMPP domain, which is pinged.
        timing: the limits of the pings.
    """

    async def ping() -> None:
        with contextlib.suppress(StanzaError):  # an error is an answer as well
            await stream.request("get", domain, ET.Element(_PING), timing.ping_timeout)

    with contextlib.suppress(FinesseError):  # the stream ended while a ping was under way
        await watch(ping, lambda: stream.heard, interval=timing.ping_interval, misses=timing.ping_misses)
        stream.end(lost(f"{timing.ping_misses} pings in a row were not answered"))
