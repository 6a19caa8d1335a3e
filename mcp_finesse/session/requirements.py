"""Computes the roles and platforms that functions require from the API operations that the functions send."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import Platform
from mcp_finesse.rest.operation import Operation, Role, Used, operations_of


@dataclass(frozen=True, slots=True)
class Requirements:
    """The role and platforms that a set of functions requires.

    Attributes:
        role: The required role. ``AGENT`` means any user, otherwise ``SUPERVISOR`` or ``ADMINISTRATOR`` is
            required.
        platforms: The platforms on which all the functions work.
    """

    role: Role
    platforms: frozenset[Platform]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Alternative functions, of which a tool uses only one. The requirements of one function suffice."""

    operations: tuple[Operation, ...]


def any_of(*used: Used) -> Alternatives:
    """Group functions of which a tool uses only one. It is enough to meet the requirements of one function.

    Raises the errors of ``requirements_of``.
    """
    return Alternatives(operations_of(*used))


_RANK = (Role.ANYBODY, Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


def requirements_of(*used: Used) -> Requirements:
    """Return the combined requirements of functions. Each function requires one of its operations to be allowed.

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
