"""What the tools of the toolset developer would do, for policy rules and for questions to a person."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.server.policy.intent import AskReason, Intent, shortened
from mcp_finesse.session import FinesseSession, RawRequest

_PATH = 300
_BODY = 1_500


async def send_request(
    session: FinesseSession,
    method: str,
    path: str,
    body: str = "",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    as_administrator: bool = False,
) -> Intent:
    """Return the intent to send a request. A request that read-only mode allows counts as a read."""
    request = RawRequest(method, path, dict(query or {}), dict(headers or {}), body)
    if not request.may_change_data():
        return Intent("Read from Finesse.", changes=False, unrestricted=True)
    sender = "administrator" if as_administrator else "agent"
    parameters = "".join(
        f" {name}={value}" for name, value in (*request.query.items(), *request.headers.items())
    )
    target, content = session.without_secrets([path + parameters, body])
    summary = f"Send as {sender}: {method} {shortened(target, _PATH)} {shortened(content, _BODY)}"
    return Intent(f"{summary.rstrip()}.", AskReason.RAW_REQUEST, unrestricted=True)
