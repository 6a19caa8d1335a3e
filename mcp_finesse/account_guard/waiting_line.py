"""The sign-in attempts of one process that are in flight or waiting."""

from __future__ import annotations

import asyncio

MOST_IN_FLIGHT = 2


class WaitingLine:
    """Limits and counts the attempts in flight.

    Attributes:
        exclusive: Whether the attempt in flight excludes all other attempts.
    """

    def __init__(self) -> None:
        self.exclusive = False
        self._in_flight = 0
        self._undecided = False  # whether an attempt is in flight whose rejection may be caused by the role
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def others(self) -> int:
        """The number of attempts in flight in addition to the caller's attempt."""
        return self._in_flight - 1

    def has_room(self, *, decisive: bool, fresh: bool) -> bool:
        """Return whether an attempt may enter.

        Args:
            decisive: Whether only the password, and not the role, can cause a rejection of the attempt.
            fresh: Whether the password was accepted recently. If so, several attempts may be in flight.
        """
        if self.exclusive:
            return False
        if not fresh:
            return self._in_flight == 0
        return self._in_flight < MOST_IN_FLIGHT and (decisive or not self._undecided)

    def enter(self, *, decisive: bool, alone: bool) -> None:
        """Count an attempt as in flight. With ``alone``, no other attempt is admitted until it ends."""
        self.exclusive = alone
        self._in_flight += 1
        self._undecided |= not decisive

    def leave(self, *, decisive: bool) -> None:
        """Record that an attempt has ended, and wake waiting attempts."""
        self._in_flight -= 1
        if not decisive:
            self._undecided = False
        if self._in_flight == 0:
            self.exclusive = False
        self.wake()

    async def change(self) -> None:
        """Wait until an attempt of this process ends."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        finally:
            self._waiting.remove(future)

    def wake(self) -> None:
        """Wake waiting attempts, so that they check again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
