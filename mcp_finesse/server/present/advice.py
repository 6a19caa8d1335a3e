"""What the agent can do next, computed from the state after an action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcp_finesse.model import AgentState, Dialog, may_ask_for
from mcp_finesse.server.present.summaries import own_participant
from mcp_finesse.session import FinesseSession

_CONNECTING = ("INITIATING", "INITIATED")
_STATE_CHANGES = (AgentState.READY, AgentState.NOT_READY, AgentState.LOGOUT)
_WRAP_UP = (AgentState.WORK, AgentState.WORK_READY)
_SIGN_IN = "The agent is signed out. Use sign_in first."


def own_states(session: FinesseSession) -> dict[str, str]:
    """Return the agent's own state on each of the agent's calls, by dialog id."""
    extension = session.mirror.extension
    sides = ((item.id, own_participant(item, extension)) for item in session.mirror.dialogs.values())
    return {dialog_id: str(side.state) for dialog_id, side in sides if side is not None}


def after_failure(session: FinesseSession, word: str, dialog_id: str | None) -> str:
    """Return advice for an action that failed or whose result is unknown.

    Args:
        session: the agent's, after the action.
        word: the action in Finesse's words.
        dialog_id: the call it was about, or None.
    """
    if _is_signed_out(session) and word != AgentState.LOGIN:
        return _SIGN_IN
    advice = [_allowed_now(session, dialog_id)] if dialog_id else []
    if word == "MAKE_CALL":
        advice.append(_ways_to_call(session))
    if word in _STATE_CHANGES:
        advice.append(_states_to_request(session))
    return " ".join([*filter(None, advice), *waiting_callers(session)])


def waiting_callers(session: FinesseSession) -> list[str]:
    """Return a sentence for each held call, unless the agent is connected to somebody: the way back to it."""
    states = own_states(session)
    if "ACTIVE" in states.values():
        return []
    return [
        f"Dialog {dialog_id} is on hold; {_way_back(dialog_id, states)}"
        for dialog_id, state in states.items()
        if state == "HELD"
    ]


def other_calls(
    session: FinesseSession, before: Mapping[str, str], concerned: Iterable[str | None]
) -> list[str]:
    """Return a sentence for each other call that the action put on hold or ended.

    Args:
        session: the agent's, after the action.
        before: ``own_states`` before it.
        concerned: ids of the dialogs that the result shows anyway.
    """
    now = own_states(session)
    others = {dialog_id: state for dialog_id, state in before.items() if dialog_id not in set(concerned)}
    held = [f"Dialog {each} is now on hold." for each in others if now.get(each) == "HELD" != others[each]]
    ended = [f"Dialog {each} has ended." for each in others if each not in session.mirror.dialogs]
    return held + ended


def _states_to_request(session: FinesseSession) -> str:
    """Return what the agent may request in the present state; empty when the state is not known."""
    user = session.mirror.user
    if user is None or not user.state:
        return ""
    if _is_signed_out(session):
        return _SIGN_IN
    allowed = may_ask_for(str(user.state), session.mirror.platform)
    names = ", ".join("sign_out" if state == AgentState.LOGOUT else state for state in allowed)
    calls = len(session.mirror.dialogs)
    having = f" with {calls} call{'s' if calls > 1 else ''}" if calls else " without a call"
    return f"The agent is {user.state}{having} and can request: {names or 'no other state now'}."


def _is_signed_out(session: FinesseSession) -> bool:
    user = session.mirror.user
    return user is not None and user.state == AgentState.LOGOUT


def _allowed_now(session: FinesseSession, dialog_id: str) -> str:
    dialog = session.mirror.dialogs.get(dialog_id)
    if dialog is None:
        return (
            f"Dialog {dialog_id} is not one of the agent's calls now. "
            f"Current dialogs: {', '.join(session.mirror.dialogs) or 'none'}."
        )
    return f"Allowed on dialog {dialog_id} now: {', '.join(_allowed(session, dialog)) or 'nothing'}."


def _allowed(session: FinesseSession, dialog: Dialog) -> list[str]:
    """The actions that Finesse lists, without RETRIEVE while a call that is being dialled prevents it."""
    own = own_participant(dialog, session.mirror.extension)
    dialling = any(state in _CONNECTING for state in own_states(session).values())
    return [word for word in (own.actions if own else ()) if not (dialling and word == "RETRIEVE")]


def _way_back(dialog_id: str, states: Mapping[str, str]) -> str:
    busy = [each for each, state in states.items() if state in (*_CONNECTING, "FAILED")]
    first = f"end_call(dialog_id={busy[0]}), then " if busy else ""
    return f"to go back to it: {first}retrieve_call(dialog_id={dialog_id})."


def _ways_to_call(session: FinesseSession) -> str:
    user, states = session.mirror.user, own_states(session)
    if user is not None and user.state in _WRAP_UP:
        return "The agent is in wrap-up. Use change_state with NOT_READY or READY to end it, then call again."
    if "ACTIVE" in states.values():
        return "The agent is on a call. Use consult_call, or hold_call or end_call before a new call."
    return ""
