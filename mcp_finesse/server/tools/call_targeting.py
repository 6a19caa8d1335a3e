"""Code shared by tools that act on phone calls: wait for the connection, find the call, act, report the outcome."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import (
    ABOUT_PRESENT_STATE,
    ACTION_RULES,
    NAME_THE_VALUE,
    AgentState,
    CallAction,
    Dialog,
    Participant,
    own_participant,
)
from mcp_finesse.privacy import caller_text, quoted
from mcp_finesse.server.present.advice import (
    after_failure,
    call_summary,
    is_signed_out,
    other_calls,
    own_states,
)
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.server.present.object_text import dialog_line
from mcp_finesse.server.present.own_user import own_user_summary
from mcp_finesse.server.present.redacting import redacted_sentence
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.session import FinesseSession, Outcome, OutcomeStatus
from mcp_finesse.session.actions.action import Action

_PARTY = 100
__all__ = ["READY_SECONDS", "act_on_call", "only_call", "perform"]


async def perform(
    session: FinesseSession,
    action: Action,
    *,
    hint: str = "",
    hint_if: Callable[[Outcome], bool] = lambda _: True,
    dialog_id: str | None = None,
    seconds: float | None = None,
) -> OutcomeResult:
    """Perform an action and report its outcome, with advice based on the state after the action.

    Args:
        session: the agent's session.
        action: the action.
        hint: additional advice that is shown unless the action succeeded.
        hint_if: the outcomes to which the hint applies.
        dialog_id: the call that the action concerns.
        seconds: maximum time for the action. The default is ``timing.action``.
    """
    await session.ready(READY_SECONDS)
    before = own_states(session)
    outcome = await session.act(action, seconds)
    advice = other_calls(session, before, (dialog_id, outcome.dialog_id))
    if outcome.status in (OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN):
        hint = hint if hint_if(outcome) else ""
        advice += _advice(session, action, outcome, dialog_id, hint)
        if (any(advice) and outcome.advice in ABOUT_PRESENT_STATE) or (
            hint and outcome.advice == NAME_THE_VALUE
        ):
            outcome = outcome.model_copy(update={"advice": ""})
    current = outcome.dialog if outcome.dialog and outcome.dialog.id in session.mirror.dialogs else None
    summary = call_summary(session, current) if current else None
    result = OutcomeResult.of(outcome, session.mirror.extension, " ".join(filter(None, advice)), summary)
    if outcome.user is not None and action.target == "user":
        result.user = await own_user_summary(session, outcome.user)
    result.cursor = session.journal.cursor  # a wait that starts from this cursor misses no notification
    return result


async def act_on_call(
    session: FinesseSession,
    action_name: str,
    dialog_id: str | None,
    make: Callable[[str], Action],
    *,
    state: str | None = None,
    seconds: float | None = None,
) -> OutcomeResult:
    """Perform an action on a call. Without ``dialog_id``, use the only call for which the action is possible.

    Args:
        session: the agent's session.
        action_name: Finesse's name of the action, as listed in a participant's allowed actions.
        dialog_id: the dialog id of the call, or None.
        make: a function that creates the action from the dialog id.
        state: prefer calls on which the agent's participant has this state. None for no preference.
        seconds: maximum time for the action, as for ``perform``.

    Raises:
        InvalidRequestError: no call or more than one call allows the action. The error lists the calls.
    """
    await session.ready(READY_SECONDS)
    chosen = dialog_id or await only_call(session, action_name, state)
    return await perform(session, make(chosen), dialog_id=chosen, seconds=seconds)


def _advice(
    session: FinesseSession, action: Action, outcome: Outcome, dialog_id: str | None, hint: str
) -> list[str]:
    """Return advice after an action that failed or whose result is unknown."""
    if action.shown_object is not None:  # for an action on another agent, this agent's state is irrelevant
        return [hint]
    shown = outcome.dialog is not None and outcome.dialog.id == dialog_id
    action_name = outcome.action
    useful = not is_signed_out(session) or action_name == AgentState.LOGIN
    return [hint if useful else "", after_failure(session, action_name, dialog_id, shown=shown)]


async def only_call(session: FinesseSession, action_name: str, state: str | None = None) -> str:
    """Return the id of the only call for which an action is possible.

    Raises:
        InvalidRequestError: there is no such call, or more than one; the error lists the calls.
    """
    fitting = _fitting(session, action_name, state)
    if not fitting:
        # the action seems impossible, so read the state again: a notification may have been lost
        await session.refresh_dialogs()
        current = list(session.mirror.dialogs.values())
        # If there is only one call, use that call. The session then decides whether it already has the
        # requested state.
        fitting = _fitting(session, action_name, state) or (current if len(current) == 1 else [])
    if len(fitting) == 1:
        return fitting[0].id
    raise _ambiguous_call(session, action_name, fitting)


def call_text(dialog_id: str, dialog: Dialog | None) -> str:
    """Return a text that names a call and its parties, for the confirmation question."""
    parties = [party for party in dialog.participants if not party.has_left] if dialog else []
    listed = ", ".join(_address(party) for party in parties if party.media_address)
    return f"phone call {caller_text(dialog_id, _PARTY)}" + (f" ({listed})" if listed else "")


def _address(party: Participant) -> str:
    """Return the address of a party. The number of a caller is quoted, because the caller may have chosen it."""
    address = redacted_sentence(party.media_address or "")
    is_agent = party.media_address_type == "AGENT_DEVICE"
    return caller_text(address, _PARTY) if is_agent else quoted(address, _PARTY)


def _fitting(session: FinesseSession, action_name: str, state: str | None) -> list[Dialog]:
    """Return the calls for which Finesse allows ``action_name`` now. If some are in ``state``, return only those."""
    fitting = [item for item in session.mirror.dialogs.values() if action_name in _allowed(session, item)]
    preferred = [
        item
        for item in fitting
        if (own := own_participant(item, session.mirror.extension)) is not None and own.state == state
    ]
    return preferred or fitting


def _ambiguous_call(session: FinesseSession, action_name: str, fitting: list[Dialog]) -> InvalidRequestError:
    current = list(session.mirror.dialogs.values())
    if not current:
        return InvalidRequestError(
            f"The agent has no call, so {action_name} is not possible. Nothing was sent."
        )
    what = f"{len(fitting)} calls allow {action_name} now" if fitting else f"No call allows {action_name} now"
    listed = "\n".join(dialog_line(call_summary(session, item)) for item in fitting or current)
    return InvalidRequestError(
        f"{what}. Nothing was sent.\n{listed}\n",
        advice="Give the dialog_id of one of these calls." if fitting else _needs(action_name),
    )


def _needs(action_name: str) -> str:
    """Return a sentence about the precondition of an action. Empty for an unknown action."""
    rule = ACTION_RULES.get(CallAction(action_name)) if action_name in set(CallAction) else None
    return f"{action_name} requires: {rule.needs}." if rule is not None else ""


def _allowed(session: FinesseSession, dialog: Dialog) -> list[str]:
    own = own_participant(dialog, session.mirror.extension)
    return list(own.actions) if own is not None else []
