"""The call log, which records parties, queue, time per state and outcome of each phone call.

The log starts when the session first reads the agent's state. The log is a pure computation over dialog
updates, and keeps a limited number of small records. The records do not depend on how long the journal keeps
notifications.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mcp_finesse.model import Dialog, MediaProperties, Participant
from mcp_finesse.redaction import truncated

MAX_CALLS = 200
MAX_OPEN = 50
_MAX_TEXT = 200
_TOGETHER = 1.0
"""Seconds within which the agent leaves both calls of a consult transfer (guide p.131)."""
_NOT_CONNECTED = frozenset({"ALERTING", "INITIATING", "INITIATED"})
_OVER = frozenset({"DROPPED", "FAILED"})
_AFTER_CALL = _OVER | {"WRAP_UP"}


class CallOutcome(StrEnum):
    """How a phone call ended, as shown by the updates of its dialog."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    """The agent was connected, and the call has ended."""
    LEFT = "left"
    """The agent left and others stayed connected: a conference, a transfer, or the consult call of a transfer."""
    MISSED = "missed"
    """An incoming call that rang and was not answered by the agent."""
    NOT_ANSWERED = "not_answered"
    """An outgoing call that nobody answered."""
    FAILED = "failed"
    """An outgoing call that could not be connected, such as to a busy line."""


@dataclass(slots=True)
class CallRecord:
    """The record of one phone call.

    Attributes:
        dialog_id: The dialog id of the phone call.
        direction: ``in`` for an inbound call, ``out`` for an outbound call, empty if unknown.
        seconds: How many seconds the agent's participant spent in each state.
        seen_from_start: Whether the first state of the phone call was seen. If not, the times of earlier states
            are missing.
        end_seen: Whether an update reported the end of the phone call. If not, the end is known only because a
            later read did not list the phone call.
    """

    dialog_id: str
    direction: str
    started_at: datetime
    seen_from_start: bool
    ended_at: datetime | None = None
    outcome: CallOutcome = CallOutcome.IN_PROGRESS
    cause: str = ""
    end_seen: bool = False
    call_type: str = ""
    queue: str = ""
    from_address: str = ""
    to_address: str = ""
    wrap_up_reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    _state: str = ""
    _since: _Moment | None = None
    _left_from: str = ""
    _left: _Moment | None = None

    def seconds_in(self, *states: str, now: datetime | None = None) -> float:
        """Return the seconds that the agent spent in these states. The current state counts up to ``now``."""
        total = sum(self.seconds.get(state, 0.0) for state in states)
        if now is not None and self.ended_at is None and self._state in states and self._since is not None:
            total += max(0.0, (now - self._since.ours).total_seconds())
        return total

    @property
    def was_connected(self) -> bool:
        """Whether the agent talked with another party."""
        return any(state in self.seconds or state == self._state for state in ("ACTIVE", "HELD"))


@dataclass(frozen=True, slots=True)
class _Moment:
    """The start of a state by the local clock, and by Finesse's clock if Finesse reported the time."""

    theirs: datetime | None
    ours: datetime

    def seconds_until(self, later: _Moment) -> float:
        if self.theirs is not None and later.theirs is not None:
            return max(0.0, (later.theirs - self.theirs).total_seconds())
        return max(0.0, (later.ours - self.ours).total_seconds())


class CallLog:
    """Builds call records from dialog updates.

    Attributes:
        since: When watching started. None before the first connection.
        gaps: How often notifications may have been lost since watching started.
    """

    def __init__(self, limit: int = MAX_CALLS) -> None:
        self.since: datetime | None = None
        self.gaps = 0
        self.forgotten = 0
        self._limit = limit
        self._open: dict[str, CallRecord] = {}
        self._ended: deque[CallRecord] = deque()

    @property
    def records(self) -> list[CallRecord]:
        """The records of the phone calls, oldest first."""
        return sorted([*self._ended, *self._open.values()], key=lambda record: record.started_at)

    def watch_from(self, at: datetime) -> None:
        """Record when the session started to watch the agent's phone calls. Only the first time is recorded."""
        if self.since is None:
            self.since = at

    def update(self, dialog: Dialog, extension: str | None, at: datetime, *, current: bool = True) -> None:
        """Record the current state of a call.

        Args:
            dialog: The call.
            extension: The agent's extension, which identifies the agent's participant.
            at: The time on the local clock when the update was received.
            current: Whether the phone call still exists. If not, the update can complete a record but never
                starts a new record.
        """
        own = dialog.participant(extension) if extension else None
        if own is None or own.state is None or not dialog.is_voice or _is_preview(dialog):
            return
        state = str(own.state)
        record = self._open.get(dialog.id)
        if record is None and not current:
            self._complete(dialog, own)
            return
        if record is None:
            if state in _AFTER_CALL:
                return
            record = self._begin(dialog, own, at)
        _describe(record, dialog)
        moment = _Moment(own.state_change_time, at)
        _enter(record, state, moment)
        if state in _AFTER_CALL or not current:
            _set_outcome(record, dialog, own)
            self._detect_consult_transfer(record)
        if state in _OVER or not current:
            self._end(record, moment, seen=True)

    def remove(self, dialog_id: str, at: datetime) -> None:
        """Record that a phone call no longer exists. An update may or may not have shown the end of the phone call."""
        record = self._open.get(dialog_id)
        if record is not None:
            self._end(record, _Moment(None, at), seen=False)

    def _complete(self, dialog: Dialog, own: Participant) -> None:
        """Complete the record of an ended call from its last update."""
        for record in reversed(self._ended):
            if record.dialog_id == dialog.id:
                if not record.end_seen:
                    record.end_seen = True
                    _describe(record, dialog)
                    _set_outcome(record, dialog, own)
                    self._detect_consult_transfer(record)
                return

    def _detect_consult_transfer(self, record: CallRecord) -> None:
        """Record a consult transfer, which removes the agent from the held call and the active call at the same time.

        The updates of one call alone look as if the call had ended, because they may show fewer than two other
        parties.
        """
        for other in (*self._open.values(), *self._ended):
            if _left_together(record, other):
                record.outcome = other.outcome = CallOutcome.LEFT

    def _begin(self, dialog: Dialog, own: Participant, at: datetime) -> CallRecord:
        state = str(own.state)
        if state == "ALERTING":
            direction = "in"
        elif state in _NOT_CONNECTED or dialog.from_address == own.media_address:
            direction = "out"
        else:
            direction = "in" if dialog.from_address else ""
        record = CallRecord(dialog.id, direction, at, seen_from_start=state in _NOT_CONNECTED)
        self._open[dialog.id] = record
        while len(self._open) > MAX_OPEN:
            self._end(next(iter(self._open.values())), _Moment(None, at), seen=False)
        return record

    def _end(self, record: CallRecord, moment: _Moment, *, seen: bool) -> None:
        _enter(record, "", moment)
        record.ended_at, record.end_seen = moment.ours, seen
        if record.outcome is CallOutcome.IN_PROGRESS:
            record.outcome = _plain_outcome(record)
        self._open.pop(record.dialog_id, None)
        self._ended.append(record)
        while len(self._ended) > self._limit:
            self._ended.popleft()
            self.forgotten += 1


def _enter(record: CallRecord, state: str, moment: _Moment) -> None:
    if state == record._state:
        return
    if record._since is not None and record._state not in _OVER:
        spent = record._since.seconds_until(moment)
        record.seconds[record._state] = record.seconds.get(record._state, 0.0) + spent
    if record._state and record._left is None and (state in _AFTER_CALL or not state):
        record._left_from, record._left = record._state, moment
    record._state, record._since = state, moment


def _left_together(one: CallRecord, other: CallRecord) -> bool:
    """Return whether notifications show that the agent left a held call and an active call at the same time.

    A call that is only missing in a later read is no evidence, because the time of its end is unknown.
    """
    if one._left is None or other._left is None or {one._left_from, other._left_from} != {"HELD", "ACTIVE"}:
        return False
    reported = all(each.end_seen or each.ended_at is None for each in (one, other))
    first, second = sorted((one._left, other._left), key=lambda moment: moment.ours)
    return reported and first.seconds_until(second) <= _TOGETHER


def _is_preview(dialog: Dialog) -> bool:
    """Return whether a dialog is a campaign preview. The phone call of a preview is a separate dialog (p.109)."""
    call_type = (dialog.media_properties.call_type if dialog.media_properties is not None else None) or ""
    return call_type.startswith("OUTBOUND_") and call_type.endswith("_PREVIEW")


def _describe(record: CallRecord, dialog: Dialog) -> None:
    media = dialog.media_properties or MediaProperties()
    record.call_type = _kept(media.call_type or record.call_type)
    record.queue = _kept(media.queue_name or record.queue)
    record.wrap_up_reason = _kept(media.wrap_up_reason or record.wrap_up_reason)
    record.from_address = record.from_address or _kept(dialog.from_address or "")
    to_address = media.dialed_number if record.direction == "out" else dialog.to_address
    record.to_address = record.to_address or _kept(to_address or dialog.to_address or "")


def _kept(text: str) -> str:
    return truncated(text, _MAX_TEXT, with_numbers=False)


def _set_outcome(record: CallRecord, dialog: Dialog, own: Participant) -> None:
    """Set the outcome from the update in which the agent's part of the call ended."""
    if record.outcome in (CallOutcome.LEFT, CallOutcome.FAILED):
        return
    others = [party for party in dialog.participants if party is not own]
    causes = [
        party.state_cause for party in dialog.participants if party.state == "FAILED" and party.state_cause
    ]
    if causes and record.direction == "out":
        record.outcome, record.cause = CallOutcome.FAILED, _kept(causes[0])
    elif record.was_connected and sum(str(party.state) not in _AFTER_CALL for party in others) > 1:
        record.outcome = CallOutcome.LEFT
    elif record.seconds:
        record.outcome = _plain_outcome(record)


def _plain_outcome(record: CallRecord) -> CallOutcome:
    if record.was_connected:
        return CallOutcome.COMPLETED
    return CallOutcome.NOT_ANSWERED if record.direction == "out" else CallOutcome.MISSED
