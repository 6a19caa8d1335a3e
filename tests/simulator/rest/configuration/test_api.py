"""Test who may configure, and on which node."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.cluster import SimulatorPair
from mcp_finesse.simulator.node import FinesseNode
from mcp_finesse.simulator.publishing.publication import AuthResult
from mcp_finesse.simulator.rest.configuration.api import FILE_BYTES
from mcp_finesse.simulator.settings import Platform, SimulatorSettings
from mcp_finesse.simulator.xml_text import MAX_BODY_BYTES
from tests.simulator.configuration.support import UserClients, body, texts, user_clients
from tests.simulator.support_rest import client_of, error, until, xml

READS = [
    "ReasonCodes?category=ALL",
    "WrapUpReasons",
    "Teams",
    "ConfigInfo",
    "Team/310/Workflows",
    "SystemConfig",
]


def make_secondary(here: UserClients) -> None:
    """Make the requested node the second one."""
    center = here.simulator.center
    center.nodes.insert(0, FinesseNode(center, center.settings, here.simulator.faults, lambda: 0.0, _never))


def _never(*_: object) -> object:
    raise AssertionError("nothing is to happen later")


@pytest.mark.parametrize("path", READS)
async def test_agents_may_not_read_the_configuration(path: str) -> None:
    async with user_clients() as here:
        assert error(await here.agent.get(path)) == (401, "Authorization Failure", "UNAUTHORIZED", "1001")
        assert (await here.admin.get(path)).status_code == 200


async def test_agents_may_not_write_the_configuration() -> None:
    async with user_clients() as here:
        for method, path in (("POST", "ReasonCode"), ("PUT", "ReasonCode/23"), ("DELETE", "ReasonCode/23")):
            refused = error(await here.agent.send(method, path, body("ReasonCode")))
            assert refused[:2] == (401, "Authorization Failure")


async def test_agents_read_single_codes_and_ecc_variables() -> None:
    async with user_clients() as here:
        assert xml(await here.agent.get("ReasonCode/23")).findtext("label") == "Lunch"
        variables = xml(await here.agent.get("ECCVariableConfig"))
        assert "user.orderId" in texts(variables, "name")
        make_secondary(here)
        assert (await here.agent.get("ReasonCode/23")).status_code == 200


@pytest.mark.parametrize("credentials", [("admin", "wrong"), ("1001", "wrong"), ("nobody", "secret"), None])
async def test_wrong_credentials_are_rejected(credentials: tuple[str, str] | None) -> None:
    async with user_clients() as here:
        answer = await here.admin.http.get("/finesse/api/Teams", auth=credentials)
        assert error(answer)[:2] == (401, "Authorization Failure")


async def test_five_wrong_passwords_lock_only_the_configuration_for_the_administrator() -> None:
    async with user_clients() as here:
        for _ in range(5):
            await here.admin.http.get("/finesse/api/Teams", auth=("admin", "wrong"))
        assert (await here.admin.get("Teams")).status_code == 401
        assert (await here.agent.get("User/1001")).status_code == 200
        attempts = here.simulator.center.configuration.authentication.attempts
        assert [attempt.result for attempt in attempts] == [*[AuthResult.WRONG] * 5, AuthResult.LOCKED]


async def test_administrators_cannot_log_in_to_the_notification_service() -> None:
    async with user_clients() as here:
        assert here.simulator.center.authenticate("admin", "secret") is AuthResult.WRONG


async def test_administrators_read_every_user_and_act_for_none() -> None:
    async with user_clients() as here:
        assert xml(await here.admin.get("User/1002")).findtext("firstName") == "Ben"
        users = xml(await here.admin.get("Users"))
        assert len(users) == len(here.simulator.center.state.agents)
        assert error(await here.admin.get("User/9999"))[:2] == (404, "User Not Found")
        put = await here.admin.put("User/1001", "<User><state>READY</state></User>")
        assert error(put)[:2] == (405, "Method Not Allowed")
        assert error(await here.admin.get("User/1001/Dialogs"))[:2] == (401, "Authorization Failure")
        assert (await here.agent.get("User/1001")).status_code == 200


async def test_administrators_read_every_team() -> None:
    async with user_clients() as here:
        await here.agent.sign_in("4501")
        team = xml(await here.admin.get("Team/310"))
        assert (team.findtext("name"), texts(team.find("users"), "loginId")) == ("North", ["1001"])
        everybody = xml(await here.admin.get("Team/310?includeLoggedOutAgents=true"))
        assert texts(everybody.find("users"), "loginId") == ["1000", "1001", "1002", "1003"]
        assert error(await here.admin.get("Team/999"))[:2] == (404, "Not Found")


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
async def test_administrators_and_supervisors_read_the_same_team(platform: Platform) -> None:
    async with (
        user_clients(platform) as here,
        client_of(here.simulator, "1000", http2=False) as supervisor,
    ):
        await here.agent.sign_in("4501")
        for path in ("Team/310", "Team/310?includeLoggedOutAgents=true"):
            assert (await here.admin.get(path)).text == (await supervisor.get(path)).text


async def test_administrators_see_a_mobile_agent_at_the_node_of_the_sign_in() -> None:
    settings = SimulatorSettings(tls=False, tcp_port=None)
    async with SimulatorPair(settings) as pair, client_of(pair.a, "1003", http2=False) as agent:
        mobile = "<mobileAgent><mode>CALL_BY_CALL</mode><dialNumber>2125550101</dialNumber></mobileAgent>"
        body = f"<User><state>LOGIN</state><extension>4503</extension>{mobile}</User>"
        assert (await agent.put("User/1003", body)).status_code == 202
        await until(lambda: pair.center.state.agents["1003"].signed_in)
        async with client_of(pair.a, "admin", http2=False) as admin:
            assert xml(await admin.get("User/1003")).findtext("mobileAgent/mode") == "CALL_BY_CALL"
            assert xml(await admin.get("Users")).findtext("User/mobileAgent/mode") == "CALL_BY_CALL"


@pytest.mark.parametrize("path", ["User/1001", "Users", "Team/310"])
async def test_every_node_shows_users_and_teams_to_administrators(path: str) -> None:
    async with user_clients() as here:
        make_secondary(here)
        assert (await here.admin.get(path)).status_code == 200


async def test_secondary_node_of_cce_rejects_even_reads() -> None:
    async with user_clients() as here:
        make_secondary(here)
        for path in READS:
            assert error(await here.admin.get(path))[:2] == (403, "Forbidden")
        assert error(await here.admin.send("POST", "ReasonCode", body("ReasonCode")))[:2] == (
            403,
            "Forbidden",
        )


async def test_secondary_node_of_ccx_allows_only_reads() -> None:
    async with user_clients("UCCX") as here:
        make_secondary(here)
        assert (await here.admin.get("Teams")).status_code == 200
        for method, path in (("POST", "ReasonCode"), ("PUT", "ReasonCode/23"), ("DELETE", "ReasonCode/23")):
            refused = error(await here.admin.send(method, path, body("ReasonCode")))
            assert refused[:2] == (403, "Forbidden")


@pytest.mark.parametrize(
    "path", ["SystemConfig", "ClusterConfig", "EnterpriseDatabaseConfig", "ECCVariableConfig"]
)
async def test_ccx_has_no_server_configuration(path: str) -> None:
    async with user_clients("UCCX") as here:
        assert error(await here.admin.get(path))[:2] == (501, "Not Implemented")


async def test_codes_are_smaller_on_ccx() -> None:
    async with user_clients("UCCX") as here:
        change = body("ReasonCode", "<code>1000</code>")
        assert error(await here.admin.put("ReasonCode/23", change))[:2] == (400, "Invalid Input")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "Teams"), ("DELETE", "LayoutConfig/default"), ("PUT", "Workflows")]
)
async def test_other_methods_are_not_allowed(method: str, path: str) -> None:
    async with user_clients() as here:
        assert error(await here.admin.send(method, path, ""))[:2] == (405, "Method Not Allowed")


async def test_too_large_request_is_rejected() -> None:
    async with user_clients() as here:
        big = b"x" * (MAX_BODY_BYTES + 1)
        assert error(await here.admin.send("POST", "ReasonCode", big))[:2] == (400, "Bad Request")
        file = b"x" * (FILE_BYTES + 1)
        answer = await here.admin.send("POST", "PhoneBook/1/Contacts/csvFileContent", file)
        assert error(answer)[:3] == (400, "Bad Request", "Request body is too large")


async def test_configuration_is_unavailable_out_of_service() -> None:
    async with user_clients() as here:
        here.simulator.center.set_in_service(False)
        assert error(await here.admin.get("Teams"))[0] == 503
