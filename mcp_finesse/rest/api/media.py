"""Media over REST: an agent on the nonvoice media routing domains (guide p.165 to 185; UCCE).

The changes return when Finesse has taken them in; what became of them comes as a notification of the Media.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import (
    DialogLogoutAction,
    InterruptAction,
    Media,
    MediaDomain,
    MediaState,
    build,
    read_list,
)
from mcp_finesse.model.limits import TASKS_AT_A_TIME
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Told, operation
from mcp_finesse.rest.paths import path_of
from mcp_finesse.rest.validation import check_choice, check_flag, check_number, check_reason_code_id, refuse

STATES_TO_ASK_FOR = (MediaState.READY, MediaState.NOT_READY, MediaState.LOGOUT)
# The media routing domain of calls, which the User's operations are for.
_VOICE = "1"
_MEDIA = "/finesse/api/User/{id}/Media/{mrdId}"
_ONLY_UCCE = frozenset({UCCE})
_PAGES = "guide p.165 to 185"


@operation("Media: get", "GET", _MEDIA, _PAGES, platforms=_ONLY_UCCE)
async def get_media(client: RestClient, user_id: str, media_id: str) -> Media:
    """Read how the user is doing on one domain; only what the domain is when the user does not serve it.

    Raises:
        NotFoundError: no such domain; and as ``RestClient.get``.
    """
    return Media.from_element(await client.get(_path(user_id, media_id)))


@operation(
    "Media: get list",
    "GET",
    "/finesse/api/User/{id}/Media",
    _PAGES,
    platforms=_ONLY_UCCE,
)
async def get_media_list(client: RestClient, user_id: str) -> list[Media]:
    """Read all nonvoice domains of the system, from 12.6(2) on only those that the user serves.

    Raises:
        As ``RestClient.get``.
    """
    return read_list(await client.get(path_of("User", user_id, "Media")), Media)


@operation(
    "MediaDomain: get list",
    "GET",
    "/finesse/api/MediaDomain",
    "release notes 12.6(2)",
    platforms=_ONLY_UCCE,
    unsure="the names of the elements",
)
async def get_media_domains(client: RestClient) -> list[MediaDomain]:
    """Read every media routing domain that the system has; a proxy on the node keeps the answer for a while.

    Raises:
        As ``RestClient.get``.
    """
    return read_list(await client.get("MediaDomain"), MediaDomain)


@operation("Media: sign in", "PUT", _MEDIA, _PAGES, told=Told.EVENT, platforms=_ONLY_UCCE)
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
    """Sign in to a domain, or set the three settings anew, which a failover loses.

    Signed in already, Finesse says so as an error and sets them all the same.

    Args:
        client: sends the request.
        user_id: the agent.
        media_id: the domain.
        max_dialog_limit: how many tasks at a time, 1 to 10.
        interrupt_action: ``ACCEPT`` or ``IGNORE``.
        dialog_logout_action: what becomes of tasks at sign-out, ``CLOSE`` or ``TRANSFER``; CLOSE when None.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: a setting out of its limits; and as ``RestClient.send``.
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


@operation("Media: sign out", "PUT", _MEDIA, _PAGES, told=Told.EVENT, platforms=_ONLY_UCCE)
async def sign_out(
    client: RestClient,
    user_id: str,
    media_id: str,
    reason_code_id: int | None = None,
    *,
    request_id: str,
) -> None:
    """Sign out of a domain; a reason is needed where reasons are configured for it.

    Raises:
        InvalidRequestError: a reason that is none; and as ``RestClient.send``.
    """
    await change_state(client, user_id, media_id, MediaState.LOGOUT, reason_code_id, request_id=request_id)


@operation("Media: change agent state", "PUT", _MEDIA, _PAGES, told=Told.EVENT, platforms=_ONLY_UCCE)
@operation(
    "Media: change agent state with reason code",
    "PUT",
    _MEDIA,
    _PAGES,
    told=Told.EVENT,
    platforms=_ONLY_UCCE,
)
async def change_state(
    client: RestClient,
    user_id: str,
    media_id: str,
    state: MediaState | str,
    reason_code_id: int | None = None,
    *,
    request_id: str,
) -> None:
    """Ask for READY, NOT_READY or LOGOUT on a domain. READY when READY already makes no notification.

    Args:
        client: sends the request.
        user_id: the agent.
        media_id: the domain.
        state: the state.
        reason_code_id: the database id of a reason; never with READY.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: another state, or a reason with READY; and as ``RestClient.send``.
    """
    content: dict[str, Any] = {"state": check_choice("state", state, STATES_TO_ASK_FOR)}
    if reason_code_id is not None:
        if state == MediaState.READY:
            refuse("READY takes no reason code.", "Leave the reason out.")
        content["reasonCodeId"] = check_reason_code_id(reason_code_id)
    await _put(client, user_id, media_id, content, request_id)


@operation(
    "Media: change agent to routable or not routable",
    "PUT",
    _MEDIA,
    "guide p.173",
    told=Told.EVENT,
    platforms=_ONLY_UCCE,
)
async def change_routable(
    client: RestClient, user_id: str, media_id: str, routable: bool, *, request_id: str
) -> None:
    """Let new tasks come, or stop them without NOT_READY. What already is so is rejected by Finesse.

    Raises:
        InvalidRequestError: neither True nor False; and as ``RestClient.send``.
    """
    content = {"routable": check_flag("routable", routable)}
    await _put(client, user_id, media_id, content, request_id)


async def _put(
    client: RestClient, user_id: str, media_id: str, content: Mapping[str, Any], request_id: str
) -> None:
    if media_id == _VOICE:
        refuse(
            "media_id 1 is voice, which is not a nonvoice media.",
            "Use the agent's own sign-in and state instead.",
        )
    await client.send("PUT", _path(user_id, media_id), build("Media", content), request_id)


def _path(user_id: str, media_id: str) -> str:
    return path_of("User", user_id, "Media", media_id)
