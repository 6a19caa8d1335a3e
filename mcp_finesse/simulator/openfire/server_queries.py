"""Handles IQ requests to the XMPP server itself: ping, roster, legacy session and service discovery."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.stanzas import (
    DISCO_INFO,
    DISCO_ITEMS,
    PING,
    ROSTER,
    SESSION,
    StanzaError,
    build,
)

_FEATURES = (DISCO_INFO, DISCO_ITEMS, PING, ROSTER)


def answer_query(request: Element, pubsub_domain: str) -> str:
    """Return the content of the result for an IQ to the server or to the client's own account.

    Raises:
        StanzaError: the condition ``service-unavailable``, if the request is not supported.
    """
    question = (request.get("type"), request[0].tag)
    if question in (("get", f"{{{PING}}}ping"), ("set", f"{{{SESSION}}}session")):
        return ""
    if question == ("get", f"{{{ROSTER}}}query"):
        return build("query", xmlns=ROSTER)
    if question == ("get", f"{{{DISCO_INFO}}}query"):
        identity = build("identity", {"category": "server", "type": "im", "name": "Finesse simulator"})
        features = [build("feature", {"var": feature}) for feature in _FEATURES]
        return build("query", None, identity, *features, xmlns=DISCO_INFO)
    if question == ("get", f"{{{DISCO_ITEMS}}}query"):
        return build("query", None, build("item", {"jid": pubsub_domain}), xmlns=DISCO_ITEMS)
    raise StanzaError("service-unavailable")
