"""The session as its users see it: status, readiness, lists, and a bounded close."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from mcp_finesse.errors import ConfigurationError, CredentialsError, FinesseError
from mcp_finesse.session import Change, FinesseSession
from mcp_finesse.session.actions.agent import change_state, sign_in
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.publishing.publication import AuthResult
from tests.session.support import Floor, config_for, floor


async def test_status_shows_agent_platform_and_connection(finesse: Floor) -> None:
    await finesse.sign_in()
    status = finesse.session.status
    assert (status.state, status.user_id, status.agent_state) == ("ready", "1001", "NOT_READY")
    assert (status.extension, status.platform, status.read_only) == ("4501", "UCCE", False)
    assert status.cursor == finesse.session.journal.cursor
    assert status.link is not None
    assert (status.link.transport, status.link.siblings) == ("websocket", ())
    assert any("60 s" in note for note in status.notes)


async def test_status_does_not_contain_the_password(finesse: Floor) -> None:
    assert "secret" not in finesse.session.status.model_dump_json()


async def test_session_without_finesse_presence_is_degraded_but_usable(tmp_path: Path) -> None:
    async with floor(tmp_path, connect=False) as finesse:
        finesse.simulator.notifications.set_finesse_presence(False)
        await finesse.session.ready(10)
        assert finesse.session.status.state == "degraded"
        assert (await finesse.session.act(sign_in("1001", "4501"))).status == "confirmed"


async def test_state_is_read_again_when_finesse_presence_returns(finesse: Floor) -> None:
    finesse.simulator.notifications.set_finesse_presence(False)
    await finesse.until(lambda: finesse.session.status.state == "degraded")
    finesse.simulator.notifications.set_finesse_presence(True)
    await finesse.until(lambda: finesse.session.status.state == "ready")
    gaps = [entry.text for entry in finesse.session.journal if entry.kind == "gap"]
    assert any("absent from the Notification Service" in text for text in gaps)


async def test_reason_codes_wrap_up_reasons_and_contacts_are_read(finesse: Floor) -> None:
    assert {code.label for code in await finesse.session.codes("NOT_READY")} >= {"Lunch", "Meeting"}
    assert "Sale" in {reason.label for reason in await finesse.session.wrap_up_reasons()}
    contacts = await finesse.session.contacts()
    assert ("North", "4502") in {(book, contact.phone_number) for book, contact in contacts}


async def test_login_name_works_like_the_agent_id(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        FinesseSession(config_for(simulator, tmp_path, user="aokoro")) as session,
    ):
        await session.ready(10)
        assert session.status.user_id == "1001"
        assert {feed.node for feed in session.feeds() if feed.slug == "user"} == {"/finesse/api/User/1001"}


async def test_missed_changes_can_be_read_on_request(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.lose_next_event(2, "/finesse/api/User/1001")
    finesse.simulator.center.colleague("1001").change_state("READY")
    await asyncio.sleep(0)
    await finesse.session.refresh_user()
    await finesse.session.refresh_dialogs()
    assert finesse.mirrors_the_truth()


async def test_listener_hears_changes_until_it_is_removed(finesse: Floor) -> None:
    heard: list[Change] = []
    end = finesse.session.on_change(heard.append)
    await finesse.sign_in()
    end()
    assert Change("user") in heard
    count = len(heard)
    await finesse.session.act(change_state("1001", "READY"))
    assert len(heard) == count


async def test_password_rejected_by_xmpp_is_not_tried_again_by_the_next_session(tmp_path: Path) -> None:
    """REST may accept a cached password that the Notification Service rejects: it must not be retried."""
    tries: list[str] = []

    def refuse(user_id: str, _: str) -> AuthResult:
        tries.append(user_id)
        return AuthResult.WRONG

    async with Simulator(SimulatorSettings()) as simulator:
        simulator.notifications.authenticate = refuse  # type: ignore[method-assign]
        for _ in range(2):
            async with FinesseSession(config_for(simulator, tmp_path)) as session:
                with pytest.raises(CredentialsError):
                    await session.ready(10)
    assert tries == ["1001"]


async def test_internal_error_is_reported_and_not_retried(tmp_path: Path) -> None:
    async with floor(tmp_path, connect=False) as finesse:

        async def fail() -> None:
            raise RuntimeError("a mistake")

        finesse.session._connection.run = fail  # type: ignore[method-assign]
        with pytest.raises(ConfigurationError, match="RuntimeError"):
            await finesse.session.ready(5)


async def test_close_is_bounded_when_the_server_does_not_respond(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_for(simulator, tmp_path)
        session = FinesseSession(config)
        session.start()
        session.start()
        await session.ready(10)
        simulator.faults.silent = True
        started = time.monotonic()
        await session.close()
        assert time.monotonic() - started < config.timing.close + config.link_timing.close + 1
        assert session.status.state == "closed"
        with pytest.raises(FinesseError):
            await session.ready(0)


async def test_cancelled_close_raises_and_still_closes_everything(
    tmp_path: Path,
) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        session = FinesseSession(config_for(simulator, tmp_path))
        session.start()
        await session.ready(10)
        simulator.faults.silent = True
        closing = asyncio.create_task(session.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert session.status.state == "closed"
        assert session._task is not None
        assert session._task.done()
        assert session.nodes.rest._exchanger._http.is_closed


async def test_cancellation_of_a_caller_during_close_is_not_swallowed(tmp_path: Path) -> None:
    async with floor(tmp_path) as finesse:
        finesse.simulator.faults.no_answer(1, method="PUT")
        calling = asyncio.create_task(finesse.session.act(sign_in("1001", "4501")))
        await finesse.until_sent("<state>LOGIN")
        finesse.session._executor._closed = True
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
