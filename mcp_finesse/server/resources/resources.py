"""The MCP resources: session, user, calls, tasks, teams, queues and notifications as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.server.mcpserver.resources import ResourceSecurity
from pydantic_core import to_json, to_jsonable_python

from mcp_finesse.errors import FinesseError, NotFoundError
from mcp_finesse.numbers import canonical_id, parse_int
from mcp_finesse.privacy import quoted, visible
from mcp_finesse.server.policy.error_text import in_plain_words
from mcp_finesse.server.policy.reading import entry_filter, refusal_to_read
from mcp_finesse.server.present import uris
from mcp_finesse.server.present.advice import call_summary
from mcp_finesse.server.present.feed_names import feed_named
from mcp_finesse.server.present.journal_view import page_summary
from mcp_finesse.server.present.limits import MAX_DIALOGS, MAX_ITEMS
from mcp_finesse.server.present.own_user import own_user_summary
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.summaries import bounded, listed, plain
from mcp_finesse.server.present.task_summaries import tasks_summary
from mcp_finesse.server.present.team_summaries import queue_summary, team_summary
from mcp_finesse.server.present.times import by_our_clock
from mcp_finesse.server.sdk.requests import current_request
from mcp_finesse.server.sessions import FinesseServer, Sessions
from mcp_finesse.session import FinesseSession

_JSON = "application/json"


def add_resources(mcp: FinesseServer) -> None:
    """Register all resources on ``mcp``. Only reading a team or a queue sends requests to Finesse.

    The resources of a team, a queue or a feed are refused if the policy forbids the team or the feed.
    """
    _add_state(mcp, mcp.sessions)
    _add_dialogs(mcp, mcp.sessions)
    _add_tasks(mcp, mcp.sessions)
    _add_groups(mcp, mcp.sessions)
    _add_notifications(mcp, mcp.sessions)


def _add_state(mcp: FinesseServer, sessions: Sessions) -> None:
    @mcp.resource(uris.SESSION, title="Session", mime_type=_JSON)
    async def session() -> str:
        """The state of the connection to Finesse, with its cause and notes."""
        return _json(plain(sessions.for_request(current_request()).status))

    @mcp.resource(uris.USER, title="Agent", mime_type=_JSON)
    async def user() -> str:
        """The agent: state, reason, extension, team."""
        with _shown(sessions) as session:
            current = session.mirror.user
            if current is None:
                raise ResourceError(
                    f"Finesse has not reported the agent's state yet: {session.status.detail}"
                )
            return _json(await own_user_summary(session, current))


def _add_dialogs(mcp: FinesseServer, sessions: Sessions) -> None:
    @mcp.resource(uris.DIALOGS, title="Calls", mime_type=_JSON)
    async def dialogs() -> str:
        """The agent's current calls."""
        with _shown(sessions) as session:
            shown, left_out = bounded(list(session.mirror.dialogs.values()), MAX_DIALOGS)
            summaries = [call_summary(session, item) for item in shown]
            return _json({"dialogs": summaries, "left_out": left_out})

    @mcp.resource(uris.DIALOG_TEMPLATE, title="Call", mime_type=_JSON)
    async def dialog(id: str) -> str:
        """One of the agent's current calls."""
        with _shown(sessions) as session:
            current = session.mirror.dialogs.get(id)
            if current is None:
                known = listed(list(session.mirror.dialogs)) or "none"
                raise ResourceNotFoundError(f"No current call has this id. Current calls: {known}.")
            return _json(call_summary(session, current))


def _add_tasks(mcp: FinesseServer, sessions: Sessions) -> None:
    @mcp.resource(uris.TASKS, title="Tasks and media", mime_type=_JSON)
    async def tasks() -> str:
        """The agent's current tasks, and its state on each media (UCCE)."""
        with _shown(sessions) as session:
            return _json(tasks_summary(session.mirror))


def _add_groups(mcp: FinesseServer, sessions: Sessions) -> None:
    async def read(kind: str, group_id: str) -> str:
        """Read a team or queue from Finesse and subscribe to its feed, so that changes are announced."""
        group_id = canonical_id(group_id)
        _refuse_denied(f"{kind}:{group_id}")
        with _shown(sessions) as session:
            try:
                await session.ready(0)
                await session.follow(f"{kind}:{group_id}")
                if kind == "team":
                    return _json(team_summary(await session.team_reader.team(group_id), session.now()))
                return _json(queue_summary(await session.team_reader.queue(group_id), session.now()))
            except NotFoundError as error:
                raise ResourceNotFoundError(in_plain_words(error)) from error
            except FinesseError as error:
                raise ResourceError(in_plain_words(error)) from error

    @mcp.resource(uris.TEAM_TEMPLATE, title="Team", mime_type=_JSON)
    async def team(id: str) -> str:
        """The agents of a team with their states. Only supervisors of the team can read this resource."""
        return await read("team", id)

    @mcp.resource(uris.QUEUE_TEMPLATE, title="Queue", mime_type=_JSON)
    async def queue(id: str) -> str:
        """The statistics of a queue (UCCE)."""
        return await read("queue", id)


def _add_notifications(mcp: FinesseServer, sessions: Sessions) -> None:
    async def read(after: str | None, limit: int, feed: str | None = None) -> str:
        with _shown(sessions) as session:
            try:
                chosen = feed and feed_named(session, feed)
                _refuse_denied(chosen or "")
                page = session.journal.read(
                    after or None, max(1, min(limit, MAX_ITEMS)), chosen, shown=entry_filter()
                )
            except FinesseError as error:
                raise ResourceError(in_plain_words(error)) from error
            return _json(await page_summary(page, session.mirror.extension))

    @mcp.resource(uris.NOTIFICATIONS, title="Recent notifications", mime_type=_JSON)
    async def notifications() -> str:
        """The newest notifications of all feeds, at most 50."""
        return await read(None, MAX_ITEMS)

    @mcp.resource(uris.SINCE_TEMPLATE, title="Notifications after a cursor", mime_type=_JSON)
    async def notifications_after(after: str = "", limit: str = str(MAX_ITEMS)) -> str:
        """The notifications after a cursor, at most 50."""
        if (number := parse_int(limit)) is None:
            raise ResourceError(f"limit is {quoted(limit)}, which is not a whole number.")
        return await read(after, number)

    @mcp.resource(
        uris.FEED_TEMPLATE,
        title="Notifications of one feed",
        mime_type=_JSON,
        security=ResourceSecurity(exempt_params={"feed"}),  # the name of a pubsub node is not a file path
    )
    async def notifications_of_feed(feed: str) -> str:
        """The newest notifications of one feed, by its slug as list_feeds shows it."""
        return await read(None, MAX_ITEMS, feed)


def _refuse_denied(feed: str) -> None:
    if (refusal := refusal_to_read("this resource", feed)) is not None:
        raise ResourceError(f"{refusal.text} Rule {refusal.rule} of the policy file forbids it.")


@contextmanager
def _shown(sessions: Sessions) -> Iterator[FinesseSession]:
    """Provide the session of the request. Times of Finesse are converted to the local clock."""
    session = sessions.for_request(current_request())
    with by_our_clock(session.clock_offset):
        yield session


def _json(data: Any) -> str:
    return to_json(visible(to_jsonable_python(redacted(data), fallback=str))).decode()
