"""Simulates two Finesse nodes on one contact center, as in every production deployment."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.site import Site
from mcp_finesse.simulator.world.world import World

FIRST_DOMAIN, SECOND_DOMAIN = "fin-a.sim", "fin-b.sim"
HIGHEST_PORT = 65535


class SimulatorPair:
    """A primary node and a secondary node. The SystemInfo of each node names both nodes.

        async with SimulatorPair() as pair:
            await pair.a.die()
            ...  # pair.b.url, pair.center.truth()

    Each node has its own ports, XMPP domain, subscriptions, presence, faults, requests and service state. Both
    nodes publish every event. Only the node that received a request knows the request id and reports a failure
    of the request.

    Args:
        settings: settings of the primary node. A default domain is replaced with ``fin-a.sim``.
        world: the initial configuration.
        second: settings of the secondary node. The default is a copy of ``settings`` with domain ``fin-b.sim``
            and the next port numbers. If the primary node uses free ports, so does the copy. The shared contact
            center uses the delay and the time scale of the primary node.

    Attributes:
        a: the primary node.
        b: the secondary node.
        center: the contact center. Its method ``set_in_service`` affects CTI on both nodes.
        ca_file: PEM file of the CA certificate to trust for both nodes.

    Raises:
        ValueError: the nodes have the same domain or different platforms.
    """

    center: ContactCenter
    ca_file: Path

    def __init__(
        self,
        settings: SimulatorSettings | None = None,
        world: World | None = None,
        second: SimulatorSettings | None = None,
    ) -> None:
        first = settings or SimulatorSettings()
        if first.domain == SimulatorSettings().domain:
            first = replace(first, domain=FIRST_DOMAIN)
        tcp_port = None if first.tcp_port is None else _after(first.tcp_port)
        second = second or replace(first, domain=SECOND_DOMAIN, port=_after(first.port), tcp_port=tcp_port)
        if first.domain.lower() == second.domain.lower():
            raise ValueError(f"each node must have its own XMPP domain, but both have {first.domain}")
        if first.platform != second.platform:
            raise ValueError("both nodes must have the same platform")
        self._world = world
        self.a = Simulator(first)
        self.b = Simulator(second)

    async def __aenter__(self) -> SimulatorPair:
        async with AsyncExitStack() as stack:
            site = Site(self.a.settings, self._world)
            stack.callback(site.close)
            self.center, self.ca_file = site.center, site.authority.ca_file
            for simulator in (self.a, self.b):
                await simulator.start(site)
                stack.push_async_callback(simulator.stop)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections and ports of both nodes within a bounded time."""
        await self._stack.aclose()


def _after(port: int) -> int:
    return port + 1 if 0 < port < HIGHEST_PORT else 0
