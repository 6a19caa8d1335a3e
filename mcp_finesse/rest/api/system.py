"""The REST operation for SystemInfo, which contains a node's state and the domains of its Notification Service."""

from __future__ import annotations

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import SystemInfo
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, Role, sends

GET_SYSTEM_INFO = Operation(
    "SystemInfo: get", "GET", "/finesse/api/SystemInfo", "guide p.333", role=Role.ANYBODY
)


@sends(GET_SYSTEM_INFO)
async def get_system_info(client: RestClient) -> SystemInfo:
    """Read SystemInfo, which is available even while the node is out of service (guide p.333).

    Credentials are sent only after status 401. This status comes from a reverse proxy, because a node requires
    no credentials for SystemInfo. Wrong passwords in requests for SystemInfo count as failed sign-in attempts,
    as with other APIs.

    Raises:
        CredentialsError, RefusedError, OutOfServiceError, NetworkError, PayloadError, ConfigurationError: see
            ``RestClient.get``.
    """
    try:
        root = await client.get(GET_SYSTEM_INFO.path, authenticated=False)
    except RefusedError as error:
        if error.status != 401:
            raise
        root = await client.get(GET_SYSTEM_INFO.path)
    return SystemInfo.from_element(root)
