"""Advice for rejected configuration requests, about the required role, the primary node and other causes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from mcp_finesse.errors import FinesseError, RefusedError
from mcp_finesse.rest.api.system import get_system_info
from mcp_finesse.rest.client import RestClient

_ADMINISTRATORS = "This operation requires the credentials of an administrator."
# The general advice for these error types is about agents and their calls. For administrators, the advice in
# this table replaces the general advice.
_ADVICE = {
    "finesse api error": "The object is a duplicate, has an unknown id, or was changed in the meantime. List the "
    "objects and compare.",
    "not found": "List the objects to find the id.",
    "finesse.api.team.team_assignment_invalid_team": "List the teams to find the id.",
    "parameter missing": "Give the value that the error names.",
    "invalid input": "Correct the value that the error names.",
}


@asynccontextmanager
async def as_administrator(client: RestClient) -> AsyncIterator[None]:
    """Replace the advice in errors about rejected requests with advice for administrators.

    Args:
        client: sends the request.

    Raises:
        RefusedError, NotFoundError: the original error with other advice. Any other error is raised unchanged.
    """
    try:
        yield
    except RefusedError as error:
        advice = await _advice_for(client, error)
        raise type(error)(error.message, status=error.status, details=error.details, advice=advice) from error


async def _advice_for(client: RestClient, error: RefusedError) -> str:
    if error.status == 401:
        return _ADMINISTRATORS
    if error.status == 403:
        return await _node_advice(client)
    known = (_ADVICE.get(detail.type.strip().casefold()) for detail in error.details)
    return next(filter(None, known), error.advice)


async def _node_advice(client: RestClient) -> str:
    """Return the advice for status 403, which usually means that a change went to the secondary node (guide p.205)."""
    try:
        primary = (await get_system_info(client)).primary_node
    except FinesseError:
        primary = None
    if primary is None or not primary.host:
        return "Finesse accepts configuration changes only on its primary node. Use that node."
    asked = urlsplit(client.url)
    if (primary.host.casefold(), primary.https_port or asked.port) == (asked.hostname, asked.port):
        return f"This is the primary node, so the user may not have permission. {_ADMINISTRATORS}"
    return f"Finesse accepts configuration changes only on its primary node, {primary.host}. Connect to that node."
