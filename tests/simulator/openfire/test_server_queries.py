"""Test which queries the server answers itself, and that it answers no others."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.simulator.openfire.server_queries import answer_query
from mcp_finesse.simulator.openfire.stanzas import StanzaError, parse
from tests.simulator.support_xmpp import NS, PUBSUB_DOMAIN, tag


def ask(kind: str, name: str, namespace: str) -> str:
    return answer_query(
        parse(f"<iq xmlns='jabber:client' type='{kind}'><{name} xmlns='{namespace}'/></iq>"), PUBSUB_DOMAIN
    )


def test_ping_and_session_get_an_empty_answer() -> None:
    assert ask("get", "ping", "urn:xmpp:ping") == ""
    assert ask("set", "session", "urn:ietf:params:xml:ns:xmpp-session") == ""


def test_roster_is_empty() -> None:
    roster = ET.fromstring(ask("get", "query", NS["roster"]))
    assert (roster.tag, len(roster)) == (tag("roster:query"), 0)


def test_discovery_leads_to_the_pubsub_service() -> None:
    info = ET.fromstring(ask("get", "query", NS["info"]))
    identity = info.find("info:identity", NS)
    assert identity is not None
    assert identity.get("category") == "server"
    assert "urn:xmpp:ping" in [feature.get("var") for feature in info.findall("info:feature", NS)]
    items = ET.fromstring(ask("get", "query", NS["items"]))
    assert [item.get("jid") for item in items] == [PUBSUB_DOMAIN]


@pytest.mark.parametrize(
    ("kind", "name", "namespace"),
    [
        ("set", "query", NS["roster"]),
        ("set", "ping", "urn:xmpp:ping"),
        ("get", "vCard", "vcard-temp"),
        ("get", "query", "jabber:iq:version"),
    ],
)
def test_other_query_is_unavailable(kind: str, name: str, namespace: str) -> None:
    with pytest.raises(StanzaError, match="service-unavailable"):
        ask(kind, name, namespace)
