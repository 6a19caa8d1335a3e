"""``mcp-finesse serve`` as hosts run it: immediate responses, orderly shutdown, and nothing sent twice."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import anyio.abc
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.cli.support import (
    Command,
    assert_nothing_left,
    call,
    own_rows,
    ready,
    run,
    settings_for,
    status_when,
    until,
    writes,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

ENDS: dict[str, Callable[[Command], None]] = {
    "SIGTERM": lambda server: server.signal(signal.SIGTERM),
    "Ctrl-C": lambda server: server.signal(signal.SIGINT),
    "end of input": lambda server: server.end_input(),
}


@asynccontextmanager
async def serving(
    simulator: Simulator, folder: Path, *flags: str, **settings: object
) -> AsyncIterator[tuple[Command, Client]]:
    """Yield a server of agent 1001 and its client."""
    async with (
        Command.started(folder, "serve", *flags, settings=settings_for(simulator, **settings)) as server,
        server.client() as client,
    ):
        yield server, client


async def calling(client: Client, tool: str, **arguments: object) -> None:
    """Call a tool whose response may never arrive because the server ends."""
    with suppress(MCPError):
        await client.call_tool(tool, arguments)


# -- tool selection


@pytest.mark.parametrize("where", ["flags", "environment", "profile"])
async def test_tools_are_selected_by_flags_environment_or_profile(where: str, tmp_path: Path) -> None:
    chosen = {"toolsets": "core", "tools": "hold_call, end_call", "exclude_tools": "end_call,get_user"}
    nowhere = {"url": "https://127.0.0.1:9", "user": "1001", "password": "secret"}
    flags: list[str] = []
    settings: dict[str, object] = dict(nowhere)
    if where == "flags":
        flags = [part for name, value in chosen.items() for part in (f"--{name.replace('_', '-')}", value)]
    elif where == "environment":
        settings |= chosen
    else:
        profile = tmp_path / "profile.toml"
        profile.write_text("".join(f'{name} = "{value}"\n' for name, value in chosen.items()))
        flags = ["--profile", str(profile)]
    async with (
        Command.started(tmp_path, "serve", *flags, settings=settings) as server,
        server.client() as client,
    ):
        names = [tool.name for tool in (await client.list_tools()).tools]
    assert "get_session_status" in names
    assert names[-1] == "hold_call"
    assert not {"get_user", "end_call", "sign_in"}.intersection(names)


# -- while Finesse is unreachable


async def test_server_responds_immediately_while_finesse_is_unreachable(tmp_path: Path) -> None:
    nowhere = {"url": "https://127.0.0.1:1", "user": "1001", "password": "secret"}
    async with Command.started(tmp_path, "serve", settings=nowhere) as server, server.client() as client:
        started = time.monotonic()
        assert len((await client.list_tools()).tools) == 28
        assert time.monotonic() - started < 1
        status = await status_when(client, lambda status: "Next attempt" in status["detail"])
        assert status["state"] == "connecting"
        assert "127.0.0.1" in status["detail"]


async def test_wrong_password_is_tried_once_and_the_status_says_who_must_act(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        for _ in range(2):  # hosts restart a server that ends
            async with serving(simulator, tmp_path, password="hunter2") as (_, client):
                status = await status_when(client, lambda status: status["state"] == "refused")
                assert "password" in status["detail"]
                assert "hunter2" not in status["detail"]
                result = await client.call_tool("sign_in", {"extension": "4501"})
                assert "Only the user can correct this" in str(result.content)
        assert len(simulator.center.attempts) == 1


# -- shutdown


async def test_status_warns_that_others_can_read_the_password_in_the_profile(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text('url = "https://127.0.0.1:1"\nuser = "1001"\npassword = "secret"\n')
    profile.chmod(0o644)
    async with (
        Command.started(tmp_path, "serve", "--profile", str(profile)) as server,
        server.client() as client,
    ):
        notes = (await call(client, "get_session_status"))["notes"]
    assert f"Run: chmod 600 {profile}" in notes[0]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("stage", ["connecting", "ready", "waiting", "acting"])
async def test_server_ends_within_two_seconds_at_every_stage(stage: str, end: str, tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        if stage == "connecting":
            simulator.faults.no_answer(100, path="SystemInfo")
        async with (
            serving(simulator, tmp_path) as (server, client),
            anyio.create_task_group() as tasks,
        ):
            await _bring_to(stage, simulator, client, tasks)
            ENDS[end](server)
            ended = await server.ended()
        assert (ended.status, ended.out) == (0, "")
        assert ended.seconds < 2
        assert "Traceback" not in ended.err
        await assert_nothing_left(simulator)


async def _bring_to(stage: str, simulator: Simulator, client: Client, tasks: anyio.abc.TaskGroup) -> None:
    if stage == "connecting":
        assert (await call(client, "get_session_status"))["state"] == "connecting"
        return
    await ready(client)
    if stage == "waiting":
        tasks.start_soon(lambda: calling(client, "wait_for_notification", kind="gap", timeout=50))
        await client.list_tools()  # answered after the wait has begun
    if stage == "acting":
        simulator.faults.delay_events(60)
        tasks.start_soon(lambda: calling(client, "sign_in", extension="4501"))
        await until(lambda: writes(simulator))


async def test_client_that_disappears_during_a_wait_ends_the_server(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with (
            serving(simulator, tmp_path) as (server, client),
            anyio.create_task_group() as tasks,
        ):
            await _bring_to("waiting", simulator, client, tasks)
            simulator.center.colleague("1001").sign_in()  # so that a notification is sent
            server.hang_up()
            ended = await server.ended()
            tasks.cancel_scope.cancel()
        assert ended.status == 0
        assert "Traceback" not in ended.err
        await assert_nothing_left(simulator)


async def test_client_that_cancels_a_wait_is_still_served(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        serving(simulator, tmp_path) as (_, client),
    ):
        await ready(client)
        with anyio.move_on_after(0.2) as max_wait:
            await client.call_tool("wait_for_notification", {"kind": "gap", "timeout": 50})
        assert max_wait.cancelled_caught
        assert (await call(client, "sign_in", extension="4501"))["status"] == "confirmed"


async def test_empty_input_ends_the_server(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        ended = await run(tmp_path, "serve", settings=settings_for(simulator))
        assert (ended.status, ended.out, ended.err) == (0, "", "")
        await assert_nothing_left(simulator)


@pytest.mark.parametrize("end", ENDS)
async def test_built_in_simulator_leaves_no_files(end: str, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    async with (
        Command.started(tmp_path, "serve", "--simulator", variables={"TMPDIR": str(temporary)}) as server,
        server.client() as client,
    ):
        await ready(client)
        assert list(temporary.iterdir())
        ENDS[end](server)
        ended = await server.ended()
    assert ended.status == 0
    assert ended.seconds < 2
    assert "Traceback" not in ended.err
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
async def test_http_server_reports_its_url_and_ends_in_order(sent: signal.Signals, tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        flags = ("--transport", "http", "--port", "0")
        async with Command.started(tmp_path, "serve", *flags, settings=settings_for(simulator)) as server:
            url = (await server.said(r"Serving MCP at (http://127\.0\.0\.1:\d+/mcp)"))[1]
            async with Client(url) as client:
                await ready(client)
            server.signal(sent)
            ended = await server.ended()
        assert ended.status == 0
        assert ended.seconds < 2
        assert "Traceback" not in ended.err
        await assert_nothing_left(simulator)


# -- kill -9


@pytest.mark.parametrize("answered", [True, False], ids=["after the 202", "before any answer"])
async def test_server_killed_during_an_action_resumes_its_resource_and_sends_nothing_twice(
    answered: bool, tmp_path: Path
) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with (
            serving(simulator, tmp_path) as (server, client),
            anyio.create_task_group() as tasks,
        ):
            await _talk(simulator, client)
            before = own_rows(simulator)
            cursor = (await call(client, "get_session_status"))["cursor"]
            (session,) = simulator.notifications.sessions
            simulator.faults.lose_next_event(10)
            if not answered:
                simulator.faults.no_answer(method="PUT")
            tasks.start_soon(lambda: calling(client, "hold_call"))
            await until(lambda: "HOLD" in writes(simulator)[-1])
            server.signal(signal.SIGKILL)
            await server.process.wait()
        simulator.faults.clear()
        sent = writes(simulator)
        async with serving(simulator, tmp_path) as (_, client):
            status = await ready(client)
            assert status["link"]["address"] == str(session.jid)
            assert [str(item.jid) for item in simulator.notifications.sessions] == [str(session.jid)]
            assert own_rows(simulator) == before
            (dialog,) = (await call(client, "get_dialogs"))["dialogs"]
            assert dialog["my_state"] == "HELD"
            assert (await call(client, "get_notifications", after=cursor))["gap"] is True
        assert writes(simulator) == sent


async def _talk(simulator: Simulator, client: Client) -> None:
    """Connect the agent to a customer."""
    await ready(client)
    await call(client, "sign_in", extension="4501")
    await call(client, "change_state", state="READY")
    cursor = (await call(client, "get_session_status"))["cursor"]
    simulator.center.customers.call("8800", "3125550142")
    await call(client, "wait_for_notification", kind="dialog", field="state", value="ALERTING", after=cursor)
    assert (await call(client, "answer_call"))["status"] == "confirmed"


# -- in a terminal


@pytest.mark.parametrize("flags", [("--simulator",), ()], ids=["simulator", "settings"])
async def test_serve_in_a_terminal_says_that_it_waits_for_an_mcp_client(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    settings = {} if flags else {"url": "https://127.0.0.1:1", "user": "1001", "password": "secret"}
    async with Command.started(tmp_path, "serve", *flags, settings=settings, terminal=True) as server:
        await server.said(r"speaks MCP on stdin and stdout and waits for an MCP client\.")
        await server.said(r"`mcp-finesse demo`")
