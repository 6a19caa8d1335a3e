"""Tasks: actions on nonvoice dialogs (guide p.84 to 87, 186; UCCE)."""

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
# What may name the target of a transfer: the pages about tasks show none.
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
    """ACCEPT, START, PAUSE, RESUME, WRAP_UP or CLOSE a task. Finesse tells UCCE, and enforces nothing.

    Raises:
        InvalidRequestError: another action, or a call; and as ``RestClient.send``.
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
    """Hand a task over without asking anybody. When that fails later, the agent keeps it.

    Args:
        client: sends the request.
        dialog_id: the task.
        to_address: a script selector, which is a number that UCCE routes.
        target_element: what names it on the wire, which no page shows.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: a bad target, or a call; and as ``RestClient.send``.
    """
    check_choice("target_element", target_element, TARGET_ELEMENTS)
    target = check_address("to_address", to_address)
    content = {"requestedAction": CallAction.TRANSFER.value, target_element: target}
    await _put(client, dialog_id, content, request_id)


async def _put(client: RestClient, dialog_id: str, content: dict[str, str], request_id: str) -> None:
    path = path_of("Dialog", dialog_id)
    # Ids of tasks have underscores, those of calls are digits (guide p.186); a call needs an extension too.
    if dialog_id.isdecimal():
        refuse(f"Dialog {dialog_id} is a call, not a task.", "Use the actions for calls.")
    await client.send("PUT", path, build("Dialog", content), request_id)
