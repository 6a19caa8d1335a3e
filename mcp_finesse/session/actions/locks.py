"""Locks that allow one outstanding action per object and one call-control action per device.

Finesse queues requests per object, and asks clients to queue call-control requests per device (guide p.22,
p.91). An original phone call and its consult call share the agent's device.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager


class KeyedLocks:
    """Named locks. A lock is created on demand and dropped when nothing uses it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def hold(self, names: Iterable[str]) -> AsyncIterator[None]:
        """Hold all the named locks. The locks are acquired in sorted order to avoid deadlocks."""
        async with AsyncExitStack() as stack:
            for name in sorted(set(names)):
                stack.callback(self._leave, name)
                await stack.enter_async_context(self._enter(name))
            yield

    def _enter(self, name: str) -> asyncio.Lock:
        self._users[name] = self._users.get(name, 0) + 1
        return self._locks.setdefault(name, asyncio.Lock())

    def _leave(self, name: str) -> None:
        self._users[name] -= 1
        if not self._users[name]:
            del self._users[name], self._locks[name]
