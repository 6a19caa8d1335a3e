"""Several reads at once, of which the first failure ends the others: nothing goes on that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def gather_or_cancel() -> AsyncIterator[asyncio.TaskGroup]:
    """A group for tasks; all have ended when the context does.

    Raises:
        Exception: the first failure of a task, by itself and not as a group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        raise first from first.__cause__
