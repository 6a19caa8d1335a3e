"""What the catalogue of operations says about platform and role, asked before anything is sent."""

from __future__ import annotations

from collections.abc import Collection

from mcp_finesse.model import Platform
from mcp_finesse.rest.operation import Operation, Role, operations_of
from mcp_finesse.rest.validation import refuse

_SUPERVISOR, _ADMINISTRATOR = "supervisor", "administrator"


def refuse_by_platform(function: str, platform: str | None) -> None:
    """Refuse a function none of whose operations exists on the platform.

    Args:
        function: by its dotted name, as ``queues.get_queue``.
        platform: ``UCCE`` or ``UCCX``; nothing is refused while it is not known.

    Raises:
        InvalidRequestError: names the operation and where it exists.
        ValueError: no such function in the catalogue.
    """
    known = _declared(function)
    if platform not in tuple(Platform) or any(platform in entry.platforms for entry in known):
        return
    first = known[0]
    refuse(
        f"{first.name} does not exist on {platform}, only on {', '.join(sorted(first.platforms))}.",
        "It is not available on this system.",
    )


def refuse_by_role(function: str, roles: Collection[str] | None) -> None:
    """Refuse a function that no role of the user may ask for.

    Args:
        function: by its dotted name, as ``supervision.barge_call``.
        roles: of the user, as ``User.roles`` has them, in any case; nothing is refused while they are not known.
            Administrators are no users of Finesse: say ``Administrator`` for them.

    Raises:
        InvalidRequestError: names the operation and the role.
        ValueError: no such function in the catalogue.
    """
    known = _declared(function)
    if not roles:
        return
    held = {role.strip().lower() for role in roles}
    if any(_may(held, entry.role) for entry in known):
        return
    refuse(
        f"{known[0].name} is for {known[0].role.value}s, and this user is {' and '.join(sorted(held))}.",
        "Ask a user with that role.",
    )


def _declared(function: str) -> tuple[Operation, ...]:
    known = operations_of(function)
    if not known:
        raise ValueError(f"no operation is declared for {function!r}")
    return known


def _may(held: set[str], needed: Role) -> bool:
    """Supervisors are agents too; an administrator may read what supervisors read (guide p.22)."""
    if needed is Role.ANYBODY:
        return True
    if needed is Role.ADMINISTRATOR:
        return _ADMINISTRATOR in held
    if needed is Role.SUPERVISOR:
        return bool(held & {_SUPERVISOR, _ADMINISTRATOR})
    return True
