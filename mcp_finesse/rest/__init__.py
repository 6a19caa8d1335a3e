"""Finesse over HTTP: one client, one module of typed functions per family of the API."""

from __future__ import annotations

from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.http import RestTimeouts

__all__ = ["RestClient", "RestTimeouts"]
