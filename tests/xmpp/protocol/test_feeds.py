"""Feeds: slugs, their nodes, and the slug of a node."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.xmpp.protocol.feeds import feed_by_slug, list_feeds, slug_of

FEEDS = [
    ("user", "/finesse/api/User/5001", True),
    ("dialogs", "/finesse/api/User/5001/Dialogs", True),
    ("media", "/finesse/api/User/5001/Media", True),
    ("media_dialogs", "/finesse/api/User/5001/Dialogs/Media", False),
    ("system", "/finesse/api/SystemInfo", True),
    ("queues", "/finesse/api/User/5001/Queues", False),
    ("team:310", "/finesse/api/Team/310/Users", False),
    ("queue:77", "/finesse/api/Queue/77", False),
]


@pytest.mark.parametrize(("slug", "node", "automatic"), FEEDS)
def test_slug_maps_to_its_node_and_back(slug: str, node: str, automatic: bool) -> None:
    feed = feed_by_slug(slug)
    assert (feed.slug, feed.node("5001"), feed.automatic) == (slug, node, automatic)
    assert slug_of(node) == slug
    assert slug_of(node.upper()) == slug_of(node.lower()) == slug


def test_slugs_are_case_insensitive_and_stripped() -> None:
    assert feed_by_slug(" Dialogs ").slug == "dialogs"
    assert feed_by_slug("Team:310").slug == "team:310"


def test_user_id_is_inserted_into_the_node_unchanged() -> None:
    assert feed_by_slug("user").node("{id}Jane") == "/finesse/api/User/{id}Jane"


@pytest.mark.parametrize(
    "slug", ["", "calls", "team", "team:", "team:{id}", "team:a/b", "user:5001", "queue: 7"]
)
def test_error_for_unknown_feed_lists_the_known_feeds(slug: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        feed_by_slug(slug)
    assert "media_dialogs" in caught.value.advice
    assert "team:{id}" in caught.value.advice


@pytest.mark.parametrize(
    "node",
    ["/finesse/api/User/5001/ClientLog", "/finesse/api/User", "/finesse/api/User/5001/Dialogs/", "other", ""],
)
def test_unknown_node_is_its_own_slug(node: str) -> None:
    assert slug_of(node) == node


def test_feeds_are_filtered_by_platform() -> None:
    assert {feed.slug for feed in list_feeds("UCCX")} == {"user", "dialogs", "system", "team:{id}"}
    assert len(list_feeds("ucce")) == len(list_feeds()) == len(FEEDS)
