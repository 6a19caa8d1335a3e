"""The limits in ``docs/operations/security.md`` are those of the code.

What happens beyond each limit is tested elsewhere. This test fails if a limit is changed or removed silently.
"""

from __future__ import annotations

import re

import pytest
from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE

from mcp_finesse import cookies
from mcp_finesse.model import notification, xml
from mcp_finesse.server.auth import (
    authentication,
    fetching,
    introspection,
    signing_keys,
    token_file,
    verifier,
)
from mcp_finesse.server.resources import notifier
from mcp_finesse.server.transports import http, request_filter, request_timeout, tls
from mcp_finesse.session import SessionTiming
from mcp_finesse.session.connection import status_notes, subscriptions
from mcp_finesse.session.state import journal, room
from mcp_finesse.settings import Settings
from mcp_finesse.xmpp import stream
from mcp_finesse.xmpp.protocol import presence
from tests.docs.support import ROOT, table

KILO = 2**10
MEGA = 2**20
TIMING = SessionTiming()
LIMITS: dict[str, tuple[float, ...]] = {
    "Notifications in the journal": (
        Settings.model_fields["journal_size"].default,
        Settings.model_fields["journal_memory"].default,
    ),
    "XML tags of a notification": (notification.MAX_TAGS,),
    "XML tags of a REST response": (xml.MAX_TAGS,),
    "Calls, tasks and media in memory": (room.MAX_OBJECTS, room.MAX_CHARACTERS // MEGA),
    "Agents of one team, and queues": (room.MAX_MEMBERS, room.MAX_CHARACTERS // MEGA),
    "Teams in memory": (room.MAX_TEAMS,),
    "Messages to teams in memory": (room.MAX_MESSAGES,),
    "Other XMPP sessions of the agent": (presence.MAX_SIBLINGS,),
    "Waits for a notification": (journal.MAX_WAITERS,),
    "Feeds that clients subscribe to": (subscriptions.MAX_FEEDS,),
    "MCP clients with resource subscriptions": (notifier.MAX_CLIENTS,),
    "Resource subscriptions of each MCP client": (notifier.MAX_RESOURCES,),
    "MCP sessions over HTTP": (http.MAX_SESSIONS, http.IDLE_SECONDS / 60),
    "HTTP connections, with unfinished TLS handshakes": (http.MAX_CONNECTIONS,),
    "Time to receive a complete HTTP request": (request_timeout.REQUEST_SECONDS,),
    "Time for a TLS handshake of an MCP client": (tls.HANDSHAKE_SECONDS,),
    "Time for which an MCP client may leave a response unread": (request_timeout.UNREAD_SECONDS,),
    "Header fields of an HTTP request": (request_filter.MAX_HEADERS,),
    "Request line and header fields of an HTTP request": (http.MAX_HEADER_BYTES / KILO,),
    "Body of an HTTP request": (DEFAULT_MAX_REQUEST_BODY_SIZE / MEGA,),
    "Access token": (verifier.MAX_TOKEN,),
    "Static tokens in a token file": (token_file.MAX_TOKENS,),
    "Request to the authorization server": (fetching.FETCH_SECONDS, fetching.MAX_DOCUMENT / KILO),
    "Keys of an authorization server": (signing_keys.MAX_KEYS,),
    "Concurrent introspection queries": (
        introspection.MAX_QUERIES,
        introspection.RESERVED_QUERIES,
    ),
    "Time for which a response continues while the authorization server cannot verify its token": (
        authentication.UNVERIFIED_SECONDS,
    ),
    "Results of introspection in memory": (introspection.MAX_CACHED,),
    "XMPP requests from the Notification Service": (stream._ANSWERS_PER_SECOND, stream._ANSWERS_AT_ONCE),
    "Reads of the state after lost notifications": (TIMING.reread, TIMING.poll),
}


def stated(text: str) -> tuple[float, ...]:
    """Return the numbers of a cell, in digits or as a word."""
    found = re.findall(r"\d[\d,]*|\bone\b", text)
    return tuple(1.0 if each == "one" else float(each.replace(",", "")) for each in found)


@pytest.mark.parametrize("row", table("docs/operations/security.md", "What"), ids=lambda row: row["What"])
def test_stated_limit_is_the_one_in_the_code(row: dict[str, str]) -> None:
    assert stated(row["Limit"]) == tuple(map(float, LIMITS[row["What"]]))


def test_every_limit_is_stated() -> None:
    assert {row["What"] for row in table("docs/operations/security.md", "What")} == set(LIMITS)


def test_limits_in_text_are_those_in_the_code() -> None:
    text = " ".join((ROOT / "docs" / "operations" / "security.md").read_text().split())
    kilobytes = cookies.MAX_COOKIE_CHARACTERS // 1024
    assert f"at most {cookies.MAX_COOKIES} cookies with {kilobytes} KB in total" in text
    assert status_notes._MAX_NAMED == 10  # "note in the status names ten"
    assert "note in the status names ten" in text
