"""Determines whether and why the state that a reading tool shows may be out of date."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mcp_finesse.errors import FinesseError
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.session import FinesseSession, SessionState


async def refresh_if_stale(
    session: FinesseSession, is_known: Callable[[], bool], *refresh: Callable[[], Awaitable[None]]
) -> str | None:
    """Wait briefly while the session is connecting. Read the state again if notifications may have been lost.

    Args:
        session: the session.
        is_known: a function that returns whether the state shown by the tool has ever been read.
        refresh: a function that reads the state.

    Returns:
        The reason why the state may be out of date, or None.

    Raises:
        FinesseError: the state has never been read, and reading it now failed.
    """
    known = is_known()
    try:
        await session.ready(0 if known else READY_SECONDS)
        if not is_known() or session.status.state is SessionState.DEGRADED:
            for read in refresh:
                await read()
    except FinesseError as error:
        if not known:
            raise
        return error.message
    return None


def stale_line(stale: str | None) -> str:
    """Return a line that states why a result may be out of date. Empty if the result is current."""
    return f"This may be out of date: {stale}" if stale else ""
