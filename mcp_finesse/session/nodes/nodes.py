"""The two nodes of a Finesse system: the node in use, the address of the other node, and health checks of both."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

from mcp_finesse.account_guard import AccountGuard, FileStore
from mcp_finesse.credentials import CredentialSource, Login, Token
from mcp_finesse.errors import FinesseError, ProxyCredentialsError
from mcp_finesse.model import Node as NodeInfo
from mcp_finesse.model import SystemInfo
from mcp_finesse.private_files import StateFolder
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import system, tokens
from mcp_finesse.rest.operation import sends
from mcp_finesse.session.concurrency import gather_or_cancel
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.nodes.clock_offset import ClockOffset
from mcp_finesse.session.nodes.failover import (
    Decision,
    FailoverInputs,
    NextStep,
    NodeHealth,
    decide,
    health_from,
)
from mcp_finesse.xmpp.transport.addresses import addresses


class Node:
    """One node of a Finesse system.

    Attributes:
        url: Base URL of the node's REST API.
        rest: The REST client for the node.
        addresses: Addresses of the node's Notification Service, in the order in which to try them.
        last_address: The address of the last successful connection.
        clock_offset: The offset of the node's clock.
    """

    def __init__(
        self,
        config: SessionConfig,
        url: str,
        notification_urls: tuple[str, ...],
        guard: AccountGuard,
        login: Login,
    ) -> None:
        self.url = url
        self.addresses = addresses(url, notification_urls, config.xmpp_transport)
        self.last_address: str | None = None
        self.clock_offset = ClockOffset()
        self._wall = config.clock.wall
        self.rest = RestClient(
            url,
            login,
            verify=config.make_tls(),
            timeouts=config.rest_timeouts,
            read_only=config.read_only,
            allow_insecure=config.allow_insecure,
            guard=guard,
            proxy=config.proxies.to(url),
        )

    @sends(system.get_system_info)
    async def system_info(self) -> SystemInfo:
        """Read the node's SystemInfo and update the clock offset. Raises the errors of ``get_system_info``."""
        sent_at = self._wall()
        info = await system.get_system_info(self.rest)
        self.clock_offset.record(info.current_timestamp, sent_at, self._wall())
        return info

    async def check_health(self, seconds: float) -> NodeHealth:
        """Check the node's health within a time limit.

        Raises:
            ProxyCredentialsError: The proxy rejected the credentials (never retried). No other error is raised,
                because other errors are part of the returned health.
        """
        try:
            async with asyncio.timeout(seconds):
                return health_from(await self.system_info())
        except TimeoutError:
            return NodeHealth("it does not respond")
        except ProxyCredentialsError:
            raise
        except FinesseError as error:
            return NodeHealth(f"its state cannot be read: {error.message.rstrip('.')}")


class Nodes:
    """The node in use and the other node.

    Attributes:
        current: The node in use.
        other: The node to switch to. None on a single-node system, or while the other node is unknown.
        switches: How often the session switched nodes.
        folder: The folder for lock files and sign-in records.
        login: The agent's credentials.
        guard: Admits or rejects the agent's sign-in attempts, on both nodes and at the Notification Service.
    """

    def __init__(self, config: SessionConfig) -> None:
        self._config = config
        self.switches = 0
        self.folder = StateFolder(config.state_dir)
        self.login = login_for(config, config.credentials)
        if not config.read_only:  # refreshing a token sends a POST
            self.login.refresh = self._refresh_token
        self.guard = guard_for(config, self.login, self.folder)
        self.current = Node(config, config.url, config.notification_urls, self.guard, self.login)
        self.other: Node | None = None
        if config.other_url and config.failover:
            self.other = Node(
                config, config.other_url, config.other_notification_urls, self.guard, self.login
            )

    @property
    def rest(self) -> RestClient:
        """The REST client of the node in use."""
        return self.current.rest

    def update_from(self, info: SystemInfo) -> None:
        """Take the other node from SystemInfo, unless the other node is configured.

        An address received without encryption is ignored, because the password would be sent to it.
        """
        self.guard.add_hosts(
            node.host for node in (info.primary_node, info.secondary_node) if node and node.host
        )
        if self.other is not None or not self._config.failover:
            return
        url = other_node_url(self.current.url, info)
        if url is not None and url.startswith("https:"):
            self.other = Node(self._config, url, self._config.other_notification_urls, self.guard, self.login)

    @sends(tokens.refresh_access_token)
    async def _refresh_token(self, token: Token) -> Token:
        """Refresh a token at the node in use. Raises the errors of ``refresh_access_token``."""
        assert token.refresh_token is not None  # noqa: S101 - the login calls this only with a refresh token
        made = await tokens.refresh_access_token(
            self.rest, token.secret, token.refresh_token, return_user=False
        )
        return Token(
            token.user_id,
            made.token,
            made.expires_in,
            made.refresh_token or token.refresh_token,
            (made.user_id,) if made.user_id else token.stated_owners,
        )

    async def check_health(self, seconds: float) -> tuple[NodeHealth, NodeHealth | None]:
        """Check the health of the current and the other node concurrently, within a time limit."""
        if self.other is None:
            return await self.current.check_health(seconds), None
        async with gather_or_cancel() as group:
            current = group.create_task(self.current.check_health(seconds))
            other = group.create_task(self.other.check_health(seconds))
        return current.result(), other.result()

    def switch(self) -> None:
        """Switch to the other node, if there is one."""
        if self.other is not None:
            self.current, self.other = self.other, self.current
            self.switches += 1

    async def close(self) -> None:
        """Close all connections, and stop reading the source of the credentials."""
        await self.login.aclose()
        for node in (self.current, self.other):
            if node is not None:
                await node.rest.close()


class HealthChecks:
    """Runs health checks of both nodes until the failover rules reach a final decision.

    The caller waits between the checks::

        checks = HealthChecks(nodes, timing.read)
        while not (decision := checks.decide(inputs())).is_final:
            if checks.current is not None:
                await wait()
            await checks.run(decision)

    Attributes:
        current: Health of the current node at the last check. None before the first check.
    """

    def __init__(self, nodes: Nodes, seconds: float) -> None:
        self.current: NodeHealth | None = None
        self._nodes = nodes
        self._seconds = seconds
        self._other: NodeHealth | None = None
        self._checked_again = False

    def decide(self, inputs: FailoverInputs) -> Decision:
        """Return the decision for these inputs and for the health that the last check found."""
        return decide(
            replace(inputs, current=self.current, other=self._other, checked_again=self._checked_again)
        )

    async def run(self, decision: Decision) -> None:
        """Check the health of both nodes. Required after a decision that is not final.

        Raises:
            ProxyCredentialsError: The proxy rejected the credentials (never retried).
        """
        self._checked_again = decision.step is NextStep.CHECK_AGAIN
        self.current, self._other = await self._nodes.check_health(self._seconds)


def login_for(config: SessionConfig, source: CredentialSource) -> Login:
    """Return the login of an account. Both nodes share the login."""
    clock = config.clock
    return Login(
        source, retry=config.timing.sign_in, monotonic=clock.monotonic, wall=clock.wall, sleep=clock.sleep
    )


def guard_for(config: SessionConfig, login: Login, folder: StateFolder, role: str = "agent") -> AccountGuard:
    """Return the guard of an account. Both nodes share one guard, because both check the same account."""
    return AccountGuard(
        login.user_id,
        FileStore(folder, login.user_id),
        hosts=filter(None, (config.url, config.other_url)),
        role=role,
        renewable=login.renewable,
        now=config.clock.wall,
    )


def other_node_url(url: str, info: SystemInfo) -> str | None:
    """Return the URL of the other node, or None if the other node does not exist or cannot be determined.

    Args:
        url: URL of the node that sent the SystemInfo. The host of the URL may be an alias.
        info: The SystemInfo of that node. SystemInfo contains ports from release 12.6(2) on. In older releases
            the other node is assumed to use the same port.
    """
    parts = urlsplit(url)
    own_address = ((parts.hostname or "").lower(), parts.port)
    nodes = [node for node in (info.primary_node, info.secondary_node) if node is not None and node.host]
    others = [node for node in nodes if _host_and_port(node, parts.port) != own_address]
    if len(others) == len(nodes) == 2:
        domain = (info.xmpp_domain or "").lower()
        others = [node for node in nodes if (node.host or "").lower() != domain]
    if len(nodes) != 2 or len(others) != 1:
        return None
    host, port = _host_and_port(others[0], parts.port)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _host_and_port(node: NodeInfo, port: int | None) -> tuple[str, int | None]:
    return (node.host or "").lower(), node.https_port or port
