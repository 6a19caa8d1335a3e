"""Actions a site forbids to agents are explained with the property that allows them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from mcp.client import Client
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.server import build_server
from mcp_finesse.session import FinesseSession, SessionConfig, SessionTiming
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.server.support import data, refusal, until

CUSTOMER = "3125550142"


@asynccontextmanager
async def agent_at(
    folder: Path, properties: Properties, user_id: str = "1001"
) -> AsyncIterator[tuple[Simulator, Client]]:
    """Yield a client of an agent's server on a simulated Finesse with these properties."""
    world = replace(default_world(), properties=properties)
    async with Simulator(SimulatorSettings(), world) as simulator:
        session = FinesseSession(
            SessionConfig(
                url=simulator.url,
                credentials=Credentials(user_id, SecretStr("secret")),
                state_dir=folder,
                make_tls=lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
                timing=SessionTiming().scaled(0.1),
            )
        )
        async with Client(build_server(session, confirm="never")) as client:
            await session.ready(15)
            yield simulator, client


async def conference(simulator: Simulator, client: Client) -> str:
    """Put the agent into a conference she controls, with a customer and agent 1002."""
    center = simulator.center
    await data(client, "get_session_status")  # from its cursor on, nothing is missed
    for user_id, state in (("1001", "READY"), ("1002", "NOT_READY")):
        center.colleague(user_id).sign_in()
        await until(lambda user_id=user_id: center.state.agents[user_id].signed_in)  # type: ignore[misc]
        if state == "READY":
            center.colleague(user_id).change_state("READY", "")
    await until(lambda: center.state.agents["1001"].state == "READY")
    dialog_id = center.customers.call("8800", CUSTOMER, {})
    waited = await data(client, "wait_for_notification", kind="dialog", field="my_state", value="ALERTING")
    assert waited["status"] == "matched"
    assert (await data(client, "answer_call"))["status"] == "confirmed"
    consult = asyncio.create_task(data(client, "consult_call", to_address="4502"))
    await until(lambda: any(party.state == "ALERTING" for _, party in center.state.calls_of("1002")))
    ringing = next(call.id for call, party in center.state.calls_of("1002") if party.state == "ALERTING")
    center.colleague("1002").act("ANSWER", ringing)
    assert (await consult)["status"] == "confirmed"
    assert (await data(client, "conference_call"))["status"] == "confirmed"
    return dialog_id


async def test_error_names_the_property_that_allows_team_data(tmp_path: Path) -> None:
    async with agent_at(tmp_path, Properties()) as (_, client):
        said = await refusal(client, "get_team")
    assert "allows only supervisors to read teams" in said
    assert "enableTeamAPIAccessForAllusers" in said


async def test_agent_reads_own_team_where_the_site_allows_it(tmp_path: Path) -> None:
    async with agent_at(tmp_path, Properties(team_api_for_all=True)) as (_, client):
        team = await data(client, "get_team")
    assert team["teams"]


async def test_error_for_supervisor_does_not_mention_properties(tmp_path: Path) -> None:
    async with agent_at(tmp_path, Properties(), "1000") as (_, client):
        assert (await data(client, "get_team"))["teams"]
        said = await refusal(client, "drop_participant", participant="4502")
    assert "enableDropParticipantFor" not in said


async def test_error_names_the_property_that_allows_dropping_participants(tmp_path: Path) -> None:
    async with agent_at(tmp_path, Properties()) as (simulator, client):
        await conference(simulator, client)
        said = await refusal(client, "drop_participant", participant="4502")
        assert "PARTICIPANT_DROP is not allowed" in said
        assert "enableDropParticipantFor" in said


async def test_agent_drops_a_participant_where_the_site_allows_it(tmp_path: Path) -> None:
    allowed = Properties(drop_participant_for="conference_controller_and_supervisor")
    async with agent_at(tmp_path, allowed) as (simulator, client):
        await conference(simulator, client)
        dropped = await data(client, "drop_participant", participant="4502")
    assert dropped["status"] == "confirmed"
