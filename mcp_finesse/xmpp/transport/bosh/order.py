"""Order of resent BOSH requests: before new ones, and by ascending rid (XEP-0124 14.3).

A server processes requests by rid and caches the responses of the last few. A request whose connection broke while it
was held has no response yet. If a later request reaches the server first, Prosody can no longer answer the earlier one
and ends the session. The same happens if two broken requests are resent in the wrong order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp_finesse.xmpp.transport.bosh.body import LostReply

T = TypeVar("T")


class ResendOrder:
    """Tracks the in-flight requests of one session and those that still have to be resent.

    Args:
        on_whole: called when no request has to be resent any more.
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
        """Await one attempt; raise LostReply if a later request has to be resent, and therefore this one too."""
        try:
            async with asyncio.timeout(None) as self._tries[rid]:
                return await sending
        except TimeoutError as exc:
            raise LostReply("it requests a retransmission of a later request") from exc
        finally:
            del self._tries[rid]

    def recall(self, rid: int) -> None:
        """Handle the server's demand to resend this request: earlier unanswered ones are resent before it."""
        now = asyncio.get_running_loop().time()
        for earlier, limit in self._tries.items():
            if earlier < rid and not limit.expired():
                self.mark_broken(earlier)
                limit.reschedule(now)

    def mark_broken(self, rid: int) -> None:
        """Record that the connection of a request broke and that it will be resent."""
        self._broken.add(rid)

    async def wait_for_earlier(self, rid: int) -> None:
        """Wait until no earlier request has to be resent."""
        while min(self._broken, default=rid) < rid:
            self._changed.clear()
            await self._changed.wait()

    def settled(self, rid: int) -> None:
        """Record that a broken request was resent or abandoned; do nothing for other requests."""
        if rid in self._broken:
            self._broken.remove(rid)
            self._changed.set()
            if not self._broken:
                self._on_whole()
