"""Tools that make and handle phone calls. A "call" is a voice dialog with the agent as a participant."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_finesse.server.arguments.arguments import VARIABLES, Destination, DialogId, LongText, Pairs, Text
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.server.tools.call_targeting import act_on_call, perform
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions import calls, transfer


async def make_call(
    session: FinesseSession,
    to_address: Destination,
    call_variables: Annotated[Pairs | None, VARIABLES] = None,
) -> OutcomeResult:
    """Make a call (dial out) from the agent's phone.

    Use consult_call instead to ask somebody during a call. Requires a signed-in agent, READY or NOT_READY.
    Returns status and dialog; confirmed means dialed, not answered.
    """
    return await perform(session, calls.make_call(session.mirror.user_id, to_address, call_variables or {}))


async def answer_call(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Answer a ringing call.

    Use for a new call; for a held call use retrieve_call. Requires ANSWER to be allowed. Returns status
    and dialog.
    """
    return await act_on_call(session, "ANSWER", dialog_id, calls.answer_call)


async def hold_call(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Put a call on hold.

    Use to pause a call; consult_call also puts the call on hold. Requires HOLD to be allowed. Returns status
    and dialog.
    """
    return await act_on_call(session, "HOLD", dialog_id, calls.hold_call)


async def retrieve_call(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Resume a held call.

    Use to continue after hold_call. Requires RETRIEVE to be allowed. Returns status and dialog.
    """
    return await act_on_call(session, "RETRIEVE", dialog_id, calls.retrieve_call)


async def end_call(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Hang up: the agent leaves the call, which usually ends the call.

    Use transfer_call instead to leave the caller with somebody. Requires DROP to be allowed. Returns
    status and dialog.
    """
    return await act_on_call(session, "DROP", dialog_id, calls.end_call)


async def consult_call(
    session: FinesseSession, to_address: Destination, dialog_id: DialogId = None
) -> OutcomeResult:
    """Hold the active call and call a colleague about it.

    Use before transfer_call or conference_call; for an unrelated call use make_call. Requires
    CONSULT_CALL to be allowed. Returns status and dialog (the new call).
    """
    return await act_on_call(
        session, "CONSULT_CALL", dialog_id, lambda id_: calls.consult_call(id_, to_address)
    )


async def transfer_call(
    session: FinesseSession,
    to_address: Annotated[
        Text | None, Field(description="Number for a blind transfer. Omit to complete a consult")
    ] = None,
    dialog_id: DialogId = None,
) -> OutcomeResult:
    """Transfer a call: directly to a number (blind), or to the colleague just consulted.

    Use conference_call instead to stay in the call. Requires TRANSFER_SST to be allowed (blind), or
    TRANSFER after consult_call. Returns status and dialog.
    """
    action_name = "TRANSFER_SST" if to_address else "TRANSFER"
    return await act_on_call(
        session, action_name, dialog_id, lambda id_: transfer.transfer_call(id_, to_address)
    )


async def conference_call(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Join the held call and the consult call in a conference.

    Use to talk with both parties; to connect them and leave, use transfer_call. Requires CONFERENCE to be
    allowed, after consult_call. Returns status and dialog.
    """
    return await act_on_call(session, "CONFERENCE", dialog_id, transfer.conference_call)


async def send_dtmf(
    session: FinesseSession,
    digits: Annotated[
        LongText, Field(pattern=r"^[0-9A-Da-d*#]{1,64}$", description="Tones to send, in order")
    ],
    dialog_id: DialogId = None,
) -> OutcomeResult:
    """Send touch tones (DTMF, keypad digits) into a call.

    Use for phone menus; to store data, use update_call_data. Requires SEND_DTMF to be allowed. Returns
    status unreported: Finesse never confirms tones.
    """
    return await act_on_call(
        session, "SEND_DTMF", dialog_id, lambda id_: calls.send_dtmf(id_, digits.upper())
    )
