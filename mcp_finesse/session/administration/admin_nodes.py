"""The nodes for administration. Changes go to the primary node. On CCX the secondary node can also be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import urlsplit

from mcp_finesse.errors import FinesseError, NetworkError, OutOfServiceError, PayloadError
from mcp_finesse.model import Platform, SystemInfo, platform_of
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import system
from mcp_finesse.session.administration.change_runner import Node
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.nodes.nodes import other_node_url

T = TypeVar("T")
MakeClient = Callable[[str], RestClient]


class AdminNodes:
    """The node for configuration changes, and a second node for reads.

    Args:
        primary: The primary node.
        readable: The secondary node of CCX, which responds to every GET request for the configuration and
            rejects other methods (guide p.205). None on CCE, on a single-node system, and if the other node
            must not be used.
        clock: The monotonic clock, in seconds.
        fallback_seconds: After the primary node did not respond, reads go to the secondary node first for this
            many seconds.
    """

    def __init__(
        self, primary: Node, readable: Node | None, clock: Callable[[], float], fallback_seconds: float
    ) -> None:
        self.primary = primary
        self._readable = readable
        self._clock = clock
        self._fallback_seconds = fallback_seconds
        self._fallback_until = clock()

    async def read(self, ask: Callable[[Node], Awaitable[T]]) -> T:
        """Read from the primary node. While the primary node is down, read from the readable secondary node.

        Raises:
            NetworkError, OutOfServiceError: The primary node's error, if neither node responds. Any other error
                from ``ask`` is raised unchanged.
        """
        if self._readable is None:
            return await ask(self.primary)
        if self._clock() < self._fallback_until:
            try:
                return await ask(self._readable)
            except (NetworkError, OutOfServiceError):
                return await self._read_from_primary(ask)
        try:
            return await self._read_from_primary(ask)
        except (NetworkError, OutOfServiceError) as failure:
            try:
                return await ask(self._readable)
            except (NetworkError, OutOfServiceError):
                raise failure from None

    async def _read_from_primary(self, ask: Callable[[Node], Awaitable[T]]) -> T:
        try:
            answer = await ask(self.primary)
        except (NetworkError, OutOfServiceError):
            self._fallback_until = self._clock() + self._fallback_seconds
            raise
        self.primary_answered()
        return answer

    def primary_answered(self) -> None:
        """Record a response of the primary node. Later reads go to it first: the other node may lack recent changes."""
        self._fallback_until = self._clock()

    async def close(self) -> None:
        """Close all connections."""
        await self.primary.rest.close()
        if self._readable is not None:
            await self._readable.rest.close()


async def find_nodes(config: SessionConfig, client: MakeClient) -> AdminNodes:
    """Read SystemInfo to find the primary node. The first known node that responds names the primary node.

    Raises:
        NetworkError, OutOfServiceError, PayloadError: The first node's error, if no node responds. Other errors
            are those of ``get_system_info``.
    """
    failure: FinesseError | None = None
    for url in filter(None, (config.url, config.other_url)):
        rest = client(url)
        try:
            info = await system.get_system_info(rest)
        except (NetworkError, OutOfServiceError, PayloadError) as error:
            failure = failure or error
        else:
            return _nodes(config, client, url, info)
        finally:
            await rest.close()
    assert failure is not None  # noqa: S101  (there is at least one address)
    raise failure


def _nodes(config: SessionConfig, client: MakeClient, url: str, info: SystemInfo) -> AdminNodes:
    other = config.other_url if url == config.url else config.url
    primary = Node(client(primary_url(url, info, other)), platform_of(info))
    second = readable_url(url, info, other) if config.failover else None
    readable = Node(client(second), platform_of(info)) if second is not None else None
    return AdminNodes(primary, readable, config.clock.monotonic, config.timing.poll)


def primary_url(url: str, info: SystemInfo, other_url: str = "") -> str:
    """Return the URL of the primary node.

    Args:
        url: URL of the node that sent the SystemInfo.
        info: The SystemInfo of that node.
        other_url: The configured URL of the other node, which takes precedence over SystemInfo.

    Returns:
        ``url`` itself in three cases: it belongs to the primary node, the system has a single node, or the
        primary node cannot be determined. An address of the other node that was received without encryption is
        ignored, because the password would be sent to it.
    """
    primary, other = info.primary_node, other_node_url(url, info)
    if primary is None or other is None or not url.startswith("https:"):
        return url
    named = (primary.host or "").lower(), primary.https_port or urlsplit(url).port
    return (other_url or other) if host_and_port(other) == named else url


def readable_url(url: str, info: SystemInfo, other_url: str = "") -> str | None:
    """Return the URL of a node that can be read in addition to the primary node. Arguments as for ``primary_url``."""
    if platform_of(info) is not Platform.UCCX:
        return None
    if primary_url(url, info, other_url) != url:
        return url
    other = other_node_url(url, info)
    return None if other is None or not url.startswith("https:") else other_url or other


def host_and_port(url: str) -> tuple[str | None, int | None]:
    """Return the host and the port of a URL."""
    parts = urlsplit(url)
    return parts.hostname, parts.port
