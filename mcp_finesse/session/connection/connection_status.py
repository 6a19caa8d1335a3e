"""The status of a connection, with a method that waits until the connection is usable."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from mcp_finesse.errors import Actor, FinesseError, NotReadyError, OutOfServiceError
from mcp_finesse.session.status import SessionState

log = logging.getLogger(__name__)


class ConnectionStatus:
    """The state of a session, and a sentence that explains the state.

    Args:
        now: A function that returns the current time.
        on_change: A function that is called after every change of the state.

    Attributes:
        state: The state of the session.
        detail: The sentence that explains the state.
        since: When the state began.
    """

    def __init__(self, now: Callable[[], datetime], on_change: Callable[[], None]) -> None:
        self.state = SessionState.CONNECTING
        self.detail = "Connecting to Finesse."
        self.since = now()
        self._now = now
        self._on_change = on_change
        self._error: FinesseError | None = None
        self._changed_event = asyncio.Event()

    def report(self, state: SessionState, detail: str, error: FinesseError | None = None) -> None:
        """Record the state. ``error`` is the reason if the session is not usable."""
        self._error = error or (self._error if state.final else None)
        if (state, detail) == (self.state, self.detail):
            return
        if state is not self.state:
            log.info("Session %s: %s", state, detail)
            self.since = self._now()
        self.state, self.detail = state, detail
        self._changed_event.set()
        self._on_change()

    async def wait_until_usable(self, timeout: float) -> None:
        """Wait until the session is usable.

        Raises:
            NotReadyError: The session did not become usable within ``timeout`` seconds. The message states the
                status and who must act.
            OutOfServiceError: Finesse is out of service.
            FinesseError: The permanent error of the session, or the error because of which the session waits
                for other credentials.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not (
                    self.state.usable or self.state.final or self.state is SessionState.SIGN_IN_REQUIRED
                ):
                    self._changed_event.clear()
                    await self._changed_event.wait()
        if self.state.usable:
            return
        if self._error is not None and (self.state.final or self.state is SessionState.SIGN_IN_REQUIRED):
            raise self._error
        if self.state is SessionState.OUT_OF_SERVICE:
            raise OutOfServiceError(self.detail, advice="This MCP server keeps retrying. Try again later.")
        raise NotReadyError(
            f"The session is not ready ({self.state}): {self.detail}",
            advice="get_session_status shows the progress.",
            actor=self._error.actor if self._error is not None else Actor.NOBODY,
        )
