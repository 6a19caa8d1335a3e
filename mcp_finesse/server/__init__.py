"""The MCP face: tools, resources, policy and the two transports, on a :class:`FinesseSession`."""

from __future__ import annotations

from mcp_finesse.server.app import build_server
from mcp_finesse.server.http import serve_http
from mcp_finesse.server.stdio import serve_stdio
from mcp_finesse.server.toolsets import Selection

__all__ = ["Selection", "build_server", "serve_http", "serve_stdio"]
