"""Completes the arguments of resource templates from the currently known values."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from mcp_finesse.errors import InvalidRequestError, NotReadyError
from mcp_finesse.server.policy.reading import may_read
from mcp_finesse.server.present import uris
from mcp_finesse.server.present.redacting import redacted_sentence
from mcp_finesse.server.resources.reference import TOPICS
from mcp_finesse.server.sdk.requests import current_request
from mcp_finesse.server.sessions import FinesseServer
from mcp_finesse.session import FinesseSession

MAX_VALUES = 100
"""Maximum number of values allowed by the protocol."""

_VALUES: dict[tuple[str, str], Callable[[FinesseSession], Iterable[str]]] = {
    (uris.REFERENCE_TEMPLATE, "topic"): lambda _: TOPICS,
    (uris.DIALOG_TEMPLATE, "id"): lambda session: session.mirror.dialogs,
    (uris.TEAM_TEMPLATE, "id"): lambda session: _own_teams(session),
    (uris.QUEUE_TEMPLATE, "id"): lambda session: _readable("queue", session.mirror.queues),
    (uris.FEED_TEMPLATE, "feed"): lambda session: [
        feed.slug for feed in session.feeds() if may_read(feed.slug)
    ],
}


def _own_teams(session: FinesseSession) -> Iterable[str]:
    try:
        return _readable("team", session.team_reader.own_teams())
    except InvalidRequestError:
        return ()


def _readable(kind: str, ids: Iterable[str]) -> Iterable[str]:
    """Return the ids of the teams or queues that the policy allows to read."""
    return [each for each in ids if may_read(f"{kind}:{each}")]


def add_completions(mcp: FinesseServer) -> None:
    """Handle ``completion/complete`` requests for the resource templates of ``mcp``."""

    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,  # noqa: ARG001  (no template argument depends on another)
    ) -> Completion | None:
        """Return the values that start with the argument. The comparison ignores case."""
        template = ref.uri if isinstance(ref, ResourceTemplateReference) else ""
        values = _VALUES.get((template, argument.name))
        if values is None:
            return None
        try:
            known = [redacted_sentence(each) for each in values(mcp.sessions.for_request(current_request()))]
        except NotReadyError:
            known = []
        begun = argument.value.casefold()
        found = [value for value in known if value.casefold().startswith(begun)]
        return Completion(values=found[:MAX_VALUES], total=len(found), has_more=len(found) > MAX_VALUES)

    mcp.completion()(complete)  # type: ignore[no-untyped-call]  # untyped in the SDK
