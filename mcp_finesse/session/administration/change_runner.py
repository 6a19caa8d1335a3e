"""Runs one configuration change: read, send once, read back, and report the result.

Finesse responds to a configuration change synchronously and sends no notification of it (guide p.21, 205). The
object is therefore read to confirm the change, even if the response was lost. The change is never sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from mcp_finesse.errors import FinesseError, NotReadyError, RefusedError
from mcp_finesse.model import Platform
from mcp_finesse.rest import RestClient
from mcp_finesse.session.actions.outcome import DifferenceInfo, ErrorInfo, OutcomeStatus
from mcp_finesse.session.actions.sending import send_within
from mcp_finesse.session.timing import Clock, SessionTiming

_READ_FIRST = (
    "Read the object before you repeat the change: the change may have taken effect, or may "
    "still take effect."
)


class ChangeStatus(Enum):
    """The status of a change, as shown by the object that was read."""

    IN_EFFECT = "done"
    """The object matches the request."""
    DIFFERS = "differs"
    """The object exists, but some values differ from the request."""
    NOT_IN_EFFECT = "not done"
    """The object does not exist."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The object that was read, compared with the change.

    Attributes:
        object: The object as a model, list or mapping. None if the object does not exist.
        object_id: The database id of the object.
        values: The values that the change concerns, by field name. ``unchanged_since`` compares them with the
            values before the change.
        note: A sentence to add to the message of the outcome, or an empty string.
    """

    status: ChangeStatus
    object: Any = None
    object_id: str | None = None
    differences: tuple[DifferenceInfo, ...] = ()
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def unchanged_since(self, before: ReadBack | None) -> tuple[str, ...]:
        """Return the names of the values that differ from the request and have not changed."""
        if before is None:
            return ()
        return tuple(
            name
            for name in dict.fromkeys(each.field for each in self.differences)
            if name in self.values and name in before.values and self.values[name] == before.values[name]
        )

    @property
    def is_truncated(self) -> bool:
        """Whether each differing value is a prefix of the requested text, as if Finesse had truncated the text."""
        return all(
            isinstance(self.values.get(each.field), str)
            and each.got not in ("", each.asked)
            and each.asked.startswith(each.got)
            for each in self.differences
        )


@dataclass(frozen=True, slots=True)
class Node:
    """The node on which a change is made.

    Attributes:
        rest: The REST client with administrator credentials.
        platform: The platform, because some limits depend on the platform. None if unknown.
    """

    rest: RestClient
    platform: Platform | None = None


@dataclass(frozen=True, slots=True)
class ConfigurationChange:
    """One configuration change.

    Attributes:
        action: What the change does, such as ``change ReasonCode 23``.
        send: Sends the change with a request id. Returns the id of the created object, if Finesse reported it.
        after: Reads the object after the change, given the id from ``send`` and the result of ``before``.
        before: Reads the object before the change. None if no object exists yet.
        caution: A warning for the user, or an empty string.
        slow: Whether Finesse responds before the change is complete (HTTP 202).
    """

    action: str
    send: Callable[[Node, str], Awaitable[str | None]]
    after: Callable[[Node, str | None, ReadBack | None], Awaitable[ReadBack]]
    before: Callable[[Node], Awaitable[ReadBack]] | None = None
    caution: str = ""
    slow: bool = False


@dataclass(frozen=True, slots=True)
class ConfigurationOutcome:
    """The final result of a configuration change.

    Attributes:
        message: One sentence.
        object: The current object. None if the object is unknown or deleted.
        was: The object before the change. None if the object did not exist.
        seconds: Duration from request to outcome.
    """

    status: OutcomeStatus
    action: str
    message: str
    object: Any = None
    object_id: str | None = None
    was: Any = None
    differences: tuple[DifferenceInfo, ...] = ()
    errors: tuple[ErrorInfo, ...] = ()
    advice: str = ""
    caution: str = ""
    request_id: str = ""
    seconds: float = 0.0


async def run_change(
    change: ConfigurationChange, node: Node, timing: SessionTiming, clock: Clock
) -> ConfigurationOutcome:
    """Make a change and return its outcome, within ``timing.action`` seconds.

    Raises:
        FinesseError: The change was not sent, or Finesse certainly did not execute the change.
    """
    return await _ChangeRun(change, node, timing, clock).run()


class _ChangeRun:
    def __init__(self, change: ConfigurationChange, node: Node, timing: SessionTiming, clock: Clock) -> None:
        self._change = change
        self._node = node
        self._timing = timing
        self._clock = clock
        self._started = clock.monotonic()
        self._request_id = str(uuid.uuid4())
        self._before: ReadBack | None = None
        self._request = f"the change ({change.action})"
        self._name = f"The change ({change.action})"

    async def run(self) -> ConfigurationOutcome:
        self._before = await self._read_before()
        if self._before is not None and self._before.status is ChangeStatus.IN_EFFECT:
            return self._outcome(
                OutcomeStatus.UNCHANGED,
                f"{self._name} was already in effect. No request was sent.",
                self._before,
                sent=False,
            )
        lost, new_id = "", None
        try:
            new_id = await self._send()
        except FinesseError as error:
            if not error.may_have_been_executed:
                if isinstance(error, RefusedError):
                    return await self._outcome_of_rejection(error)
                raise
            lost = error.message.rstrip(".")
        return await self._read_back(new_id, lost)

    async def _send(self) -> str | None:
        return await send_within(
            self._seconds_left() - self._timing.event,
            lambda: self._change.send(self._node, self._request_id),
            self._name,
            advice="Try again.",
        )

    async def _read_before(self) -> ReadBack | None:
        if self._change.before is None:
            return None
        try:
            async with asyncio.timeout(self._timing.action / 3):
                return await self._change.before(self._node)
        except TimeoutError:
            raise NotReadyError(
                f"{self._name} was not sent: the current state could not be read in time.",
                advice="Try again.",
            ) from None

    async def _read_back(self, new_id: str | None, lost: str) -> ConfigurationOutcome:
        why_unread = ""
        try:
            async with asyncio.timeout(self._seconds_left()):
                found = await self._read_after(new_id)
        except TimeoutError:
            why_unread = "the object could not be read back in time"
        except FinesseError as error:
            why_unread = f"the object could not be read back: {error.message.rstrip('.')}"
        if why_unread:
            said = (
                f"The response to {self._request} was lost ({lost})"
                if lost
                else f"Finesse accepted {self._request}"
            )
            return self._outcome(OutcomeStatus.UNKNOWN, f"{said}, and {why_unread}.", advice=_READ_FIRST)
        return (
            self._outcome_of_lost_response(found, lost) if lost else self._outcome_of_response(found, new_id)
        )

    async def _read_after(self, new_id: str | None) -> ReadBack:
        found = await self._change.after(self._node, new_id, self._before)
        if found.status is ChangeStatus.IN_EFFECT or not self._change.slow:
            return found
        await self._clock.sleep(min(self._timing.event, self._seconds_left() / 2))
        return await self._change.after(self._node, new_id, self._before)

    def _outcome_of_response(self, found: ReadBack, new_id: str | None) -> ConfigurationOutcome:
        if found.status is ChangeStatus.IN_EFFECT:
            return self._outcome(OutcomeStatus.CONFIRMED, f"{self._name} is in effect.", found)
        if found.status is ChangeStatus.NOT_IN_EFFECT:
            message = f"Finesse accepted {self._request}, but the object read back does not show it."
            message = f"{message} {found.note}".rstrip()
            return self._outcome(OutcomeStatus.UNKNOWN, message, found, advice=_READ_FIRST)
        if left := found.unchanged_since(self._before):
            message = (
                f"Finesse accepted {self._request}, but the object read back still has the old values of "
                f"{', '.join(left)}."
            )
            return self._outcome(OutcomeStatus.UNKNOWN, message, found, advice=_READ_FIRST)
        if new_id is not None or found.is_truncated:
            return self._outcome(
                OutcomeStatus.CONFIRMED,
                f"{self._name} is in effect, but some values differ from the request.",
                found,
            )
        names = ", ".join(dict.fromkeys(each.field for each in found.differences))
        message = (
            f"Finesse accepted {self._request}, but the object read back has other values of {names}. Finesse "
            "may have applied only a part, or another administrator may have changed the object in the meantime."
        )
        return self._outcome(OutcomeStatus.UNKNOWN, message, found, advice=_READ_FIRST)

    def _outcome_of_lost_response(self, found: ReadBack, lost: str) -> ConfigurationOutcome:
        if found.status is ChangeStatus.IN_EFFECT:
            message = (
                f"{self._name} is in effect. Confirmed by reading the object, because the response was lost "
                f"({lost})."
            )
            return self._outcome(OutcomeStatus.CONFIRMED, message, found)
        message = (
            f"The response to {self._request} was lost ({lost}), and the object read back differs from the "
            "request."
        )
        message = f"{message} {found.note}".rstrip()
        return self._outcome(OutcomeStatus.UNKNOWN, message, found, advice=_READ_FIRST)

    async def _outcome_of_rejection(self, refusal: RefusedError) -> ConfigurationOutcome:
        """Return the outcome of a rejected change. Another administrator may already have made the same change."""
        errors = tuple(map(ErrorInfo.of, refusal.details))
        with contextlib.suppress(FinesseError, TimeoutError):
            async with asyncio.timeout(self._seconds_left()):
                found = await self._change.after(self._node, None, self._before)
            if found.status is ChangeStatus.IN_EFFECT:
                message = (
                    f"{self._name} is in effect, but not because of this request, which Finesse rejected."
                )
                return self._outcome(OutcomeStatus.UNCHANGED, message, found, errors=errors)
        message = f"{self._name} is not in effect. {refusal.message}"
        return self._outcome(OutcomeStatus.FAILED, message, errors=errors, advice=refusal.advice)

    def _outcome(
        self,
        status: OutcomeStatus,
        message: str,
        found: ReadBack | None = None,
        *,
        errors: tuple[ErrorInfo, ...] = (),
        advice: str = "",
        sent: bool = True,
    ) -> ConfigurationOutcome:
        found = found or ReadBack(ChangeStatus.NOT_IN_EFFECT)
        return ConfigurationOutcome(
            status=status,
            action=self._change.action,
            message=message,
            object=found.object,
            object_id=found.object_id or (self._before.object_id if self._before else None),
            was=self._before.object if self._before is not None and sent else None,
            differences=found.differences if sent else (),
            errors=errors,
            advice=advice,
            caution=self._change.caution,
            request_id=self._request_id if sent else "",
            seconds=self._clock.monotonic() - self._started,
        )

    def _seconds_left(self) -> float:
        return self._started + self._timing.action - self._clock.monotonic()
