"""slixmpp as its manual shows it: the floor that our client is held against.

It has its own plugin for pubsub, with its own events. Ours is only the WebSocket that carries its bytes, which
slixmpp does not have.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slixmpp import ClientXMPP

from mcp_finesse.simulator import Simulator
from mcp_finesse.xmpp import Route, websocket_route


class BareClient(ClientXMPP):
    """Logs in over a route; everything else is slixmpp's own."""

    def __init__(self, jid: str, route: Route) -> None:
        tls_is_below = {"security_callback": lambda asked: dict.fromkeys(asked, True)}
        super().__init__(jid, "secret", sasl_mech="PLAIN", plugin_config={"feature_mechanisms": tls_is_below})
        self.enable_starttls = False
        self.stream_header = route.header(self.boundjid.domain)
        self.stream_footer = route.footer
        self.register_plugin("xep_0060")
        self.init_plugins()
        self._route = route

    async def log_in(self) -> None:
        started = asyncio.Event()
        self.add_event_handler("session_start", lambda _: started.set())
        self._sender = asyncio.create_task(self.run_filters())
        self.connection_made(await self._route.opener(self, 5))
        async with asyncio.timeout(5):
            await started.wait()
        self.send_presence(ppriority=0)

    async def subscribe(self, node: str) -> None:
        """Add a row of our full JID to the automatic one of the bare JID."""
        await self.plugin["xep_0060"].subscribe(f"pubsub.{self.boundjid.domain}", node, bare=False)

    async def log_out(self) -> None:
        await self.disconnect()
        self._sender.cancel()
        await asyncio.wait({self._sender})


@asynccontextmanager
async def bare_client(simulator: Simulator, user: str) -> AsyncIterator[BareClient]:
    """A bare client of an agent, logged in."""
    trust = ssl.create_default_context(cafile=str(simulator.ca_file))
    client = BareClient(f"{user}@{simulator.settings.domain}/bare", websocket_route(simulator.ws_url, trust))
    await client.log_in()
    try:
        yield client
    finally:
        await client.log_out()
