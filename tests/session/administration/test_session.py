"""Administrator credentials, the session's administration, and serialized changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    NetworkError,
    NotReadyError,
)
from mcp_finesse.session import Administration, FinesseSession, RawRequest, SessionState
from mcp_finesse.session.administration import changes
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.session.support_admin import ADMIN, TIMING, admin_config, office

TEA = {"category": "NOT_READY", "code": 77, "label": "Tea", "for_all": False}


def named(password: str, user: str = "admin") -> dict[str, Any]:
    return {"administrator": Credentials(user, SecretStr(password))}


# -- credentials


async def test_nothing_is_sent_without_administrator_credentials(tmp_path: Path) -> None:
    async with office(tmp_path, administrator=None) as it:
        with pytest.raises(ConfigurationError, match="FINESSE_ADMIN_USER"):
            await it.administration.teams()
        assert not it.sent("GET")


async def test_wrong_administrator_password_is_tried_once(tmp_path: Path) -> None:
    async with office(tmp_path, **named("wrong")) as it:
        asked = [it.administration.teams(), it.administration.list_objects("ReasonCode")]
        failures = await asyncio.gather(*asked, return_exceptions=True)
        with pytest.raises(CredentialsError, match="less than 5 minutes ago"):
            await it.administration.change(changes.create("ReasonCode", TEA))
        later = Administration(it.config)
        with pytest.raises(CredentialsError, match="less than 5 minutes ago"):
            await later.teams()
        assert it.attempts() == 1
    assert all(isinstance(each, CredentialsError) for each in failures)
    assert not any(
        "wrong" in str(each).replace("is wrong", "").replace("wrong passw", "") for each in failures
    )


async def test_corrected_administrator_password_is_tried_immediately(tmp_path: Path) -> None:
    async with office(tmp_path, **named("wrong")) as it:
        with pytest.raises(CredentialsError):
            await it.administration.teams()
        corrected = Administration(admin_config(it.simulator, tmp_path))
        assert await corrected.teams()
        await corrected.close()


async def test_agent_credentials_are_rejected_for_administration(tmp_path: Path) -> None:
    async with office(tmp_path, **named("secret", "1001")) as it:
        with pytest.raises(CredentialsError, match="or the user is not an administrator"):
            await it.administration.teams()
        ada = Credentials("1001", SecretStr("secret"))
        async with FinesseSession(
            admin_config(it.simulator, tmp_path, agent=True, credentials=ada)
        ) as session:
            await session.ready(10)  # the agent's password was right


async def test_rejected_administrator_action_does_not_invalidate_the_password(tmp_path: Path) -> None:
    """A 401 after an accepted password concerns the role. An administrator has no User to verify the password."""
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(401, "", method="PUT")
        outcome = await it.administration.change(changes.change("ReasonCode", "23", {"label": "x"}))
        assert outcome.status == "failed"
        assert "GET ConfigInfo" in it.sent("GET")
        assert await it.administration.teams()


async def test_password_changed_on_the_server_stops_the_administration(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(401, "", n=2)
        with pytest.raises(CredentialsError):
            await it.administration.teams()
        asked = len(it.sent("GET"))
        with pytest.raises(CredentialsError):
            await it.administration.teams()
        assert len(it.sent("GET")) == asked


# -- serialized, with time limits


async def test_change_with_unanswered_read_does_not_block_the_next_change(tmp_path: Path) -> None:
    timing = TIMING.scaled(0.1)
    async with office(tmp_path, timing=timing) as it:
        await it.administration.teams()
        it.simulator.faults.no_answer(1, method="GET", path="ReasonCode/23")
        first = asyncio.create_task(
            it.administration.change(changes.change("ReasonCode", "23", {"label": "a"}))
        )
        while "GET ReasonCode/23" not in it.sent("GET"):  # noqa: ASYNC110 - a list has no event
            await asyncio.sleep(0)
        with pytest.raises((NotReadyError, NetworkError)):
            await first
        assert (await it.administration.change(changes.create("ReasonCode", TEA))).status == "confirmed"


async def test_change_that_cannot_start_in_time_is_not_sent(tmp_path: Path) -> None:
    async with office(tmp_path, timing=TIMING.scaled(0.02)) as it:
        await it.administration.teams()
        slow = asyncio.Event()

        async def never(*_: Any) -> Any:
            slow.set()
            await asyncio.Event().wait()

        change = changes.create("ReasonCode", TEA)
        stuck = asyncio.create_task(it.administration.change(type(change)("stuck", change.send, never)))
        await slow.wait()
        with pytest.raises(NotReadyError, match="was not sent: an earlier change is still outstanding"):
            await it.administration.change(changes.delete("ReasonCode", "23"))
        assert (await stuck).status == "unknown"


async def test_change_whose_object_cannot_be_read_in_time_is_not_sent(tmp_path: Path) -> None:
    async with office(tmp_path, timing=TIMING.scaled(0.02)) as it:
        await it.administration.teams()
        it.simulator.faults.no_answer(1, path="ReasonCode/23")
        with pytest.raises(NotReadyError, match="was not sent"):
            await it.administration.change(changes.delete("ReasonCode", "23"))
        assert not it.sent()


async def test_cancelled_change_does_not_block_the_next_one(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.no_answer(1, method="POST")
        task = asyncio.create_task(it.administration.change(changes.create("ReasonCode", TEA)))
        while not it.sent():  # noqa: ASYNC110 - a list has no event
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        outcome = await it.administration.change(changes.delete("ReasonCode", "23"))
        assert outcome.status == "confirmed"


# -- in a session


async def test_session_without_an_agent_does_not_connect_and_reports_no_agent(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with FinesseSession(admin_config(simulator, tmp_path)) as session:
            with pytest.raises(ConfigurationError, match="This MCP server has no agent"):
                await session.ready(5)
            assert session.status.state is SessionState.NO_AGENT
            assert session.status.user_id == ""
            assert not simulator.requests
            answer = await session.request(RawRequest("GET", "ConfigInfo"))
            assert answer.status == 200
            assert ADMIN.password not in session.without_secrets(f"is {ADMIN.password}")
        assert not simulator.center.attempts


async def test_agent_and_administrator_use_one_session(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        ada = Credentials("1001", SecretStr("secret"))
        config = admin_config(simulator, tmp_path, agent=True, credentials=ada)
        async with FinesseSession(config) as session:
            await session.ready(10)
            assert (await session.request(RawRequest("GET", "User/1001"))).status == 200
            assert (await session.request(RawRequest("GET", "ConfigInfo"))).status == 401
            as_admin = await session.request(RawRequest("GET", "ConfigInfo"), as_administrator=True)
            assert as_admin.status == 200
            assert await session.administration.teams()
            assert session.status.state is SessionState.READY
