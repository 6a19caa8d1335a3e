"""Events of the Notification Service: notifications of a feed and state changes of the link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mcp_finesse.errors import FinesseError


class FeedEvent(NamedTuple):
    """One item published on a pubsub node (XEP-0060 7.1.2.1).

    Attributes:
        node: the pubsub node as named by the XMPP server. ``feeds.slug_of`` returns its feed.
        payload: the document inside ``<notification>``, unescaped once. Finesse sends an ``<Update>`` document.
        item_id: the id of the item, an opaque string.
        to: the JID to which the event was sent. The JID seems to be bare for automatic subscriptions and full
            for our own subscriptions. Because packet captures disagree, no code depends on the JID.
        delayed: whether the XMPP server replayed the event (XEP-0203). A replayed event describes a past state.
        subids: ids of the subscriptions for which the event was sent (XEP-0060 12.20). Empty if the XMPP server
            gives no ids.
        received_at: the time of receipt, in UTC.
    """

    node: str
    payload: str
    item_id: str | None
    to: str | None
    delayed: bool
    subids: tuple[str, ...]
    received_at: datetime


class LinkState(StrEnum):
    """The state of the link to the Notification Service."""

    CONNECTED = "connected"
    """Logged in, and Finesse is available: notifications arrive."""
    DEGRADED = "degraded"
    """Logged in, but the user ``finesse`` is not available: notifications may be missing."""
    LOST = "lost"
    """Ended; reconnect."""
    REPLACED = "replaced"
    """Ended, do not reconnect: another program uses this resource, and reconnecting would disconnect that program."""
    REFUSED = "refused"
    """Ended, do not reconnect: the server rejected the credentials."""


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A state change of the link.

    Attributes:
        state: the new state. LOST, REPLACED and REFUSED are final.
        reason: what happened, for users.
        error: in a final state, the error that requests on this link raise from now on.
        at: the time of the change, in UTC.
        last_received_at: the time when data was last received, in UTC. If the link was silently lost,
            notifications are missing from this time on.
    """

    state: LinkState
    reason: str
    error: FinesseError | None
    at: datetime
    last_received_at: datetime
