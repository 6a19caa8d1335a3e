"""Puts objects into a mirror, for tests that start from a known state."""

from __future__ import annotations

from mcp_finesse.model import User
from mcp_finesse.session import Mirror


def set_user(mirror: Mirror, user: User | None) -> None:
    """Make ``user`` the known state of the agent, or forget it (None), whatever was known before."""
    mirror._user.clear()
    if user is not None:
        mirror.merge_user(user, mirror.begin_reading())
