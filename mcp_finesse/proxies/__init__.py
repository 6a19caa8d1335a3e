"""The choice of a proxy for an address, and tunnels through proxies."""

from mcp_finesse.proxies.choice import Proxies
from mcp_finesse.proxies.handshake import Handshake
from mcp_finesse.proxies.http import tunnelled
from mcp_finesse.proxies.proxy import ADVICE, NO_WAY, Proxy, place

__all__ = ["ADVICE", "NO_WAY", "Handshake", "Proxies", "Proxy", "place", "tunnelled"]
