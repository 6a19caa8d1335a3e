"""What the tools of the toolset agent would do, for policy rules and for questions to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Dialog
from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import AskReason, Intent, IntentOf
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.server.present.team_summaries import name_of
from mcp_finesse.server.tools.call_targeting import call_text, only_call
from mcp_finesse.server.tools.known_numbers import is_known_number
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions.transfer import held_and_active

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
    return await to_number(session, f"{what} as a mobile agent, and let Finesse call", dial_number)


async def make_call(session: FinesseSession, to_address: str, **_: Any) -> Intent:
    """Return the intent to call a number."""
    return await to_number(session, "Call", to_address)


async def consult_call(
    session: FinesseSession, to_address: str, dialog_id: str | None = None, **_: Any
) -> Intent:
    """Return the intent to hold a phone call and call a number."""
    call = await named_call(session, "CONSULT_CALL", dialog_id)
    return await to_number(session, f"Put {call.text} on hold and call", to_address, call)


async def transfer_call(
    session: FinesseSession, to_address: str | None = None, dialog_id: str | None = None, **_: Any
) -> Intent:
    """Return the intent to transfer a phone call to a number, or to the colleague who was consulted."""
    if to_address is None:
        return await _with_consulted(session, "TRANSFER", dialog_id, "Transfer {} to {}, who was consulted")
    call = await named_call(session, "TRANSFER_SST", dialog_id)
    return await to_number(session, f"Transfer {call.text} to", to_address, call)


async def conference_call(session: FinesseSession, dialog_id: str | None = None) -> Intent:
    """Return the intent to merge a phone call with the call to the colleague who was consulted."""
    return await _with_consulted(session, "CONFERENCE", dialog_id, "Merge {} with the call to {}")


def on_call(title: str, action_name: str, state: str | None = None) -> IntentOf:
    """Return a function that returns the intent to perform an action on one of the user's own phone calls.

    Args:
        title: The tool's name for people.
        action_name: Finesse's name of the action.
        state: The agent's participant state in phone calls that are preferred.
    """

    async def intent(session: FinesseSession, dialog_id: str | None = None, **given: Any) -> Intent:
        call = await named_call(session, action_name, dialog_id, state)
        listed = "".join(f", {name}: {value}" for name, value in given.items() if value is not None)
        summary = f"{title}: {call.text}{caller_text(listed, _TEXT)}."
        return Intent(summary, chosen=call.chosen, error=call.error)

    return intent


@dataclass(frozen=True, slots=True)
class NamedCall:
    """The phone call that a tool would act on.

    Attributes:
        text: Names the phone call and its parties.
        dialog: The phone call, if it is known.
        chosen: The argument that chooses the phone call.
        error: Why no phone call can be chosen, or None.
    """

    text: str
    dialog: Dialog | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    error: InvalidRequestError | None = None


async def named_call(
    session: FinesseSession, action_name: str, dialog_id: str | None, state: str | None = None
) -> NamedCall:
    """Return the phone call that the tool would act on. Without an id, the only phone call that allows the action.

    Raises:
        FinesseError: the session is not ready, or the phone calls could not be read.
    """
    await session.ready(READY_SECONDS)
    try:
        chosen = dialog_id or await only_call(session, action_name, state)
    except InvalidRequestError as error:
        return NamedCall("the phone call", error=error)
    if chosen not in session.mirror.dialogs:
        await session.refresh_dialogs()
    dialog = session.mirror.dialogs.get(chosen)
    return NamedCall(call_text(chosen, dialog), dialog, {"dialog_id": chosen})


async def to_number(session: FinesseSession, what: str, number: str, call: NamedCall | None = None) -> Intent:
    """Return the intent to do something that calls a number, with a phone call if ``call`` is given."""
    return Intent(
        f"{what} {caller_text(number, _NUMBER)}.",
        None if await is_known_number(session, number) else AskReason.UNKNOWN_NUMBER,
        numbers=(number,),
        chosen=call.chosen if call is not None else {},
        error=call.error if call is not None else None,
    )


async def _with_consulted(
    session: FinesseSession, action_name: str, dialog_id: str | None, summary: str
) -> Intent:
    """Return the intent to connect a phone call with the colleague who was consulted.

    The number of the colleague is part of a current phone call, so only rules of the policy can require a question.

    Raises:
        InvalidRequestError: there is no held call, or no active call.
        FinesseError: the session is not ready, or the phone calls could not be read.
    """
    await session.ready(READY_SECONDS)
    chosen = dialog_id or await only_call(session, action_name)
    try:
        held, active = held_and_active(session.mirror, action_name, chosen)
    except InvalidRequestError:
        await session.refresh_dialogs()  # the consult call seems missing: a notification may have been lost
        held, active = held_and_active(session.mirror, action_name, chosen)
    own = session.mirror.extension
    consult = _consult_call(held, active, own)
    original = held if consult is active else active
    numbers = _dialed_numbers(consult, own)
    who = caller_text(", ".join(numbers), _NUMBER) or "the colleague"
    return Intent(
        f"{summary.format(call_text(original.id, original), who)}.",
        numbers=numbers,
        hidden_number=not numbers,
        chosen={"dialog_id": held.id},
    )


def _consult_call(held: Dialog, active: Dialog, extension: str | None) -> Dialog:
    """Return the one of the two phone calls with which the agent consulted a colleague."""
    both = (active, held)
    marked = [each for each in both if each.media_properties and each.media_properties.call_type == "CONSULT"]
    dialed = [each for each in both if extension is not None and each.from_address == extension]
    return next(iter((*marked, *dialed, active)))


def _dialed_numbers(dialog: Dialog, extension: str | None) -> tuple[str, ...]:
    """Return the numbers of the other parties of a phone call that the agent dialed."""
    media = dialog.media_properties
    dialed = [dialog.to_address, media.dialed_number if media is not None else None]
    parties = [party.media_address for party in dialog.participants if not party.has_left]
    return tuple(dict.fromkeys(each for each in (*dialed, *parties) if each and each != extension))
