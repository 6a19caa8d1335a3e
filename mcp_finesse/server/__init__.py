"""The MCP server: tools, resources, policy and transports, on top of a session."""

from __future__ import annotations

from mcp_finesse.server.app import build_server
from mcp_finesse.server.toolsets.selection import Selection
from mcp_finesse.server.transports.http import serve_http
from mcp_finesse.server.transports.stdio import serve_stdio

__all__ = ["Selection", "build_server", "serve_http", "serve_stdio"]
