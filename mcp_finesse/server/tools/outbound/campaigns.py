"""Tools for outbound campaigns: previews, call classification and callbacks to customers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server.arguments.arguments import DialogId, Text, Word
from mcp_finesse.server.arguments.callback_times import local_time
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.server.tools.call_targeting import act_on_call
from mcp_finesse.session import FinesseSession, OutcomeStatus
from mcp_finesse.session.actions import outbound

Answer = Annotated[Literal["ACCEPT", "REJECT", "CLOSE"], Word, Field(description="Response to the preview")]
Classification = Annotated[
    Literal["VOICE", "FAX", "ANS_MACHINE", "INVALID", "BUSY", "DO_NOT_CALL"],
    Word,
    Field(description="What answered the call"),
]
CallbackTime = Annotated[
    Text | None,
    Field(description="Customer's local date and time, 2026-01-31T15:30. Omit to keep the time"),
]


async def answer_preview(
    session: FinesseSession, answer: Answer, dialog_id: DialogId = None
) -> OutcomeResult:
    """Answer a campaign preview: ACCEPT dials the customer, REJECT skips the contact for now, CLOSE permanently.

    Use while a preview is offered; for a ringing call use answer_call. Requires an offered preview. Returns
    status and dialog.
    """
    return await act_on_call(session, answer, dialog_id, lambda id_: outbound.answer_preview(id_, answer))


async def reclassify_call(
    session: FinesseSession, classification: Classification, dialog_id: DialogId = None
) -> OutcomeResult:
    """Report what answered a direct preview call, such as a person (VOICE) or a fax.

    Use during or after the call; to set the wrap-up reason, use wrap_up_call. Requires RECLASSIFY to be
    allowed. Returns status and dialog; the call variable BAResponse shows the result.
    """
    return await act_on_call(
        session, "RECLASSIFY", dialog_id, lambda id_: outbound.reclassify_call(id_, classification)
    )


async def schedule_callback(
    session: FinesseSession,
    time: CallbackTime = None,
    number: Annotated[
        Text | None, Field(description="Number to call. Omit for the number of this call")
    ] = None,
    dialog_id: DialogId = None,
) -> OutcomeResult:
    """Schedule or change a callback to the customer of a campaign: time, number or both.

    Use during the call; to cancel the callback, use cancel_callback. Requires UPDATE_SCHEDULED_CALLBACK to be
    allowed. Returns status and dialog.
    """
    when = local_time(time) if time is not None else None
    wanted = when.text if when else None
    try:
        result = await act_on_call(
            session,
            "UPDATE_SCHEDULED_CALLBACK",
            dialog_id,
            lambda id_: outbound.schedule_callback(id_, wanted, number),
        )
    except InvalidRequestError as error:
        message = error.message.replace("callback_time", "time").replace("callback_number", "number")
        raise InvalidRequestError(message, advice=error.advice) from error
    if when is not None and result.status in (OutcomeStatus.CONFIRMED, OutcomeStatus.UNCHANGED):
        result.advice = " ".join(part for part in (result.advice, when.meaning) if part)
    return result


async def cancel_callback(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Cancel the callback scheduled on this call.

    Use before the call ends; to change the time or number, use schedule_callback. Requires
    CANCEL_SCHEDULED_CALLBACK to be allowed. Returns status and dialog.
    """
    return await act_on_call(session, "CANCEL_SCHEDULED_CALLBACK", dialog_id, outbound.cancel_callback)
