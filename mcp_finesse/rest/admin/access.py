"""Who may configure, and where: what a 401 or 403 of these operations means, and which node to ask instead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from mcp_finesse.errors import FinesseError, RefusedError
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.system import get_system_info

_ADMINISTRATORS = "Only administrators may do this: use the credentials of an administrator."


@asynccontextmanager
async def as_administrator(client: RestClient) -> AsyncIterator[None]:
    """Let refusals that are about role or node say what to do.

    Raises:
        RefusedError: with advice for status 401 and 403; everything else passes as it is.
    """
    try:
        yield
    except RefusedError as error:
        if error.status not in (401, 403):
            raise
        advice = _ADMINISTRATORS if error.status == 401 else await _about_node(client)
        raise RefusedError(
            error.message, status=error.status, details=error.details, advice=advice
        ) from error


async def _about_node(client: RestClient) -> str:
    """What a 403 means here: the secondary node, which is configured through the primary one (guide p.205)."""
    try:
        primary = (await get_system_info(client)).primary_node
    except FinesseError:
        primary = None
    if primary is None or not primary.host:
        return "Finesse is configured on its primary node only: ask that one."
    if primary.host.casefold() == (urlsplit(client.url).hostname or "").casefold():
        return f"This is the primary node, so the user may lack the right. {_ADMINISTRATORS}"
    return f"Finesse is configured on its primary node only, which is {primary.host}: connect to it."
