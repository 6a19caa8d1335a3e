"""What the tools of the toolset agent would do, for policy rules and for questions to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import Dialog
from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import AskReason, Intent, IntentOf
from mcp_finesse.server.present.team_summaries import name_of
from mcp_finesse.server.tools.call_targeting import call_text, sole_call
from mcp_finesse.server.tools.known_numbers import is_known_number
from mcp_finesse.session import FinesseSession

_NUMBER = 100
_TEXT = 500


async def sign_out(session: FinesseSession, **_: Any) -> Intent:
    """Return the intent to sign the user out."""
    user = session.mirror.user
    who = f"{name_of(user)} ({session.mirror.user_id})" if user is not None else session.mirror.user_id
    return Intent(f"Sign out agent {who}.", AskReason.SIGN_OUT)


async def sign_in(
    session: FinesseSession, extension: str | None = None, dial_number: str | None = None, **_: Any
) -> Intent:
    """Return the intent to sign the user in. Finesse calls the number of a mobile agent."""
    where = f" at extension {caller_text(extension, _NUMBER)}" if extension else ""
    what = f"Sign in agent {session.mirror.user_id}{where}"
    if dial_number is None:
        return Intent(f"{what}.")
    return await _to_number(session, f"{what} as a mobile agent, and let Finesse call", dial_number)


async def make_call(session: FinesseSession, to_address: str, **_: Any) -> Intent:
    """Return the intent to call a number."""
    return await _to_number(session, "Call", to_address)


async def consult_call(
    session: FinesseSession, to_address: str, dialog_id: str | None = None, **_: Any
) -> Intent:
    """Return the intent to hold a phone call and call a number."""
    text, chosen = _call(session, "CONSULT_CALL", dialog_id)
    return await _to_number(session, f"Put {text} on hold and call", to_address, chosen)


async def transfer_call(
    session: FinesseSession, to_address: str | None = None, dialog_id: str | None = None, **_: Any
) -> Intent:
    """Return the intent to transfer a phone call to a number, or to the colleague who was consulted."""
    text, chosen = _call(session, "TRANSFER_SST" if to_address else "TRANSFER", dialog_id)
    if to_address is None:
        return Intent(f"Transfer {text} to the colleague who was consulted.", chosen=chosen)
    return await _to_number(session, f"Transfer {text} to", to_address, chosen)


async def schedule_callback(
    session: FinesseSession, number: str | None = None, dialog_id: str | None = None, **_: Any
) -> Intent:
    """Return the intent to schedule a callback."""
    text, chosen = _call(session, "UPDATE_SCHEDULED_CALLBACK", dialog_id)
    if number is None:
        return Intent(f"Schedule a callback to the customer of {text}.", chosen=chosen)
    return await _to_number(session, f"Schedule a callback to the customer of {text}, at", number, chosen)


def on_call(title: str, action_name: str, state: str | None = None) -> IntentOf:
    """Return a function that returns the intent to perform an action on one of the user's own phone calls.

    Args:
        title: The tool's name for people.
        action_name: Finesse's name of the action.
        state: The agent's participant state in phone calls that are preferred.
    """

    async def intent(session: FinesseSession, dialog_id: str | None = None, **given: Any) -> Intent:
        text, chosen = _call(session, action_name, dialog_id, state)
        listed = "".join(f", {name}: {value}" for name, value in given.items() if value is not None)
        return Intent(f"{title}: {text}{caller_text(listed, _TEXT)}.", chosen=chosen)

    return intent


def _call(
    session: FinesseSession, action_name: str, dialog_id: str | None, state: str | None = None
) -> tuple[str, Mapping[str, Any]]:
    """Return a text for the phone call that the tool would act on, and the argument that names the phone call."""
    dialog: Dialog | None = (
        session.mirror.dialogs.get(dialog_id) if dialog_id else sole_call(session, action_name, state)
    )
    if dialog is None:
        return (
            f"phone call {caller_text(dialog_id, _NUMBER)}" if dialog_id else "the current phone call"
        ), {}
    return call_text(dialog.id, dialog), {"dialog_id": dialog.id}


async def _to_number(
    session: FinesseSession, what: str, number: str, chosen: Mapping[str, Any] | None = None
) -> Intent:
    reason = None if await is_known_number(session, number) else AskReason.UNKNOWN_NUMBER
    return Intent(f"{what} {caller_text(number, _NUMBER)}.", reason, numbers=(number,), chosen=chosen or {})
