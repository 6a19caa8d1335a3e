"""REST operation to store a client log on Finesse for support (guide p.158 to 161)."""

from __future__ import annotations

from mcp_finesse.model import build
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import operation
from mcp_finesse.rest.paths import path_of
from mcp_finesse.rest.validation import check_length, check_present

LOG_CHARACTERS = 1_048_576
ID_CHARACTERS = 12


@operation("ClientLog: post", "POST", "/finesse/api/User/{id}/ClientLog", "guide p.158 to 161")
async def post_client_log(client: RestClient, user_id: str, log_data: str, *, request_id: str) -> None:
    """Send a log to Finesse, which stores it in a file named after the user.

    Args:
        client: sends the request.
        user_id: the sender's own id, at most 12 characters for this operation.
        log_data: the log, at most 1,048,576 characters.
        request_id: sent with the request.

    Raises:
        InvalidRequestError: the log is empty or too long, or the id is too long; and the errors of ``RestClient.send``.
    """
    check_length("user_id", user_id, ID_CHARACTERS)
    check_present("log_data", log_data)
    body = build("ClientLog", {"logData": check_length("log_data", log_data, LOG_CHARACTERS)})
    await client.send("POST", path_of("User", user_id, "ClientLog"), body, request_id)
