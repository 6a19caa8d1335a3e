"""REST operations for outbound campaigns: previews, call classification and callbacks (guide p.108 to 114)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mcp_finesse.model import CallAction
from mcp_finesse.rest.api.dialogs import act
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, ReportedBy, sends
from mcp_finesse.rest.validation import check_address, check_choice, check_text, refuse, shown

CLASSIFICATIONS = ("VOICE", "FAX", "ANS_MACHINE", "INVALID", "BUSY", "DO_NOT_CALL")

_DIALOG = "/finesse/api/Dialog/{dialogId}"
_ON_UCCE = (
    "Direct Preview on UCCE: the 12.5 guide lists the operation for UCCX only, later pages list it for both "
    "platforms"
)
_CALLBACK_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
# The westernmost time zone is UTC-12.
_LAST_ZONE = timedelta(hours=12)


ACCEPT_PREVIEW = Operation(
    "Dialog: ACCEPT a preview",
    "PUT",
    _DIALOG,
    "guide p.108",
    reported_by=ReportedBy.NOTIFICATION,
    unconfirmed=_ON_UCCE,
)
CLOSE_PREVIEW = Operation(
    "Dialog: CLOSE a preview",
    "PUT",
    _DIALOG,
    "guide p.108",
    reported_by=ReportedBy.NOTIFICATION,
    unconfirmed=_ON_UCCE,
)
REJECT_PREVIEW = Operation(
    "Dialog: REJECT a preview",
    "PUT",
    _DIALOG,
    "guide p.108",
    reported_by=ReportedBy.NOTIFICATION,
    unconfirmed=_ON_UCCE,
)


PREVIEW_ANSWERS: Mapping[str, Operation] = {
    CallAction.ACCEPT: ACCEPT_PREVIEW,
    CallAction.CLOSE: CLOSE_PREVIEW,
    CallAction.REJECT: REJECT_PREVIEW,
}


@sends(*PREVIEW_ANSWERS.values())
async def answer_preview(
    client: RestClient, dialog_id: str, action: CallAction | str, extension: str, *, request_id: str
) -> None:
    """Accept, reject or close a preview call of an outbound campaign.

    Args:
        client: sends the request.
        dialog_id: the reservation dialog, which has a preview as its call type.
        action: ACCEPT to dial, REJECT to skip this contact for now, or CLOSE to end all attempts to call this
            contact.
        extension: the agent's extension.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the action is not ACCEPT, REJECT or CLOSE, or no extension is given. Also raises
            the errors of ``RestClient.send``.
    """
    check_choice("action", action, PREVIEW_ANSWERS)
    await act(client, dialog_id, action, extension, request_id)


RECLASSIFY = Operation(
    "Dialog: RECLASSIFY",
    "PUT",
    _DIALOG,
    "guide p.111",
    reported_by=ReportedBy.NOTIFICATION,
    unconfirmed="BUSY and DO_NOT_CALL: documented only by a third party, perhaps not for both platforms",
)


@sends(RECLASSIFY)
async def reclassify(
    client: RestClient,
    dialog_id: str,
    classification: str,
    extension: str,
    *,
    request_id: str,
) -> None:
    """Set the classification of a direct preview call. Only ``BAResponse`` shows the classification.

    Args:
        client: sends the request.
        dialog_id: the call, which may be in wrap-up.
        classification: a value in ``CLASSIFICATIONS``.
        extension: the agent's extension.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the classification is unknown. Also raises the errors of ``RestClient.send``.
    """
    check_choice("classification", classification, CLASSIFICATIONS)
    parameters = _action_params({"outboundClassification": classification})
    await act(client, dialog_id, CallAction.RECLASSIFY, extension, request_id, after=parameters)


UPDATE_SCHEDULED_CALLBACK = Operation(
    "Dialog: UPDATE_SCHEDULED_CALLBACK",
    "PUT",
    _DIALOG,
    "guide p.112",
    reported_by=ReportedBy.NOTIFICATION,
    unconfirmed="whether the time is the customer's local time, as the desktop presents it",
)


@sends(UPDATE_SCHEDULED_CALLBACK)
async def schedule_callback(
    client: RestClient,
    dialog_id: str,
    extension: str,
    callback_time: str | None = None,
    callback_number: str | None = None,
    *,
    request_id: str,
) -> None:
    """Schedule a callback, or change the time or the number of a scheduled callback.

    Args:
        client: sends the request.
        dialog_id: the outbound call.
        extension: the agent's extension.
        callback_time: the customer's local time in the format ``YYYY-MM-DDThh:MM``, without seconds and time
            zone.
        callback_number: the number to call.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: neither time nor number is given, or the time is malformed or in the past. Also
            raises the errors of ``RestClient.send``.
    """
    values = check_callback(callback_time, callback_number)
    action = CallAction.UPDATE_SCHEDULED_CALLBACK
    await act(client, dialog_id, action, extension, request_id, after=_action_params(values))


CANCEL_SCHEDULED_CALLBACK = Operation(
    "Dialog: CANCEL_SCHEDULED_CALLBACK", "PUT", _DIALOG, "guide p.112", reported_by=ReportedBy.NOTIFICATION
)


@sends(CANCEL_SCHEDULED_CALLBACK)
async def cancel_callback(client: RestClient, dialog_id: str, extension: str, *, request_id: str) -> None:
    """Cancel a scheduled callback.

    Raises:
        InvalidRequestError: no extension is given. Also raises the errors of ``RestClient.send``.
    """
    await act(client, dialog_id, CallAction.CANCEL_SCHEDULED_CALLBACK, extension, request_id)


def check_callback(callback_time: str | None, callback_number: str | None) -> dict[str, str]:
    """Return the given callback values by Finesse's names. Raise if a value is invalid or no value is given."""
    values = {}
    if callback_time is not None:
        values["callbackTime"] = check_callback_time(callback_time)
    if callback_number is not None:
        values["callbackNumber"] = check_address("callback_number", callback_number)
    if not values:
        refuse("No value to schedule was given.", "Give a time, a number, or both.")
    return values


def check_callback_time(value: object, now: datetime | None = None) -> str:
    """Return a valid callback time. Refuse a time with seconds or a zone, or a time that is past in every zone.

    Args:
        value: the text.
        now: the current time with a time zone. The default is the time of the system clock.
    """
    text = check_text("callback_time", value)
    try:
        time = datetime.fromisoformat(text) if _CALLBACK_TIME.fullmatch(text) else None
    except ValueError:
        time = None
    if time is None:
        refuse(
            f"callback_time is {shown(text)}; it must be YYYY-MM-DDThh:MM, without seconds and time zone.",
            "Give the customer's local time.",
        )
    here = (now or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
    if time < here - _LAST_ZONE:
        refuse(f"callback_time {text} is in the past in every time zone.", "Give a future time.")
    return text


def _action_params(values: dict[str, str]) -> dict[str, Any]:
    return {"actionParams": {"ActionParam": [{"name": n, "value": v} for n, v in values.items()]}}
