"""``mcp-finesse serve`` runs the MCP server for one agent."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import click

from mcp_finesse.cli.async_main import run_async
from mcp_finesse.cli.options import (
    comma_list,
    command_flag,
    read_settings,
    session_config,
    setting_options,
)
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server import (
    NO_RULES,
    AuditFile,
    Auditor,
    Selection,
    build_server,
    read_policy_file,
    serve_http,
    serve_stdio,
)
from mcp_finesse.session import FinesseSession, SessionConfig
from mcp_finesse.settings import Settings


@click.command()
@setting_options()
@setting_options("serve")
@command_flag(
    "--simulator",
    is_flag=True,
    help="Use the built-in simulated Finesse, in which customers call agent 1001.",
)
def serve(simulator: bool, **flags: Any) -> None:
    """Serve MCP for one agent, for an administrator, or for both.

    This is the command that an MCP client runs. It connects to Finesse in the background: the client gets its
    tools immediately, and get_session_status shows the state of the connection. It never signs the agent in
    or out automatically.
    """
    settings = read_settings(flags)
    if settings.transport == "stdio" and (sys.stdin is None or sys.stdout is None):
        raise ConfigurationError(
            "stdin or stdout is closed, so there is no connection to an MCP client.",
            advice="Let an MCP client start this command, or add --transport http.",
        )
    if settings.transport == "stdio" and sys.stdin.isatty():
        click.echo(_TERMINAL_NOTICE, err=True)
    run_async(_serve, settings, simulator)


_TERMINAL_NOTICE = """\
mcp-finesse serve speaks MCP on stdin and stdout and waits for an MCP client.
Normally the client starts this command itself. See docs/get-started/clients.md for each client's configuration.
To see this server work without a client, run `mcp-finesse demo`. Press Ctrl-C to end."""


async def _serve(settings: Settings, simulator: bool) -> None:
    rules = read_policy_file(settings.policy) if settings.policy is not None else NO_RULES
    async with _config(settings, simulator) as config:
        closed = anyio.Event()
        server = build_server(
            lambda: FinesseSession(config),
            read_only=config.read_only,
            selection=_selection(settings),
            closed=closed,
            auditor=_auditor(settings),
            rules=rules,
            confirm=settings.confirm,
        )
        if settings.transport == "stdio":
            await serve_stdio(server, closed)
        else:
            await serve_http(
                server,
                settings.host,
                settings.port,
                allowed_hosts=comma_list(settings.allowed_hosts),
                on_started=lambda url: click.echo(f"Serving MCP at {url}", err=True),
            )


def _auditor(settings: Settings) -> Auditor:
    file = AuditFile(settings.audit, settings.audit_size * 2**20) if settings.audit is not None else None
    return Auditor(file, refuse=settings.audit_on_error == "refuse")


def _selection(settings: Settings) -> Selection:
    return Selection(
        toolsets=comma_list(settings.toolsets),
        tools=comma_list(settings.tools),
        exclude=comma_list(settings.exclude_tools),
    )


@asynccontextmanager
async def _config(settings: Settings, simulator: bool) -> AsyncIterator[SessionConfig]:
    if not simulator:
        yield session_config(settings, needs_agent=_selection(settings).needs_agent())
        return
    from mcp_finesse.cli.simulation import practice_simulator  # only if needed: a fifth of the startup time

    async with practice_simulator(settings) as config:
        yield config
