"""Helpers that run several reads concurrently, or limit the time of a read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from mcp_finesse.errors import NotReadyError

T = TypeVar("T")


@asynccontextmanager
async def gather_or_cancel() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks concurrently. The first failure cancels the rest. All tasks have ended when the context exits.

    Raises:
        Exception: The first failure of a task, not wrapped in an exception group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        raise first from first.__cause__


async def read_within(seconds: float, what: str, reading: Awaitable[T]) -> T:
    """Await a read within a time limit and return its result.

    Args:
        seconds: The time limit.
        what: The subject of an error message, which names the object that is read.
        reading: The awaitable read.

    Raises:
        NotReadyError: The time limit passed.
    """
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise NotReadyError(f"{what} could not be read in time.", advice="Try again.") from None
