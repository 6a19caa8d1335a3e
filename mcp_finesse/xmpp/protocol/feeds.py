"""The feeds of the Notification Service: slug, pubsub node, kind of subscription and platforms of each.

The list follows the developer guide (pp.333-400), plus User/Queues, which the Finesse desktop subscribes
to. The desktop's ClientLog node is left out: it requests logs from a desktop. No node is documented for
team messages.
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
        slug: the short name shown to users: ``user``, ``team:310``. Templates contain the placeholder
            ``{id}``: ``team:{id}``.
        path: the node, with the placeholder ``{user}`` for the agent's id.
        automatic: Finesse subscribes the bare JID of every user automatically.
        platforms: the platforms that have the feed.
        description: its content in one sentence.
    """

    slug: str
    path: str
    automatic: bool
    platforms: tuple[str, ...]
    description: str

    def node(self, user_id: str) -> str:
        """Return the pubsub node for an agent. Nodes are case-sensitive: pass the id exactly as Finesse issued it."""
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
        "Finesse itself: in service or out of service.",
    ),
    Feed(
        "queues",
        "/finesse/api/User/{user}/Queues",
        False,
        (UCCE,),
        "The list of queues assigned to the agent: added, removed.",
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
    """Return a regular expression for the nodes of a feed, for any user. The object id is group 1."""
    return re.escape(path).replace(r"\{user\}", "[^/]+").replace(r"\{id\}", "([^/]+)")


_BY_SLUG = {feed.slug: feed for feed in _FEEDS}
_OBJECT_ID = re.compile(r"[\w.-]+")
# Used with fullmatch, so that a node does not match the prefix of a longer one.
_NODES = tuple((re.compile(_pattern(feed.path), re.IGNORECASE), feed) for feed in _FEEDS)


def list_feeds(platform: str | None = None) -> list[Feed]:
    """Return all feeds, or those of one platform (``UCCE``, ``UCCX``). Feeds of a team or queue are templates."""
    return [feed for feed in _FEEDS if platform is None or platform.upper() in feed.platforms]


def feed_by_slug(slug: str) -> Feed:
    """Return the feed for a slug such as ``user`` or ``team:310``.

    Raises:
        InvalidRequestError: there is no such feed, or the id is missing or invalid.
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
    """Return the slug of a node for this agent. For unknown nodes and nodes of other agents, return the node."""
    return _own_slug(node, user_id) if len(node) <= MAX_NODE else node[:MAX_NODE]


@lru_cache(maxsize=1024)
def _own_slug(node: str, user_id: str) -> str:
    slug = slug_of(node)
    feed = _BY_SLUG.get(slug)
    is_own = feed is None or feed.node(user_id).casefold() == node.casefold()
    return slug if is_own else node


@lru_cache(maxsize=1024)
def slug_of(node: str) -> str:
    """Return the slug of a node, compared case-insensitively. For a node of no known feed, return the node."""
    for pattern, feed in _NODES:
        if match := pattern.fullmatch(node):
            return feed.slug.replace(_ID, match.group(1)) if match.groups() else feed.slug
    return node
