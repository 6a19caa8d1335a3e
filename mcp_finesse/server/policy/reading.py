"""What the policy lets clients read: teams, queues, and the notifications of their feeds.

A rule about a team or a feed applies to every tool and resource that shows the same data. The agent's own feeds, such
as ``dialogs``, are not restricted here, because the agent's own state is always readable.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from mcp.server import ServerRequestContext
from mcp.server.context import CallNext, HandlerResult

from mcp_finesse.model import Queue, Team
from mcp_finesse.server.policy.intent import Intent
from mcp_finesse.server.policy.rules import NO_RULES, PolicyRules, Refusal
from mcp_finesse.server.present.journal_view import objects_of
from mcp_finesse.session import Entry

_KINDS = ("team", "queue", "queues")
_rules: ContextVar[PolicyRules] = ContextVar("policy_rules", default=NO_RULES)


class RulesMiddleware:
    """Sets the rules for the duration of an MCP request.

    Args:
        rules: the rules of this server.
    """

    def __init__(self, rules: PolicyRules) -> None:
        self._rules = rules

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Handle a request."""
        token = _rules.set(self._rules)
        try:
            return await call_next(ctx)
        finally:
            _rules.reset(token)


def reading(*slugs: str, summary: str = "") -> Intent:
    """Return the intent to read the data that these feeds carry, such as ``team:310`` or ``queue:7``."""
    restricted = [slug for slug in slugs if slug.partition(":")[0] in _KINDS]
    teams = [slug.partition(":")[2] for slug in restricted if slug.startswith("team:")]
    return Intent(summary, changes=False, feeds=tuple(restricted), teams=tuple(teams))


def refusal_to_read(what: str, slug: str) -> Refusal | None:
    """Return the refusal to read the data that a feed carries; None if the policy allows it.

    Args:
        what: what reads the data, for the text of the refusal.
        slug: the feed, such as ``team:310``.
    """
    return _rules.get().object_refusal(what, reading(slug))


def may_read(slug: str) -> bool:
    """Return whether the policy allows to read the data that a feed carries, such as ``team:310`` or ``queue:7``."""
    return refusal_to_read("", slug) is None


def entry_filter() -> Callable[[Entry], bool] | None:
    """Return a function that decides if a notification may be read; None if every notification may be read."""
    rules = _rules.get()
    return _may_read_entry if rules.teams.restricts or rules.feeds.restricts else None


def _may_read_entry(entry: Entry) -> bool:
    if not may_read(entry.feed) or (entry.kind == "queues" and not may_read("queues")):
        return False
    if entry.kind not in _KINDS:
        return True
    return all(may_read(slug) for each in objects_of(entry.payload) if (slug := _slug_of(each)))


def _slug_of(target: object) -> str:
    if isinstance(target, Queue):
        return f"queue:{target.id}"
    return f"team:{target.id}" if isinstance(target, Team) else ""
