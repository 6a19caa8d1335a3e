"""REST operations on dialogs: read, make and control calls (guide p.77 to 97).

A function that changes something returns when Finesse has accepted the request. The result arrives later as a
notification. The argument ``extension`` is always the extension of the acting agent. The extension selects the
agent's participant in the dialog. XML elements have the order and case shown in the guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mcp_finesse.model import CallAction, Platform, build
from mcp_finesse.rest.call_data_validation import check_call_variables
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, ReportedBy, Role, sends
from mcp_finesse.rest.validation import (
    check_address,
    check_dtmf,
    check_other_address,
    check_wrap_up_label,
    refuse,
    shown,
)

_DIALOG = "/finesse/api/Dialog/{dialogId}"

_PLAIN_ACTIONS = (
    CallAction.ANSWER,
    CallAction.HOLD,
    CallAction.RETRIEVE,
    CallAction.DROP,
    CallAction.CONFERENCE,
    CallAction.TRANSFER,
)


MAKE_CALL = Operation(
    "Dialog: MAKE_CALL",
    "POST",
    "/finesse/api/User/{id}/Dialogs",
    "guide p.80",
    reported_by=ReportedBy.NOTIFICATION,
)


@sends(MAKE_CALL)
async def make_call(
    client: RestClient,
    user_id: str,
    from_address: str,
    to_address: str,
    variables: Mapping[str, str] | None = None,
    *,
    platform: str | None = None,
    ecc_lengths: Mapping[str, int] | None = None,
    request_id: str,
) -> None:
    """Call a number from the agent's extension.

    Args:
        client: sends the request.
        user_id: the agent.
        from_address: the extension with which the agent is signed in.
        to_address: the number to call, which is dialed unchanged.
        variables: call variables of the new call by name, including ECC variables (UCCE only).
        platform: ``UCCE`` or ``UCCX`` if known. Variables are refused on UCCX.
        ecc_lengths: see ``check_call_variables``.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: an address is invalid, the two addresses are identical, or variables are invalid.
            Also raises the errors of ``RestClient.send``.
    """
    caller = check_address("from_address", from_address)
    callee = check_other_address("to_address", to_address, caller)
    if variables and platform == Platform.UCCX:
        refuse(
            "UCCX does not accept call variables with a new call.",
            "Set the call variables after the call exists.",
        )
    content = {
        "requestedAction": CallAction.MAKE_CALL,
        "fromAddress": caller,
        "toAddress": callee,
        "mediaProperties": _call_variables(variables or {}, ecc_lengths) or None,
    }
    await client.send(MAKE_CALL.method, MAKE_CALL.path_of(user_id), build("Dialog", content), request_id)


ANSWER = Operation("Dialog: ANSWER", "PUT", _DIALOG, "guide p.83", reported_by=ReportedBy.NOTIFICATION)
HOLD = Operation("Dialog: HOLD", "PUT", _DIALOG, "guide p.83", reported_by=ReportedBy.NOTIFICATION)
RETRIEVE = Operation("Dialog: RETRIEVE", "PUT", _DIALOG, "guide p.83", reported_by=ReportedBy.NOTIFICATION)
DROP = Operation("Dialog: DROP", "PUT", _DIALOG, "guide p.83", reported_by=ReportedBy.NOTIFICATION)
CONFERENCE = Operation(
    "Dialog: CONFERENCE", "PUT", _DIALOG, "guide p.83", reported_by=ReportedBy.NOTIFICATION
)
TRANSFER = Operation("Dialog: TRANSFER", "PUT", _DIALOG, "guide p.83", reported_by=ReportedBy.NOTIFICATION)
# A supervisor also leaves a monitoring dialog with DROP.
END_SILENT_MONITOR = Operation(
    "Dialog: end SILENT_MONITOR",
    "PUT",
    _DIALOG,
    "guide p.99",
    role=Role.SUPERVISOR,
    reported_by=ReportedBy.NOTIFICATION,
)
END_BARGE_CALL = Operation(
    "Dialog: end BARGE_CALL",
    "PUT",
    _DIALOG,
    "guide p.103",
    role=Role.SUPERVISOR,
    reported_by=ReportedBy.NOTIFICATION,
)


@sends(ANSWER, HOLD, RETRIEVE, DROP, CONFERENCE, TRANSFER, END_SILENT_MONITOR, END_BARGE_CALL)
async def take_action(
    client: RestClient, dialog_id: str, action: CallAction | str, extension: str, *, request_id: str
) -> None:
    """Send ANSWER, HOLD, RETRIEVE, DROP, CONFERENCE or TRANSFER.

    CONFERENCE and TRANSFER are sent to the held dialog, which Finesse then joins with the active dialog.

    Raises:
        InvalidRequestError: the action is not one of those above, or no extension is given. Also raises the
            errors of ``RestClient.send``.
    """
    if action not in _PLAIN_ACTIONS:
        refuse(f"{shown(action)} is not an action of this operation.", f"Use {', '.join(_PLAIN_ACTIONS)}.")
    await act(client, dialog_id, action, extension, request_id)


CONSULT_CALL = Operation(
    "Dialog: CONSULT_CALL", "PUT", _DIALOG, "guide p.93", reported_by=ReportedBy.NOTIFICATION
)


@sends(CONSULT_CALL)
async def consult_call(
    client: RestClient, dialog_id: str, to_address: str, extension: str, *, request_id: str
) -> None:
    """Hold the active call and start a consult call, which is a separate dialog.

    Raises:
        InvalidRequestError: an address is invalid. Also raises the errors of ``RestClient.send``.
    """
    await _act_to(client, dialog_id, CallAction.CONSULT_CALL, to_address, extension, request_id)


TRANSFER_SST = Operation(
    "Dialog: TRANSFER_SST",
    "PUT",
    _DIALOG,
    "guide p.96",
    reported_by=ReportedBy.NOTIFICATION,
    unconfirmed="whether the operation exists on UCCX: older guides list it for UCCE only",
)


@sends(TRANSFER_SST)
async def blind_transfer(
    client: RestClient, dialog_id: str, to_address: str, extension: str, *, request_id: str
) -> None:
    """Transfer the active call to a number without consultation. The action is TRANSFER_SST.

    Raises:
        InvalidRequestError: an address is invalid. Also raises the errors of ``RestClient.send``.
    """
    await _act_to(client, dialog_id, CallAction.TRANSFER_SST, to_address, extension, request_id)


SEND_DTMF = Operation("Dialog: SEND_DTMF", "PUT", _DIALOG, "guide p.91", reported_by=ReportedBy.NOTHING)


@sends(SEND_DTMF)
async def send_dtmf(
    client: RestClient,
    dialog_id: str,
    digits: str,
    extension: str,
    *,
    platform: str | None = None,
    request_id: str,
) -> None:
    """Send DTMF tones into an active call. The dialog never shows that tones were sent (guide p.92).

    Args:
        client: sends the request.
        dialog_id: the call.
        digits: the tones to send. Allowed are ``0-9``, ``*`` and ``#``, and on UCCE also ``A-D``.
        extension: the agent's extension.
        platform: ``UCCE`` or ``UCCX`` if known. Letters are refused on UCCX.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: a character is not a tone. Also raises the errors of ``RestClient.send``.
    """
    parameter = {"name": "dtmfString", "value": check_dtmf(digits, platform)}
    rest = {"actionParams": {"ActionParam": parameter}}
    await act(client, dialog_id, CallAction.SEND_DTMF, extension, request_id, after=rest)


UPDATE_CALL_DATA = Operation(
    "Dialog: UPDATE_CALL_DATA", "PUT", _DIALOG, "guide p.87", reported_by=ReportedBy.NOTIFICATION
)


@sends(UPDATE_CALL_DATA)
async def update_call_data(
    client: RestClient,
    dialog_id: str,
    variables: Mapping[str, str],
    wrap_up_reason: str | None = None,
    *,
    wrap_up_items: Sequence[str] = (),
    platform: str | None = None,
    ecc_lengths: Mapping[str, int] | None = None,
    request_id: str,
) -> None:
    """Set call variables, a wrap-up reason or both. The data can be set during the call and during wrap-up.

    Args:
        client: sends the request.
        dialog_id: the call.
        variables: values by name, such as ``callVariable1``, ``user.x`` or ``user.x[0]``. Other variables keep
            their values.
        wrap_up_reason: the label of the reason, not its id.
        wrap_up_items: the labels of several wrap-up reasons (UCCX only).
        platform: ``UCCE`` or ``UCCX`` if known. Several labels are refused on UCCE.
        ecc_lengths: see ``check_call_variables``.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: nothing was given to set, or names or sizes are invalid. Also raises the errors of
            ``RestClient.send``.
    """
    properties: dict[str, Any] = {}
    if wrap_up_reason is not None:
        properties["wrapUpReason"] = check_wrap_up_label(wrap_up_reason)
    if wrap_up_items:
        if platform == Platform.UCCE:
            refuse("UCCE accepts only one wrap-up reason.", "Give one wrap-up reason.")
        properties["wrapUpItems"] = {"wrapUpItem": [check_wrap_up_label(label) for label in wrap_up_items]}
    properties.update(_call_variables(variables, ecc_lengths))
    if not properties:
        refuse("No value to write was given.", "Give call variables, a wrap-up reason, or both.")
    content = {"requestedAction": CallAction.UPDATE_CALL_DATA, "mediaProperties": properties}
    path = UPDATE_CALL_DATA.path_of(dialog_id)
    await client.send(UPDATE_CALL_DATA.method, path, build("Dialog", content), request_id)


def _call_variables(variables: Mapping[str, str], ecc_lengths: Mapping[str, int] | None) -> dict[str, Any]:
    check_call_variables(variables, ecc_lengths)
    items = [{"name": name, "value": value} for name, value in variables.items()]
    return {"callvariables": {"CallVariable": items}} if items else {}


async def _act_to(
    client: RestClient, dialog_id: str, action: CallAction, to_address: str, extension: str, request_id: str
) -> None:
    own = check_address("extension", extension)
    target = {"toAddress": check_other_address("to_address", to_address, own)}
    await act(client, dialog_id, action, own, request_id, before=target)


async def act(
    client: RestClient,
    dialog_id: str,
    action: CallAction | str,
    extension: str,
    request_id: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Send an action on a participant.

    Args:
        client: sends the request.
        dialog_id: the call.
        action: the action.
        extension: address of the participant.
        request_id: an id that error notifications repeat.
        before: XML elements that are placed before the participant's address.
        after: XML elements that are placed after the participant's address.

    Raises:
        InvalidRequestError: no extension is given. Also raises the errors of ``RestClient.send``.
    """
    content = {
        "requestedAction": action,
        **(before or {}),
        "targetMediaAddress": check_address("extension", extension),
        **(after or {}),
    }
    # Every action on a dialog has the same method and path.
    await client.send(DROP.method, DROP.path_of(dialog_id), build("Dialog", content), request_id)
