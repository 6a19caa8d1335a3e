"""SystemInfo over REST: the health of a node, and where its Notification Service is."""

from __future__ import annotations

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import SystemInfo
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Role, operation


@operation("SystemInfo: get", "GET", "/finesse/api/SystemInfo", "guide p.333", role=Role.ANYBODY)
async def get_system_info(client: RestClient) -> SystemInfo:
    """Read SystemInfo; it answers also while the node is out of service (guide p.333).

    Asked without credentials, which a node does not need; only a reverse proxy does, and answers 401.
    Then, and only then, they are sent: SystemInfo counts wrong passwords like the other APIs.

    Raises:
        CredentialsError, RefusedError, OutOfServiceError, NetworkError, PayloadError, ConfigurationError.
    """
    try:
        root = await client.get("SystemInfo", authenticated=False)
    except RefusedError as error:
        if error.status != 401:
            raise
        root = await client.get("SystemInfo")
    return SystemInfo.from_element(root)
