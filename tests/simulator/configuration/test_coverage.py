"""Test that the simulator knows every administrator operation the REST client has a function for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import RefusedError
from mcp_finesse.rest import RestClient, admin
from mcp_finesse.rest.operation import Operation
from mcp_finesse.simulator.cluster import SimulatorPair
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.rest.declared import senders
from tests.simulator.configuration.support import UserClients, user_clients

OPERATIONS = [
    operation for operation, names in senders().items() if any(each.startswith("admin.") for each in names)
]


@pytest.fixture(scope="module")
async def here() -> AsyncIterator[UserClients]:
    async with user_clients() as here:
        yield here


def test_administrator_operations_are_listed() -> None:
    functions = {name.rpartition(".")[2] for each in OPERATIONS for name in senders()[each]}
    assert functions <= set(admin.__all__)
    assert len(OPERATIONS) > 60


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
async def test_simulator_knows_the_operation(here: UserClients, operation: Operation) -> None:
    path = re.sub(r"\{\w+\}", "999999", operation.path)
    answer = await here.admin.http.request(operation.method, path, auth=("admin", "secret"))
    assert answer.status_code not in (401, 405, 501)
    assert b"No such resource" not in answer.content
    if answer.status_code == 404:
        assert b"999999" in answer.content


async def test_secondary_node_sends_administrators_to_the_primary_one() -> None:
    settings = SimulatorSettings(tls=False, tcp_port=None)
    credentials = Credentials("admin", SecretStr("secret"))
    async with SimulatorPair(settings) as pair:
        async with RestClient(pair.b.url, credentials, allow_insecure=True) as client:
            with pytest.raises(RefusedError) as caught:
                await admin.list_teams(client)
            assert caught.value.status == 403
            assert await client.get("/finesse-dp/rest/DiagnosticPortal/GetProductVersion") is not None
        async with RestClient(pair.a.url, credentials, allow_insecure=True) as client:
            assert await admin.list_teams(client)
    assert "primary node" in caught.value.advice
