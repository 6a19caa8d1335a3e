"""REST operations for supervisors on their agents' states and calls (guide p.41 to 50, 97 to 108)."""

from __future__ import annotations

from mcp_finesse.model import AgentState, CallAction, build
from mcp_finesse.rest.api.dialogs import DROP, act
from mcp_finesse.rest.api.users import check_requestable_state
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, UCCX, Operation, ReportedBy, Role, sends
from mcp_finesse.rest.validation import check_address, check_other_address, refuse, shown

# For each new state, the agent states in which a supervisor may request it (guide p.47). For READY no states
# are documented.
_MAY_BECOME_NOT_READY = frozenset({"READY", "WORK", "WORK_READY"})
_MAY_BE_SIGNED_OUT = frozenset(
    {
        "READY",
        "NOT_READY",
        "RESERVED",
        "RESERVED_OUTBOUND",
        "RESERVED_OUTBOUND_PREVIEW",
        "TALKING",
        "HOLD",
        "WORK",
        "WORK_READY",
    }
)
_ALLOWED_FROM = {AgentState.NOT_READY: _MAY_BECOME_NOT_READY, AgentState.LOGOUT: _MAY_BE_SIGNED_OUT}

_DIALOG = "/finesse/api/Dialog/{dialogId}"
_DIALOGS = "/finesse/api/User/{id}/Dialogs"


CHANGE_AGENT_STATE = Operation(
    "User: change agent state (supervisor)",
    "PUT",
    "/finesse/api/User/{id}",
    "guide p.47",
    role=Role.SUPERVISOR,
    reported_by=ReportedBy.NOTIFICATION,
)
SIGN_OUT_AGENT = Operation(
    "User: sign out another agent (supervisor)",
    "PUT",
    "/finesse/api/User/{id}",
    "guide p.47",
    role=Role.SUPERVISOR,
    reported_by=ReportedBy.NOTIFICATION,
)


@sends(CHANGE_AGENT_STATE, SIGN_OUT_AGENT)
async def change_agent_state(
    client: RestClient,
    agent_id: str,
    state: AgentState | str,
    *,
    request_id: str,
) -> None:
    """Set the state of an agent of a supervised team to READY, NOT_READY or LOGOUT, even during a call.

    Args:
        client: a supervisor's client.
        agent_id: the agent.
        state: the state to request. The request contains no reason code.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: a supervisor cannot request this state. Also raises the errors of
            ``RestClient.send``.
    """
    body = build("User", {"state": check_requestable_state(state)})
    await client.send(CHANGE_AGENT_STATE.method, CHANGE_AGENT_STATE.path_of(agent_id), body, request_id)


def check_present_state(state: AgentState | str, present: AgentState | str | None) -> str:
    """Return the state if a supervisor can request it in the agent's present state (guide p.47). Otherwise raise."""
    wanted = check_requestable_state(state)
    if wanted == AgentState.READY and present == AgentState.LOGOUT:
        refuse("An agent who is signed out cannot become READY.", "The agent must sign in first.")
    allowed = _ALLOWED_FROM.get(AgentState(wanted))
    if allowed is not None and present is not None and present not in allowed:
        *others, last = sorted(allowed)
        refuse(
            f"A supervisor cannot change an agent from {shown(present)} to {wanted}.",
            f"Wait until the agent is {', '.join(others)} or {last}.",
        )
    return wanted


SILENT_MONITOR = Operation(
    "Dialog: SILENT_MONITOR",
    "POST",
    _DIALOGS,
    "guide p.97",
    role=Role.SUPERVISOR,
    reported_by=ReportedBy.NOTIFICATION,
)


@sends(SILENT_MONITOR)
async def silent_monitor(
    client: RestClient, user_id: str, from_address: str, to_address: str, *, request_id: str
) -> None:
    """Monitor an agent's call silently. The new monitoring dialog ends when the agent leaves the call.

    Args:
        client: sends the request.
        user_id: the supervisor, who must be NOT_READY.
        from_address: the supervisor's extension.
        to_address: the agent's extension.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: an address is invalid. Also raises the errors of ``RestClient.send``.
    """
    caller = check_address("from_address", from_address)
    content = {
        "requestedAction": CallAction.SILENT_MONITOR,
        "fromAddress": caller,
        "toAddress": check_other_address("to_address", to_address, caller),
    }
    await client.send(
        SILENT_MONITOR.method, SILENT_MONITOR.path_of(user_id), build("Dialog", content), request_id
    )


BARGE_CALL = Operation(
    "Dialog: BARGE_CALL",
    "POST",
    _DIALOGS,
    "guide p.100",
    role=Role.SUPERVISOR,
    reported_by=ReportedBy.NOTIFICATION,
)


@sends(BARGE_CALL)
async def barge_call(
    client: RestClient,
    user_id: str,
    from_address: str,
    to_address: str,
    monitor_dialog_id: str,
    *,
    request_id: str,
) -> None:
    """Join the monitored call, which becomes a conference that the agent controls.

    Args:
        client: sends the request.
        user_id: the supervisor.
        from_address: the supervisor's extension.
        to_address: the agent's extension.
        monitor_dialog_id: the supervisor's silent monitor dialog, not the agent's call.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: an address or the id is invalid. Also raises the errors of ``RestClient.send``.
    """
    caller = check_address("from_address", from_address)
    content = {
        "requestedAction": CallAction.BARGE_CALL,
        "fromAddress": caller,
        "toAddress": check_other_address("to_address", to_address, caller),
        "associatedDialogUri": DROP.path_of(monitor_dialog_id),
    }
    await client.send(BARGE_CALL.method, BARGE_CALL.path_of(user_id), build("Dialog", content), request_id)


PARTICIPANT_DROP = Operation(
    "Dialog: PARTICIPANT_DROP",
    "PUT",
    _DIALOG,
    "guide p.104",
    reported_by=ReportedBy.NOTIFICATION,
    platforms=frozenset({UCCE}),
    unconfirmed="who may remove whom depends on a Finesse setting; by default supervisors may remove agents only",
)


@sends(PARTICIPANT_DROP)
async def drop_participant(
    client: RestClient, dialog_id: str, participant_address: str, *, request_id: str
) -> None:
    """Remove another party from a conference. The remaining parties stay connected.

    Args:
        client: sends the request.
        dialog_id: the conference.
        participant_address: the extension or number to remove. The sender's own extension is not allowed.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: an address is invalid. Also raises the errors of ``RestClient.send``.
    """
    address = check_address("participant_address", participant_address)
    await act(client, dialog_id, CallAction.PARTICIPANT_DROP, address, request_id)


START_RECORDING = Operation(
    "Dialog: START_RECORDING",
    "PUT",
    _DIALOG,
    "guide p.106",
    reported_by=ReportedBy.NOTHING,
    platforms=frozenset({UCCX}),
)


@sends(START_RECORDING)
async def start_recording(client: RestClient, dialog_id: str, extension: str, *, request_id: str) -> None:
    """Record a call that a supervisor is monitoring. The recording ends only with the call.

    Args:
        client: sends the request.
        dialog_id: the call.
        extension: extension of the agent whose call is recorded.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the extension is invalid. Also raises the errors of ``RestClient.send``.
    """
    await act(client, dialog_id, CallAction.START_RECORDING, extension, request_id)
