"""What the tools of the toolset core would do, for policy rules."""

from __future__ import annotations

from typing import Any

from mcp_finesse.server.policy.intent import Intent
from mcp_finesse.server.policy.reading import reading
from mcp_finesse.server.present.feed_names import normalized_slug
from mcp_finesse.session import FinesseSession


async def read_feed(session: FinesseSession, feed: str | None = None, **_: Any) -> Intent:  # noqa: ARG001
    """Return the intent to read the notifications of a feed. Without a feed, the tool leaves denied feeds out."""
    return reading(*([normalized_slug(feed)] if feed else ()), summary="Read notifications.")


async def subscribe_feed(session: FinesseSession, feed: str, **_: Any) -> Intent:  # noqa: ARG001
    """Return the intent to subscribe to a feed."""
    slug = normalized_slug(feed)
    kind, _separator, object_id = slug.partition(":")
    teams = (object_id,) if kind == "team" and object_id else ()
    return Intent("Receive a feed.", changes=False, feeds=(slug,), teams=teams)
