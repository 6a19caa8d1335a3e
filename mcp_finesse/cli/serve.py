"""``mcp-finesse serve`` runs the MCP server for one agent."""

from __future__ import annotations

import os
import ssl
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
from mcp_finesse.proxies import Proxies
from mcp_finesse.server import (
    NO_RULES,
    AuditFile,
    Auditor,
    AuthConfig,
    Exposure,
    OAuthConfig,
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
            redaction=settings.redaction,
        )
        if settings.transport == "stdio":
            await serve_stdio(server, closed)
        else:
            await serve_http(
                server,
                settings.host,
                settings.port,
                allowed_hosts=comma_list(settings.allowed_hosts),
                exposure=_exposure(settings),
                auth=_auth(settings),
                on_started=lambda url: click.echo(f"Serving MCP at {url}", err=True),
            )


def _exposure(settings: Settings) -> Exposure:
    return Exposure(
        public_url=settings.public_url,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        behind_tls_proxy=settings.behind_tls_proxy,
    )


def _auth(settings: Settings) -> AuthConfig:
    return AuthConfig(token_file=settings.token_file, oauth=_oauth(settings))


def _oauth(settings: Settings) -> OAuthConfig | None:
    if settings.oauth_issuer is None:
        for name in ("audience", "jwks_url", "introspection_url", "client_id", "client_secret"):
            if getattr(settings, f"oauth_{name}") is not None:
                raise ConfigurationError(
                    f"FINESSE_OAUTH_{name.upper()} has no effect without FINESSE_OAUTH_ISSUER.",
                    advice=f"Set FINESSE_OAUTH_ISSUER, or remove FINESSE_OAUTH_{name.upper()}.",
                )
        return None
    secret = settings.oauth_client_secret
    return OAuthConfig(
        issuer=settings.oauth_issuer,
        audience=settings.oauth_audience,
        jwks_url=settings.oauth_jwks_url,
        introspection_url=settings.oauth_introspection_url,
        client_id=settings.oauth_client_id,
        client_secret=secret.get_secret_value() if secret is not None else None,
        proxies=Proxies.of(None, os.environ, ssl.create_default_context),
    )


def _auditor(settings: Settings) -> Auditor:
    file = AuditFile(settings.audit, settings.audit_size * 2**20) if settings.audit is not None else None
    return Auditor(file, refuse=settings.audit_on_error == "refuse", redaction=settings.redaction)


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
    from mcp_finesse.cli.simulation import practice_simulator  # slow to import

    async with practice_simulator(settings) as config:
        yield config
