"""Sends a request within a time limit, and reports whether Finesse may have executed the request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp_finesse.errors import NetworkError, NotReadyError, RefusedError
from mcp_finesse.rest.transmission import record_transmission

T = TypeVar("T")


async def send_within(seconds: float, send: Callable[[], Awaitable[T]], what: str, advice: str) -> T:
    """Call ``send`` and return its result.

    Args:
        seconds: The time limit.
        send: A function that sends the request.
        what: What the request does, for error messages.
        advice: What to do if nothing was sent.

    Raises:
        NotReadyError: The time limit passed, and nothing was sent.
        RefusedError: Finesse rejected the request with HTTP 401, and the time limit passed before the reason
            was determined.
        NetworkError: The time limit passed, and the request may have been sent.
    """
    not_sent = NotReadyError(f"{what} was not sent: the time limit was reached first.", advice=advice)
    if seconds <= 0:
        raise not_sent
    with record_transmission() as transmission:
        try:
            async with asyncio.timeout(seconds):
                return await send()
        except TimeoutError:
            if transmission.may_have_been_executed:
                raise NetworkError("no response arrived in time", step="http", sent=True) from None
            if transmission.started:
                raise RefusedError(
                    f"{what} was rejected with HTTP 401. No time was left to find out whether the cause "
                    "is the password or a missing permission.",
                    status=401,
                    advice="Use get_session_status to find the cause.",
                ) from None
            raise not_sent from None
