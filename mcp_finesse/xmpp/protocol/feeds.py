"""Every feed of the Notification Service: its slug, its pubsub node, who subscribes, and where it exists.

The list is that of the developer guide (pp.333-400), plus User/Queues, which the Finesse desktop
subscribes to. The desktop's ClientLog node is left out: it asks a desktop for its logs. No node is
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
    """A feed, as data.

    Attributes:
        slug: the short name that users see: ``user``, ``team:310``. In the list of all feeds the id
            is a placeholder: ``team:{id}``.
        path: the node, with ``{user}`` where the agent's id belongs.
        automatic: Finesse subscribes every user by itself, for the bare JID.
        platforms: where the feed exists.
        description: what it tells, one sentence.
    """

    slug: str
    path: str
    automatic: bool
    platforms: tuple[str, ...]
    description: str

    def node(self, user_id: str) -> str:
        """The pubsub node for this agent; it is case-sensitive, so the id goes in as Finesse issued it."""
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
        "The agent's state in each nonvoice media, and errors of media actions.",
    ),
    Feed(
        "media_dialogs",
        "/finesse/api/User/{user}/Dialogs/Media",
        False,
        (UCCE,),
        "The agent's nonvoice tasks: offered, changed, closed.",
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
        "State and name changes of the agents of a team, for its supervisors.",
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
    """The nodes of a feed as a regular expression, whoever the user; the id of its object is group 1."""
    return re.escape(path).replace(r"\{user\}", "[^/]+").replace(r"\{id\}", "([^/]+)")


_BY_SLUG = {feed.slug: feed for feed in _FEEDS}
_OBJECT_ID = re.compile(r"[\w.-]+")
# Matched as a whole, so that no node is taken for a longer one.
_NODES = tuple((re.compile(_pattern(feed.path), re.IGNORECASE), feed) for feed in _FEEDS)


def list_feeds(platform: str | None = None) -> list[Feed]:
    """All feeds, or those of one platform (``UCCE``, ``UCCX``); those of one object are templates."""
    return [feed for feed in _FEEDS if platform is None or platform.upper() in feed.platforms]


def feed_by_slug(slug: str) -> Feed:
    """The feed a user means by ``user`` or ``team:310``.

    Raises:
        InvalidRequestError: no such feed, or the id is missing or cannot be one.
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
"""Characters of a node's name that are kept: Finesse's have up to 60, and the name of an unknown node is its slug."""


def own_slug_of(node: str, user_id: str) -> str:
    """The slug of a node for this agent; the node of another agent is its own slug, as an unknown one is."""
    return _own_slug(node, user_id) if len(node) <= MAX_NODE else node[:MAX_NODE]


@lru_cache(maxsize=1024)
def _own_slug(node: str, user_id: str) -> str:
    slug = slug_of(node)
    feed = _BY_SLUG.get(slug)
    is_own = feed is None or feed.node(user_id).casefold() == node.casefold()
    return slug if is_own else node


@lru_cache(maxsize=1024)
def slug_of(node: str) -> str:
    """The slug of a node, found without regard to case; a node that is not a feed's is its own slug."""
    for pattern, feed in _NODES:
        if match := pattern.fullmatch(node):
            return feed.slug.replace(_ID, match.group(1)) if match.groups() else feed.slug
    return node
