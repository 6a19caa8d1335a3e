"""Who may configure, on which node, and what a wrong password costs."""

from __future__ import annotations

import asyncio
import ssl
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
    RefusedError,
)
from mcp_finesse.model import Node, SystemInfo
from mcp_finesse.session import Administration, FinesseSession, FreeRequest, SessionState, changes
from mcp_finesse.session.administration import primary_url
from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from tests.session.support_admin import ADMIN, TIMING, admin_config, office

TEA = {"category": "NOT_READY", "code": 77, "label": "Tea", "for_all": False}


def named(password: str, user: str = "admin") -> dict[str, Any]:
    return {"administrator": Credentials(user, SecretStr(password))}


# -- credentials


async def test_without_an_administrator_nothing_is_asked(tmp_path: Path) -> None:
    async with office(tmp_path, administrator=None) as it:
        with pytest.raises(ConfigurationError, match="FINESSE_ADMIN_USER"):
            await it.administration.teams()
        assert not it.sent("GET")


async def test_a_wrong_password_costs_one_attempt_whatever_is_asked_and_however_often(tmp_path: Path) -> None:
    async with office(tmp_path, **named("wrong")) as it:
        asked = [it.administration.teams(), it.administration.list_objects("ReasonCode")]
        failures = await asyncio.gather(*asked, return_exceptions=True)
        with pytest.raises(CredentialsError, match="a short while ago"):
            await it.administration.change(changes.create("ReasonCode", TEA))
        later = Administration(it.config)
        with pytest.raises(CredentialsError, match="a short while ago"):
            await later.teams()
        assert it.attempts() == 1
    assert all(isinstance(each, CredentialsError) for each in failures)
    assert not any(
        "wrong" in str(each).replace("is wrong", "").replace("wrong passw", "") for each in failures
    )


async def test_a_corrected_password_is_tried_at_once(tmp_path: Path) -> None:
    async with office(tmp_path, **named("wrong")) as it:
        with pytest.raises(CredentialsError):
            await it.administration.teams()
        corrected = Administration(admin_config(it.simulator, tmp_path))
        assert await corrected.teams()
        await corrected.close()


async def test_an_agent_is_no_administrator(tmp_path: Path) -> None:
    async with office(tmp_path, **named("secret", "1001")) as it:
        with pytest.raises(CredentialsError, match="or it is an agent"):
            await it.administration.teams()


async def test_what_an_administrator_may_not_do_is_no_wrong_password(tmp_path: Path) -> None:
    """A 401 to an accepted password is about the role; an administrator has no User to tell by."""
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(401, "", method="PUT")
        outcome = await it.administration.change(changes.change("ReasonCode", "23", {"label": "x"}))
        assert outcome.status == "failed"
        assert "GET ConfigInfo" in it.sent("GET")
        assert await it.administration.teams()


async def test_a_password_that_was_changed_meanwhile_ends_it(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        await it.administration.teams()
        it.simulator.faults.http_status(401, "", n=2)
        with pytest.raises(CredentialsError):
            await it.administration.teams()
        asked = len(it.sent("GET"))
        with pytest.raises(CredentialsError):
            await it.administration.teams()
        assert len(it.sent("GET")) == asked


# -- nodes


def info(
    primary: str = "", secondary: str = "", ports: tuple[int | None, int | None] = (None, None)
) -> SystemInfo:
    nodes = [
        Node(host=host, https_port=port) if host else None
        for host, port in zip((primary, secondary), ports, strict=True)
    ]
    return SystemInfo(primary_node=nodes[0], secondary_node=nodes[1], xmpp_domain=secondary or primary)


A, B = "fin-a.example.com", "fin-b.example.com"


@pytest.mark.parametrize(
    ("asked", "told", "other", "expected"),
    [
        (f"https://{A}:8445", info(A, B), "", f"https://{A}:8445"),
        (f"https://{B}:8445", info(A, B), "", f"https://{A}:8445"),
        (f"https://{B.upper()}:8445", info(A, B), "", f"https://{A}:8445"),
        (f"https://{B}", info(A, B), "", f"https://{A}"),
        (f"https://{B}:8445", info(A, B, (9000, 8445)), "", f"https://{A}:9000"),
        (f"https://{B}:8445", info(A, B), "https://10.0.0.1:8445", "https://10.0.0.1:8445"),
        (f"https://{A}:8445", info(A, B), "https://10.0.0.1:8445", f"https://{A}:8445"),
        (f"http://{B}:8082", info(A, B), "", f"http://{B}:8082"),
        (f"https://{A}:8445", info(A), "", f"https://{A}:8445"),
        (f"https://{A}:8445", info(), "", f"https://{A}:8445"),
        ("https://10.0.0.2:8445", info(A, B), "", f"https://{A}:8445"),
    ],
)  # fmt: skip
def test_the_primary_node_is_the_one_that_system_info_names(
    asked: str, told: SystemInfo, other: str, expected: str
) -> None:
    assert primary_url(asked, told, other) == expected


def at(simulator: Simulator, pair: SimulatorPair, folder: Path, **more: Any) -> Administration:
    trust = {"make_tls": lambda: ssl.create_default_context(cafile=str(pair.ca_file))}
    return Administration(admin_config(simulator, folder, **(trust | more)))


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
async def test_who_is_set_to_the_secondary_node_works_on_the_primary_one(
    tmp_path: Path, platform: Any
) -> None:
    async with SimulatorPair(SimulatorSettings(platform=platform)) as pair:
        administration = at(pair.b, pair, tmp_path)
        outcome = await administration.change(changes.create("ReasonCode", TEA))
        await administration.close()
        assert outcome.status == "confirmed"
        assert [request.method for request in pair.b.requests] == ["GET"]
        assert all(request.user_id == "" for request in pair.b.requests)


async def test_a_primary_node_that_is_down_is_named(tmp_path: Path) -> None:
    async with SimulatorPair() as pair:
        await pair.a.die()
        administration = at(pair.b, pair, tmp_path)
        with pytest.raises(NetworkError) as caught:
            await administration.teams()
        await administration.close()
    assert "Finesse is configured on its primary node only, which is localhost" in caught.value.advice


async def test_the_other_node_tells_the_way_when_the_first_does_not_answer(tmp_path: Path) -> None:
    async with SimulatorPair() as pair:
        await pair.b.die()
        administration = at(pair.b, pair, tmp_path, other_url=pair.a.url)
        assert await administration.teams()
        await administration.close()


async def test_a_secondary_node_that_refuses_is_explained(tmp_path: Path) -> None:
    """Where SystemInfo came unencrypted, or lies, the node that was set is asked."""
    async with SimulatorPair() as pair:
        pair.b.faults.http_status(
            200, "<SystemInfo><status>IN_SERVICE</status></SystemInfo>", path="SystemInfo"
        )
        administration = at(pair.b, pair, tmp_path)
        with pytest.raises(RefusedError) as caught:
            await administration.teams()
        await administration.close()
    assert caught.value.status == 403
    assert "primary node only, which is" in caught.value.advice


async def test_a_system_info_that_is_refused_ends_the_search(tmp_path: Path) -> None:
    async with office(tmp_path) as it:
        it.simulator.faults.http_status(500, "", path="SystemInfo")
        with pytest.raises(RefusedError):
            await it.administration.teams()
        assert await it.administration.assigned("310", "PhoneBook")


# -- one after another, within limits


async def test_changes_wait_for_one_another_and_not_for_ever(tmp_path: Path) -> None:
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


async def test_a_change_that_cannot_begin_in_time_says_so(tmp_path: Path) -> None:
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


async def test_what_a_change_is_about_must_be_readable_in_time(tmp_path: Path) -> None:
    async with office(tmp_path, timing=TIMING.scaled(0.02)) as it:
        await it.administration.teams()
        it.simulator.faults.no_answer(1, path="ReasonCode/23")
        with pytest.raises(NotReadyError, match="nothing was sent"):
            await it.administration.change(changes.delete("ReasonCode", "23"))
        assert not it.sent()


async def test_a_cancelled_change_lets_the_next_one_go(tmp_path: Path) -> None:
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


async def test_a_session_without_an_agent_connects_to_nothing_and_says_so(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with FinesseSession(admin_config(simulator, tmp_path)) as session:
            with pytest.raises(ConfigurationError, match="This server has no agent"):
                await session.ready(5)
            assert session.status.state is SessionState.NO_AGENT
            assert session.status.user_id == ""
            assert not simulator.requests
            answer = await session.request(FreeRequest("GET", "ConfigInfo"))
            assert answer.status == 200
            assert ADMIN.password not in session.without_secrets(f"is {ADMIN.password}")
        assert not simulator.center.attempts


async def test_agent_and_administrator_work_side_by_side(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        ada = Credentials("1001", SecretStr("secret"))
        config = admin_config(simulator, tmp_path, agent=True, credentials=ada)
        async with FinesseSession(config) as session:
            await session.ready(10)
            assert (await session.request(FreeRequest("GET", "User/1001"))).status == 200
            assert (await session.request(FreeRequest("GET", "ConfigInfo"))).status == 401
            as_admin = await session.request(FreeRequest("GET", "ConfigInfo"), as_administrator=True)
            assert as_admin.status == 200
            assert await session.administration.teams()
            assert session.status.state is SessionState.READY
