"""Remembers the newest cursor returned to each client.

If a client starts a wait without a cursor, the wait starts at this cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from mcp.server.mcpserver import Context

from mcp_finesse.server.sdk.server import connection_state

_KEY = "mcp_finesse.cursor"
_newest: ContextVar[str | None] = ContextVar("newest_given_cursor", default=None)


def newest_given() -> str | None:
    """Return the newest cursor returned to the calling client, or None."""
    return _newest.get()


class ClientCursors:
    """Remembers one cursor per client.

    In protocol versions with initialization, a client is identified by its connection. In version 2026-07-28,
    requests belong to no connection. In that version no cursor is remembered over HTTP. Over stdio there is
    only one client.
    """

    def __init__(self) -> None:
        self._only_client: dict[str, Any] = {}

    @contextmanager
    def serving(self, context: Context[Any, Any]) -> Iterator[None]:
        """Make the client's cursor available to ``newest_given`` during a tool call."""
        token = _newest.set(self._memory(context).get(_KEY))
        try:
            yield
        finally:
            _newest.reset(token)

    def remember(self, context: Context[Any, Any], cursor: str) -> None:
        """Store a cursor that was returned to the client, unless a newer cursor is stored already."""
        memory = self._memory(context)
        epoch, _, number = cursor.rpartition(":")
        known_epoch, _, known = str(memory.get(_KEY, ":0")).rpartition(":")
        if epoch != known_epoch or int(number) > int(known):
            memory[_KEY] = cursor

    def _memory(self, context: Context[Any, Any]) -> dict[str, Any]:
        state = connection_state(context)
        if state is not None:
            return state
        return self._only_client if context.headers is None else {}
