"""Single sign-on: tokens over REST and XMPP, their renewal, and what happens when it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials, CredentialSource, Token, TokenCommand
from mcp_finesse.credentials.token import token_from
from mcp_finesse.errors import ConfigurationError, CredentialSourceError, FinesseError
from mcp_finesse.session import FinesseSession, SessionState
from mcp_finesse.session.actions import agent
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.credentials.support import jwt_of, python
from tests.session.support import AGENT, EXTENSION, TIMING, Floor, config_for

FAST = replace(TIMING, sign_in=0.1)
REQUIRED = SessionState.SIGN_IN_REQUIRED
SUPERVISOR = "1000"
SSO = SimulatorSettings(auth_mode="SSO")
HYBRID = SimulatorSettings(auth_mode="HYBRID", sso_users=(AGENT,))
PASSWORD = Credentials(AGENT, SecretStr("secret"))


@dataclass
class SimulatedTokens:
    """A source that gets its tokens from the simulator, as a token command does."""

    simulator: Simulator
    refresh_token: bool = False
    error: FinesseError | None = None
    user_id: str = AGENT
    single_sign_on: bool = True
    readings: int = 0
    given: list[str] = field(default_factory=list)

    async def read(self) -> Credentials:
        self.readings += 1
        if self.error is not None:
            raise self.error
        issued = self.simulator.center.tokens.issue(self.user_id)
        self.given.append(issued.token)
        refresh = SecretStr(issued.refresh_token) if self.refresh_token else None
        return Token(self.user_id, SecretStr(issued.token), self.simulator.center.tokens.lifetime, refresh)


@asynccontextmanager
async def signed_on(
    state_dir: Path, settings: SimulatorSettings = SSO, source: CredentialSource | None = None, **more: Any
) -> AsyncIterator[tuple[Floor, SimulatedTokens]]:
    """Yield a session with tokens of the simulator. It may not be ready."""
    refresh_token, world = more.pop("refresh_token", False), more.pop("world", None)
    async with Simulator(settings, world) as simulator:
        tokens = SimulatedTokens(simulator, refresh_token)
        config = config_for(simulator, state_dir, credentials=source or tokens, timing=FAST, **more)
        async with FinesseSession(config) as session:
            yield Floor(simulator, session, config), tokens


def results(here: Floor) -> list[str]:
    return [attempt.result.name for attempt in here.simulator.center.attempts]


async def until_state(here: Floor, state: SessionState, seconds: float = 8) -> None:
    await here.until(lambda: here.session.status.state is state, seconds)


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
@pytest.mark.parametrize("transport", ["websocket", "bosh", "tcp"])
async def test_token_signs_in_to_rest_and_the_notification_service(
    tmp_path: Path, platform: Any, transport: str
) -> None:
    urls: dict[str, Any] = {}
    settings = replace(SSO, platform=platform)
    async with Simulator(settings) as simulator:
        if transport == "tcp":
            host, port = simulator.tcp_address
            urls = {"notification_urls": (f"xmpps://{host}:{port}",)}
        elif transport == "bosh":
            urls = {"notification_urls": (simulator.bosh_url,)}
        tokens = SimulatedTokens(simulator)
        config = config_for(
            simulator, tmp_path, credentials=tokens, timing=FAST, xmpp_transport=transport, **urls
        )
        async with FinesseSession(config) as session:
            here = Floor(simulator, session, config)
            await session.ready(10)
            await here.ready()
            assert set(results(here)) == {"OK"}
            assert tokens.readings == 1


async def test_token_command_of_the_simulator_works(tmp_path: Path) -> None:
    async with Simulator(SSO) as simulator:
        issued = simulator.center.tokens.issue(AGENT)
        printed = json.dumps({"access_token": issued.token, "expires_in": 300})
        source = TokenCommand(AGENT, python(f"print({printed!r})"))
        config = config_for(simulator, tmp_path, credentials=source, timing=FAST)
        async with FinesseSession(config) as session:
            await session.ready(10)
            assert session.status.state is SessionState.READY


@dataclass
class SignedOn:
    """A source of tokens for whoever signed in with the browser, which the response or the token itself states."""

    simulator: Simulator
    owner: str
    states: str
    user_id: str = AGENT
    single_sign_on: bool = True

    async def read(self) -> Credentials:
        issued = self.simulator.center.tokens.issue(self.owner)
        name = self.simulator.center.state.agents[self.owner].record.login_name
        if self.states == "token":
            issued.token = jwt_of({"user_id": name})
        more = {"user_id": name} if self.states == "response" else {}
        return token_from(AGENT, json.dumps({"token": issued.token, "expires_in": 300} | more).encode())


@pytest.mark.parametrize("states", ["response", "token"])
async def test_token_of_another_user_is_not_used(states: str, tmp_path: Path) -> None:
    async with Simulator(SSO) as simulator:
        source = SignedOn(simulator, SUPERVISOR, states)  # Finesse lets the supervisor read the agent
        config = config_for(simulator, tmp_path, credentials=source, timing=FAST)
        async with FinesseSession(config) as session:
            here = Floor(simulator, session, config)
            await until_state(here, REQUIRED)
            name = simulator.center.state.agents[SUPERVISOR].record.login_name
            assert f"belongs to '{name}', and not to {AGENT}" in session.status.detail
            assert {(attempt.user_id, attempt.result.name) for attempt in simulator.center.attempts} == {
                (SUPERVISOR, "OK")
            }
            assert {request.method for request in simulator.requests} == {"GET"}
            source.owner = AGENT
            await until_state(here, SessionState.READY)


async def test_token_that_states_no_owner_is_used(tmp_path: Path) -> None:
    async with Simulator(SSO) as simulator:
        config = config_for(simulator, tmp_path, credentials=SignedOn(simulator, AGENT, ""), timing=FAST)
        async with FinesseSession(config) as session:
            await session.ready(10)
            assert session.status.state is SessionState.READY


# -- the authentication mode


async def test_password_on_a_system_with_single_sign_on_is_not_sent(tmp_path: Path) -> None:
    async with signed_on(tmp_path, SSO, PASSWORD) as (here, _):
        with pytest.raises(ConfigurationError, match="requires single sign-on for 1001") as caught:
            await here.session.ready(10)

        assert "token_command" in caught.value.advice
        assert here.session.status.state is SessionState.REFUSED
        assert results(here) == []


async def test_token_on_a_system_without_single_sign_on_is_not_requested(tmp_path: Path) -> None:
    async with signed_on(tmp_path, SimulatorSettings()) as (here, tokens):
        with pytest.raises(ConfigurationError, match="requires a password for 1001"):
            await here.session.ready(10)

        assert (results(here), tokens.readings) == ([], 0)


async def test_hybrid_system_is_asked_for_the_mode_of_the_agent(tmp_path: Path) -> None:
    async with signed_on(tmp_path / "a", HYBRID) as (here, _):
        await here.session.ready(10)
        assert any("UserAuthMode/1001" in request.path for request in here.simulator.requests)
    async with signed_on(tmp_path / "b", HYBRID, PASSWORD) as (here, _):
        with pytest.raises(ConfigurationError, match="requires single sign-on"):
            await here.session.ready(10)
        assert results(here) == []
    other = Credentials("1002", SecretStr("secret"))
    async with signed_on(tmp_path / "c", HYBRID, other) as (here, _):
        await here.session.ready(10)


async def test_disabled_mode_service_leaves_the_choice_to_the_settings(tmp_path: Path) -> None:
    world = replace(default_world(), properties=Properties(user_auth_mode=False))
    async with signed_on(tmp_path, HYBRID, world=world) as (here, _):
        await here.session.ready(10)
        assert here.session.status.state is SessionState.READY


# -- renewal


@pytest.mark.parametrize("refresh_token", [False, True])
async def test_token_is_renewed_before_it_expires_and_the_link_stays(
    tmp_path: Path, refresh_token: bool
) -> None:
    settings = replace(SSO, token_seconds=2)
    async with signed_on(tmp_path, settings, refresh_token=refresh_token) as (here, tokens):
        await here.session.ready(10)
        await here.sign_in()
        end = asyncio.get_running_loop().time() + 5
        while asyncio.get_running_loop().time() < end:
            for change in (agent.change_state(AGENT, "READY"), agent.change_state(AGENT, "NOT_READY", 23)):
                outcome = await here.session.act(change)
                assert outcome.status == "confirmed", outcome
            await asyncio.sleep(0.05)

        assert "WRONG" not in results(here)
        assert here.session.reconnects == 0
        if refresh_token:
            assert here.simulator.center.tokens.refreshes >= 2
            assert tokens.readings == 1
        else:
            assert here.simulator.center.tokens.refreshes == 0
            assert 3 <= tokens.readings <= 6


async def test_read_only_server_sends_no_refresh(tmp_path: Path) -> None:
    settings = replace(SSO, token_seconds=1)
    async with signed_on(tmp_path, settings, refresh_token=True, read_only=True) as (here, tokens):
        await here.session.ready(10)
        await asyncio.sleep(2)
        assert here.simulator.center.tokens.refreshes == 0
        assert tokens.readings >= 2
        assert here.session.status.state is SessionState.READY


async def test_revoked_token_costs_one_rejection_and_the_change_is_executed_once(tmp_path: Path) -> None:
    async with signed_on(tmp_path) as (here, tokens):
        await here.session.ready(10)
        here.simulator.center.tokens.revoke(AGENT)
        outcome = await here.session.act(agent.sign_in(AGENT, EXTENSION))

        assert outcome.status == "confirmed"
        assert results(here).count("WRONG") <= 2
        assert tokens.readings == 2
        assert here.session.reconnects == 0


async def test_many_requests_with_a_revoked_token_renew_it_once(tmp_path: Path) -> None:
    async with signed_on(tmp_path) as (here, tokens):
        await here.session.ready(10)
        here.simulator.center.tokens.revoke(AGENT)
        rest = here.session.nodes.rest
        made = await asyncio.gather(*(rest.get(f"User/{AGENT}") for _ in range(8)))

        assert len(made) == 8
        assert tokens.readings == 2
        assert results(here).count("WRONG") <= 2


async def test_reconnect_uses_the_newest_token(tmp_path: Path) -> None:
    async with signed_on(tmp_path) as (here, tokens):
        await here.session.ready(10)
        here.simulator.center.tokens.revoke(AGENT)
        here.simulator.faults.kill_links()
        await here.until(lambda: here.session.reconnects == 1, 8)

        assert tokens.readings == 2
        assert here.session.status.state is SessionState.READY
        assert results(here).count("WRONG") == 1


async def test_expired_login_is_one_state_that_names_what_to_do_and_recovers(tmp_path: Path) -> None:
    settings = replace(SSO, token_seconds=1)
    async with signed_on(tmp_path, settings) as (here, tokens):
        await here.session.ready(10)
        tokens.error = CredentialSourceError("The command failed.", advice="Sign in with the browser.")
        await until_state(here, REQUIRED)
        sent, readings = len(results(here)), tokens.readings
        status = here.session.status
        assert "Sign in with the browser." in status.detail
        with pytest.raises(CredentialSourceError, match="The command failed"):
            await here.session.act(agent.sign_in(AGENT, EXTENSION))
        await asyncio.sleep(1)
        assert len(results(here)) == sent, "an expired token is not sent"
        assert tokens.readings <= readings + 4

        tokens.error = None
        await until_state(here, SessionState.READY)
        await here.sign_in()


async def test_failed_renewal_is_shown_in_the_status_while_the_token_is_still_valid(tmp_path: Path) -> None:
    settings = replace(SSO, token_seconds=4)
    async with signed_on(tmp_path, settings) as (here, tokens):
        await here.session.ready(10)
        tokens.error = CredentialSourceError("The command failed.")
        async with asyncio.timeout(6):
            while not any("could not be renewed" in note for note in here.session.status.notes):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert here.session.status.state is SessionState.READY


async def test_tokens_that_are_always_rejected_stop_before_the_account_is_locked(tmp_path: Path) -> None:
    async with signed_on(tmp_path) as (here, tokens):
        simulated = here.simulator.center.tokens

        async def read() -> Credentials:
            tokens.readings += 1
            issued = simulated.issue(AGENT)
            simulated.revoke(AGENT)
            return Token(AGENT, SecretStr(issued.token), 300)

        tokens.read = read  # type: ignore[method-assign]
        await here.until(lambda: "paused until" in here.session.status.detail, 10)
        await asyncio.sleep(0.5)
        assert results(here) == ["WRONG"] * 4


async def test_refresh_does_not_change_what_an_action_reports_as_sent(tmp_path: Path) -> None:
    async with signed_on(tmp_path, refresh_token=True) as (here, tokens):
        await here.session.ready(10)
        simulated = here.simulator.center.tokens
        simulated.expire(AGENT)
        tokens.error = CredentialSourceError("The command failed.")
        outcome = await here.session.act(agent.sign_in(AGENT, EXTENSION))

        assert outcome.status == "confirmed"
        assert simulated.refreshes == 1


async def test_two_processes_share_the_record_of_rejected_tokens(tmp_path: Path) -> None:
    async with signed_on(tmp_path) as (here, tokens):
        await here.session.ready(10)
        second = SimulatedTokens(here.simulator)
        async with FinesseSession(replace(here.config, credentials=second)) as other:
            await other.ready(10)
            here.simulator.center.tokens.revoke(AGENT)
            await asyncio.gather(
                here.session.nodes.rest.get(f"User/{AGENT}"), other.nodes.rest.get(f"User/{AGENT}")
            )
        assert results(here).count("WRONG") <= 4
        assert "LOCKED" not in results(here)
        assert (tokens.readings, second.readings) == (2, 2)


async def test_cancelled_action_leaves_the_renewal_to_others(tmp_path: Path) -> None:
    async with signed_on(tmp_path) as (here, tokens):
        await here.session.ready(10)
        hold, read = asyncio.Event(), tokens.read

        async def slow() -> Credentials:
            await hold.wait()
            return await read()

        tokens.read = slow  # type: ignore[method-assign]
        here.simulator.center.tokens.revoke(AGENT)
        rest = here.session.nodes.rest
        first = asyncio.create_task(rest.get(f"User/{AGENT}"))
        await asyncio.sleep(0.3)
        second = asyncio.create_task(rest.get(f"User/{AGENT}"))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        hold.set()
        assert (await second).tag == "User"
        assert tokens.readings == 2


async def test_closing_ends_the_renewal(tmp_path: Path) -> None:
    async with signed_on(tmp_path, replace(SSO, token_seconds=1)) as (here, tokens):
        await here.session.ready(10)
        await here.session.close()
        readings = tokens.readings
        await asyncio.sleep(1.2)
        assert tokens.readings == readings
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "finesse login"]
