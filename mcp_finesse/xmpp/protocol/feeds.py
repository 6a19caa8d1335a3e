"""The feeds of the Notification Service. Each feed has a slug, a pubsub node, a kind of subscription and platforms.

The list contains the feeds of the developer guide (pp.333-400), and User/Queues, to which the Finesse desktop
subscribes. The desktop's ClientLog node is left out, because it requests logs from a desktop. No node is
documented for team messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from mcp_finesse.errors import InvalidRequestError

UCCE = "UCCE"
UCCX = "UCCX"

_USER = "{user}"
_ID = "{id}"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed.

    Attributes:
        slug: the short name that users see, such as ``user`` or ``team:310``. The slug of a template contains
            the placeholder ``{id}``, as in ``team:{id}``.
        path: the pubsub node, with the placeholder ``{user}`` for the agent's id.
        automatic: whether Finesse automatically subscribes the bare JID of every user.
        platforms: the platforms that have the feed.
        description: one sentence about the content of the feed.
    """

    slug: str
    path: str
    automatic: bool
    platforms: tuple[str, ...]
    description: str

    def node(self, user_id: str) -> str:
        """Return the pubsub node for an agent. Nodes are case-sensitive, so pass the id as Finesse issued it."""
        return self.path.replace(_USER, user_id)


_FEEDS = (
    Feed(
        "user",
        "/finesse/api/User/{user}",
        True,
        (UCCE, UCCX),
        "The agent: state, reason, pending state, name, roles, team.",
    ),
    Feed(
        "dialogs",
        "/finesse/api/User/{user}/Dialogs",
        True,
        (UCCE, UCCX),
        "The agent's calls: added, changed, removed, and errors of call actions.",
    ),
    Feed(
        "media",
        "/finesse/api/User/{user}/Media",
        True,
        (UCCE,),
        "The agent's state on each media (chat, e-mail), and errors of media actions.",
    ),
    Feed(
        "media_dialogs",
        "/finesse/api/User/{user}/Dialogs/Media",
        False,
        (UCCE,),
        "The agent's tasks (chats, e-mails): offered, changed, closed.",
    ),
    Feed(
        "system",
        "/finesse/api/SystemInfo",
        True,
        (UCCE, UCCX),
        "The state of Finesse: in service or out of service.",
    ),
    Feed(
        "queues",
        "/finesse/api/User/{user}/Queues",
        False,
        (UCCE,),
        "Queues that are added to or removed from the agent's list of queues.",
    ),
    Feed(
        "team:{id}",
        "/finesse/api/Team/{id}/Users",
        False,
        (UCCE, UCCX),
        "State and name changes of the agents of a team, for supervisors of the team.",
    ),
    Feed(
        "queue:{id}",
        "/finesse/api/Queue/{id}",
        False,
        (UCCE,),
        "Statistics of a queue, at most every 10 seconds.",
    ),
)


def _pattern(path: str) -> str:
    """Return a regular expression that matches the nodes of a feed for any user. Group 1 is the object id."""
    return re.escape(path).replace(r"\{user\}", "[^/]+").replace(r"\{id\}", "([^/]+)")


_BY_SLUG = {feed.slug: feed for feed in _FEEDS}
_OBJECT_ID = re.compile(r"[\w.-]+")
# Used with ``fullmatch``, so that the pattern does not match only the prefix of a longer node.
_NODES = tuple((re.compile(_pattern(feed.path), re.IGNORECASE), feed) for feed in _FEEDS)


def list_feeds(platform: str | None = None) -> list[Feed]:
    """Return all feeds, or the feeds of one platform (``UCCE`` or ``UCCX``). Feeds of a team or queue are templates."""
    return [feed for feed in _FEEDS if platform is None or platform.upper() in feed.platforms]


def feed_by_slug(slug: str) -> Feed:
    """Return the feed for a slug such as ``user`` or ``team:310``.

    Raises:
        InvalidRequestError: no feed has this slug, or the id in the slug is missing or invalid.
    """
    kind, colon, object_id = slug.strip().partition(":")
    kind = kind.lower()
    if not colon and kind in _BY_SLUG:
        return _BY_SLUG[kind]
    template = _BY_SLUG.get(f"{kind}:{_ID}") if colon else None
    if template is None or not _OBJECT_ID.fullmatch(object_id):
        known = ", ".join(feed.slug for feed in _FEEDS)
        raise InvalidRequestError(f"There is no feed {slug!r}.", advice=f"The feeds are: {known}.")
    return replace(template, slug=f"{kind}:{object_id}", path=template.path.replace(_ID, object_id))


MAX_NODE = 500
"""Maximum characters kept of a node name. Finesse's node names have up to 60. An unknown node's name is its slug."""


def own_slug_of(node: str, user_id: str) -> str:
    """Return the slug of a node of this agent. For an unknown node or another agent's node, return the node itself."""
    return _own_slug(node, user_id) if len(node) <= MAX_NODE else node[:MAX_NODE]


@lru_cache(maxsize=1024)
def _own_slug(node: str, user_id: str) -> str:
    slug = slug_of(node)
    feed = _BY_SLUG.get(slug)
    is_own = feed is None or feed.node(user_id).casefold() == node.casefold()
    return slug if is_own else node


@lru_cache(maxsize=1024)
def slug_of(node: str) -> str:
    """Return the slug of a node, ignoring upper and lower case. For an unknown node, return the node itself."""
    for pattern, feed in _NODES:
        if match := pattern.fullmatch(node):
            return feed.slug.replace(_ID, match.group(1)) if match.groups() else feed.slug
    return node
