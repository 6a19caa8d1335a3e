"""The connection's life: what ends it, what restores it and what is recorded as a gap."""

from __future__ import annotations

import asyncio
import inspect
import re
import ssl
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mcp_finesse.errors import (
    CredentialsError,
    FinesseError,
    NetworkError,
    NotReadyError,
    OutOfServiceError,
    ReplacedError,
)
from mcp_finesse.model import SystemInfo, User
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions.agent import sign_in
from mcp_finesse.session.actions.call_data import wrap_up_call
from mcp_finesse.session.actions.calls import hold_call, retrieve_call
from mcp_finesse.session.connection import connection
from mcp_finesse.session.connection.connector import Connector
from mcp_finesse.session.connection.resync_triggers import PossibleLoss
from mcp_finesse.session.connection.state_sync import StateSync
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.publishing.publication import AuthResult
from mcp_finesse.xmpp import FeedEvent
from tests.relay import Relay
from tests.session.support import LINK_TIMING, Floor, config_for, floor

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_steps_in_the_module_docstring_name_existing_methods_in_order_of_the_loop() -> None:
    steps = [line for line in str(connection.__doc__).splitlines() if line[:1].isdigit()]
    names = [re.findall(r"``([\w.]+)``", step)[0] for step in steps]
    assert len(names) == 8
    for name in names:
        owner, _, method = name.rpartition(".")
        assert callable(getattr(getattr(connection, owner or "Connection"), method))
    called = inspect.getsource(connection.Connection.run)
    positions = [called.index(f".{name.rpartition('.')[2]}(") for name in names]
    assert positions == sorted(positions)


@pytest.mark.parametrize("status", [302, 400, 403, 404, 200], ids=str)
@pytest.mark.parametrize("while_down", [False, True], ids=["link up", "link lost"])
async def test_response_from_an_intermediary_does_not_end_a_ready_session(
    finesse: Floor, status: int, while_down: bool
) -> None:
    faults, session = finesse.simulator.faults, finesse.session
    page = "<html><body>Sign in</body></html>"
    faults.http_status(status, page, n=3, method="GET")
    if while_down:
        faults.kill_links()
        await finesse.until(lambda: session.status.reconnects == 1 and session.status.state == "ready", 15)
    else:
        session._triggers.request_resync("requested by a test")
        await finesse.until(lambda: any("requested by a test" in e.text for e in session.journal), 15)
        assert session.status.reconnects == 0
    assert session.status.state == "ready"


async def test_retry_after_an_intermediary_response_is_shown_in_the_status(finesse: Floor) -> None:
    finesse.simulator.faults.http_status(403, "no", n=40, method="GET")
    finesse.simulator.faults.kill_links()
    status = finesse.session.status
    await finesse.until(lambda: "HTTP 403" in finesse.session.status.detail)
    assert finesse.session.status.state == "reconnecting"
    assert finesse.session.status.since >= status.since


async def test_policy_violation_is_followed_by_a_reconnect(finesse: Floor) -> None:
    error = ET.fromstring(
        "<error xmlns='http://etherx.jabber.org/streams'>"
        "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>"
    )
    link = finesse.session._connection.link
    assert link is not None
    link._stream._offer(error)
    await finesse.until(lambda: finesse.session.status.reconnects == 1, 10)
    assert finesse.session.status.state == "ready"


async def test_unexpected_error_does_not_end_a_session_that_was_ready(
    finesse: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    identify = Connector.identify
    calls: list[None] = []

    async def fails_once(self: Connector) -> tuple[User, SystemInfo]:
        calls.append(None)
        if len(calls) == 1:
            raise ValueError("semaphore released too many times")
        return await identify(self)

    monkeypatch.setattr(Connector, "identify", fails_once)
    finesse.simulator.faults.kill_links()
    await finesse.until(lambda: finesse.session.status.reconnects == 1, 10)
    assert len(calls) == 2
    assert finesse.session.status.state == "ready"
    assert finesse.session.journal.gaps > 0


async def test_resync_reasons_are_kept_when_a_read_ends_with_an_unexpected_error(
    finesse: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    resync = StateSync.resync
    calls: list[PossibleLoss] = []

    async def fails_once(self: StateSync, loss: PossibleLoss) -> None:
        calls.append(loss)
        if len(calls) == 1:
            raise ValueError("a bug")
        await resync(self, loss)

    monkeypatch.setattr(StateSync, "resync", fails_once)
    finesse.session._triggers.request_resync("requested by a test")
    await finesse.until(lambda: finesse.session.status.reconnects == 1, 10)
    (gap,) = [entry for entry in finesse.session.journal if entry.kind == "gap"]
    assert "requested by a test; the link was closed" in gap.text
    assert finesse.session.status.state == "ready"


async def test_five_thousand_unreadable_events_cause_few_reads(finesse: Floor) -> None:
    await finesse.sign_in()
    before = len(finesse.simulator.requests)
    for number in range(5000):
        finesse.session._receiver.take(
            FeedEvent("/finesse/api/User/1001", f"<broken{number}", f"i{number}", None, False, (), NOW)
        )
        if number % 500 == 0:
            await asyncio.sleep(0.05)
    await finesse.until(lambda: finesse.session.journal.gaps > 0, 10)
    reads = [
        r for r in list(finesse.simulator.requests)[before:] if r.method == "GET" and "/User/1001" in r.path
    ]
    assert len(reads) <= 30
    assert finesse.session.status.state == "ready"


async def test_session_connects_in_the_background_and_reports_progress(tmp_path: Path) -> None:
    async with floor(tmp_path, connect=False) as finesse:
        assert finesse.session.status.state == "connecting"
        with pytest.raises(NotReadyError, match="connecting"):
            await finesse.session.act(hold_call("1"))
        await finesse.session.ready(10)
        status = finesse.session.status
        assert (status.state, status.platform) == ("ready", "UCCE")
        assert status.link is not None
        assert status.link.connected


async def test_connecting_sends_only_get_requests(finesse: Floor) -> None:
    assert {request.method for request in finesse.simulator.requests} == {"GET"}
    assert finesse.session.mirror.user is not None
    assert finesse.session.mirror.user.state == "LOGOUT"


async def test_wrong_password_is_tried_once_across_sessions(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        for _ in range(3):
            config = config_for(simulator, tmp_path, password="wrong")
            async with FinesseSession(config) as session:
                with pytest.raises(CredentialsError):
                    await session.ready(10)
                assert session.status.state == "refused"
        assert len(simulator.center.attempts) == 1


async def test_corrected_password_is_tried_immediately(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with FinesseSession(config_for(simulator, tmp_path, password="wrong")) as session:
            with pytest.raises(CredentialsError):
                await session.ready(10)
        async with FinesseSession(config_for(simulator, tmp_path)) as session:
            await session.ready(10)


async def test_unknown_agent_ends_the_session(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        FinesseSession(config_for(simulator, tmp_path, user="4711")) as session,
    ):
        with pytest.raises(FinesseError):
            await session.ready(10)
        assert session.status.state == "refused"


async def test_unreachable_server_is_retried_and_the_next_try_announced(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_for(simulator, tmp_path, url="https://127.0.0.1:1")
        async with FinesseSession(config) as session:
            with pytest.raises(NotReadyError, match=r"Retrying now\.|Next attempt in [1-9]"):
                await session.ready(3)


async def test_untrusted_certificate_is_reported(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_for(simulator, tmp_path, make_tls=ssl.create_default_context)
        async with FinesseSession(config) as session:
            with pytest.raises(NotReadyError, match=r"(?i)certificate"):
                await session.ready(0.5)


async def test_server_that_responds_with_html_is_reported(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        simulator.faults.html_answer(50)
        async with FinesseSession(config_for(simulator, tmp_path)) as session:
            with pytest.raises(NotReadyError, match=r"(?i)html"):
                await session.ready(0.5)


async def test_session_waits_for_finesse_to_come_into_service(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        simulator.center.set_in_service(False, "CTI server is unreachable")
        async with FinesseSession(config_for(simulator, tmp_path)) as session:
            with pytest.raises(OutOfServiceError, match="CTI server is unreachable"):
                await session.ready(0.5)
            simulator.center.set_in_service(True)
            await session.ready(10)


async def test_out_of_service_is_reported_and_recorded_as_gap(finesse: Floor) -> None:
    finesse.simulator.faults.out_of_service("CTI server is unreachable")
    await finesse.until(lambda: finesse.session.status.state == "out_of_service")
    with pytest.raises(OutOfServiceError):
        await finesse.session.act(sign_in("1001", "4501"))
    finesse.simulator.faults.in_service()
    await finesse.until(lambda: finesse.session.status.state == "ready")
    gaps = [entry for entry in finesse.session.journal if entry.kind == "gap"]
    assert any("out of service" in entry.text for entry in gaps)


async def test_lost_link_is_restored_with_a_gap_and_the_current_state(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.kill_links()
    await finesse.until(lambda: finesse.session.status.state == "reconnecting")
    finesse.simulator.center.customers.hang_up(call)
    await finesse.until(lambda: finesse.session.status.state == "ready", 10)
    gap = [entry for entry in finesse.session.journal if entry.kind == "gap"][-1]
    assert "connection was lost" in gap.text
    assert gap.gap is not None
    assert gap.gap.since is not None
    assert finesse.mirrors_the_truth()
    outcome = await finesse.session.act(wrap_up_call(call, "Sale"))
    assert outcome.status == "confirmed"


async def test_gap_after_a_frozen_link_starts_when_data_was_last_received(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        Relay("127.0.0.1", int(simulator.url.rpartition(":")[2])) as relay,
    ):
        link_timing = replace(LINK_TIMING, ping_interval=0.3, ping_timeout=0.3)
        addresses = (f"wss://localhost:{relay.port}/ws",)
        config = config_for(simulator, tmp_path, notification_urls=addresses, link_timing=link_timing)
        async with FinesseSession(config) as session:
            await session.ready(10)
            finesse = Floor(simulator, session, config)
            relay.freeze()
            simulator.center.colleague("1001").sign_in()
            happened = datetime.now(UTC)
            await finesse.until(lambda: session.status.state == "reconnecting")
            relay.thaw()
            await finesse.until(lambda: session.status.state == "ready", 10)
            (gap,) = [entry.gap for entry in session.journal if entry.gap is not None]
            assert gap.since is not None
            assert gap.since <= happened
            assert finesse.mirrors_the_truth()


async def test_reconnect_uses_the_same_resource_and_adds_no_subscriptions(finesse: Floor) -> None:
    before = finesse.session.status.link
    before_subscriptions = own_subscriptions(finesse)
    finesse.simulator.faults.kill_links()
    await finesse.until(lambda: finesse.session.status.reconnects == 1, 10)
    await finesse.until(lambda: finesse.session.status.state == "ready", 10)
    after = finesse.session.status.link
    assert before is not None
    assert after is not None
    assert after.address == before.address
    assert own_subscriptions(finesse) == before_subscriptions


async def test_unreadable_notification_is_kept_and_replaced_by_a_read(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.malformed_event(1, "/finesse/api/User/1001")
    finesse.simulator.center.colleague("1001").change_state("READY")
    await finesse.until(
        lambda: finesse.session.mirror.user is not None and finesse.session.mirror.user.state == "READY"
    )
    kinds = [entry.kind for entry in finesse.session.journal]
    assert "unreadable" in kinds
    await finesse.until(lambda: any(entry.kind == "gap" for entry in finesse.session.journal))


async def test_silently_lost_event_is_found_by_the_safety_read(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.lose_next_event(2, "/finesse/api/User/1001")
    finesse.simulator.center.colleague("1001").change_state("READY")
    journal = finesse.session.journal
    await finesse.until(lambda: any("no notification had reported" in entry.text for entry in journal), 15)
    assert finesse.mirrors_the_truth()


async def test_session_replaced_by_another_client_does_not_reconnect(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        first = FinesseSession(config_for(simulator, tmp_path / "one"))
        second = FinesseSession(config_for(simulator, tmp_path / "two"))
        async with first:
            await first.ready(10)
            async with second:
                await second.ready(10)
                await Floor(simulator, first, first.config).until(lambda: first.status.state == "replaced")
                with pytest.raises(ReplacedError):
                    await first.ready(0)
                assert second.status.state == "ready"


async def test_two_sessions_on_one_machine_use_different_resources(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        FinesseSession(config_for(simulator, tmp_path)) as first,
        FinesseSession(config_for(simulator, tmp_path)) as second,
    ):
        await first.ready(10)
        await second.ready(10)
        assert first.status.link is not None
        assert second.status.link is not None
        assert first.status.link.address != second.status.link.address


async def test_close_leaves_no_subscription_task_or_session_and_does_not_sign_out(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with Simulator(SimulatorSettings()) as simulator:
        serving = asyncio.all_tasks()
        async with FinesseSession(config_for(simulator, tmp_path)) as session:
            await session.ready(10)
            await session.act(sign_in("1001", "4501"))
        await session.close()
        assert session.status.state == "closed"
        assert not simulator.notifications.sessions
        left = {task for task in asyncio.all_tasks() - serving if "finesse" in task.get_name()}
        assert left == set()
        assert simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY"
    assert {t for t in asyncio.all_tasks() - before if "finesse" in t.get_name()} == set()


async def test_close_before_the_first_connection_is_quick(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_for(simulator, tmp_path, url="https://127.0.0.1:1")
        async with asyncio.timeout(3), FinesseSession(config) as session:
            assert session.status.state == "connecting"
        assert session.status.state == "closed"


def own_subscriptions(finesse: Floor) -> list[tuple[str, str]]:
    owner = Jid("1001", finesse.simulator.settings.domain)
    return sorted((r.node, str(r.jid)) for r in finesse.simulator.notifications.subscriptions.owned_by(owner))


async def test_system_info_without_xmpp_domain_raises_network_error(finesse: Floor) -> None:
    connector = finesse.session._connection._connector
    with pytest.raises(NetworkError, match="no XMPP domain"):
        connector._identity(User(), SystemInfo(), await finesse.session.nodes.login.credentials())


async def test_password_changed_on_the_server_ends_the_session(finesse: Floor) -> None:
    finesse.simulator.center._authentication._passwords["1001"] = "changed"
    finesse.session._triggers.request_resync("requested by a test")
    await finesse.until(lambda: finesse.session.status.state == "refused")


async def test_failed_resync_is_repeated_and_keeps_the_gap_reason(finesse: Floor) -> None:
    finesse.simulator.faults.http_status(500, "", n=6, method="GET", path="/User/1001")
    finesse.session._triggers.request_resync("something was missed")
    journal = finesse.session.journal
    await finesse.until(lambda: any("something was missed" in entry.text for entry in journal), 15)


async def test_resync_rejected_as_out_of_service_succeeds_when_finesse_is_back(finesse: Floor) -> None:
    finesse.simulator.node.system.lose("CTI", "")
    finesse.session._triggers.request_resync("something was missed")
    await finesse.until(lambda: finesse.session.status.state == "out_of_service")
    finesse.simulator.node.system.regain("CTI")
    await finesse.until(lambda: finesse.session.status.state == "ready", 10)


async def test_unreadable_system_info_is_requested_again(finesse: Floor) -> None:
    finesse.simulator.faults.out_of_service()
    await finesse.until(lambda: finesse.session.status.state == "out_of_service")
    finesse.simulator.faults.html_answer(3, path="SystemInfo")
    finesse.simulator.faults.in_service()
    await finesse.until(lambda: finesse.session.status.state == "ready", 10)


DEAD = "wss://127.0.0.1:1/ws"


async def test_next_notification_url_is_used_when_one_fails(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_for(simulator, tmp_path, notification_urls=(DEAD, simulator.ws_url))
        async with FinesseSession(config) as session:
            await session.ready(10)
            assert session.nodes.current.last_address == simulator.ws_url
            simulator.faults.kill_links()
            finesse = Floor(simulator, session, config)
            await finesse.until(lambda: session.status.reconnects == 1, 10)


async def test_error_names_each_notification_url_and_its_failure(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        page = simulator.url.replace("https", "wss") + "/elsewhere"
        config = config_for(simulator, tmp_path, notification_urls=(DEAD, page))
        async with FinesseSession(config) as session:
            with pytest.raises(
                NotReadyError, match=r"127\.0\.0\.1:1/ws.*step: tcp.*elsewhere.*step: upgrade"
            ):
                await session.ready(3)


async def test_wrong_password_is_not_tried_on_the_next_notification_url(tmp_path: Path) -> None:
    attempts: list[str] = []

    def refuse(user_id: str, _: str) -> AuthResult:
        attempts.append(user_id)
        return AuthResult.WRONG

    async with Simulator(SimulatorSettings()) as simulator:
        simulator.notifications.authenticate = refuse  # type: ignore[method-assign]
        config = config_for(simulator, tmp_path, notification_urls=(simulator.ws_url, simulator.ws_url + "/"))
        async with FinesseSession(config) as session:
            with pytest.raises(CredentialsError):
                await session.ready(10)
    assert attempts == ["1001"]


@pytest.mark.parametrize("transport", ["websocket", "bosh", "tcp"])
async def test_call_control_and_reconnect_work_over_each_transport(transport: str, tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        host, port = simulator.tcp_address
        addresses = (simulator.ws_url, simulator.bosh_url, f"xmpps://{host}:{port}")
        config = config_for(simulator, tmp_path, notification_urls=addresses, xmpp_transport=transport)
        async with FinesseSession(config) as session:
            finesse = Floor(simulator, session, config)
            await session.ready(10)
            assert session.status.link is not None
            assert session.status.link.transport == transport
            call = await finesse.talking()
            assert (await session.act(hold_call(call))).status == "confirmed"
            simulator.faults.kill_links()
            await finesse.until(lambda: session.status.reconnects == 1, 10)
            await finesse.until(lambda: session.status.state == "ready", 10)
            assert (await session.act(retrieve_call(call))).status == "confirmed"
            await finesse.until(finesse.mirrors_the_truth)
        async with asyncio.timeout(5):
            while simulator.notifications.sessions:  # noqa: ASYNC110 - the server ends them later
                await asyncio.sleep(0.01)


async def test_status_shows_until_when_sign_in_attempts_are_paused_and_why(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        for wrong in ("one", "two", "three", "four"):
            async with FinesseSession(config_for(simulator, tmp_path, password=wrong)) as session:
                with pytest.raises(CredentialsError):
                    await session.ready(10)
        async with FinesseSession(config_for(simulator, tmp_path)) as session:
            with pytest.raises(NotReadyError, match=r"until \d\d:\d\d:\d\d"):
                await session.ready(0.5)
            assert session.status.state == "connecting"
            assert "4 sign-in attempts of this account" in session.status.detail


async def test_unusable_state_folder_is_reported_in_the_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "state").write_text("")
    async with floor(tmp_path / "state") as here:
        assert any("is used instead" in note for note in here.session.status.notes)
