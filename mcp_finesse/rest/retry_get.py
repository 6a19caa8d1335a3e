"""Asking again: only for what changes nothing, and only while the same question may well be answered in a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp_finesse.errors import FinesseError, NetworkError, OutOfServiceError
from mcp_finesse.rest.network_errors import is_timeout

T = TypeVar("T")

# Seconds before the second and the third try of a GET.
RETRY_DELAYS = (0.3, 1.0)


async def ask_again(ask: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]]) -> T:
    """Ask up to three times; raises what the last try raised, or at once what will not pass."""
    for delay in RETRY_DELAYS:
        try:
            return await ask()
        except FinesseError as error:
            if not _is_passing(error):
                raise
        await sleep(delay)
    return await ask()


def _is_passing(error: FinesseError) -> bool:
    """Whether the same GET may well succeed in a moment."""
    if isinstance(error, NetworkError):
        return error.step in ("tcp", "http") and not is_timeout(error.__cause__)
    return isinstance(error, OutOfServiceError)
