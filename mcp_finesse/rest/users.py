"""The User over REST: read, sign in, sign out, change state (guide p.29 to 51).

The changes return when Finesse has taken them in; what became of them comes as a notification.
"""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.model import AgentState, Dialog, User, build, read_list
from mcp_finesse.rest.checks import check_address, refuse
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.paths import path_of

_STATES_TO_ASK_FOR = (AgentState.READY, AgentState.NOT_READY, AgentState.LOGOUT)


async def get_user(client: RestClient, user_id: str) -> User:
    """Read a user by id; on UCCE 12.5 also by login name, then go on with the ``login_id`` that comes back.

    Raises:
        NotFoundError: no such user; and as ``RestClient.get``.
    """
    return User.from_element(await client.get(path_of("User", user_id)))


async def get_dialogs(client: RestClient, user_id: str) -> list[Dialog]:
    """Read the user's calls that are alerting, active or held; empty when there are none.

    Raises:
        NotFoundError: no such user; and as ``RestClient.get``.
    """
    return read_list(await client.get(path_of("User", user_id, "Dialogs")), Dialog)


async def sign_in(client: RestClient, user_id: str, extension: str, *, request_id: str) -> None:
    """Sign in with a phone. Finesse makes a new sign-in NOT_READY and leaves an old one as it is.

    Raises:
        InvalidRequestError: an extension that cannot be one; and as ``RestClient.send``.
    """
    content = {"state": AgentState.LOGIN, "extension": check_address("extension", extension)}
    await _put(client, user_id, content, request_id)


async def sign_out(
    client: RestClient, user_id: str, reason_code_id: int | None = None, *, request_id: str
) -> None:
    """Sign out; ``reason_code_id`` is needed where reasons are configured for it (guide p.50).

    Raises:
        As ``RestClient.send``.
    """
    await change_state(client, user_id, AgentState.LOGOUT, reason_code_id, request_id=request_id)


async def change_state(
    client: RestClient,
    user_id: str,
    state: AgentState | str,
    reason_code_id: int | None = None,
    *,
    request_id: str,
) -> None:
    """Ask for READY, NOT_READY or LOGOUT, the only states that can be asked for (guide p.41).

    Args:
        client: who asks.
        user_id: whose state.
        state: the state.
        reason_code_id: the database id of a reason code, not its code; never with READY.
        request_id: comes back in notifications of errors.

    Raises:
        InvalidRequestError: another state, or a reason with READY; and as ``RestClient.send``.
    """
    if state not in _STATES_TO_ASK_FOR:
        refuse(f"The state {str(state)[:40]!r} cannot be asked for.", "Ask for READY, NOT_READY or LOGOUT.")
    if state == AgentState.READY and reason_code_id is not None:
        refuse("READY takes no reason code.", "Leave the reason out.")
    await _put(client, user_id, {"state": state, "reasonCodeId": reason_code_id}, request_id)


async def _put(
    client: RestClient, user_id: str, content: Mapping[str, str | int | None], request_id: str
) -> None:
    await client.send("PUT", path_of("User", user_id), build("User", content), request_id)
