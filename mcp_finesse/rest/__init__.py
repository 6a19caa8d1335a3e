"""The client of the Finesse REST API, with authentication, retries, and the catalogue of operations."""

from __future__ import annotations

from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.http import RestTimeouts

__all__ = ["RestClient", "RestTimeouts"]
