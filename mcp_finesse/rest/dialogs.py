"""Dialogs over REST: read a call, make one, act on one (guide p.77 to 97).

The changes return when Finesse has taken them in; what became of them comes as a notification. The
``extension`` is always the acting agent's own: it selects the participant. Order and case of the elements
are those of the guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import CallAction, Dialog, build
from mcp_finesse.rest.checks import (
    check_address,
    check_call_variables,
    check_dtmf,
    check_wrap_up_label,
    refuse,
)
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.paths import path_of

_PLAIN_ACTIONS = (
    CallAction.ANSWER,
    CallAction.HOLD,
    CallAction.RETRIEVE,
    CallAction.DROP,
    CallAction.CONFERENCE,
    CallAction.TRANSFER,
)


async def get_dialog(client: RestClient, dialog_id: str) -> Dialog:
    """Read one dialog.

    Raises:
        NotFoundError: it has ended, or never was; and as ``RestClient.get``.
    """
    return Dialog.from_element(await client.get(path_of("Dialog", dialog_id)))


async def make_call(
    client: RestClient,
    user_id: str,
    from_address: str,
    to_address: str,
    variables: Mapping[str, str] | None = None,
    *,
    request_id: str,
) -> None:
    """Call a number from the agent's extension.

    Args:
        client: who asks.
        user_id: the agent.
        from_address: the extension the agent is signed in with.
        to_address: the number, dialled as it is.
        variables: call variables of the new call; UCCE only.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: a bad address, both the same, or bad variables; and as ``RestClient.send``.
    """
    caller, callee = check_address("from_address", from_address), check_address("to_address", to_address)
    if caller == callee:
        refuse("to_address is the agent's own extension.", "Call another number.")
    content = {
        "requestedAction": CallAction.MAKE_CALL,
        "fromAddress": caller,
        "toAddress": callee,
        "mediaProperties": _call_variables(variables or {}) or None,
    }
    await client.send("POST", path_of("User", user_id, "Dialogs"), build("Dialog", content), request_id)


async def take_action(
    client: RestClient, dialog_id: str, action: CallAction | str, extension: str, *, request_id: str
) -> None:
    """ANSWER, HOLD, RETRIEVE, DROP, CONFERENCE or TRANSFER.

    CONFERENCE and TRANSFER go to the dialog that the agent holds: it is joined with the active one.

    Raises:
        InvalidRequestError: another action, or no extension; and as ``RestClient.send``.
    """
    if action not in _PLAIN_ACTIONS:
        refuse(f"{str(action)[:40]!r} is not one of these actions.", f"Use {', '.join(_PLAIN_ACTIONS)}.")
    await _act(client, dialog_id, action, extension, request_id)


async def consult_call(
    client: RestClient, dialog_id: str, to_address: str, extension: str, *, request_id: str
) -> None:
    """Hold the active call and call a second party about it; the new call is a dialog of its own.

    Raises:
        InvalidRequestError: a bad address; and as ``RestClient.send``.
    """
    await _act_to(client, dialog_id, CallAction.CONSULT_CALL, to_address, extension, request_id)


async def transfer_single_step(
    client: RestClient, dialog_id: str, to_address: str, extension: str, *, request_id: str
) -> None:
    """Hand the active call on to a number without consultation (TRANSFER_SST).

    Raises:
        InvalidRequestError: a bad address; and as ``RestClient.send``.
    """
    await _act_to(client, dialog_id, CallAction.TRANSFER_SST, to_address, extension, request_id)


async def send_dtmf(
    client: RestClient, dialog_id: str, digits: str, extension: str, *, request_id: str
) -> None:
    """Send tones into an active call; nothing in the dialog ever shows that they were sent (guide p.92).

    Raises:
        InvalidRequestError: something that is not a tone; and as ``RestClient.send``.
    """
    parameter = {"name": "dtmfString", "value": check_dtmf(digits)}
    rest = {"actionParams": {"ActionParam": parameter}}
    await _act(client, dialog_id, CallAction.SEND_DTMF, extension, request_id, after=rest)


async def update_call_data(
    client: RestClient,
    dialog_id: str,
    variables: Mapping[str, str],
    wrap_up_reason: str | None = None,
    *,
    request_id: str,
) -> None:
    """Write call variables, a wrap-up reason, or both; also while wrapping up.

    Args:
        client: who asks.
        dialog_id: the call.
        variables: values by name; variables that are not named keep theirs.
        wrap_up_reason: the label of the reason, not its id.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: nothing to write, or bad names or sizes; and as ``RestClient.send``.
    """
    properties: dict[str, Any] = {}
    if wrap_up_reason is not None:
        properties["wrapUpReason"] = check_wrap_up_label(wrap_up_reason)
    properties.update(_call_variables(variables))
    if not properties:
        refuse("There is nothing to write.", "Give call variables, a wrap-up reason, or both.")
    content = {"requestedAction": CallAction.UPDATE_CALL_DATA, "mediaProperties": properties}
    await client.send("PUT", path_of("Dialog", dialog_id), build("Dialog", content), request_id)


def _call_variables(variables: Mapping[str, str]) -> dict[str, Any]:
    check_call_variables(variables)
    items = [{"name": name, "value": value} for name, value in variables.items()]
    return {"callvariables": {"CallVariable": items}} if items else {}


async def _act_to(
    client: RestClient, dialog_id: str, action: CallAction, to_address: str, extension: str, request_id: str
) -> None:
    callee = check_address("to_address", to_address)
    if callee == extension.strip():
        refuse("to_address is the agent's own extension.", "Call another number.")
    await _act(client, dialog_id, action, extension, request_id, before={"toAddress": callee})


async def _act(
    client: RestClient,
    dialog_id: str,
    action: CallAction | str,
    extension: str,
    request_id: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    content = {
        "requestedAction": action,
        **(before or {}),
        "targetMediaAddress": check_address("extension", extension),
        **(after or {}),
    }
    await client.send("PUT", path_of("Dialog", dialog_id), build("Dialog", content), request_id)
