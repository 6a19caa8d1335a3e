"""REST operations on tasks, which are nonvoice dialogs (guide p.84 to 87, 186; UCCE)."""

from __future__ import annotations

from mcp_finesse.model import CallAction, build
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Told, operation
from mcp_finesse.rest.paths import path_of
from mcp_finesse.rest.validation import check_address, check_choice, refuse

TASK_ACTIONS = (
    CallAction.ACCEPT,
    CallAction.START,
    CallAction.PAUSE,
    CallAction.RESUME,
    CallAction.WRAP_UP,
    CallAction.CLOSE,
)
# Elements that may contain the target of a transfer. The documentation of tasks shows none.
TARGET_ELEMENTS = ("toAddress", "targetMediaAddress", "target")

_DIALOG = "/finesse/api/Dialog/{dialogId}"
_ONLY_UCCE = frozenset({UCCE})


@operation("Task: ACCEPT", "PUT", _DIALOG, "guide p.84", told=Told.EVENT, platforms=_ONLY_UCCE)
@operation("Task: START", "PUT", _DIALOG, "guide p.84", told=Told.EVENT, platforms=_ONLY_UCCE)
@operation("Task: PAUSE", "PUT", _DIALOG, "guide p.84", told=Told.EVENT, platforms=_ONLY_UCCE)
@operation("Task: RESUME", "PUT", _DIALOG, "guide p.84", told=Told.EVENT, platforms=_ONLY_UCCE)
@operation("Task: WRAP_UP", "PUT", _DIALOG, "guide p.84", told=Told.EVENT, platforms=_ONLY_UCCE)
@operation("Task: CLOSE", "PUT", _DIALOG, "guide p.84", told=Told.EVENT, platforms=_ONLY_UCCE)
async def take_action(
    client: RestClient, dialog_id: str, action: CallAction | str, *, request_id: str
) -> None:
    """Send ACCEPT, START, PAUSE, RESUME, WRAP_UP or CLOSE. Finesse forwards it to UCCE and does not enforce it.

    Raises:
        InvalidRequestError: another action, or a call; and the errors of ``RestClient.send``.
    """
    check_choice("action", action, TASK_ACTIONS)
    await _put(client, dialog_id, {"requestedAction": action}, request_id)


@operation(
    "Task: TRANSFER",
    "PUT",
    _DIALOG,
    "guide p.186",
    told=Told.EVENT,
    platforms=_ONLY_UCCE,
    unsure="the element that names the target",
)
async def transfer(
    client: RestClient,
    dialog_id: str,
    to_address: str,
    *,
    target_element: str = TARGET_ELEMENTS[0],
    request_id: str,
) -> None:
    """Transfer a task without consultation. If the transfer fails later, the agent keeps the task.

    Args:
        client: sends the request.
        dialog_id: the task.
        to_address: a script selector, which is a number routed by UCCE.
        target_element: name of the XML element for the target, which is not documented.
        request_id: echoed in error notifications.

    Raises:
        InvalidRequestError: an invalid target, or a call; and the errors of ``RestClient.send``.
    """
    check_choice("target_element", target_element, TARGET_ELEMENTS)
    target = check_address("to_address", to_address)
    content = {"requestedAction": CallAction.TRANSFER.value, target_element: target}
    await _put(client, dialog_id, content, request_id)


async def _put(client: RestClient, dialog_id: str, content: dict[str, str], request_id: str) -> None:
    path = path_of("Dialog", dialog_id)
    # Task ids contain underscores, call ids only digits (guide p.186). Actions on calls also require an extension.
    if dialog_id.isdecimal():
        refuse(f"{dialog_id} is a call, not a task.", "Use the actions for calls.")
    await client.send("PUT", path, build("Dialog", content), request_id)
