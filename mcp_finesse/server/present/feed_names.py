"""Normalizes feed names from clients, and rejects feeds that cannot be received."""

from __future__ import annotations

import re

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.numbers import canonical_id
from mcp_finesse.privacy import quoted
from mcp_finesse.session import FinesseSession, list_feeds
from mcp_finesse.session.state.journal import SESSION

_OBJECT_ID = re.compile(r"[\w.-]+")


def normalized_slug(name: str) -> str:
    """Return the normalized slug of a feed. Another name, such as that of a pubsub node, is returned unchanged."""
    name = name.strip()
    kind, colon, object_id = name.partition(":")
    kinds = {feed.slug.partition(":")[0] for feed in list_feeds()}
    return f"{kind.lower()}{colon}{canonical_id(object_id)}" if kind.lower() in kinds else name


def feed_named(session: FinesseSession, name: str) -> str:
    """Return the feed with the given name.

    Raises:
        InvalidRequestError: no feed and no stored notification has this name. The error lists the feeds.
    """
    slug = normalized_slug(name)
    if slug == SESSION or _exists(slug) or any(entry.feed == slug for entry in session.journal):
        return slug
    known = ", ".join(feed.slug for feed in list_feeds())
    raise InvalidRequestError(f"There is no feed {quoted(name)}.", advice=f"Feeds: {known}.")


def received_feed(session: FinesseSession, name: str) -> str:
    """Return the feed with the given name if the session receives it. Without a connection, accept any feed.

    Raises:
        InvalidRequestError: the feed does not exist, or the session does not receive it.
    """
    slug = feed_named(session, name)
    received = {feed.slug for feed in session.feeds() if feed.subscribed}
    if session.status.state.usable and _exists(slug) and slug not in received:
        raise InvalidRequestError(
            f"The feed {slug} is not received, so none of its notifications can arrive.",
            advice="Use subscribe_feed first.",
        )
    return slug


def unavailable_reason(session: FinesseSession) -> str | None:
    """Return the reason why no notifications can arrive now. None if notifications can arrive."""
    status = session.status
    if status.state.usable:
        return None
    return f"No notifications can arrive now ({status.state}): {status.detail}"


def _exists(slug: str) -> bool:
    kind, colon, object_id = slug.partition(":")
    template = f"{kind}:{{id}}" if colon and _OBJECT_ID.fullmatch(object_id) else slug
    return "{" not in slug and template in {feed.slug for feed in list_feeds()}
