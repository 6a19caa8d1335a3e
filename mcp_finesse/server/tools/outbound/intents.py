"""What the tools of the toolset outbound would do, for policy rules and for questions to a person."""

from __future__ import annotations

from typing import Any

from mcp_finesse.model import Dialog
from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import Intent
from mcp_finesse.server.tools.agent.intents import named_call, to_number
from mcp_finesse.session import FinesseSession

_NUMBER = 100
CUSTOMER = "BACustomerNumber"
"""The call variable with the customer's number on UCCX (guide p.134). Clients cannot change it."""


async def answer_preview(session: FinesseSession, answer: str, dialog_id: str | None = None) -> Intent:
    """Return the intent to respond to a preview. Finesse calls the customer of an accepted preview.

    The campaign has chosen the customer, so only rules of the policy can require a question.
    """
    call = await named_call(session, answer, dialog_id)
    if answer != "ACCEPT":
        return Intent(f"Respond {answer} to the preview {call.text}.", chosen=call.chosen, error=call.error)
    numbers = _customer_numbers(call.dialog)
    return Intent(
        f"Accept the preview {call.text}, and let Finesse call {_shown(numbers)}.",
        numbers=numbers,
        hidden_number=call.error is None and not numbers,
        chosen=call.chosen,
        error=call.error,
    )


async def schedule_callback(
    session: FinesseSession, number: str | None = None, dialog_id: str | None = None, **_: Any
) -> Intent:
    """Return the intent to schedule a callback.

    Without a number, Finesse calls the number of the present callback, or else the customer of the phone call. This
    number is part of a current phone call, so only rules of the policy can require a question.
    """
    call = await named_call(session, "UPDATE_SCHEDULED_CALLBACK", dialog_id)
    what = f"Schedule a callback to the customer of {call.text}, at"
    if number is not None:
        return await to_number(session, what, number, call)
    numbers = _callback_numbers(session, call.dialog)
    return Intent(
        f"{what} {_shown(numbers)}.",
        numbers=numbers,
        hidden_number=call.error is None and not numbers,
        chosen=call.chosen,
        error=call.error,
    )


def _callback_numbers(session: FinesseSession, dialog: Dialog | None) -> tuple[str, ...]:
    """Return the numbers that a callback without a new number may call."""
    if dialog is None:
        return ()
    if dialog.scheduled_callback is not None and dialog.scheduled_callback.callback_number:
        return (dialog.scheduled_callback.callback_number,)
    if numbers := _customer_numbers(dialog):
        return numbers
    customers = [
        party.media_address for party in dialog.participants if party.media_address_type != "AGENT_DEVICE"
    ]
    return tuple(each for each in customers if each and each != session.mirror.extension)


def _customer_numbers(dialog: Dialog | None) -> tuple[str, ...]:
    """Return the customer's number as the campaign shows it. Finesse shows no number for some previews."""
    if dialog is None:
        return ()
    media = dialog.media_properties
    shown = (dialog.callback_number, media.variable(CUSTOMER) if media is not None else None)
    return tuple(dict.fromkeys(each for each in shown if each))


def _shown(numbers: tuple[str, ...]) -> str:
    return caller_text(", ".join(numbers), _NUMBER) or "a number that Finesse does not show"
