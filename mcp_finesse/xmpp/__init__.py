"""The client side of the Notification Service: one XMPP link to the service, its feeds and its notifications."""

from mcp_finesse.xmpp.identity import LinkIdentity, LinkTiming
from mcp_finesse.xmpp.link import NotificationLink
from mcp_finesse.xmpp.protocol.events import FeedEvent, LinkEvent, LinkState
from mcp_finesse.xmpp.protocol.feeds import Feed, feed_by_slug, list_feeds, own_slug_of, slug_of
from mcp_finesse.xmpp.protocol.presence_priority import PresencePriority, PriorityDecision
from mcp_finesse.xmpp.protocol.pubsub import Subscription
from mcp_finesse.xmpp.protocol.resource import ResourceSlot, is_ours
from mcp_finesse.xmpp.transport.base import Route
from mcp_finesse.xmpp.transport.bosh.address import bosh_route
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming
from mcp_finesse.xmpp.transport.tcp import tcp_route
from mcp_finesse.xmpp.transport.websocket import websocket_route

__all__ = [
    "BoshTiming",
    "Feed",
    "FeedEvent",
    "LinkEvent",
    "LinkIdentity",
    "LinkState",
    "LinkTiming",
    "NotificationLink",
    "PresencePriority",
    "PriorityDecision",
    "ResourceSlot",
    "Route",
    "Subscription",
    "bosh_route",
    "feed_by_slug",
    "is_ours",
    "list_feeds",
    "own_slug_of",
    "slug_of",
    "tcp_route",
    "websocket_route",
]
