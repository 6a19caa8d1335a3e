"""Retries GET requests after errors that are likely to be temporary. No other requests are retried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp_finesse.errors import FinesseError, NetworkError, OutOfServiceError
from mcp_finesse.rest.network_errors import is_timeout

T = TypeVar("T")

# The pauses in seconds before the second attempt and before the third attempt.
RETRY_DELAYS = (0.3, 1.0)


async def retry_get(ask: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]]) -> T:
    """Make up to three attempts. Raise a permanent error immediately, or else the error of the last attempt."""
    for delay in RETRY_DELAYS:
        try:
            return await ask()
        except FinesseError as error:
            if not _is_temporary(error):
                raise
        await sleep(delay)
    return await ask()


def _is_temporary(error: FinesseError) -> bool:
    """Return whether an error is likely to be temporary."""
    if isinstance(error, NetworkError):
        return error.step in ("tcp", "http") and not is_timeout(error.__cause__)
    return isinstance(error, OutOfServiceError)
