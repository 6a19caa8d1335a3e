"""Advice about the agent's next steps, computed from the state after an action.

Each sentence names only tools, states and actions that the current state allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcp_finesse.model import LEFT_STATES, AgentState, Dialog, may_ask_for, own_participant, traits_of
from mcp_finesse.server.present.summaries import Summary, dialog_summary
from mcp_finesse.session import FinesseSession, possible_actions

_DIALING = ("INITIATING", "INITIATED")
_STATE_CHANGES = (AgentState.READY, AgentState.NOT_READY, AgentState.LOGOUT)
_WRAP_UP = (AgentState.WORK, AgentState.WORK_READY)
_MAY_CALL = (AgentState.READY, AgentState.NOT_READY)
_SIGN_IN = "The agent is signed out. Use sign_in first."


def own_states(session: FinesseSession) -> dict[str, str]:
    """Return the agent's own state on each of the agent's calls, by dialog id."""
    extension = session.mirror.extension
    sides = ((item.id, own_participant(item, extension)) for item in session.mirror.dialogs.values())
    return {dialog_id: str(side.state) for dialog_id, side in sides if side is not None}


def call_summary(session: FinesseSession, dialog: Dialog) -> Summary:
    """Return the summary of a current call, including the actions that the agent can take on the call now."""
    shown = dialog_summary(dialog, session.mirror.extension)
    allowed = _allowed(session, dialog)
    if allowed or "allowed_actions" in shown:
        shown["allowed_actions"] = allowed
    return shown


def is_signed_out(session: FinesseSession) -> bool:
    """Return whether Finesse reports the agent as signed out."""
    user = session.mirror.user
    return user is not None and user.state == AgentState.LOGOUT


def after_failure(
    session: FinesseSession, action_name: str, dialog_id: str | None, *, shown: bool = False
) -> str:
    """Return advice after an action of the agent failed, or after its result stayed unknown.

    Args:
        session: the agent's session, after the action.
        action_name: Finesse's name of the action.
        dialog_id: the call that the action concerned, or None.
        shown: whether the tool result already shows this call with its allowed actions.
    """
    if is_signed_out(session) and action_name != AgentState.LOGIN:
        return _SIGN_IN
    advice = [_allowed_now(session, dialog_id)] if dialog_id and not shown else []
    if action_name == "MAKE_CALL":
        advice.append(_way_to_a_call(session))
    if action_name in _STATE_CHANGES:
        advice.append(_states_to_request(session))
    return " ".join([*filter(None, advice), *waiting_callers(session)])


def waiting_callers(session: FinesseSession) -> list[str]:
    """Return advice to resume each held call. Empty while the agent is connected on another call."""
    states = own_states(session)
    if "ACTIVE" in states.values():
        return []
    return [
        f"Call {dialog_id} is on hold. {_way_back(dialog_id, states)}"
        for dialog_id, state in states.items()
        if state == "HELD"
    ]


def other_calls(
    session: FinesseSession, before: Mapping[str, str], concerned: Iterable[str | None]
) -> list[str]:
    """Return a sentence for each other call that is on hold, or that the agent has left, because of the action.

    Args:
        session: the agent's session, after the action.
        before: ``own_states`` before the action.
        concerned: ids of the dialogs that the tool result shows.
    """
    now = own_states(session)
    others = {dialog_id: state for dialog_id, state in before.items() if dialog_id not in set(concerned)}
    held = [f"Call {each} is now on hold." for each in others if now.get(each) == "HELD" != others[each]]
    left = [
        f"Call {each} is no longer one of the agent's calls."
        for each in others
        if each not in session.mirror.dialogs
    ]
    return held + left


def _states_to_request(session: FinesseSession) -> str:
    """Return a sentence about the states that the agent can request now. Empty if the agent state is unknown."""
    user = session.mirror.user
    if user is None or not user.state:
        return ""
    states = own_states(session)
    calls = sum(state not in LEFT_STATES for state in states.values())
    having = f" with {calls} call{'s' if calls > 1 else ''}" if calls else " without a call"
    names = ", ".join(
        "sign_out" if state == AgentState.LOGOUT else state
        for state in may_ask_for(str(user.state), session.mirror.platform)
        if not (calls and _is_prevented_by_calls(session, state))
    )
    return f"The agent is in state {user.state}{having} and can request: {names or 'no other state now'}."


def _is_prevented_by_calls(session: FinesseSession, state: AgentState) -> bool:
    """Return whether Finesse rejects this state while the agent has a call (guide p.48 to 50)."""
    user, platform = session.mirror.user, session.mirror.platform
    if state == AgentState.LOGOUT:
        return True
    if platform is None or traits_of(platform).pending_ready:
        return False
    # during a call UCCX accepts one pending NOT_READY, but never READY
    return state == AgentState.READY or (user is not None and user.pending_state == state)


def _allowed_now(session: FinesseSession, dialog_id: str) -> str:
    dialog = session.mirror.dialogs.get(dialog_id)
    if dialog is None:
        return (
            f"Call {dialog_id} is not one of the agent's current calls. Current calls: "
            f"{', '.join(session.mirror.dialogs) or 'none'}."
        )
    return f"Allowed on call {dialog_id} now: {', '.join(_allowed(session, dialog)) or 'nothing'}."


def _allowed(session: FinesseSession, dialog: Dialog) -> list[str]:
    return [str(each) for each in possible_actions(dialog, session.mirror.dialogs, session.mirror.extension)]


def _way_back(dialog_id: str, states: Mapping[str, str]) -> str:
    busy = [each for each, state in states.items() if state in (*_DIALING, "FAILED")]
    first = f"end_call(dialog_id={busy[0]}), then " if busy else ""
    return f"To resume the call, use {first}retrieve_call(dialog_id={dialog_id})."


def _way_to_a_call(session: FinesseSession) -> str:
    """Return advice on what the agent must do before making a call. Empty if the agent can make a call now."""
    user = session.mirror.user
    by_state = {state: dialog_id for dialog_id, state in own_states(session).items()}
    if user is not None and user.state in _WRAP_UP:
        return "The agent is in wrap-up. Use change_state with NOT_READY or READY to end the wrap-up, then try again."
    ringing = by_state.get("ALERTING")
    if ringing is not None and "ANSWER" in _allowed(session, session.mirror.dialogs[ringing]):
        return (
            f"A call is ringing. Use answer_call(dialog_id={ringing}), or try again when the call has "
            "stopped ringing."
        )
    for state in (*_DIALING, "FAILED"):
        if busy := by_state.get(state):
            return f"The phone is busy with call {busy}. Use end_call(dialog_id={busy}), then try again."
    if active := by_state.get("ACTIVE"):
        return _way_from_a_call(session, active)
    if user is not None and user.state == AgentState.TALKING and "HELD" in by_state:
        return (
            "This platform allows no new call while a routed call is on hold. "
            f"Use retrieve_call(dialog_id={by_state['HELD']}), then consult_call."
        )
    if user is not None and user.state not in (*_MAY_CALL, AgentState.HOLD, None):
        return f"The agent is {user.state}. Try again when the agent is READY or NOT_READY."
    return ""


def _way_from_a_call(session: FinesseSession, dialog_id: str) -> str:
    user, platform = session.mirror.user, session.mirror.platform
    allowed = _allowed(session, session.mirror.dialogs[dialog_id])
    ways = [f"consult_call(dialog_id={dialog_id})"] if "CONSULT_CALL" in allowed else []
    frees = user is not None and user.state in _MAY_CALL
    if "HOLD" in allowed and (frees or platform is None or traits_of(platform).hold_changes_agent_state):
        ways.append(f"hold_call(dialog_id={dialog_id}) before a new call")
    if "DROP" in allowed:
        ways.append(f"end_call(dialog_id={dialog_id}) before a new call")
    return f"The agent is on a call. Use {', or '.join(ways)}." if ways else "The agent is on a call."
