"""No secret leaves the process: every command and every tool at DEBUG level, with failures injected.

The secrets are searched for in stdout, stderr, results of tools, the audit log and the state folder, in any encoding.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import SecretStr

from mcp_finesse.account_guard import AccountGuard
from mcp_finesse.cli.options import session_config
from mcp_finesse.credentials import Login, Token
from mcp_finesse.errors import FinesseError
from mcp_finesse.proxies import Proxies
from mcp_finesse.session import FinesseSession
from mcp_finesse.settings import Settings
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.sign_on import fetch_token
from mcp_finesse.simulator.world.world import World, default_world
from tests.cli.canaries import found_in, self_test, text_of_folder
from tests.cli.support import Command, ready, run
from tests.cli.test_read_only import FREE, READING, WITHOUT_EFFECT, WRITING
from tests.proxies.support import ConnectProxy

PASSWORD = 'cAnary<Agent>&"7'
ADMIN_PASSWORD = "cAnary/Admin+8"
PROXY_PASSWORD = "cAnaryProxy9"
WRONG_PASSWORD = "cAnaryWrong=3"
PRINTED = "cAnaryPrinted5"
SECRETS = (PASSWORD, ADMIN_PASSWORD, PROXY_PASSWORD, WRONG_PASSWORD, PRINTED)
ARGUMENTS = READING | WITHOUT_EFFECT | WRITING


def echoes(stage: Stage) -> list[dict[str, Any]]:
    """Return requests in which an assistant repeats secrets that it should not know."""
    agent, administrator = (str(stage.settings.get(name, "")) for name in ("password", "admin_password"))
    issued = stage.simulator.center.tokens._issued
    agent = agent or (issued[-1].token if issued else "x")
    return [
        {"method": "GET", "path": "User/1001", "query": {"token": agent, "x": administrator, "y": agent}},
        {
            "method": "POST",
            "path": "/desktop/sso/token",
            "body": f"token={agent}&refresh-token={administrator}",
        },
    ]


def world() -> World:
    default = default_world()
    agents = tuple(replace(each, password=PASSWORD) for each in default.agents)
    return replace(
        default, agents=agents, administrator=replace(default.administrator, password=ADMIN_PASSWORD)
    )


@dataclass
class Stage:
    """What a scenario prepares: the settings of the commands, and what happens to the simulator."""

    simulator: Simulator
    settings: dict[str, object]
    stack: AsyncExitStack
    while_running: Callable[[], object] = lambda: None

    def program(self, code: str) -> str:
        """Return the setting of a command that runs a script, whose secrets are in no argument."""
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "script.py").write_text(code)
        return json.dumps([sys.executable, str(folder / "script.py")])


Scenario = Callable[[Stage], Any]


async def nothing_fails(_: Stage) -> None:
    """Everything works."""


async def wrong_password(stage: Stage) -> None:
    stage.settings["password"] = WRONG_PASSWORD
    stage.settings["admin_password"] = WRONG_PASSWORD


async def dead_server(stage: Stage) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        stage.settings["url"] = f"https://localhost:{free.getsockname()[1]}"


async def untrusted_certificate(stage: Stage) -> None:
    del stage.settings["ca_file"]


async def malformed_answers(stage: Stage) -> None:
    echo = f"<html><form>{PASSWORD}</form> token={PASSWORD} Authorization: Basic x</html>"
    stage.simulator.faults.http_status(500, n=1000, body=echo)


async def malformed_events(stage: Stage) -> None:
    stage.while_running = lambda: stage.simulator.faults.malformed_event(1000)


async def rejecting_proxy(stage: Stage) -> None:
    said = f'HTTP/1.1 407 {PROXY_PASSWORD}\r\nProxy-Authenticate: Basic realm="{PROXY_PASSWORD}"\r\n\r\n'
    proxy = await stage.stack.enter_async_context(ConnectProxy(answer=said.encode()))
    stage.settings["proxy"] = proxy.url(f"user:{PROXY_PASSWORD}")


async def failing_command(stage: Stage) -> None:
    del stage.settings["password"]
    code = f"import sys; print({PRINTED!r}); print({PRINTED!r}, file=sys.stderr); sys.exit(3)"
    stage.settings["password_command"] = stage.program(code)


async def command_that_prints_garbage(stage: Stage) -> None:
    del stage.settings["password"]
    stage.settings["password_command"] = stage.program(f"print({PRINTED!r} + chr(10) + {PRINTED!r})")


async def command_that_prints_without_end(stage: Stage) -> None:
    del stage.settings["password"]
    stage.settings["password_command"] = stage.program(f"while True: print({PRINTED!r})")


async def token_command_that_prints_garbage(stage: Stage) -> None:
    stage.settings["token_command"] = stage.program(f'print(\'{{"access_token": "{PRINTED}\')')


async def revoked_token(stage: Stage) -> None:
    stage.while_running = lambda: stage.simulator.center.tokens.revoke("1001")


async def expired_token(stage: Stage) -> None:
    tokens = stage.simulator.center.tokens

    def expire() -> None:
        tokens.expire("1001")
        tokens.issue = lambda _: tokens._add("1001", "unused", 0.0)  # type: ignore[method-assign]

    stage.while_running = expire


SCENARIOS: list[Scenario] = [
    nothing_fails,
    wrong_password,
    dead_server,
    untrusted_certificate,
    malformed_answers,
    malformed_events,
    rejecting_proxy,
    failing_command,
    command_that_prints_garbage,
    command_that_prints_without_end,
    token_command_that_prints_garbage,
    revoked_token,
    expired_token,
]


@asynccontextmanager
async def stage_of(scenario: Scenario) -> AsyncIterator[Stage]:
    sso = scenario in (token_command_that_prints_garbage, revoked_token, expired_token)
    async with (
        Simulator(SimulatorSettings(auth_mode="SSO" if sso else "NON_SSO"), world()) as simulator,
        AsyncExitStack() as stack,
    ):
        settings: dict[str, object] = {
            "url": simulator.url, "user": "1001", "password": PASSWORD, "ca_file": simulator.ca_file,
            "admin_user": simulator.center.world.administrator.id, "admin_password": ADMIN_PASSWORD,
            "log_level": "DEBUG", "connect_timeout": 2, "request_timeout": 2,
        }  # fmt: skip
        if sso:
            del settings["password"]
            command = [
                sys.executable,
                "-m",
                fetch_token.__name__,
                simulator.url,
                "1001",
                str(simulator.ca_file),
            ]
            settings["token_command"] = json.dumps(command)
        stage = Stage(simulator, settings, stack)
        await scenario(stage)
        yield stage


def secrets_of(stage: Stage) -> list[str]:
    """Return all secrets of a run, those that the simulator issued included."""
    issued = [
        text for each in stage.simulator.center.tokens._issued for text in (each.token, each.refresh_token)
    ]
    return [*SECRETS, *(text for text in issued if text != "unused")]


async def call_everything(command: Command, stage: Stage) -> list[str]:
    """Call every tool, read every resource, and return all that the client received."""
    received: list[str] = []

    async def call(tool: str, arguments: dict[str, Any]) -> None:
        with anyio.move_on_after(12):
            received.append((await client.call_tool(tool, arguments)).model_dump_json())

    async def read(uri: str) -> None:
        with suppress(Exception), anyio.move_on_after(12):
            received.append((await client.read_resource(uri)).model_dump_json())

    async with command.client() as client:
        tools = (await client.list_tools()).tools
        received += [tool.model_dump_json() for tool in tools]
        resources = (await client.list_resources()).resources
        with suppress(TimeoutError):
            async with asyncio.timeout(4):  # some scenarios never become ready
                await ready(client)
        stage.while_running()
        async with anyio.create_task_group() as tasks:
            for tool in tools:
                tasks.start_soon(call, tool.name, ARGUMENTS.get(tool.name, {}))
            repeated = echoes(stage)
            as_administrator = [{**each, "as_administrator": True} for each in repeated]
            for arguments in (*FREE, *repeated, *as_administrator):
                tasks.start_soon(call, "send_request", arguments)
            for resource in resources:
                tasks.start_soon(read, str(resource.uri))
        await call("get_session_status", {})
        await call("get_notifications", {"limit": 50})
    return received


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_server_shows_no_secret(scenario: Scenario, tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    async with stage_of(scenario) as stage:
        settings = stage.settings | {"toolsets": "all", "audit": audit}
        async with Command.started(tmp_path, "serve", settings=settings) as command:
            received = await call_everything(command, stage)
            command.end_input()
            ended = await command.ended()
        secrets = secrets_of(stage)
    assert len(received) > 60
    assert audit.read_text(), "the audit log was written"
    for name, text in {
        "results": "\n".join(received),
        "stdout": ended.out,
        "stderr": ended.err,
        "files": text_of_folder(tmp_path),
    }.items():
        assert found_in(text, secrets) == [], name


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_watch_shows_no_secret(scenario: Scenario, tmp_path: Path) -> None:
    async with stage_of(scenario) as stage:
        settings = {name: value for name, value in stage.settings.items() if not name.startswith("admin_")}
        async with Command.started(tmp_path, "watch", "--raw", "--json", settings=settings) as command:
            with anyio.move_on_after(3):
                await command.process.wait()
            stage.while_running()
            stage.simulator.faults.kill_links()
            with anyio.move_on_after(1):
                await command.process.wait()
            if command.process.returncode is None:
                command.process.terminate()
            ended = await command.ended()
        secrets = secrets_of(stage)
    assert ended.err
    assert found_in(f"{ended.out}\n{ended.err}\n{text_of_folder(tmp_path)}", secrets) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("serve", "--help"),
        ("watch", "--count", "0"),
        ("demo", "--speed", "0"),
        ("simulate", "--port", "-1"),
        ("audit", "verify", "no-such-file"),
        ("serve", "--proxy", f"http://user:{PROXY_PASSWORD}@localhost:1"),
        ("serve", f"--url=https://user:{PASSWORD}@localhost:1"),
        ("serve", "--password", "x"),
        ("serve", "--action-timeout", "x"),
        ("serve", "--profile", "profile.toml"),
    ],
)
async def test_other_commands_and_wrong_settings_show_no_secret(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "profile.toml").write_text(
        f'password = "{PRINTED}"\nadmin_password = ["{PRINTED}"]\nother = 1\n'
    )
    profile = tuple(str(tmp_path / each) if each == "profile.toml" else each for each in arguments)
    settings = {
        "password": PASSWORD,
        "admin_password": ADMIN_PASSWORD,
        "proxy": f"http://user:{PROXY_PASSWORD}@h:1",
    }
    (tmp_path / "run").mkdir()
    ended = await run(tmp_path / "run", *profile, settings=settings)
    assert found_in(f"{ended.out}\n{ended.err}\n{text_of_folder(tmp_path / 'run')}", SECRETS) == []


def objects_of(session: FinesseSession) -> list[object]:
    return [
        session.config, session.config.credentials, session.nodes, session.nodes.login, session.nodes.guard,
        session.nodes.rest, session.administration, session.status, session,
    ]  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_representations_and_exceptions_show_no_secret(
    scenario: Scenario, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Log everything at DEBUG, the HTTP libraries included."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("slixmpp").setLevel(logging.CRITICAL)  # as the commands do
    said: list[str] = []
    async with stage_of(scenario) as stage:
        made = {
            name: json.loads(str(value)) if name.endswith("_command") else value
            for name, value in stage.settings.items()
        }
        settings = Settings(**made, state_dir=tmp_path / "state")
        config = session_config(settings)
        said += [repr(settings), str(settings), repr(config), str(config)]
        async with FinesseSession(config) as session:
            for step in (
                session.ready(4),
                session.nodes.rest.get("Team/310"),
                session.administration.teams(),
            ):
                try:
                    await step
                except FinesseError as error:
                    said += [str(error), repr(error), *traceback.format_exception(error)]
            stage.while_running()
            for _ in range(2):
                try:
                    await session.nodes.rest.send("PUT", "User/1001", b"<User/>", "id")
                except FinesseError as error:
                    said += [str(error), repr(error), *traceback.format_exception(error)]
            for each in objects_of(session):
                said += [repr(each), str(each), repr(getattr(each, "__dict__", ""))]
        secrets = secrets_of(stage)
    assert found_in("\n".join(said) + caplog.text, secrets) == []


def test_parts_that_hold_secrets_do_not_show_them() -> None:
    token = Token(
        "1001", SecretStr(PASSWORD.replace("<", "").replace(">", "").replace("&", "").replace('"', "")), 60
    )
    login = Login(token)
    parts = [token, login, AccountGuard("1001"), Proxies(own=f"http://user:{PROXY_PASSWORD}@h:1")]
    text = " ".join(f"{part!r} {part} {getattr(part, '__dict__', '')!r}" for part in parts[:3])
    assert found_in(text, [token.password]) == []


@pytest.mark.parametrize("secret", SECRETS)
def test_search_finds_every_encoding(secret: str) -> None:
    for text in self_test(secret):
        assert found_in(f"before {text} after", [secret]), text
    assert found_in("nothing here, and nothing in QmFzaWM6bm90aGluZw==", [secret]) == []
