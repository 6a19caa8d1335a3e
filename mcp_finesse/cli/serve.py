"""``mcp-finesse serve``: the MCP server, for one agent."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import click

from mcp_finesse.cli.options import (
    comma_list,
    connection_options,
    own_flag,
    read_settings,
    session_config,
    setting,
)
from mcp_finesse.cli.running import run_async
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server import Selection, build_server, serve_http, serve_stdio
from mcp_finesse.session import FinesseSession, SessionConfig
from mcp_finesse.settings import Settings


@click.command()
@connection_options
@setting(
    "--transport",
    type=click.Choice(["stdio", "http"]),
    help="How MCP clients reach this server; stdio by default.",
)
@setting("--host", help="Where to listen with --transport http.")
@setting("--port", type=int, help="Port for --transport http, 8765 by default; 0 takes a free one.")
@setting(
    "--allowed-hosts",
    help="Names under which HTTP clients may reach this server beyond loopback, with commas between "
    "(name or name:*). Needed to listen anywhere else; put something that checks who comes in front.",
)
@setting("--toolsets", help="Toolsets beside core, with commas between, or all; agent by default.")
@setting("--tools", help="Single tools to have as well, with commas between.")
@setting(
    "--admin-user",
    help="Id of an administrator, for the toolset admin; the password comes from FINESSE_ADMIN_PASSWORD or the "
    "profile.",
)
@setting("--exclude-tools", help="Tools to leave out, with commas between; wins over the other two.")
@setting("--read-only/--no-read-only", help="Let no PUT, POST or DELETE leave the process.")
@own_flag(
    "--simulator",
    is_flag=True,
    help="Practise: agent 1001 on a built-in Finesse, with customers who call.",
)
def serve(simulator: bool, **flags: Any) -> None:
    """Serve MCP for one agent, for an administrator, or for both.

    This is the command to give to an MCP client. It connects to Finesse in the background: a client gets its
    tools at once, and get_session_status tells how far the connection is. It never signs the agent in or out
    by itself.
    """
    settings = read_settings(flags)
    if settings.transport == "stdio" and (sys.stdin is None or sys.stdout is None):
        raise ConfigurationError(
            "stdin or stdout is closed, and with them the way to the MCP client.",
            advice="Let an MCP client start this command, or serve with --transport http.",
        )
    if settings.transport == "stdio" and sys.stdin.isatty():
        click.echo(_IN_A_TERMINAL, err=True)
    run_async(_serve, settings, simulator)


_IN_A_TERMINAL = """\
mcp-finesse serve speaks MCP on stdin and stdout and waits for an MCP client.
Normally the client starts this command itself: see docs/setup.md for the entry of each client.
To see it work without a client, run `mcp-finesse demo`. Press Ctrl-C to end."""


async def _serve(settings: Settings, simulator: bool) -> None:
    async with _config(settings, simulator) as config:
        closed = anyio.Event()
        server = build_server(
            lambda: FinesseSession(config),
            read_only=config.read_only,
            selection=_selection(settings),
            closed=closed,
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
    from mcp_finesse.cli.simulation import practice_floor  # only then: it costs a fifth of the start

    async with practice_floor(settings) as config:
        yield config
