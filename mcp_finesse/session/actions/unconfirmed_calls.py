"""Phone calls with an unknown outcome. The number cannot be called again until the outcome is known.

A duplicate MAKE_CALL, unlike other duplicate requests, would call the other party twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.session.actions.completion import View


class UnconfirmedCalls:
    """The numbers for which the outcome of a phone call is unknown.

    Args:
        seconds: How many seconds a number is remembered if no dialog shows that the phone call exists.
        now: The monotonic clock, in seconds.
    """

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds = seconds
        self._now = now
        self._until: dict[str, float] = {}

    def remember(self, number: str) -> None:
        """Record that a phone call to this number has an unknown outcome."""
        now = self._now()
        self._until = {known: until for known, until in self._until.items() if now < until}
        self._until[number] = self._now() + self._seconds

    async def check(self, number: str, view: View, read_again: Callable[[], Awaitable[None]]) -> None:
        """Read the dialogs to decide whether the number may be called. If not, raise ``InvalidRequestError``."""
        if number not in self._until:
            return
        await read_again()
        until = self._until.get(
            number, 0.0
        )  # meanwhile another check may have removed the number, or another MAKE_CALL may have added it
        existing = [d.id for d in view.dialogs.values() if d.to_address == number]
        if existing:
            raise InvalidRequestError(
                f"The earlier call to {number!r} was placed: call {existing[0]}. Nothing was sent.",
                advice="Use that call.",
            )
        if self._now() < until:
            raise InvalidRequestError(
                f"An earlier call to {number!r} may still be placed. Nothing was sent.",
                advice=f"Check get_dialogs, and try again in {until - self._now():.0f} seconds.",
            )
        self._until.pop(number, None)
