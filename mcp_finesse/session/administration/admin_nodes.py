"""The nodes as an administrator sees them: the primary one is configured; on CCX the other one can be read."""

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


class ConfiguredNodes:
    """Where the configuration is changed, and where it can be read.

    Args:
        primary: the primary node.
        readable: the secondary node of CCX, which answers every GET of the configuration and refuses the rest
            (guide p.205); None on CCE, on a system of one node, and where the other node is not to be used.
        clock: monotonic seconds.
        away: seconds for which a primary node that did not answer a read is asked after the other one.
    """

    def __init__(self, primary: Node, readable: Node | None, clock: Callable[[], float], away: float) -> None:
        self.primary = primary
        self._readable = readable
        self._clock = clock
        self._away = away
        self._away_until = clock()

    async def read(self, ask: Callable[[Node], Awaitable[T]]) -> T:
        """Ask the primary node, and the readable one while the primary does not serve.

        Raises:
            NetworkError, OutOfServiceError: of the primary node, if none of them serves; and what ``ask`` raises.
        """
        if self._readable is None:
            return await ask(self.primary)
        if self._clock() < self._away_until:
            try:
                return await ask(self._readable)
            except (NetworkError, OutOfServiceError):
                return await self._ask_the_primary(ask)
        try:
            return await self._ask_the_primary(ask)
        except (NetworkError, OutOfServiceError) as failure:
            try:
                return await ask(self._readable)
            except (NetworkError, OutOfServiceError):
                raise failure from None

    async def _ask_the_primary(self, ask: Callable[[Node], Awaitable[T]]) -> T:
        try:
            answer = await ask(self.primary)
        except (NetworkError, OutOfServiceError):
            self._away_until = self._clock() + self._away
            raise
        self.primary_serves()
        return answer

    def primary_serves(self) -> None:
        """It answered: from now on it is read, for the other node may not have heard of a change yet."""
        self._away_until = self._clock()

    async def close(self) -> None:
        """Close all connections."""
        await self.primary.rest.close()
        if self._readable is not None:
            await self._readable.rest.close()


async def find_nodes(config: SessionConfig, client: MakeClient) -> ConfiguredNodes:
    """Ask SystemInfo which node is the primary one; the first of the known nodes that answers is believed.

    Raises:
        NetworkError, OutOfServiceError, PayloadError: of the first one, if none answers; and as
            ``get_system_info``.
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


def _nodes(config: SessionConfig, client: MakeClient, url: str, info: SystemInfo) -> ConfiguredNodes:
    other = config.other_url if url == config.url else config.url
    primary = Node(client(primary_url(url, info, other)), platform_of(info))
    second = readable_url(url, info, other) if config.failover else None
    readable = Node(client(second), platform_of(info)) if second is not None else None
    return ConfiguredNodes(primary, readable, config.clock.monotonic, config.timing.poll)


def primary_url(url: str, info: SystemInfo, other_url: str = "") -> str:
    """Where the primary node is.

    Args:
        url: the node that answered.
        info: what it answered.
        other_url: where the user says the other node is; it wins over the name that SystemInfo has.

    Returns:
        ``url`` itself for the primary node, for a system of one node, and where it cannot be told. An address that
        came unencrypted is not believed: our password would go there.
    """
    primary, other = info.primary_node, other_node_url(url, info)
    if primary is None or other is None or not url.startswith("https:"):
        return url
    named = (primary.host or "").lower(), primary.https_port or urlsplit(url).port
    return (other_url or other) if place(other) == named else url


def readable_url(url: str, info: SystemInfo, other_url: str = "") -> str | None:
    """Where a node is that can be read beside the primary one; arguments as of ``primary_url``."""
    if platform_of(info) is not Platform.UCCX:
        return None
    if primary_url(url, info, other_url) != url:
        return url
    other = other_node_url(url, info)
    return None if other is None or not url.startswith("https:") else other_url or other


def place(url: str) -> tuple[str | None, int | None]:
    """Host and port of an address."""
    parts = urlsplit(url)
    return parts.hostname, parts.port
