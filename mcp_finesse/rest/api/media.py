"""REST operations on an agent's state in nonvoice media routing domains (guide p.165 to 185, UCCE).

A function that changes something returns when Finesse has accepted the request. The result arrives later as a
notification on the Media feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import (
    DialogLogoutAction,
    InterruptAction,
    Media,
    MediaState,
    build,
    read_list,
)
from mcp_finesse.model.limits import TASKS_AT_A_TIME
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Operation, ReportedBy, sends
from mcp_finesse.rest.validation import check_choice, check_flag, check_number, check_reason_code_id, refuse

REQUESTABLE_STATES = (MediaState.READY, MediaState.NOT_READY, MediaState.LOGOUT)
# The media routing domain of phone calls. The operations on User change the agent's state in this domain.
_VOICE = "1"
_MEDIA = "/finesse/api/User/{id}/Media/{mrdId}"
_ONLY_UCCE = frozenset({UCCE})
_PAGES = "guide p.165 to 185"


GET_MEDIA_LIST = Operation(
    "Media: get list",
    "GET",
    "/finesse/api/User/{id}/Media",
    _PAGES,
    platforms=_ONLY_UCCE,
)


@sends(GET_MEDIA_LIST)
async def get_media_list(client: RestClient, user_id: str) -> list[Media]:
    """Read all nonvoice domains of the system. From release 12.6(2) on, read only the domains that the user serves.

    Raises:
        The errors of ``RestClient.get``.
    """
    return read_list(await client.get(GET_MEDIA_LIST.path_of(user_id)), Media)


SIGN_IN = Operation(
    "Media: sign in", "PUT", _MEDIA, _PAGES, reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)


@sends(SIGN_IN)
async def sign_in(
    client: RestClient,
    user_id: str,
    media_id: str,
    max_dialog_limit: int,
    interrupt_action: InterruptAction | str,
    dialog_logout_action: DialogLogoutAction | str | None = None,
    *,
    request_id: str,
) -> None:
    """Sign in to a domain. Sign in again after a failover, because a failover loses the three settings.

    If the agent is already signed in, Finesse reports an error but still applies the settings.

    Args:
        client: sends the request.
        user_id: the agent.
        media_id: the domain.
        max_dialog_limit: maximum concurrent tasks, 1 to 10.
        interrupt_action: ``ACCEPT`` or ``IGNORE``.
        dialog_logout_action: what happens to tasks at sign-out, ``CLOSE`` or ``TRANSFER``. None means CLOSE.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: a setting is invalid. Also raises the errors of ``RestClient.send``.
    """
    content: dict[str, Any] = {
        "maxDialogLimit": check_number("max_dialog_limit", max_dialog_limit, 1, TASKS_AT_A_TIME),
        "state": MediaState.LOGIN,
        "interruptAction": check_choice("interrupt_action", interrupt_action, tuple(InterruptAction)),
    }
    if dialog_logout_action is not None:
        content["dialogLogoutAction"] = check_choice(
            "dialog_logout_action", dialog_logout_action, tuple(DialogLogoutAction)
        )
    await _put(client, user_id, media_id, content, request_id)


SIGN_OUT = Operation(
    "Media: sign out", "PUT", _MEDIA, _PAGES, reported_by=ReportedBy.NOTIFICATION, platforms=_ONLY_UCCE
)


@sends(SIGN_OUT)
async def sign_out(
    client: RestClient,
    user_id: str,
    media_id: str,
    reason_code_id: int | None = None,
    *,
    request_id: str,
) -> None:
    """Sign out of a domain. A reason code is required if sign-out reasons are configured.

    Raises:
        InvalidRequestError: the reason id is invalid. Also raises the errors of ``RestClient.send``.
    """
    await change_state(client, user_id, media_id, MediaState.LOGOUT, reason_code_id, request_id=request_id)


CHANGE_STATE = Operation(
    "Media: change agent state",
    "PUT",
    _MEDIA,
    _PAGES,
    reported_by=ReportedBy.NOTIFICATION,
    platforms=_ONLY_UCCE,
)
CHANGE_STATE_WITH_REASON = Operation(
    "Media: change agent state with reason code",
    "PUT",
    _MEDIA,
    _PAGES,
    reported_by=ReportedBy.NOTIFICATION,
    platforms=_ONLY_UCCE,
)


@sends(CHANGE_STATE, CHANGE_STATE_WITH_REASON)
async def change_state(
    client: RestClient,
    user_id: str,
    media_id: str,
    state: MediaState | str,
    reason_code_id: int | None = None,
    *,
    request_id: str,
) -> None:
    """Request READY, NOT_READY or LOGOUT in a domain. A repeated READY causes no notification.

    Args:
        client: sends the request.
        user_id: the agent.
        media_id: the domain.
        state: the state.
        reason_code_id: the database id of a reason code. READY does not allow a reason code.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the state cannot be requested, or a reason was given with READY. Also raises the
            errors of ``RestClient.send``.
    """
    content: dict[str, Any] = {"state": check_choice("state", state, REQUESTABLE_STATES)}
    if reason_code_id is not None:
        if state == MediaState.READY:
            refuse("READY takes no reason code.", "Omit the reason.")
        content["reasonCodeId"] = check_reason_code_id(reason_code_id)
    await _put(client, user_id, media_id, content, request_id)


CHANGE_ROUTABLE = Operation(
    "Media: change agent to routable or not routable",
    "PUT",
    _MEDIA,
    "guide p.173",
    reported_by=ReportedBy.NOTIFICATION,
    platforms=_ONLY_UCCE,
)


@sends(CHANGE_ROUTABLE)
async def change_routable(
    client: RestClient, user_id: str, media_id: str, routable: bool, *, request_id: str
) -> None:
    """Start or stop routing new tasks to an agent who stays READY. Finesse rejects a value that is already set.

    Raises:
        InvalidRequestError: the value is neither True nor False. Also raises the errors of ``RestClient.send``.
    """
    content = {"routable": check_flag("routable", routable)}
    await _put(client, user_id, media_id, content, request_id)


async def _put(
    client: RestClient, user_id: str, media_id: str, content: Mapping[str, Any], request_id: str
) -> None:
    if media_id == _VOICE:
        refuse(
            "media_id 1 is voice, which this operation does not support.",
            "Use the agent's own sign-in and state instead.",
        )
    path = CHANGE_STATE.path_of(user_id, media_id)
    await client.send(CHANGE_STATE.method, path, build("Media", content), request_id)
