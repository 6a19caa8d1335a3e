"""``mcp-finesse simulate``: a Finesse that any client can use until it is stopped."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mcp_finesse.cli import run as run_here
from tests.cli.support import Command, ready

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


async def said(command: Command) -> tuple[str, str]:
    """Return the printed URL and CA file after checking the printed commands."""
    assert command.process.stdout is not None
    text = (await command.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
    url = re.search(r"(?:Simulated Finesse|Second simulated node) at (https://localhost:\d+)\.\n", text)
    ca_file = re.search(r"CA certificate: (.+)\.\n", text)
    assert url is not None
    assert ca_file is not None
    shell = f"""\
  FINESSE_URL={url[1]} \\
  FINESSE_USER=1001 \\
  FINESSE_PASSWORD=secret \\
  FINESSE_CA_FILE={ca_file[1]} \\
  mcp-finesse """
    assert f"{shell}watch\n" in text
    assert f"{shell}serve --transport http\n" in text
    assert entry(text)["env"]["FINESSE_CA_FILE"] == ca_file[1]
    return url[1], ca_file[1]


def entry(text: str) -> dict[str, Any]:
    """Return the printed entry for an MCP client."""
    found = re.search(r"^\{\n.*^\}$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return dict(json.loads(found[0])["mcpServers"]["finesse"])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
async def test_simulator_serves_the_printed_url_and_leaves_no_files(
    sent: signal.Signals, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    flags = ("--port", "0", "--platform", "UCCX")
    variables = {"TMPDIR": str(temporary)}
    async with Command.started(tmp_path, "simulate", *flags, variables=variables) as command:
        url, ca_file = await said(command)
        trust = ssl.create_default_context(cafile=ca_file)
        async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
            answer = await client.get(f"{url}/finesse/api/User/1001", auth=("1001", "secret"))
            assert answer.status_code == 200
            assert "<loginId>1001</loginId>" in answer.text
            info = await client.get(f"{url}/finesse/api/SystemInfo", auth=("1001", "secret"))
            assert "UCCX" in info.text
        command.signal(sent)
        ended = await command.ended()
    assert (ended.status, ended.err) == (0, "")
    assert ended.seconds < 2
    assert list(temporary.iterdir()) == []


async def test_killed_simulator_leaves_no_usable_key_and_the_next_start_removes_its_files(
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    flags, variables = ("--port", "0", "--no-customers"), {"TMPDIR": str(temporary)}
    foreign = temporary / "mcp-finesse-simulator-of-somebody"
    foreign.mkdir()
    async with (
        Command.started(tmp_path, "simulate", *flags, variables=variables) as killed,
        Command.started(tmp_path, "simulate", *flags, variables=variables) as running,
    ):
        _, left = await said(killed)
        _, used = await said(running)
        killed.signal(signal.SIGKILL)
        assert (await killed.ended()).status == -signal.SIGKILL
        files = {path.name: path for path in Path(left).parent.iterdir()}
        (key,) = (path for name, path in files.items() if name.endswith(".key"))
        assert key.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        with pytest.raises(TypeError, match="encrypted"):
            load_pem_private_key(key.read_bytes(), None)
        others = b"".join(path.read_bytes() for path in files.values() if path != key)
        assert b"PRIVATE" not in others
        async with Command.started(tmp_path, "simulate", *flags, variables=variables) as next_one:
            _, new = await said(next_one)
            expected = {foreign, Path(used).parent, Path(new).parent}
            assert set(temporary.iterdir()) == expected
            for command in (next_one, running):
                command.signal(signal.SIGTERM)
                assert (await command.ended()).status == 0
    assert list(temporary.iterdir()) == [foreign]


async def test_two_nodes_name_each_other_and_share_one_ca(tmp_path: Path) -> None:
    flags = ("--port", "0", "--nodes", "2", "--no-customers")
    async with Command.started(tmp_path, "simulate", *flags) as command:
        assert command.process.stdout is not None
        text = (await command.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
        first, second = re.findall(
            r"(?:Simulated Finesse|Second simulated node) at (https://localhost:\d+)\.\n", text
        )
        assert text.count("Notification Service: wss://") == 2
        assert entry(text)["env"]["FINESSE_URL"] == first
        ca_file = re.search(r"CA certificate: (.+)\.\n", text)
        assert ca_file is not None
        trust = ssl.create_default_context(cafile=ca_file[1])
        async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
            for url in (first, second):
                info = (await client.get(f"{url}/finesse/api/SystemInfo")).text
                ports = re.findall(r"<httpsPort>(\d+)</httpsPort>", info)
                assert [f"https://localhost:{port}" for port in ports] == [first, second]
        command.signal(signal.SIGTERM)
        assert (await command.ended()).status == 0


async def test_ca_certificate_is_written_to_the_given_path(tmp_path: Path) -> None:
    wanted = tmp_path / "ca.pem"
    flags = ("--port", "0", "--no-customers", "--write-ca", str(wanted))
    async with Command.started(tmp_path, "simulate", *flags) as command:
        _, ca_file = await said(command)
        assert ca_file == str(wanted)
        ssl.create_default_context(cafile=ca_file)
        command.signal(signal.SIGTERM)
        assert (await command.ended()).status == 0
    assert wanted.is_file()


async def test_ca_certificate_of_a_port_has_the_same_path_in_each_run(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    stable = tmp_path / "state" / "mcp-finesse" / f"simulator-{port}-ca.pem"
    for _ in range(2):
        async with Command.started(tmp_path, "simulate", "--port", port, "--no-customers") as command:
            url, ca_file = await said(command)
            assert ca_file == str(stable)
            trust = ssl.create_default_context(cafile=ca_file)
            async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
                assert (await client.get(f"{url}/finesse/api/SystemInfo")).status_code == 200
            command.signal(signal.SIGTERM)
            assert (await command.ended()).status == 0


async def test_unwritable_state_folder_leaves_the_ca_certificate_in_the_temporary_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    async with Command.started(tmp_path, "simulate", "--port", port, "--no-customers") as command:
        _, ca_file = await said(command)
        ssl.create_default_context(cafile=ca_file)
        command.signal(signal.SIGTERM)
        assert (await command.ended()).status == 0


async def test_printed_client_entry_starts_a_server_that_becomes_ready(tmp_path: Path) -> None:
    async with Command.started(tmp_path, "simulate", "--port", "0", "--no-customers") as command:
        assert command.process.stdout is not None
        text = (await command.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
        printed = entry(text)
        variables = {name: str(value) for name, value in printed["env"].items()}
        async with (
            Command.started(tmp_path, *printed["args"], variables=variables) as server,
            server.client() as client,
        ):
            assert (await ready(client))["user_id"] == "1001"


def test_port_in_use_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_here(["simulate", "--port", str(port)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"mcp-finesse: Cannot listen on 127.0.0.1 port {port}: ")
    assert len(err.splitlines()) == 1


def test_second_node_requires_the_next_port(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_here(["simulate", "--nodes", "2", "--port", str(port - 1)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"mcp-finesse: Cannot listen on 127.0.0.1 port {port - 1} or {port}: ")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--port", "70000"),
        ("--host", "nosuch.invalid"),
        ("--platform", "UCCZ"),
        ("--nodes", "3"),
        ("--log-level", "LOUD"),
        ("--speed", "0"),
        ("--speed", "nan"),
        ("--write-ca", "/nosuch/folder/ca.pem"),
    ],
    ids=lambda wrong: wrong[0],
)
def test_invalid_option_exits_with_2_and_one_sentence(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(["simulate", "--port", "0", *wrong]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mcp-finesse: ")
    assert wrong[1] in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("sso", "mode"), [("all", "SSO"), ("hybrid", "HYBRID")])
async def test_printed_entry_with_a_token_command_connects(sso: str, mode: str, tmp_path: Path) -> None:
    flags = ("--port", "0", "--sso", sso, "--token-seconds", "60")
    async with Command.started(tmp_path, "simulate", *flags) as simulate:
        assert simulate.process.stdout is not None
        text = (await simulate.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
        env = entry(text)["env"]
        assert "FINESSE_PASSWORD" not in text
        async with httpx.AsyncClient(
            verify=ssl.create_default_context(cafile=env["FINESSE_CA_FILE"])
        ) as client:
            info = await client.get(f"{env['FINESSE_URL']}/finesse/api/SystemInfo")
            assert f"<systemAuthMode>{mode}</systemAuthMode>" in info.text
        async with (
            Command.started(tmp_path, "serve", variables=env) as serve,
            serve.client() as client,
        ):
            assert (await ready(client))["state"] == "ready"


def test_speed_without_a_scenario_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["simulate", "--port", "0", "--speed", "10"]) == 2
    assert "--speed requires --scenario." in capsys.readouterr().err


SCENARIO = """\
title: One call
duration: 60
agents:
  - {id: 11, first_name: Ann, last_name: Lee, extension: 5001, team: 7}
  - {id: 12, first_name: Bob, last_name: Ray, extension: 5002, team: 7}
teams: [{id: 7, name: Team}]
queues: [{id: 70, name: Sales, number: 8000, agents: [11, 12]}]
scripted_agents: [{agents: [11], answers: 1, wraps_up: 0}]
calls: [{queue: Sales, at: 5, number: 3125550142, name: A & B}]
"""


async def test_scenario_runs_at_the_given_speed_and_the_entry_is_for_a_free_agent(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SCENARIO)
    flags = ("--port", "0", "--scenario", str(path), "--speed", "100")
    async with Command.started(tmp_path, "simulate", *flags) as command:
        assert command.process.stdout is not None
        text = (await command.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
        assert text.startswith("Scenario: One call, 0.0 minutes at speed 100.\n")
        env = entry(text)["env"]
        assert env["FINESSE_USER"] == "12"
        trust = ssl.create_default_context(cafile=env["FINESSE_CA_FILE"])
        async with httpx.AsyncClient(verify=trust, trust_env=False, auth=("11", "secret")) as client:
            answer = await client.get(f"{env['FINESSE_URL']}/finesse/api/User/11/Dialogs")
            with anyio.fail_after(20):
                while "<state>ACTIVE</state>" not in answer.text:
                    answer = await client.get(f"{env['FINESSE_URL']}/finesse/api/User/11/Dialogs")
        assert "A &amp; B" in answer.text
        command.signal(signal.SIGTERM)
        ended = await command.ended()
    assert (ended.status, ended.err) == (0, "")


async def test_scenario_with_two_nodes_starts_two_nodes(tmp_path: Path) -> None:
    async with Command.started(tmp_path, "simulate", "--port", "0", "--scenario", "node-failure") as command:
        assert command.process.stdout is not None
        text = (await command.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
        assert "Second simulated node at https://" in text
        assert "Scenario: Node failure, 40.0 minutes at speed 1." in text
        command.signal(signal.SIGTERM)
        assert (await command.ended()).status == 0


async def test_printed_console_serves_the_page_and_its_events_until_the_simulator_ends(
    tmp_path: Path,
) -> None:
    async with Command.started(tmp_path, "simulate", "--port", "0", "--nodes", "2") as command:
        assert command.process.stdout is not None
        text = (await command.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
        found = re.search(r"^  (http://127\.0\.0\.1:\d+)/#token=([\w-]+)$", text, re.MULTILINE)
        assert found is not None
        async with httpx.AsyncClient(base_url=found[1], trust_env=False) as client:
            assert "<!doctype html>" in (await client.get("/")).text
            async with client.stream("GET", "/events", headers={"X-Console-Token": found[2]}) as answer:
                lines = answer.aiter_lines()
                assert await anext(lines) == "event: snapshot"
                data = json.loads((await anext(lines)).removeprefix("data: "))
                assert set(data["state"]["nodes"]) == {"fin-a.sim", "fin-b.sim"}
                command.signal(signal.SIGTERM)
                ended = await command.ended()
        assert (ended.status, ended.err) == (0, "")
        assert ended.seconds < 2


async def test_no_console_is_served_with_no_console(tmp_path: Path) -> None:
    async with Command.started(tmp_path, "simulate", "--port", "0", "--no-console") as command:
        assert command.process.stdout is not None
        text = (await command.process.stdout.readuntil(b"Press Ctrl-C to end.\n")).decode()
        assert "console" not in text
        command.signal(signal.SIGTERM)
        assert (await command.ended()).status == 0


async def test_console_port_in_use_is_reported_with_advice(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        flags = ("--port", "0", "--console-port", port)
        async with Command.started(tmp_path, "simulate", *flags) as command:
            ended = await command.ended()
    assert ended.status != 0
    assert f"The web console cannot listen on port {port}: " in ended.err
    assert "--console-port" in ended.err
    assert "Traceback" not in ended.err
