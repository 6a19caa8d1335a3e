"""How long each thing may take, as one value that tests can scale."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class SessionTiming:
    """Limits and intervals of a session, all in seconds.

    Attributes:
        action: the whole of a write: queueing, waiting and the last read. Hosts cut calls at 60.
        event: how long the confirming event normally takes; after that the object is read once.
        look: the most that a read of the state may take, before an action or after it.
        patience: how long the change is waited for in all, once the request was sent.
        error_window: how long an error may still come after a state that would also follow from a failed request.
        together: two events within this time count as one change, such as two calls that are transferred.
        silence: how long to listen for an error after an action that Finesse never confirms.
        turned_away: pause before a request that Finesse rejected with ``SERVER_OUT_OF_SERVICE`` is sent again.
        poll: how often SystemInfo is asked while Finesse is out of service (administration guide: 20).
        reread: least time between two reads of the state for possibly lost events; doubled up to ``poll`` while
            events keep being lost.
        arrival: the most that is waited before a move to the other node, so that not all arrive at once.
        close_updates: two updates of one object within so long may have been sent in the wrong order.
        reread_pause: how long reasons to read the state again are gathered before it is read.
        reread_interval: the least between two reads for such reasons.
        safety: how often User and Dialogs are read although no event asked for it (60 to 300).
        retries: pauses before the first reconnects; later ones wait ``poll``.
        repeat_call: how long a call with an unknown outcome keeps its repetition from being sent.
        close: the most that closing may take; hosts kill after two seconds.
    """

    action: float = 45.0
    event: float = 4.0
    look: float = 4.0
    patience: float = 20.0
    error_window: float = 5.0
    together: float = 1.0
    silence: float = 1.5
    rejected_before_execution: float = 3.0
    poll: float = 20.0
    reread: float = 1.0
    arrival: float = 30.0
    close_updates: float = 0.5
    reread_pause: float = 0.3
    reread_interval: float = 2.0
    safety: float = 120.0
    retries: tuple[float, ...] = (0.0, 1.0, 3.0)
    repeat_call: float = 60.0
    close: float = 1.2

    def scaled(self, factor: float) -> SessionTiming:
        """The same life, ``factor`` times as long (0.05 for tests)."""
        changed = {f.name: getattr(self, f.name) * factor for f in fields(self) if f.name != "retries"}
        return replace(self, retries=tuple(pause * factor for pause in self.retries), **changed)

    def retry_pause(self, attempt: int, chance: float) -> float:
        """Seconds before reconnect number ``attempt`` (from 0); ``chance`` in 0..1 spreads the crowd."""
        if attempt == 0:
            return self.retries[0]
        if attempt < len(self.retries):
            return self.retries[attempt] * (1 + chance)
        return self.poll_pause(chance)

    def poll_pause(self, chance: float) -> float:
        """Seconds between two looks at SystemInfo: ``poll``, a fifth more or less."""
        return self.poll * (0.8 + 0.4 * chance)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, injected so that tests own them."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
