"""Is the server still there? XEP-0199 pings: what counts as dead, and the loop that sends them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class MissCounter:
    """The decision, apart from all I/O: dead after so many misses in a row."""

    def __init__(self, misses: int) -> None:
        self._allowed = misses
        self._missed = 0

    def note(self, *, alive: bool) -> bool:
        """Note how one ping went; True means that the link is dead."""
        self._missed = 0 if alive else self._missed + 1
        return self._missed >= self._allowed


async def watch(
    ping: Callable[[], Awaitable[None]],
    heard: Callable[[], int],
    *,
    interval: float,
    misses: int,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] | None = None,
) -> None:
    """Ping until the link is dead; returns then, and only then.

    A ping is due every ``interval``, or at once if the last took longer, so that with Finesse's own values
    (10 s, 10 s, 2) a frozen link is found dead after 20 to 30 s. The guide wants a ping at least
    every 20 s whatever else is sent, so traffic does not put one off; but it proves life like an answer.

    Args:
        ping: sends one; returns on any answer, an error too; raises TimeoutError if none came in time.
        heard: a count that grows with everything received.
        interval: seconds between two pings.
        misses: so many in a row mean dead.
        sleep: waits for so many seconds.
        clock: monotonic seconds; the event loop's if not given.
    """
    counter = MissCounter(misses)
    clock = clock or asyncio.get_running_loop().time
    due = clock() + interval
    while True:
        await sleep(max(0.0, due - clock()))
        due = clock() + interval
        before = heard()
        try:
            await ping()
            alive = True
        except TimeoutError:
            alive = heard() != before
        if counter.note(alive=alive):
            return
