"""SystemInfo is requested without credentials, and with credentials only after a 401."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import CredentialsError, NotFoundError, RefusedError
from mcp_finesse.rest.api.system import get_system_info
from tests.rest.support import ADA_BASIC, Reply, api_error, scripted, xml

INFO = xml("<SystemInfo><status>OUT_OF_SERVICE</status><xmppDomain>a.test</xmppDomain></SystemInfo>")


async def test_system_info_is_requested_without_credentials() -> None:
    async with scripted(INFO) as (client, server):
        system = await get_system_info(client)

    assert (system.in_service, system.xmpp_domain) == (False, "a.test")
    assert [request.line for request in server.requests] == ["GET /finesse/api/SystemInfo"]
    assert "Authorization" not in server.requests[0].headers


async def test_credentials_are_sent_once_when_a_proxy_requires_them() -> None:
    async with scripted(Reply(401), INFO) as (client, server):
        assert (await get_system_info(client)).status == "OUT_OF_SERVICE"

    assert [request.headers.get("Authorization") for request in server.requests] == [None, ADA_BASIC]


async def test_rejected_credentials_are_not_sent_again() -> None:
    async with scripted() as (client, server):
        server.always = Reply(401)
        for _ in range(3):
            with pytest.raises(CredentialsError):
                await get_system_info(client)

    sent = [request for request in server.requests if "Authorization" in request.headers]
    assert len(sent) == 1


@pytest.mark.parametrize(("status", "kind"), [(404, NotFoundError), (403, RefusedError)])
async def test_other_errors_are_not_answered_with_credentials(status: int, kind: type[RefusedError]) -> None:
    async with scripted(api_error(status, "x")) as (client, server):
        with pytest.raises(kind):
            await get_system_info(client)

        assert len(server.requests) == 1
