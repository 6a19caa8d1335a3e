"""Roles and platforms that functions require, derived from the API operations that the functions send."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import Platform
from mcp_finesse.rest.operation import Operation, Role, Used, operations_of


@dataclass(frozen=True, slots=True)
class Requirements:
    """The role and platforms that a set of functions requires.

    Attributes:
        role: ``AGENT`` if any user suffices, else ``SUPERVISOR`` or ``ADMINISTRATOR``.
        platforms: The platforms on which all the functions work.
    """

    role: Role
    platforms: frozenset[Platform]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Alternative functions, of which a tool uses only one. It suffices to meet the requirements of one of them."""

    operations: tuple[Operation, ...]


def any_of(*used: Used) -> Alternatives:
    """Return functions as alternatives. Raises as ``requirements_of``."""
    return Alternatives(operations_of(*used))


_RANK = (Role.ANYBODY, Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


def requirements_of(*used: Used) -> Requirements:
    """Return the combined requirements of functions. For each function, one of its operations must be allowed.

    Args:
        used: Functions that declare the operations they send, such as ``calls.hold_call``.

    Raises:
        ValueError: A function declares no operation.
    """
    rank, platforms = _RANK.index(Role.AGENT), set(Platform)
    for each in used:
        operations = operations_of(each)
        rank = max(rank, min(_RANK.index(operation.role) for operation in operations))
        platforms &= {Platform(name) for operation in operations for name in operation.platforms}
    return Requirements(_RANK[rank], frozenset(platforms))
