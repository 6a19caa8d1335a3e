"""Whether what a reading tool shows may be out of date, and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mcp_finesse.errors import FinesseError
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.session import FinesseSession, SessionState


async def be_current(
    session: FinesseSession, is_known: Callable[[], bool], *refresh: Callable[[], Awaitable[None]]
) -> str | None:
    """Wait briefly for a session that is connecting, and read again what notifications may not have reported.

    Args:
        session: the session.
        is_known: whether the state that the tool shows has ever been read.
        refresh: reads the state.

    Returns:
        None, or why the state may be out of date.

    Raises:
        FinesseError: the state has never been read, and cannot be read now.
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
    """Return the line of text that says why a result may be out of date, or an empty text."""
    return f"This may be out of date: {stale}" if stale else ""
