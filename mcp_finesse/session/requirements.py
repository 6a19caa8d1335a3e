"""What the catalogue of operations demands of user and platform, for those who offer the operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mcp_finesse.model import Platform
from mcp_finesse.rest.operation import Role, operations_of


@dataclass(frozen=True, slots=True)
class Requirements:
    """What has to be so for a row of operations.

    Attributes:
        role: ``agent`` where every user will do, else ``supervisor`` or ``administrator``.
        platforms: where all of them exist.
    """

    role: str
    platforms: frozenset[Platform]


_RANK = (Role.ANYBODY, Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


def requirements_of(functions: Sequence[str]) -> Requirements:
    """What these functions of the REST layer demand together.

    Args:
        functions: by their dotted names, as ``supervision.barge_call``.

    Raises:
        ValueError: no operation is declared for one of them.
    """
    rank, platforms = _RANK.index(Role.AGENT), set(Platform)
    for function in functions:
        known = operations_of(function)
        if not known:
            raise ValueError(f"no operation is declared for {function!r}")
        rank = max(rank, min(_RANK.index(entry.role) for entry in known))
        platforms &= {Platform(name) for entry in known for name in entry.platforms}
    return Requirements(_RANK[rank].value, frozenset(platforms))
