"""The life of one change of the configuration: look, send once, read back, and say what is so.

Finesse answers such a change at once and tells nobody of it (guide p.21, 205): the proof is to read again. A change
whose answer was lost is read, and never sent again.
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

_LOOK_FIRST = "Read the object before you repeat the change: it may have taken effect, or may still do so."


class Verdict(Enum):
    """What a look at the object says of a change."""

    DONE = "done"
    """It matches the request."""
    DIFFERS = "differs"
    """It exists, but some values differ from the request."""
    NOT_DONE = "not done"
    """It does not exist."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was read.

    Attributes:
        object: the model, list or mapping; None when there is none.
        object_id: its database id.
        values: each value that the change is about, by the name of a difference; to see what a change left as it was.
        note: what the verdict leaves open, as a sentence.
    """

    verdict: Verdict
    object: Any = None
    object_id: str | None = None
    differences: tuple[DifferenceInfo, ...] = ()
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def left_from(self, before: Finding | None) -> tuple[str, ...]:
        """The names of the values that are not as asked and still are what they were before."""
        if before is None:
            return ()
        return tuple(
            name
            for name in dict.fromkeys(each.field for each in self.differences)
            if name in self.values and name in before.values and self.values[name] == before.values[name]
        )

    @property
    def is_only_cut(self) -> bool:
        """Whether each differing value is a text that begins the requested one, as when Finesse cuts it."""
        return all(
            isinstance(self.values.get(each.field), str)
            and each.got not in ("", each.asked)
            and each.asked.startswith(each.got)
            for each in self.differences
        )


@dataclass(frozen=True, slots=True)
class Node:
    """Where a change is made.

    Attributes:
        rest: asks as the administrator.
        platform: what Finesse runs on, for limits that differ; None when it does not say.
    """

    rest: RestClient
    platform: Platform | None = None


@dataclass(frozen=True, slots=True)
class Configuring:
    """One change, as it is carried out.

    Attributes:
        action: what it does, such as ``change ReasonCode 23``.
        send: sends it under a request id; returns the id of what it made, if Finesse said it.
        after: reads what became of it; told that id, and what ``before`` read.
        before: reads what it is about; None where there is nothing yet.
        caution: what whoever asks should know, or empty.
        slow: Finesse answers before it has done it (202).
    """

    action: str
    send: Callable[[Node, str], Awaitable[str | None]]
    after: Callable[[Node, str | None, Finding | None], Awaitable[Finding]]
    before: Callable[[Node], Awaitable[Finding]] | None = None
    caution: str = ""
    slow: bool = False


@dataclass(frozen=True, slots=True)
class ConfigurationOutcome:
    """The true end of a change.

    Attributes:
        message: one sentence.
        object: what it is about, as it now is; None when that is not known or it is gone.
        was: the same as it was before; None when there was nothing.
        seconds: from the call to the answer.
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


async def carry_out(
    change: Configuring, node: Node, timing: SessionTiming, clock: Clock
) -> ConfigurationOutcome:
    """Carry a change out and tell what became of it, within ``timing.action`` seconds.

    Raises:
        FinesseError: nothing was sent, or Finesse certainly did nothing with it.
    """
    return await _Run(change, node, timing, clock).run()


class _Run:
    def __init__(self, change: Configuring, node: Node, timing: SessionTiming, clock: Clock) -> None:
        self._change = change
        self._node = node
        self._timing = timing
        self._clock = clock
        self._started = clock.monotonic()
        self._request_id = str(uuid.uuid4())
        self._before: Finding | None = None

    async def run(self) -> ConfigurationOutcome:
        self._before = await self._look_first()
        if self._before is not None and self._before.verdict is Verdict.DONE:
            return self._ended(
                OutcomeStatus.UNCHANGED,
                "already configured that way. No request was sent.",
                self._before,
                sent=False,
            )
        lost, new_id = "", None
        try:
            new_id = await self._send()
        except FinesseError as error:
            if not error.may_have_been_executed:
                if isinstance(error, RefusedError):
                    return await self._refused(error)
                raise
            lost = error.message.rstrip(".")
        return await self._read_back(new_id, lost)

    async def _send(self) -> str | None:
        return await send_within(
            self._left() - self._timing.event,
            lambda: self._change.send(self._node, self._request_id),
            self._change.action,
            advice="Try again.",
        )

    async def _look_first(self) -> Finding | None:
        if self._change.before is None:
            return None
        try:
            async with asyncio.timeout(self._timing.action / 3):
                return await self._change.before(self._node)
        except TimeoutError:
            raise NotReadyError(
                f"{self._change.action}: the current state could not be read in time. Nothing was sent.",
                advice="Try again.",
            ) from None

    async def _read_back(self, new_id: str | None, lost: str) -> ConfigurationOutcome:
        trouble = ""
        try:
            async with asyncio.timeout(self._left()):
                found = await self._found(new_id)
        except TimeoutError:
            trouble = "the object could not be read back in time"
        except FinesseError as error:
            trouble = f"the object could not be read back: {error.message.rstrip('.')}"
        if trouble:
            said = f"the response was lost ({lost})" if lost else "Finesse reported success"
            return self._ended(OutcomeStatus.UNKNOWN, f"{said}, and {trouble}.", advice=_LOOK_FIRST)
        return self._lost(found, lost) if lost else self._answered(found, new_id)

    async def _found(self, new_id: str | None) -> Finding:
        found = await self._change.after(self._node, new_id, self._before)
        if found.verdict is Verdict.DONE or not self._change.slow:
            return found
        await self._clock.sleep(min(self._timing.event, self._left() / 2))
        return await self._change.after(self._node, new_id, self._before)

    def _answered(self, found: Finding, new_id: str | None) -> ConfigurationOutcome:
        if found.verdict is Verdict.DONE:
            return self._ended(OutcomeStatus.CONFIRMED, "done.", found)
        if found.verdict is Verdict.NOT_DONE:
            message = (
                f"Finesse reported success, but the object read back does not show it. {found.note}".strip()
            )
            return self._ended(OutcomeStatus.UNKNOWN, message, found, advice=_LOOK_FIRST)
        if left := found.left_from(self._before):
            message = f"Finesse accepted it, but the object read back shows no change of {', '.join(left)}."
            return self._ended(OutcomeStatus.UNKNOWN, message, found, advice=_LOOK_FIRST)
        if new_id is not None or found.is_only_cut:
            return self._ended(
                OutcomeStatus.CONFIRMED, "done, but some values differ from the request.", found
            )
        names = ", ".join(dict.fromkeys(each.field for each in found.differences))
        message = (
            f"Finesse accepted it, but the object read back has other values of {names}. Finesse may have done only "
            "a part, or another administrator may have changed them since."
        )
        return self._ended(OutcomeStatus.UNKNOWN, message, found, advice=_LOOK_FIRST)

    def _lost(self, found: Finding, lost: str) -> ConfigurationOutcome:
        if found.verdict is Verdict.DONE:
            message = f"in effect. Confirmed by reading the object, because the response was lost ({lost})."
            return self._ended(OutcomeStatus.CONFIRMED, message, found)
        message = f"the response was lost ({lost}), and the object read back differs from the request."
        message = f"{message} {found.note}".rstrip()
        return self._ended(OutcomeStatus.UNKNOWN, message, found, advice=_LOOK_FIRST)

    async def _refused(self, refusal: RefusedError) -> ConfigurationOutcome:
        """Finesse rejected it, perhaps because another administrator has made the same change meanwhile."""
        errors = tuple(map(ErrorInfo.of, refusal.details))
        with contextlib.suppress(FinesseError, TimeoutError):
            async with asyncio.timeout(self._left()):
                found = await self._change.after(self._node, None, self._before)
            if found.verdict is Verdict.DONE:
                message = "in effect now, but not through this request: Finesse rejected it."
                return self._ended(OutcomeStatus.UNCHANGED, message, found, errors=errors)
        return self._ended(OutcomeStatus.FAILED, refusal.message, errors=errors, advice=refusal.advice)

    def _ended(
        self,
        status: OutcomeStatus,
        message: str,
        found: Finding | None = None,
        *,
        errors: tuple[ErrorInfo, ...] = (),
        advice: str = "",
        sent: bool = True,
    ) -> ConfigurationOutcome:
        found = found or Finding(Verdict.NOT_DONE)
        return ConfigurationOutcome(
            status=status,
            action=self._change.action,
            message=f"{self._change.action}: {message}",
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

    def _left(self) -> float:
        return self._started + self._timing.action - self._clock.monotonic()
