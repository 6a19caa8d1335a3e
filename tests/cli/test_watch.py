"""``mcp-finesse watch``: shows notifications, changes nothing, and lets no caller control the terminal."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.cli import run as run_here
from mcp_finesse.cli import watch as watch_module
from mcp_finesse.rest import retry_get
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.cli.support import LIMIT, Command, assert_nothing_left, settings_for, until, writes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

LONG = {"user.note": "&" * 210, "user.Layout": "&" * 40, "user.orderId": "&" * 20, "user.tags": "&" * 12}
"""ECC variables of maximum length, which are longer in XML."""
# CSI as one C1 character, which XML can carry; DEL; right-to-left override.
NASTY = "\x9b31m red \x7f \u202e"


@asynccontextmanager
async def watching(simulator: Simulator, folder: Path, *flags: str) -> AsyncIterator[Command]:
    """Yield a command that watches agent 1001 and has said so."""
    async with Command.started(folder, "watch", *flags, settings=settings_for(simulator)) as command:
        await command.said("Watching user, dialogs, ")
        yield command


async def lines(command: Command, count: int) -> list[str]:
    assert command.process.stdout is not None
    async with asyncio.timeout(LIMIT):
        return [(await command.process.stdout.readline()).decode().rstrip("\n") for _ in range(count)]


def ring(simulator: Simulator, **variables: str) -> str:
    """Sign agent 1001 in and let a customer call."""
    agent = simulator.center.colleague("1001")
    agent.sign_in()
    agent.change_state("READY")
    return simulator.center.customers.call("8800", "3125550142", variables)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
async def test_watch_shows_notifications_until_it_is_stopped(sent: signal.Signals, tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with watching(simulator, tmp_path) as command:
            dialog_id = ring(simulator)
            shown = ""
            while f"call {dialog_id} ALERTING" not in shown:
                shown += (await lines(command, 1))[0] + "\n"
            assert "agent 1001 NOT_READY" in shown
            command.signal(sent)
            ended = await command.ended()
        assert ended.status == 0
        assert ended.seconds < 2
        assert "Traceback" not in ended.err
        assert writes(simulator) == []
        await assert_nothing_left(simulator)


@pytest.mark.parametrize("transport", ["websocket", "bosh", "tcp"])
async def test_watch_works_over_each_transport(transport: str, tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        host, port = simulator.tcp_address
        ways = f"{simulator.ws_url},{simulator.bosh_url},xmpps://{host}:{port}"
        flags = ("--xmpp-transport", transport, "--notification-urls", ways)
        async with watching(simulator, tmp_path, *flags, "--count", "1") as command:
            ring(simulator)
            ended = await command.ended()
        assert ended.status == 0
        assert "agent 1001" in ended.out


async def test_json_output_has_one_ascii_object_per_line(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with watching(simulator, tmp_path, "--json", "--raw", "--count", "4") as command:
            ring(simulator, callVariable1=NASTY)
            ended = await command.ended()
        entries: list[dict[str, Any]] = [json.loads(line) for line in ended.out.splitlines()]
        first = entries[0]["number"]
        assert [entry["number"] for entry in entries] == list(range(first, first + 4))
        assert {entry["feed"] for entry in entries} <= {"user", "dialogs"}
        (dialog,) = [entry for entry in entries if entry.get("event") == "POST"]
        assert NASTY in json.dumps(dialog["payload"], ensure_ascii=False)
        assert NASTY in dialog["raw"]
        assert ended.out.isascii()
        assert_harmless(ended.out)


async def test_caller_text_cannot_move_the_cursor(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with watching(simulator, tmp_path, "--raw", "--count", "4") as command:
            ring(simulator, callVariable1=NASTY)
            ended = await command.ended()
        assert ended.status == 0
        assert "31m red" in ended.out  # as plain text
        assert_harmless(ended.out)


async def test_raw_output_shows_whole_notifications(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with watching(simulator, tmp_path, "--raw", "--count", "4") as command:
            ring(simulator, **{f"callVariable{number}": "&" * 40 for number in range(1, 11)}, **LONG)
            ended = await command.ended()
        (post,) = [line for line in ended.out.splitlines() if "<Dialog>" in line]
        assert len(post) > 4000
        assert post.endswith("</Update>")


def assert_harmless(text: str) -> None:
    """Assert that there are no control characters, including those that change text direction."""
    found = {c for c in text if unicodedata.category(c) in ("Cc", "Cf")}
    assert found <= {"\n"}


async def test_watch_with_the_built_in_simulator_shows_calls(tmp_path: Path) -> None:
    async with Command.started(tmp_path, "watch", "--simulator") as command:
        shown = ""
        while "4501 ACTIVE" not in shown:
            shown += (await lines(command, 1))[0] + "\n"
        assert "4501 ALERTING" in shown
        command.signal(signal.SIGINT)
        ended = await command.ended()
    assert ended.status == 0
    assert "Traceback" not in ended.err


async def test_requested_feed_is_shown(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        async with watching(simulator, tmp_path, "--feed", "team:310", "--count", "1") as command:
            simulator.center.colleague("1002").sign_in()
            ended = await command.ended()
        assert ended.status == 0
        assert "team:310" in ended.out
        assert "agent 1002 NOT_READY" in ended.out
        await assert_nothing_left(simulator)


async def test_lost_connection_is_reported_and_its_gap_shown(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        watching(simulator, tmp_path, "--count", "1") as command,
    ):
        simulator.faults.kill_links()
        ended = await command.ended()
        assert ended.status == 0
        assert "reconnecting: " in ended.err
        assert "GAP " in ended.out


async def test_session_replaced_by_another_client_exits_with_3_and_the_reason(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        watching(simulator, tmp_path) as command,
    ):
        (session,) = simulator.notifications.sessions
        session.end("conflict")
        ended = await command.ended()
        assert ended.status == 3
        assert "Traceback" not in ended.err
        assert ended.err.splitlines()[-1].startswith("mcp-finesse: ")


async def test_closed_output_exits_with_0(tmp_path: Path) -> None:
    async with (
        Simulator(SimulatorSettings()) as simulator,
        watching(simulator, tmp_path) as command,
    ):
        command.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        simulator.center.colleague("1001").sign_in()
        ended = await command.ended()
        assert ended.status == 0
        assert "Traceback" not in ended.err
        assert "Exception" not in ended.err


async def test_ctrl_c_ends_watch_while_connecting(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        simulator.faults.no_answer(100, path="SystemInfo")
        async with Command.started(tmp_path, "watch", settings=settings_for(simulator)) as command:
            await until(lambda: simulator.requests)
            command.signal(signal.SIGINT)
            ended = await command.ended()
        assert (ended.status, ended.err) == (0, "")


# -- in the test process: a separate one is not needed


def sentence_of(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the last line on stderr. Stdout must be empty."""
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return str(err.splitlines()[-1])


@pytest.fixture
def agent(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    for name, value in settings_for(simulator).items():
        monkeypatch.setenv(f"FINESSE_{name.upper()}", str(value))
    return simulator


def test_wrong_password_is_tried_once_and_exits_with_3(
    agent: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FINESSE_PASSWORD", "hunter2")
    assert run_here(["watch"]) == 3
    said = sentence_of(capsys)
    assert said.startswith("mcp-finesse: Finesse rejected the user id or the password of 1001.")
    assert "hunter2" not in said
    assert len(agent.center.attempts) == 1


def test_reason_for_exit_is_printed_once(
    agent: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FINESSE_PASSWORD", "hunter2")
    run_here(["watch"])
    assert capsys.readouterr().err.count("rejected the user id or the password") == 1


def test_unknown_feed_exits_with_2(agent: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["watch", "--feed", "nosuch"]) == 2
    assert "nosuch" in sentence_of(capsys)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://127.0.0.1:1", "127.0.0.1"),
        ("https://nosuch.invalid:8445", "cannot be resolved"),
    ],
)
def test_unreachable_finesse_exits_with_3(
    url: str, why: str, agent: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch_module, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(retry_get, "RETRY_DELAYS", ())
    monkeypatch.setenv("FINESSE_URL", url)
    assert run_here(["watch"]) == 3
    assert why in sentence_of(capsys)


def test_untrusted_certificate_exits_with_3(
    agent: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch_module, "CONNECT_SECONDS", 0.5)
    monkeypatch.delenv("FINESSE_CA_FILE")
    assert run_here(["watch"]) == 3
    assert "certificate" in sentence_of(capsys)


def test_server_that_responds_with_html_exits_with_3(
    agent: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch_module, "CONNECT_SECONDS", 0.5)
    agent.faults.html_answer(50)
    assert run_here(["watch"]) == 3
    assert "text/html" in sentence_of(capsys)
