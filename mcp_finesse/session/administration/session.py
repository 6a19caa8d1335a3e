"""Administration of Finesse: reads and changes the configuration, with administrator credentials.

An administrator is not an agent, so administration uses no User object, no link to the Notification Service and
no agent session. The configuration is changed on the primary node (guide p.205), which SystemInfo names. On CCX
the secondary node can be read while the primary is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from mcp_finesse.account_guard import AccountGuard
from mcp_finesse.credentials import Login
from mcp_finesse.errors import (
    ConfigurationError,
    FinesseError,
    NetworkError,
    NotReadyError,
    OutOfServiceError,
)
from mcp_finesse.model import TeamRef, WireModel
from mcp_finesse.model.admin import Contact, TeamLayoutConfig
from mcp_finesse.private_files import StateFolder
from mcp_finesse.rest import RestClient, admin
from mcp_finesse.rest.operation import sends
from mcp_finesse.session.administration.admin_nodes import AdminNodes, find_nodes, host_and_port
from mcp_finesse.session.administration.change_runner import (
    ConfigurationChange,
    ConfigurationOutcome,
    Node,
    run_change,
)
from mcp_finesse.session.administration.raw_request import RawRequest, RawResponse, send_raw_request
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.nodes.nodes import guard_for, login_for

T = TypeVar("T")
OWN_OBJECT = "ConfigInfo"
"""The object that is read to verify a password. Every administrator can read this object on both platforms."""


class Administration:
    """The configuration of one Finesse system. Safe for concurrent use, because changes are made one at a time.

    Args:
        config: The configuration of the session. ``config.administrator`` has the credentials.
    """

    def __init__(self, config: SessionConfig) -> None:
        self._config = config
        self._guard: AccountGuard | None = None
        self._login = login_for(config, config.administrator) if config.administrator is not None else None
        self._nodes: AdminNodes | None = None
        self._find_lock = asyncio.Lock()
        self._change_lock = asyncio.Lock()

    @property
    def note(self) -> str:
        """A note for the status about where sign-in attempts are recorded, or an empty string."""
        return self._guard.note if self._guard is not None else ""

    def share_secrets(self, login: Login) -> None:
        """Let the administrator's login and another login redact each other's secrets."""
        if self._login is not None:
            self._login.share_secrets(login)

    async def close(self) -> None:
        """Close all connections."""
        if self._login is not None:
            await self._login.aclose()
        nodes, self._nodes = self._nodes, None
        if nodes is not None:
            await nodes.close()

    # -- reading

    @sends(admin.list_objects)
    async def list_objects(
        self, kind: str, *, phone_book: str | None = None, category: str = "ALL"
    ) -> list[WireModel]:
        """Return all objects of a kind. Raises the errors of ``rest.admin.list_objects`` and ``change``."""
        return await self._read(
            lambda node: admin.list_objects(
                node.rest, kind, parent=phone_book, category=category, platform=node.platform
            )
        )

    @sends(admin.get_object)
    async def get_object(
        self, kind: str, object_id: str | None = None, *, phone_book: str | None = None
    ) -> WireModel:
        """Return one object. Raises the errors of ``rest.admin.get_object`` and ``change``."""
        return await self._read(
            lambda node: admin.get_object(
                node.rest, kind, object_id, parent=phone_book, platform=node.platform
            )
        )

    @sends(admin.list_teams)
    async def teams(self) -> list[TeamRef]:
        """Return all teams."""
        return await self._read(lambda node: admin.list_teams(node.rest))

    @sends(admin.get_assigned)
    async def assigned(self, team_id: str, kind: str, category: str | None = None) -> list[WireModel]:
        """Return the objects of a kind that are assigned to a team."""
        return await self._read(lambda node: admin.get_assigned(node.rest, team_id, kind, category=category))

    @sends(admin.get_team_layout)
    async def team_layout(self, team_id: str) -> TeamLayoutConfig:
        """Return the desktop layout of a team."""
        return await self._read(lambda node: admin.get_team_layout(node.rest, team_id))

    @sends(admin.export_contacts)
    async def contacts(self, phone_book: str) -> list[Contact]:
        """Return all contacts of a phone book, without their ids."""
        return await self._read(lambda node: admin.export_contacts(node.rest, phone_book))

    async def _read(self, ask: Callable[[Node], Awaitable[T]]) -> T:
        async with self._as_administrator() as nodes:
            return await nodes.read(ask)

    # -- changing

    async def change(self, change: ConfigurationChange) -> ConfigurationOutcome:
        """Make a change and return its outcome.

        Raises:
            ConfigurationError: No administrator is configured.
            CredentialsError: The password was rejected, now or less than five minutes ago.
            FinesseError: The change was not sent, or Finesse certainly did not execute the change.
        """
        timing = self._config.timing
        async with AsyncExitStack() as turn:
            try:
                async with asyncio.timeout(timing.action * 0.6):
                    await turn.enter_async_context(self._change_lock)
            except TimeoutError:
                raise NotReadyError(
                    f"The change ({change.action}) was not sent: an earlier change is still outstanding.",
                    advice="Try again.",
                ) from None
            nodes = await turn.enter_async_context(self._as_administrator())
            outcome = await run_change(change, nodes.primary, timing, self._config.clock)
            nodes.primary_answered()
            return outcome

    async def request(self, request: RawRequest) -> RawResponse:
        """Send a raw request to the primary node. Raises the errors of ``send_raw_request`` and ``change``."""
        async with self._as_administrator() as nodes:
            return await send_raw_request(nodes.primary.rest, request)

    def check_configured(self) -> None:
        """Raise ConfigurationError if no administrator is configured."""
        self._required_login()

    # -- internals

    def _required_login(self) -> Login:
        if self._login is None:
            raise ConfigurationError(
                "This MCP server has no administrator credentials, and only administrators can configure Finesse.",
                advice="Set FINESSE_ADMIN_USER and FINESSE_ADMIN_PASSWORD and restart this MCP server.",
            )
        return self._login

    @asynccontextmanager
    async def _as_administrator(self) -> AsyncIterator[AdminNodes]:
        """Yield the nodes, with REST clients that use the administrator's credentials."""
        self._required_login()
        try:
            yield await self._connected_nodes()
        except (NetworkError, OutOfServiceError) as error:
            self._explain_node(error)
            raise

    def _explain_node(self, error: FinesseError) -> None:
        """Add to an error the reason why the request went to a node other than the configured node."""
        where = self._nodes.primary.rest.url if self._nodes is not None else self._config.url
        if host_and_port(where) != host_and_port(self._config.url):
            host = urlsplit(where).hostname
            error.advice = (
                f"Finesse accepts configuration changes only on its primary node, {host}. {error.advice}"
            )

    async def _connected_nodes(self) -> AdminNodes:
        async with self._find_lock:
            if self._nodes is None:
                self._nodes = await find_nodes(self._config, self._client)
            return self._nodes

    def _client(self, url: str) -> RestClient:
        config, login = self._config, self._required_login()
        if self._guard is None:
            self._guard = guard_for(config, login, StateFolder(config.state_dir), role="administrator")
        self._guard.add_hosts([url])
        return RestClient(
            url,
            login,
            verify=config.make_tls(),
            timeouts=config.rest_timeouts,
            read_only=config.read_only,
            allow_insecure=config.allow_insecure,
            proxy=config.proxies.to(url),
            own_object=OWN_OBJECT,
            guard=self._guard,
        )
