"""The two nodes of a Finesse: which one is worked on, where the other one is, and a look at both."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from mcp_finesse.account_guard import AccountGuard, FileStore
from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import FinesseError, ProxyCredentialsError
from mcp_finesse.model import Node as NodeInfo
from mcp_finesse.model import SystemInfo
from mcp_finesse.private_files import StateFolder
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import system
from mcp_finesse.session.concurrency import gather_or_cancel
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.nodes.clock_offset import ClockOffset
from mcp_finesse.session.nodes.failover import NodeHealth, sight_of
from mcp_finesse.xmpp.transport.addresses import addresses


class Node:
    """One node.

    Attributes:
        url: base of its REST API.
        rest: its REST client.
        addresses: where its Notification Service is looked for, in this order.
        worked: the address that was connected to last.
        skew: how far its clock is from ours.
    """

    def __init__(
        self, config: SessionConfig, url: str, notification_urls: tuple[str, ...], guard: AccountGuard
    ) -> None:
        self.url = url
        self.addresses = addresses(url, notification_urls, config.xmpp_transport)
        self.worked: str | None = None
        self.clock_offset = ClockOffset()
        self._wall = config.clock.wall
        self.rest = RestClient(
            url,
            config.credentials,
            verify=config.make_tls(),
            timeouts=config.rest_timeouts,
            read_only=config.read_only,
            allow_insecure=config.allow_insecure,
            guard=guard,
            proxy=config.proxies.to(url),
        )

    async def system_info(self) -> SystemInfo:
        """Read its SystemInfo, which also tells how late its clock is; raises as ``get_system_info``."""
        asked = self._wall()
        info = await system.get_system_info(self.rest)
        self.clock_offset.hear(info.current_timestamp, asked, self._wall())
        return info

    async def look(self, seconds: float) -> NodeHealth:
        """Ask its SystemInfo, within so many seconds.

        Raises:
            ProxyCredentialsError: they are not to be tried again. No other ``FinesseError`` is raised.
        """
        try:
            async with asyncio.timeout(seconds):
                return sight_of(await self.system_info())
        except TimeoutError:
            return NodeHealth("it does not respond")
        except ProxyCredentialsError:
            raise
        except FinesseError as error:
            return NodeHealth(f"its state cannot be read: {error.message.rstrip('.')}")


class Nodes:
    """This node and the other one.

    Attributes:
        current: the node that is worked on.
        other: the node that could be moved to; None on a system of one node, or as long as it is not known.
        moves: how often the session has moved.
        folder: where lock files and records are kept.
        guard: admits the agent's attempts to sign in, on both nodes and to the Notification Service.
    """

    def __init__(self, config: SessionConfig) -> None:
        self._config = config
        self.moves = 0
        self.folder = StateFolder(config.state_dir)
        self.guard = guard_for(config, config.credentials, self.folder)
        self.current = Node(config, config.url, config.notification_urls, self.guard)
        self.other: Node | None = None
        if config.other_url and config.failover:
            self.other = Node(config, config.other_url, config.other_notification_urls, self.guard)

    @property
    def rest(self) -> RestClient:
        """The REST client of the node that is worked on."""
        return self.current.rest

    def learn(self, info: SystemInfo) -> None:
        """Take the other node from SystemInfo, if it was not set and can be told.

        An address that came unencrypted is not believed: our password would go there.
        """
        self.guard.add_hosts(
            node.host for node in (info.primary_node, info.secondary_node) if node and node.host
        )
        if self.other is not None or not self._config.failover:
            return
        url = other_node_url(self.current.url, info)
        if url is not None and url.startswith("https:"):
            self.other = Node(self._config, url, self._config.other_notification_urls, self.guard)

    async def look(self, seconds: float) -> tuple[NodeHealth, NodeHealth | None]:
        """Ask both nodes at the same time, within so many seconds."""
        if self.other is None:
            return await self.current.look(seconds), None
        async with gather_or_cancel() as group:
            here = group.create_task(self.current.look(seconds))
            there = group.create_task(self.other.look(seconds))
        return here.result(), there.result()

    def move(self) -> None:
        """Work on the other node from now on."""
        if self.other is not None:
            self.current, self.other = self.other, self.current
            self.moves += 1

    async def close(self) -> None:
        """Close all connections."""
        for node in (self.current, self.other):
            if node is not None:
                await node.rest.close()


def guard_for(
    config: SessionConfig, credentials: Credentials, folder: StateFolder, role: str = "agent"
) -> AccountGuard:
    """Return the guard of an account, which both nodes check."""
    return AccountGuard(
        credentials.user_id,
        credentials.secret,
        FileStore(folder, credentials.user_id),
        hosts=filter(None, (config.url, config.other_url)),
        role=role,
        now=config.clock.wall,
    )


def other_node_url(url: str, info: SystemInfo) -> str | None:
    """Where the node is that was not asked; None when there is none or it cannot be told.

    Args:
        url: where the one that answered was asked; by another name than its own, perhaps.
        info: what it answered. It names ports from 12.6(2) on; before, both nodes have the same.
    """
    parts = urlsplit(url)
    own_place = ((parts.hostname or "").lower(), parts.port)
    nodes = [node for node in (info.primary_node, info.secondary_node) if node is not None and node.host]
    others = [node for node in nodes if _place(node, parts.port) != own_place]
    if len(others) == len(nodes) == 2:
        domain = (info.xmpp_domain or "").lower()
        others = [node for node in nodes if (node.host or "").lower() != domain]
    if len(nodes) != 2 or len(others) != 1:
        return None
    host, port = _place(others[0], parts.port)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _place(node: NodeInfo, port: int | None) -> tuple[str, int | None]:
    return (node.host or "").lower(), node.https_port or port
