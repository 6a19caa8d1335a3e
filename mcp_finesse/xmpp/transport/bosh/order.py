"""Keeps resent BOSH requests in order: ascending by rid, and before all new requests (XEP-0124 14.3).

An XMPP server processes BOSH requests in the order of their rids and caches the last few responses. If the
connection of a held request breaks, that request has no response yet. If a later request reaches the server
before the resent request, Prosody can no longer respond to the resent request and ends the session. The same
happens if two requests with broken connections are resent in the wrong order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp_finesse.xmpp.transport.bosh.body import LostReply

T = TypeVar("T")


class ResendOrder:
    """Tracks the in-flight requests of one BOSH session, and the requests that still have to be resent.

    Args:
        on_whole: a function that is called when no request has to be resent any more.
    """

    def __init__(self, on_whole: Callable[[], None]) -> None:
        self._on_whole = on_whole
        self._broken: set[int] = set()
        self._tries: dict[int, asyncio.Timeout] = {}
        self._changed = asyncio.Event()

    @property
    def whole(self) -> bool:
        """Whether new requests may be sent."""
        return not self._broken

    async def attempt(self, rid: int, sending: Awaitable[T]) -> T:
        """Await one attempt. Raise ``LostReply`` if this request must be resent together with a later request."""
        try:
            async with asyncio.timeout(None) as self._tries[rid]:
                return await sending
        except TimeoutError as exc:
            raise LostReply(
                "the server asked for a later request to be resent, so this request is resent first"
            ) from exc
        finally:
            del self._tries[rid]

    def recall(self, rid: int) -> None:
        """Handle the server's demand to resend this request. First resend earlier requests without a response."""
        now = asyncio.get_running_loop().time()
        for earlier, limit in self._tries.items():
            if earlier < rid and not limit.expired():
                self.mark_broken(earlier)
                limit.reschedule(now)

    def mark_broken(self, rid: int) -> None:
        """Record that the connection of a request broke, so that the request will be resent."""
        self._broken.add(rid)

    async def wait_for_earlier(self, rid: int) -> None:
        """Wait until no earlier request has to be resent."""
        while min(self._broken, default=rid) < rid:
            self._changed.clear()
            await self._changed.wait()

    def settled(self, rid: int) -> None:
        """Record that a request marked as broken was resent or abandoned. Do nothing for other requests."""
        if rid in self._broken:
            self._broken.remove(rid)
            self._changed.set()
            if not self._broken:
                self._on_whole()
