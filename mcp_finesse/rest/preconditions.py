"""Checks the platform and the role against the declared operations before a request is sent."""

from __future__ import annotations

from collections.abc import Collection

from mcp_finesse.model import Platform
from mcp_finesse.rest.operation import Role, Used, operations_of
from mcp_finesse.rest.validation import refuse

_SUPERVISOR, _ADMINISTRATOR = "supervisor", "administrator"


def refuse_by_platform(used: Used, platform: str | None) -> None:
    """Refuse an operation that does not exist on the platform. Refuse a function that sends only such operations.

    Args:
        used: the operation, or a function that declares the operations it sends.
        platform: ``UCCE`` or ``UCCX``. Any other value means that the platform is unknown, and nothing is
            refused.

    Raises:
        InvalidRequestError: no operation exists on the platform. The error names the platforms that have the
            operation.
        ValueError: the function declares no operation.
    """
    known = operations_of(used)
    if platform not in tuple(Platform) or any(platform in entry.platforms for entry in known):
        return
    first = known[0]
    refuse(
        f"{first.name} does not exist on {platform}, only on {', '.join(sorted(first.platforms))}.",
        "This system does not support the operation.",
    )


def refuse_by_role(used: Used, roles: Collection[str] | None) -> None:
    """Refuse an operation that none of the user's roles may use. Refuse a function that sends only such operations.

    Args:
        used: the operation, or a function that declares the operations it sends.
        roles: the user's roles as in ``User.roles``, in upper or lower case. If the roles are unknown, nothing
            is refused. Pass ``Administrator`` for an administrator, because administrators have no Finesse
            user.

    Raises:
        InvalidRequestError: the user lacks the role. The error names the operation and the role.
        ValueError: the function declares no operation.
    """
    known = operations_of(used)
    if not roles:
        return
    held = {role.strip().lower() for role in roles}
    if any(_may(held, entry.role) for entry in known):
        return
    refuse(
        (
            f"{known[0].name} requires the role {known[0].role.value}; this user has "
            f"{' and '.join(sorted(held))}."
        ),
        "Ask a user with that role.",
    )


def _may(held: set[str], needed: Role) -> bool:
    """Return whether a role suffices. Supervisors are also agents. Administrators may read like supervisors (p.22)."""
    if needed is Role.ANYBODY:
        return True
    if needed is Role.ADMINISTRATOR:
        return _ADMINISTRATOR in held
    if needed is Role.SUPERVISOR:
        return bool(held & {_SUPERVISOR, _ADMINISTRATOR})
    return True
