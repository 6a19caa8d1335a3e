"""What supervisors do to their agents and their calls (guide p.41 to 50, 97 to 108)."""

from __future__ import annotations

from mcp_finesse.model import AgentState, CallAction, build
from mcp_finesse.rest.api.dialogs import act
from mcp_finesse.rest.api.users import check_state_to_ask_for
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, UCCX, Role, Told, operation
from mcp_finesse.rest.paths import API_ROOT, path_of
from mcp_finesse.rest.validation import check_address, check_other_address, refuse, shown

# From which states a supervisor may take an agent out (guide p.47); READY has no such list.
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
    """Make an agent of one's teams READY or NOT_READY, or sign the agent out. No reason is ever sent.

    Args:
        client: a supervisor's client.
        agent_id: whose state.
        state: the state to ask for.
        present: the state the agent is in, where known, to refuse what cannot succeed.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: another state, or one that does not follow ``present``; and as ``RestClient.send``.
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
    """Sign out an agent of one's teams, also during a call.

    Raises:
        InvalidRequestError: an agent who is signed out already, if ``present`` says so; and as
            ``RestClient.send``.
    """
    await change_agent_state(client, agent_id, AgentState.LOGOUT, present=present, request_id=request_id)


def check_present_state(state: AgentState | str, present: AgentState | str | None) -> str:
    """The state, which a supervisor can ask for; refused when it does not follow the present one (guide p.47)."""
    wanted = check_state_to_ask_for(state)
    if wanted == AgentState.READY and present == AgentState.LOGOUT:
        refuse("An agent who is signed out cannot be made READY.", "The agent must sign in first.")
    allowed = _FROM.get(AgentState(wanted))
    if allowed is not None and present is not None and present not in allowed:
        refuse(
            f"A supervisor cannot make an agent {wanted} who is {shown(present)}.",
            f"Wait for {', '.join(sorted(allowed))}.",
        )
    return wanted


@operation("Dialog: SILENT_MONITOR", "POST", _DIALOGS, "guide p.97", role=Role.SUPERVISOR, told=Told.EVENT)
async def silent_monitor(
    client: RestClient, user_id: str, from_address: str, to_address: str, *, request_id: str
) -> None:
    """Listen to an agent's call, unheard; a dialog of its own, which ends with the agent's part in the call.

    Args:
        client: sends the request.
        user_id: the supervisor, who must be NOT_READY.
        from_address: the supervisor's extension.
        to_address: the agent's extension.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: a bad address; and as ``RestClient.send``.
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
    """Join the call that is being monitored; a plain call becomes a conference that the agent controls.

    Args:
        client: sends the request.
        user_id: the supervisor.
        from_address: the supervisor's extension.
        to_address: the agent's extension.
        monitor_dialog_id: the supervisor's own dialog of the silent monitoring, not the agent's call.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: a bad address or id; and as ``RestClient.send``.
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
    """Stop listening, or leave the call that was barged into.

    Args:
        client: sends the request.
        dialog_id: the dialog that the supervisor is on.
        extension: the supervisor's.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: no extension; and as ``RestClient.send``.
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
    """Remove one party from a conference; the others stay.

    Args:
        client: sends the request.
        dialog_id: the conference.
        participant_address: the extension or number to remove, not one's own.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: a bad address; and as ``RestClient.send``.
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
    """Record a call; a supervisor must be monitoring it. Nothing stops a recording but the end of the call.

    Args:
        client: sends the request.
        dialog_id: the call.
        extension: of the agent whose call is recorded.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: a bad extension; and as ``RestClient.send``.
    """
    await act(client, dialog_id, CallAction.START_RECORDING, extension, request_id)
