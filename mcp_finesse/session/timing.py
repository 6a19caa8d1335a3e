"""The time limits and intervals of a session. Tests can scale them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class SessionTiming:
    """The time limits and intervals of a session, in seconds.

    Attributes:
        action: Maximum duration of an action, from request to confirmed result. The duration includes queueing,
            waiting and the final read. MCP hosts cancel tool calls after 60 seconds.
        event: Maximum time that a confirming event normally takes. After this time the object is read once.
        read: Maximum duration of a read of the state before or after an action.
        confirmation: Maximum time to wait for the confirming change after the request was sent.
        error_window: How long to wait for an error after a state that can also occur after a failed request.
        merge_window: Two events within this time count as one change, such as the ends of the two calls of a
            transfer.
        unreported_wait: How long to listen for an error after an action that Finesse never confirms.
        rejected_before_execution: Pause before resending a request that Finesse rejected with
            ``SERVER_OUT_OF_SERVICE``.
        poll: Interval of SystemInfo polling while Finesse is out of service. The administration guide specifies
            20 seconds.
        reread: Minimum interval between two resyncs after possibly lost events. The interval doubles up to
            ``poll`` while events keep getting lost.
        switch_jitter: Maximum random delay before switching to the other node, to spread the load of many clients.
        close_updates: Two updates of one object within this time may have been sent in the wrong order.
        reread_pause: How long to collect reread requests before one read that fulfills them all.
        reread_interval: Minimum interval between two reads that fulfill reread requests.
        safety: Interval of the periodic reads of User and Dialogs. The allowed range is 60 to 300 seconds.
        retries: Pauses before the first reconnects. The pause before a later reconnect is ``poll``.
        sign_in: Pause before the source of the credentials is read again, after Finesse rejected the credentials or the
            source gave none. The pause doubles after each failure, up to ten times this value.
        repeat_call: How long a phone call with an unknown outcome blocks another call to the same number.
        close: Maximum duration of closing the session. MCP hosts kill an MCP server two seconds after a stop
            request.
    """

    action: float = 45.0
    event: float = 4.0
    read: float = 4.0
    confirmation: float = 20.0
    error_window: float = 5.0
    merge_window: float = 1.0
    unreported_wait: float = 1.5
    rejected_before_execution: float = 3.0
    poll: float = 20.0
    reread: float = 1.0
    switch_jitter: float = 30.0
    close_updates: float = 0.5
    reread_pause: float = 0.3
    reread_interval: float = 2.0
    safety: float = 120.0
    retries: tuple[float, ...] = (0.0, 1.0, 3.0)
    sign_in: float = 30.0
    repeat_call: float = 60.0
    close: float = 1.2

    def scaled(self, factor: float) -> SessionTiming:
        """Return a copy with all times multiplied by ``factor`` (0.05 in tests)."""
        changed = {f.name: getattr(self, f.name) * factor for f in fields(self) if f.name != "retries"}
        return replace(self, retries=tuple(pause * factor for pause in self.retries), **changed)

    def retry_pause(self, attempt: int, chance: float) -> float:
        """Return the seconds before reconnect ``attempt``, counted from 0. ``chance`` (0 to 1) selects the jitter."""
        if attempt == 0:
            return self.retries[0]
        if attempt < len(self.retries):
            return self.retries[attempt] * (1 + chance)
        return self.poll_pause(chance)

    def poll_pause(self, chance: float) -> float:
        """Return the seconds between two polls of SystemInfo: ``poll``, plus or minus 20 percent."""
        return self.poll * (0.8 + 0.4 * chance)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and randomness, injected so that tests can control them."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.fromtimestamp(self.wall(), UTC)
