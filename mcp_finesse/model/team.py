"""The Team, with summaries of its members and their states (guide p.144 to 150)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mcp_finesse.model.user import User
from mcp_finesse.model.wire import WireModel, name_by_uri


class Team(WireModel):
    """A team as read by its supervisors.

    Attributes:
        users: the members. Each member is a summary without roles, settings and login name. Signed-out members
            are included if they were requested, and may otherwise be missing.
    """

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    users: list[User] = Field(default_factory=list)

    def member(self, user_id: str) -> User | None:
        """Return the member with this id, or None."""
        wanted = user_id.casefold()
        return next((user for user in self.users if (user.id or "").casefold() == wanted), None)

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Set a missing id from the uri."""
        name_by_uri(values)
