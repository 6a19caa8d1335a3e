"""Tools for calls of outbound campaigns: previews, how a call was answered, callbacks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mcp_finesse.server.arguments import DialogId, Text, Word
from mcp_finesse.server.results import OutcomeResult
from mcp_finesse.server.tools.acting import act_on_call
from mcp_finesse.session import FinesseSession, actions

Answer = Annotated[Literal["ACCEPT", "REJECT", "CLOSE"], Word]
Classification = Annotated[Literal["VOICE", "FAX", "ANS_MACHINE", "INVALID", "BUSY", "DO_NOT_CALL"], Word]


def _as_time(value: object) -> object:
    return value.strip().replace(" ", "T", 1) if isinstance(value, str) else value


CallbackTime = Annotated[
    Text | None,
    BeforeValidator(_as_time),
    Field(description="YYYY-MM-DDThh:MM, the customer's local time"),
]


async def answer_preview(
    session: FinesseSession, answer: Answer, dialog_id: DialogId = None
) -> OutcomeResult:
    """Answer the preview of a campaign: ACCEPT calls the customer, REJECT is not now, CLOSE is never again.

    Use while a customer is proposed; answer_call is for a call that rings. Needs an offered preview.
    Returns status and dialog.
    """
    return await act_on_call(session, answer, dialog_id, lambda id_: actions.answer_preview(id_, answer))


async def reclassify_call(
    session: FinesseSession, classification: Classification, dialog_id: DialogId = None
) -> OutcomeResult:
    """Say what really answered a direct preview call: a person (VOICE), a machine, a fax, nobody.

    Use during the call or in wrap-up; wrap_up_call says what it was about. Needs RECLASSIFY allowed.
    Returns status and dialog; the call variable BAResponse shows it.
    """
    return await act_on_call(
        session, "RECLASSIFY", dialog_id, lambda id_: actions.reclassify_call(id_, classification)
    )


async def schedule_callback(
    session: FinesseSession,
    time: CallbackTime = None,
    number: Annotated[Text | None, Field(description="Default: the one called")] = None,
    dialog_id: DialogId = None,
) -> OutcomeResult:
    """Agree with the customer of a campaign to call back later, or change that: time, number or both.

    Use during the call; cancel_callback takes it back. Needs UPDATE_SCHEDULED_CALLBACK allowed.
    Returns status and dialog.
    """
    return await act_on_call(
        session,
        "UPDATE_SCHEDULED_CALLBACK",
        dialog_id,
        lambda id_: actions.schedule_callback(id_, time, number),
    )


async def cancel_callback(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Take back a callback that was agreed on this call.

    Use before the call ends; schedule_callback with another time changes it instead. Needs
    CANCEL_SCHEDULED_CALLBACK allowed. Returns status and dialog.
    """
    return await act_on_call(session, "CANCEL_SCHEDULED_CALLBACK", dialog_id, actions.cancel_callback)
