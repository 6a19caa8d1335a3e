"""Scopes: which scope each tool requires, and the check of a tool call. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from mcp_finesse.errors import Actor, InvalidRequestError

READ = "finesse:read"
"""Resources, completions, and tools that change nothing in Finesse."""
ACT = "finesse:act"
"""Tools that change the agent's state, a phone call, a task or another agent, including tools that end them."""
ADMIN = "finesse:admin"
"""Tools that use the administrator's credentials."""
RAW = "finesse:raw"
"""``send_request``, which can send every request that Finesse allows the agent."""

SCOPES = (READ, ACT, ADMIN, RAW)
"""All scopes. No scope includes another scope."""

_BY_EFFECT = {"READ": READ, "WATCH": READ, "CHANGE": ACT, "DESTRUCTIVE": ACT, "ANY": RAW}
_ADMINISTRATION = "mcp_finesse.session.administration"


class ScopedTool(Protocol):
    """The properties of a ``ToolEntry`` that determine its scope."""

    @property
    def name(self) -> str:
        """The tool's name."""

    @property
    def effect(self) -> Enum:
        """The tool's effect."""

    @property
    def uses(self) -> tuple[Any, ...]:
        """The functions of the session that the tool exists for."""


class ScopeError(InvalidRequestError):
    """The access token does not have a scope that the tool requires. Nothing was sent."""

    actor = Actor.USER


def required_scope(entry: ScopedTool) -> str:
    """Return the scope that a tool requires."""
    if any(used.__module__.startswith(_ADMINISTRATION) for used in entry.uses):
        return ADMIN
    return _BY_EFFECT[entry.effect.name]


def required_scopes(scope: str, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Return all scopes that a tool call requires.

    Args:
        scope: The scope of the tool.
        arguments: The arguments of the tool. A raw request with the administrator's credentials also requires
            ``finesse:admin``.
    """
    return (scope, ADMIN) if scope == RAW and arguments.get("as_administrator") else (scope,)


def check_scope(
    entry: ScopedTool, granted: Collection[str], arguments: Mapping[str, Any] | None = None
) -> None:
    """Refuse a tool call that the access token does not allow.

    Raises:
        ScopeError: A scope is missing.
    """
    missing = [
        each for each in required_scopes(required_scope(entry), arguments or {}) if each not in granted
    ]
    if missing:
        raise ScopeError(
            f"{entry.name} requires the scope {' and '.join(missing)}, which the access token does not have.",
            advice="Nothing was sent. The administrator of the tokens can grant this scope.",
        )


def known_scopes(named: Iterable[str]) -> frozenset[str]:
    """Return the scopes of this server among those that a token has."""
    return frozenset(SCOPES).intersection(named)
