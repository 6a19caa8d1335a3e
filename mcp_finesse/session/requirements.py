"""Roles and platforms required by operations of the REST layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mcp_finesse.model import Platform
from mcp_finesse.rest.operation import Role, operations_of


@dataclass(frozen=True, slots=True)
class Requirements:
    """The role and platforms that a set of operations requires.

    Attributes:
        role: ``agent`` if any user suffices, else ``supervisor`` or ``administrator``.
        platforms: The platforms on which all the operations exist.
    """

    role: str
    platforms: frozenset[Platform]


_RANK = (Role.ANYBODY, Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


def requirements_of(functions: Sequence[str]) -> Requirements:
    """Return the combined requirements of functions of the REST layer.

    Args:
        functions: Dotted names, such as ``supervision.barge_call``.

    Raises:
        ValueError: No operation is declared for one of them.
    """
    rank, platforms = _RANK.index(Role.AGENT), set(Platform)
    for function in functions:
        known = operations_of(function)
        if not known:
            raise ValueError(f"no operation is declared for {function!r}")
        rank = max(rank, min(_RANK.index(entry.role) for entry in known))
        platforms &= {Platform(name) for entry in known for name in entry.platforms}
    return Requirements(_RANK[rank].value, frozenset(platforms))
