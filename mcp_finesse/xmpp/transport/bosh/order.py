"""What has to go again goes before what is new, and in its order (XEP-0124 14.3).

A server processes requests by their rid and keeps the answers of the last few. A request whose connection broke
while it was held has no answer yet: if a later one reaches the server first, Prosody cannot answer the earlier any more
and ends the session. The same holds for two that broke together and are sent again in the wrong order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp_finesse.xmpp.transport.bosh.body import LostReply

T = TypeVar("T")


class ResendOrder:
    """The requests of one session that are under way, and those that are to be sent again and have not been.

    Args:
        on_whole: called when there are none left.
    """

    def __init__(self, on_whole: Callable[[], None]) -> None:
        self._on_whole = on_whole
        self._broken: set[int] = set()
        self._tries: dict[int, asyncio.Timeout] = {}
        self._changed = asyncio.Event()

    @property
    def whole(self) -> bool:
        """Whether something new may be sent."""
        return not self._broken

    async def one_try(self, rid: int, sending: Awaitable[T]) -> T:
        """Return what ``sending`` does; raises LostReply if a later request is to go again, and so this as well."""
        try:
            async with asyncio.timeout(None) as self._tries[rid]:
                return await sending
        except TimeoutError as exc:
            raise LostReply("it asks for a later request once more") from exc
        finally:
            del self._tries[rid]

    def recall(self, rid: int) -> None:
        """The server wants this request again: what went before it and was not answered goes again, and first."""
        now = asyncio.get_running_loop().time()
        for earlier, limit in self._tries.items():
            if earlier < rid and not limit.expired():
                self.broke(earlier)
                limit.reschedule(now)

    def broke(self, rid: int) -> None:
        """The connection of a request is gone; the request will be sent again."""
        self._broken.add(rid)

    async def turn(self, rid: int) -> None:
        """Wait until no earlier request is to be sent again; as long as those are tried."""
        while min(self._broken, default=rid) < rid:
            self._changed.clear()
            await self._changed.wait()

    def settled(self, rid: int) -> None:
        """A request was sent again, or is given up; one that had not broken is let pass."""
        if rid in self._broken:
            self._broken.remove(rid)
            self._changed.set()
            if not self._broken:
                self._on_whole()
