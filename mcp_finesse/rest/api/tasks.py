"""REST operations on tasks, which are nonvoice dialogs (guide p.84 to 87 and 186, UCCE)."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.model import CallAction, build
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Operation, ReportedBy, sends
from mcp_finesse.rest.validation import check_address, check_choice, refuse

_DIALOG = "/finesse/api/Dialog/{dialogId}"
_ONLY_UCCE = frozenset({UCCE})


ACCEPT = Operation(
    "Task: ACCEPT", "PUT", _DIALOG, "guide p.84", reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)
START = Operation(
    "Task: START", "PUT", _DIALOG, "guide p.84", reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)
PAUSE = Operation(
    "Task: PAUSE", "PUT", _DIALOG, "guide p.84", reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)
RESUME = Operation(
    "Task: RESUME", "PUT", _DIALOG, "guide p.84", reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)
WRAP_UP = Operation(
    "Task: WRAP_UP", "PUT", _DIALOG, "guide p.84", reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)
CLOSE = Operation(
    "Task: CLOSE", "PUT", _DIALOG, "guide p.84", reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)


TASK_ACTIONS: Mapping[str, Operation] = {
    CallAction.ACCEPT: ACCEPT,
    CallAction.START: START,
    CallAction.PAUSE: PAUSE,
    CallAction.RESUME: RESUME,
    CallAction.WRAP_UP: WRAP_UP,
    CallAction.CLOSE: CLOSE,
}


@sends(*TASK_ACTIONS.values())
async def take_action(
    client: RestClient, dialog_id: str, action: CallAction | str, *, request_id: str
) -> None:
    """Send ACCEPT, START, PAUSE, RESUME, WRAP_UP or CLOSE. Finesse only forwards the action to UCCE.

    Raises:
        InvalidRequestError: the action does not exist, or the id belongs to a call. Also raises the errors of
            ``RestClient.send``.
    """
    check_choice("action", action, TASK_ACTIONS)
    await _put(client, dialog_id, {"requestedAction": action}, request_id)


TRANSFER = Operation(
    "Task: TRANSFER",
    "PUT",
    _DIALOG,
    "guide p.186",
    reported_by=ReportedBy.NOTIFICATION,
    platforms=_ONLY_UCCE,
    unconfirmed="the element that names the target",
)


@sends(TRANSFER)
async def transfer(
    client: RestClient,
    dialog_id: str,
    to_address: str,
    *,
    request_id: str,
) -> None:
    """Transfer a task without consultation. If the transfer fails later, the agent keeps the task.

    Args:
        client: sends the request.
        dialog_id: the task.
        to_address: a script selector, which is a number that UCCE routes.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the target is invalid, or the id belongs to a call. Also raises the errors of
            ``RestClient.send``.
    """
    target = check_address("to_address", to_address)
    content = {"requestedAction": CallAction.TRANSFER.value, "toAddress": target}
    await _put(client, dialog_id, content, request_id)


async def _put(client: RestClient, dialog_id: str, content: dict[str, str], request_id: str) -> None:
    path = ACCEPT.path_of(dialog_id)  # every action on a task has this path
    # Task ids contain underscores, call ids only digits (guide p.186). Actions on calls also require an extension.
    if dialog_id.isdecimal():
        refuse(f"{dialog_id} is a call, not a task.", "Use the actions for calls.")
    await client.send(ACCEPT.method, path, build("Dialog", content), request_id)
