"""What the tools of the toolset agent would do, for policy rules and questions."""

from __future__ import annotations

from typing import Any

from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import AskReason, Intent
from mcp_finesse.server.present.team_summaries import name_of
from mcp_finesse.server.tools.known_numbers import is_known_number
from mcp_finesse.session import FinesseSession

_NUMBER = 100


async def sign_out(session: FinesseSession, **_: Any) -> Intent:
    """Return the intent to sign the user out."""
    user = session.mirror.user
    who = f"{name_of(user)} ({session.mirror.user_id})" if user is not None else session.mirror.user_id
    return Intent(f"Sign out agent {who}.", AskReason.SIGN_OUT)


async def make_call(session: FinesseSession, to_address: str, **_: Any) -> Intent:
    """Return the intent to call a number."""
    return await _to_number(session, "Call", to_address)


async def consult_call(session: FinesseSession, to_address: str, **_: Any) -> Intent:
    """Return the intent to hold the current call and call a number."""
    return await _to_number(session, "Put the current call on hold and call", to_address)


async def transfer_call(session: FinesseSession, to_address: str | None = None, **_: Any) -> Intent:
    """Return the intent to transfer the current call to a number, or to the colleague who was consulted."""
    if to_address is None:
        return Intent("Transfer the current call to the colleague who was consulted.")
    return await _to_number(session, "Transfer the current call to", to_address)


async def schedule_callback(session: FinesseSession, number: str | None = None, **_: Any) -> Intent:
    """Return the intent to have a number called later."""
    if number is None:
        return Intent("Schedule a callback to the number of the current call.")
    return await _to_number(session, "Schedule a callback to", number)


async def _to_number(session: FinesseSession, what: str, number: str) -> Intent:
    reason = None if await is_known_number(session, number) else AskReason.UNKNOWN_NUMBER
    return Intent(f"{what} {caller_text(number, _NUMBER)}.", reason, numbers=(number,))
