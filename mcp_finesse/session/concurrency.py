"""Running reads: several at a time, and each within a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from mcp_finesse.errors import NotReadyError

T = TypeVar("T")


@asynccontextmanager
async def gather_or_cancel() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks concurrently. The first failure cancels the rest, and all have ended when the context does.

    Raises:
        Exception: the first failure of a task, not wrapped in a group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        raise first from first.__cause__


async def read_within(seconds: float, what: str, reading: Awaitable[T]) -> T:
    """Return what is read, within a time limit.

    Args:
        seconds: the limit.
        what: what is read, as the subject of an error message.
        reading: the read.

    Raises:
        NotReadyError: the limit has passed.
    """
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise NotReadyError(f"{what} could not be read in time.", advice="Try again.") from None
