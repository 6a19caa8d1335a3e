"""The MCP server: tools, resources, policy and transports, on top of a session."""

from __future__ import annotations

from mcp_finesse.server.app import build_server
from mcp_finesse.server.audit.audit_file import AuditFile
from mcp_finesse.server.audit.auditor import Auditor
from mcp_finesse.server.audit.chain import Position, verify
from mcp_finesse.server.auth.authenticator import AuthConfig, OAuthConfig
from mcp_finesse.server.auth.scopes import SCOPES
from mcp_finesse.server.auth.token_file import StaticToken, TokenFile
from mcp_finesse.server.policy.rules import NO_RULES
from mcp_finesse.server.toolsets.policies import CONFIRM_MODES, explain_policy, read_policy_file
from mcp_finesse.server.toolsets.selection import Selection
from mcp_finesse.server.transports.exposure import Exposure
from mcp_finesse.server.transports.http import serve_http
from mcp_finesse.server.transports.stdio import serve_stdio

__all__ = [
    "CONFIRM_MODES",
    "NO_RULES",
    "SCOPES",
    "AuditFile",
    "Auditor",
    "AuthConfig",
    "Exposure",
    "OAuthConfig",
    "Position",
    "Selection",
    "StaticToken",
    "TokenFile",
    "build_server",
    "explain_policy",
    "read_policy_file",
    "serve_http",
    "serve_stdio",
    "verify",
]
