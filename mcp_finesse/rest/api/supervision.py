"""REST operations for supervisors on their agents' states and calls (guide p.41 to 50, 97 to 108)."""

from __future__ import annotations

from mcp_finesse.model import AgentState, CallAction, build
from mcp_finesse.rest.api.dialogs import act
from mcp_finesse.rest.api.users import check_state_to_ask_for
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, UCCX, Role, Told, operation
from mcp_finesse.rest.paths import API_ROOT, path_of
from mcp_finesse.rest.validation import check_address, check_other_address, refuse, shown

# The states from which a supervisor may change an agent's state (guide p.47). None are documented for READY.
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
_FROM = {AgentState.NOT_READY: _MAY_BECOME_NOT_READY, AgentState.LOGOUT: _MAY_BE_SIGNED_OUT}

_DIALOG = "/finesse/api/Dialog/{dialogId}"
_DIALOGS = "/finesse/api/User/{id}/Dialogs"


@operation(
    "User: change agent state (supervisor)",
    "PUT",
    "/finesse/api/User/{id}",
    "guide p.47",
    role=Role.SUPERVISOR,
    told=Told.EVENT,
)
async def change_agent_state(
    client: RestClient,
    agent_id: str,
    state: AgentState | str,
    *,
    present: AgentState | str | None = None,
    request_id: str,
) -> None:
    """Set an agent of a supervised team to READY or NOT_READY, or sign the agent out. Sends no reason.

    Args:
        client: a supervisor's client.
        agent_id: the agent.
        state: the state to request.
        present: the agent's current state, if known; used to refuse changes that cannot succeed.
        request_id: echoed in error notifications.

    Raises:
        InvalidRequestError: another state, or one not allowed from ``present``; and the errors of
            ``RestClient.send``.
    """
    wanted = check_present_state(state, present)
    await client.send("PUT", path_of("User", agent_id), build("User", {"state": wanted}), request_id)


@operation(
    "User: sign out another agent (supervisor)",
    "PUT",
    "/finesse/api/User/{id}",
    "guide p.47",
    role=Role.SUPERVISOR,
    told=Told.EVENT,
)
async def sign_out_agent(
    client: RestClient, agent_id: str, *, present: AgentState | str | None = None, request_id: str
) -> None:
    """Sign out an agent of a supervised team, even during a call.

    Raises:
        InvalidRequestError: the agent is already signed out according to ``present``; and the errors of
            ``RestClient.send``.
    """
    await change_agent_state(client, agent_id, AgentState.LOGOUT, present=present, request_id=request_id)


def check_present_state(state: AgentState | str, present: AgentState | str | None) -> str:
    """Return the state if a supervisor can request it from the present one (guide p.47); otherwise raise."""
    wanted = check_state_to_ask_for(state)
    if wanted == AgentState.READY and present == AgentState.LOGOUT:
        refuse("An agent who is signed out cannot become READY.", "The agent must sign in first.")
    allowed = _FROM.get(AgentState(wanted))
    if allowed is not None and present is not None and present not in allowed:
        refuse(
            f"A supervisor cannot change an agent from {shown(present)} to {wanted}.",
            f"Wait until the agent is {' or '.join(sorted(allowed))}.",
        )
    return wanted


@operation("Dialog: SILENT_MONITOR", "POST", _DIALOGS, "guide p.97", role=Role.SUPERVISOR, told=Told.EVENT)
async def silent_monitor(
    client: RestClient, user_id: str, from_address: str, to_address: str, *, request_id: str
) -> None:
    """Monitor an agent's call silently. The monitoring is a separate dialog that ends when the agent leaves the call.

    Args:
        client: sends the request.
        user_id: the supervisor, who must be NOT_READY.
        from_address: the supervisor's extension.
        to_address: the agent's extension.
        request_id: echoed in error notifications.

    Raises:
        InvalidRequestError: an invalid address; and the errors of ``RestClient.send``.
    """
    caller = check_address("from_address", from_address)
    content = {
        "requestedAction": CallAction.SILENT_MONITOR,
        "fromAddress": caller,
        "toAddress": check_other_address("to_address", to_address, caller),
    }
    await client.send("POST", path_of("User", user_id, "Dialogs"), build("Dialog", content), request_id)


@operation("Dialog: BARGE_CALL", "POST", _DIALOGS, "guide p.100", role=Role.SUPERVISOR, told=Told.EVENT)
async def barge_call(
    client: RestClient,
    user_id: str,
    from_address: str,
    to_address: str,
    monitor_dialog_id: str,
    *,
    request_id: str,
) -> None:
    """Join the monitored call, which becomes a conference controlled by the agent.

    Args:
        client: sends the request.
        user_id: the supervisor.
        from_address: the supervisor's extension.
        to_address: the agent's extension.
        monitor_dialog_id: the supervisor's silent monitor dialog, not the agent's call.
        request_id: echoed in error notifications.

    Raises:
        InvalidRequestError: an invalid address or id; and the errors of ``RestClient.send``.
    """
    caller = check_address("from_address", from_address)
    content = {
        "requestedAction": CallAction.BARGE_CALL,
        "fromAddress": caller,
        "toAddress": check_other_address("to_address", to_address, caller),
        "associatedDialogUri": f"{API_ROOT}/{path_of('Dialog', monitor_dialog_id)}",
    }
    await client.send("POST", path_of("User", user_id, "Dialogs"), build("Dialog", content), request_id)


@operation("Dialog: end SILENT_MONITOR", "PUT", _DIALOG, "guide p.99", role=Role.SUPERVISOR, told=Told.EVENT)
@operation("Dialog: end BARGE_CALL", "PUT", _DIALOG, "guide p.103", role=Role.SUPERVISOR, told=Told.EVENT)
async def end_supervision(client: RestClient, dialog_id: str, extension: str, *, request_id: str) -> None:
    """Stop silent monitoring, or leave a barged call.

    Args:
        client: sends the request.
        dialog_id: the supervisor's dialog.
        extension: the supervisor's extension.
        request_id: echoed in error notifications.

    Raises:
        InvalidRequestError: no extension; and the errors of ``RestClient.send``.
    """
    await act(client, dialog_id, CallAction.DROP, extension, request_id)


@operation(
    "Dialog: PARTICIPANT_DROP",
    "PUT",
    _DIALOG,
    "guide p.104",
    told=Told.EVENT,
    platforms=frozenset({UCCE}),
    unsure="who may drop whom is a setting of the server: by default supervisors, and only agents",
)
async def drop_participant(
    client: RestClient, dialog_id: str, participant_address: str, *, request_id: str
) -> None:
    """Remove another party from a conference; the rest stay connected.

    Args:
        client: sends the request.
        dialog_id: the conference.
        participant_address: the extension or number to remove, not the sender's own.
        request_id: echoed in error notifications.

    Raises:
        InvalidRequestError: an invalid address; and the errors of ``RestClient.send``.
    """
    address = check_address("participant_address", participant_address)
    await act(client, dialog_id, CallAction.PARTICIPANT_DROP, address, request_id)


@operation(
    "Dialog: START_RECORDING",
    "PUT",
    _DIALOG,
    "guide p.106",
    told=Told.NEVER,
    platforms=frozenset({UCCX}),
)
async def start_recording(client: RestClient, dialog_id: str, extension: str, *, request_id: str) -> None:
    """Record a call that a supervisor is monitoring. The recording ends only with the call.

    Args:
        client: sends the request.
        dialog_id: the call.
        extension: extension of the agent whose call is recorded.
        request_id: echoed in error notifications.

    Raises:
        InvalidRequestError: an invalid extension; and the errors of ``RestClient.send``.
    """
    await act(client, dialog_id, CallAction.START_RECORDING, extension, request_id)
