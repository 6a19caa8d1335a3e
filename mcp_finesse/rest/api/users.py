"""REST operations on users: read a user, sign in, sign out and change the state (guide p.29 to 51).

A function that changes something returns when Finesse has accepted the request. The result arrives later as a
notification.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import AgentState, Dialog, User, build, read_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Operation, ReportedBy, sends
from mcp_finesse.rest.validation import (
    check_address,
    check_choice,
    check_extension,
    check_present,
    check_reason_code_id,
    refuse,
    shown,
)

MOBILE_MODES = ("CALL_BY_CALL", "NAILED_CONNECTION")
REQUESTABLE_STATES = (AgentState.READY, AgentState.NOT_READY, AgentState.LOGOUT)

_USER = "/finesse/api/User/{id}"


GET_USER = Operation("User: get", "GET", _USER, "guide p.33")
GET_USER_BY_LOGIN_NAME = Operation(
    "User: get by login name",
    "GET",
    "/finesse/api/User/{loginName}",
    "guide p.1, DevNet: User, Get User Id from loginName",
    platforms=frozenset({UCCE}),
    since="12.5(1)",
    unconfirmed="whether the uri in the response ends with the login name or the id",
)


@sends(GET_USER, GET_USER_BY_LOGIN_NAME)
async def get_user(client: RestClient, user_id: str) -> User:
    """Read a user by id, or on UCCE 12.5 by login name. Use the returned ``login_id`` in further requests.

    Raises:
        NotFoundError: the user does not exist. Also raises the errors of ``RestClient.get``.
    """
    return User.from_element(await client.get(GET_USER.path_of(user_id)))


GET_DIALOGS = Operation(
    "User: get list of dialogs",
    "GET",
    "/finesse/api/User/{id}/Dialogs",
    "DevNet: REST services, User",
    unconfirmed="how to request nonvoice dialogs as well",
)


@sends(GET_DIALOGS)
async def get_dialogs(client: RestClient, user_id: str) -> list[Dialog]:
    """Read the user's calls that are alerting, active or held. Empty if the user has no such calls.

    Raises:
        NotFoundError: the user does not exist. Also raises the errors of ``RestClient.get``.
    """
    return read_list(await client.get(GET_DIALOGS.path_of(user_id)), Dialog)


GET_MEDIA_DIALOGS = Operation(
    "User: get list of nonvoice dialogs",
    "GET",
    "/finesse/api/User/{id}/Media/{mrdId}/Dialogs",
    "guide p.355, DevNet: failure handling for task routing clients",
    platforms=frozenset({UCCE}),
)


@sends(GET_MEDIA_DIALOGS)
async def get_media_dialogs(client: RestClient, user_id: str, media_id: str) -> list[Dialog]:
    """Read the user's tasks on one media routing domain. Empty if the user has no tasks there.

    Raises:
        NotFoundError: the user or the domain does not exist. Also raises the errors of ``RestClient.get``.
    """
    return read_list(await client.get(GET_MEDIA_DIALOGS.path_of(user_id, media_id)), Dialog)


SIGN_IN = Operation("User: sign in", "PUT", _USER, "guide p.29", reported_by=ReportedBy.NOTIFICATION)


@sends(SIGN_IN)
async def sign_in(
    client: RestClient,
    user_id: str,
    extension: str,
    active_device_id: str | None = None,
    *,
    platform: str | None = None,
    request_id: str,
) -> None:
    """Sign in with a phone. The state becomes NOT_READY, unless the agent is already signed in.

    Args:
        client: sends the request.
        user_id: the agent.
        extension: the extension of the phone.
        active_device_id: the device of a shared line, if the agent may choose one (12.6(1), UCCE).
        platform: ``UCCE`` or ``UCCX`` if known. The rules for extensions depend on the platform.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the extension is invalid. Also raises the errors of ``RestClient.send``.
    """
    content: dict[str, Any] = {"state": AgentState.LOGIN, "extension": check_extension(extension, platform)}
    if active_device_id is not None:
        content["activeDeviceId"] = check_present("active_device_id", active_device_id)
    await _put(client, user_id, content, request_id)


SIGN_IN_MOBILE = Operation(
    "User: sign in as mobile agent",
    "PUT",
    _USER,
    "guide p.30",
    reported_by=ReportedBy.NOTIFICATION,
    platforms=frozenset({UCCE}),
)


@sends(SIGN_IN_MOBILE)
async def sign_in_mobile(
    client: RestClient, user_id: str, extension: str, mode: str, dial_number: str, *, request_id: str
) -> None:
    """Sign in as a mobile agent on any phone. A nailed connection starts with a call that the agent must answer.

    Args:
        client: sends the request.
        user_id: the agent.
        extension: the extension of the local CTI port.
        mode: ``CALL_BY_CALL`` or ``NAILED_CONNECTION``. A nailed connection stays connected from sign-in to
            sign-out.
        dial_number: the number that the system calls to reach the agent.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the mode does not exist, or a number is invalid. Also raises the errors of
            ``RestClient.send``.
    """
    content = {
        "state": AgentState.LOGIN,
        "extension": check_extension(extension, UCCE),
        "mobileAgent": {
            "mode": check_choice("mode", mode, MOBILE_MODES),
            "dialNumber": check_address("dial_number", dial_number),
        },
    }
    await _put(client, user_id, content, request_id)


SIGN_OUT = Operation("User: sign out", "PUT", _USER, "guide p.32", reported_by=ReportedBy.NOTIFICATION)


@sends(SIGN_OUT)
async def sign_out(
    client: RestClient, user_id: str, reason_code_id: int | None = None, *, request_id: str
) -> None:
    """Sign out. ``reason_code_id`` is required if sign-out reasons are configured (guide p.50).

    Raises:
        The errors of ``RestClient.send``.
    """
    await change_state(client, user_id, AgentState.LOGOUT, reason_code_id, request_id=request_id)


CHANGE_STATE = Operation(
    "User: change agent state", "PUT", _USER, "guide p.41", reported_by=ReportedBy.NOTIFICATION
)
CHANGE_STATE_WITH_REASON = Operation(
    "User: change agent state with reason code",
    "PUT",
    _USER,
    "guide p.50",
    reported_by=ReportedBy.NOTIFICATION,
)


@sends(CHANGE_STATE, CHANGE_STATE_WITH_REASON)
async def change_state(
    client: RestClient,
    user_id: str,
    state: AgentState | str,
    reason_code_id: int | None = None,
    *,
    request_id: str,
) -> None:
    """Request READY, NOT_READY or LOGOUT, the only states that can be requested (guide p.41).

    Args:
        client: sends the request.
        user_id: the user.
        state: the state.
        reason_code_id: the database id of a reason code, which differs from the code itself. READY does not
            allow a reason code.
        request_id: an id that error notifications repeat.

    Raises:
        InvalidRequestError: the state cannot be requested, or a reason was given with READY. Also raises the
            errors of ``RestClient.send``.
    """
    content: dict[str, Any] = {"state": check_requestable_state(state)}
    if reason_code_id is not None:
        if state == AgentState.READY:
            refuse("READY takes no reason code.", "Omit the reason.")
        content["reasonCodeId"] = check_reason_code_id(reason_code_id)
    await _put(client, user_id, content, request_id)


def check_requestable_state(state: object) -> str:
    """Return the state if it can be requested. Otherwise raise ``InvalidRequestError``."""
    if not isinstance(state, str) or state not in REQUESTABLE_STATES:
        refuse(f"The state {shown(state)} cannot be requested.", "Request READY, NOT_READY or LOGOUT.")
    return state


async def _put(client: RestClient, user_id: str, content: Mapping[str, Any], request_id: str) -> None:
    await client.send(CHANGE_STATE.method, CHANGE_STATE.path_of(user_id), build("User", content), request_id)
