"""The states, actions and kinds of events of Finesse, as open enumerations.

Releases and platforms add values. A field therefore has a type such as ``AgentState | str``
(``AnyAgentState``). A known value becomes the enum member, and an unknown value stays a string. The enum member
and the string both compare equal to their text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field, WithJsonSchema


class AgentState(StrEnum):
    """The state of an agent for voice (guide p.42 to 46). LOGIN occurs only in requests."""

    LOGIN = "LOGIN"
    LOGOUT = "LOGOUT"
    NOT_READY = "NOT_READY"
    READY = "READY"
    RESERVED = "RESERVED"
    RESERVED_OUTBOUND = "RESERVED_OUTBOUND"
    RESERVED_OUTBOUND_PREVIEW = "RESERVED_OUTBOUND_PREVIEW"
    TALKING = "TALKING"
    HOLD = "HOLD"
    WORK = "WORK"
    WORK_READY = "WORK_READY"
    UNKNOWN = "UNKNOWN"


class DialogState(StrEnum):
    """The state of a dialog. The states of phone calls come first, then those of nonvoice tasks (guide p.124, 186)."""

    INITIATING = "INITIATING"
    INITIATED = "INITIATED"
    ALERTING = "ALERTING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    DROPPED = "DROPPED"
    ACCEPTED = "ACCEPTED"
    OFFERED = "OFFERED"
    PAUSED = "PAUSED"
    WRAPPING_UP = "WRAPPING_UP"
    INTERRUPTED = "INTERRUPTED"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


class ParticipantState(StrEnum):
    """The state of a participant. The states in phone calls (guide p.126) come first, then those only in tasks."""

    INITIATING = "INITIATING"
    INITIATED = "INITIATED"
    ALERTING = "ALERTING"
    ACTIVE = "ACTIVE"
    HELD = "HELD"
    FAILED = "FAILED"
    WRAP_UP = "WRAP_UP"
    DROPPED = "DROPPED"
    ACCEPTED = "ACCEPTED"
    OFFERED = "OFFERED"
    PAUSED = "PAUSED"
    WRAPPING_UP = "WRAPPING_UP"
    INTERRUPTED = "INTERRUPTED"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


class CallAction(StrEnum):
    """An action on a dialog, as named in requests and in a participant's ``actions`` (guide p.125)."""

    MAKE_CALL = "MAKE_CALL"
    ANSWER = "ANSWER"
    HOLD = "HOLD"
    RETRIEVE = "RETRIEVE"
    DROP = "DROP"
    UPDATE_CALL_DATA = "UPDATE_CALL_DATA"
    SEND_DTMF = "SEND_DTMF"
    CONSULT_CALL = "CONSULT_CALL"
    CONFERENCE = "CONFERENCE"
    TRANSFER = "TRANSFER"
    TRANSFER_SST = "TRANSFER_SST"
    SILENT_MONITOR = "SILENT_MONITOR"
    BARGE_CALL = "BARGE_CALL"
    PARTICIPANT_DROP = "PARTICIPANT_DROP"
    START_RECORDING = "START_RECORDING"
    UPDATE_SCHEDULED_CALLBACK = "UPDATE_SCHEDULED_CALLBACK"
    CANCEL_SCHEDULED_CALLBACK = "CANCEL_SCHEDULED_CALLBACK"
    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    CLOSE = "CLOSE"
    RECLASSIFY = "RECLASSIFY"
    START = "START"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    WRAP_UP = "WRAP_UP"


class MediaState(StrEnum):
    """The state of an agent for a nonvoice media (guide p.180). LOGIN occurs only in requests."""

    LOGIN = "LOGIN"
    LOGOUT = "LOGOUT"
    NOT_READY = "NOT_READY"
    READY = "READY"
    RESERVED = "RESERVED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    WORK_READY = "WORK_READY"
    WORK = "WORK"
    WORK_NOT_READY = "WORK_NOT_READY"
    INTERRUPTED = "INTERRUPTED"


class EventKind(StrEnum):
    """What happened to the object of a notification: added, changed or removed."""

    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


# With a closed enum in the schema, a client would reject a result that contains a newer value.
_OPEN = WithJsonSchema({"type": "string"})
_MEMBER_FIRST = Field(union_mode="left_to_right")

AnyAgentState: TypeAlias = Annotated[AgentState | str, _MEMBER_FIRST, _OPEN]
AnyDialogState: TypeAlias = Annotated[DialogState | str, _MEMBER_FIRST, _OPEN]
AnyParticipantState: TypeAlias = Annotated[ParticipantState | str, _MEMBER_FIRST, _OPEN]
AnyMediaState: TypeAlias = Annotated[MediaState | str, _MEMBER_FIRST, _OPEN]
AnyEventKind: TypeAlias = Annotated[EventKind | str, _MEMBER_FIRST, _OPEN]
