"""What comes out of the Notification Service: notifications of a feed, and the state of the link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mcp_finesse.errors import FinesseError


class FeedEvent(NamedTuple):
    """One item published on a pubsub node (XEP-0060 7.1.2.1).

    Attributes:
        node: the node as the server names it; ``feeds.slug_of`` turns it into a feed.
        payload: the document inside ``<notification>``, un-escaped once: an ``<Update>`` if it is Finesse's.
        item_id: the id of the item, an opaque string.
        to: the JID it was sent to. Bare for automatic subscriptions by the look of it, full for our own;
            captures disagree, so it decides nothing.
        delayed: the server replayed it (XEP-0203): state, not news.
        subids: the subscriptions it was sent for (XEP-0060 12.20), empty where the server gives none.
        received_at: when it arrived here, UTC.
    """

    node: str
    payload: str
    item_id: str | None
    to: str | None
    delayed: bool
    subids: tuple[str, ...]
    received_at: datetime


class LinkState(StrEnum):
    """How the link to the Notification Service is."""

    CONNECTED = "connected"
    """Logged in, and Finesse itself is attached: notifications flow."""
    DEGRADED = "degraded"
    """Logged in, but the user ``finesse`` is not available: notifications may be missing."""
    LOST = "lost"
    """Over; a new link is worth a try."""
    REPLACED = "replaced"
    """Over for good: another program logged in with this resource. Trying again would evict it in turn."""
    REFUSED = "refused"
    """Over for good: the server does not want this session."""


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """The link changed its state.

    Attributes:
        state: the new state. LOST, REPLACED and REFUSED are final, and exactly one of them comes.
        reason: what happened, for people.
        error: for the three final states, what a request on this link would raise from now on.
        at: when, UTC.
        heard_at: when anything at all was last received, UTC: what came after it, before a link that was silent
            was found to be lost, is missing.
    """

    state: LinkState
    reason: str
    error: FinesseError | None
    at: datetime
    heard_at: datetime
