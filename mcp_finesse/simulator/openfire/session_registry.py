"""The bound XMPP sessions by JID, and the handling of resource conflicts."""

from __future__ import annotations

from collections.abc import Iterator

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire.stanzas import StanzaError


class SessionRegistry:
    """All bound XMPP sessions.

    Args:
        conflict_limit: see ``OpenfireSettings``.
    """

    def __init__(self, conflict_limit: int) -> None:
        self._conflict_limit = conflict_limit
        self._users: dict[Jid, dict[str, XmppSession]] = {}

    def bind(self, session: XmppSession, jid: Jid) -> None:
        """Register an XMPP session under a full JID. Close another session with that JID with the error ``conflict``.

        Raises:
            StanzaError: the condition ``conflict``, if the older XMPP session keeps the JID.
        """
        holder = self._users.get(jid.bare, {}).get(jid.resource)
        if holder is not None:
            holder.conflicts += 1
            if self._conflict_limit < 0 or holder.conflicts <= self._conflict_limit:
                raise StanzaError("conflict")
            holder.end("conflict")
        self._users.setdefault(jid.bare, {})[jid.resource] = session

    def remove(self, session: XmppSession) -> None:
        """Remove an XMPP session. Do nothing if the session is not bound."""
        resources = self._users.get(session.jid.bare, {})
        if resources.get(session.jid.resource) is session:
            del resources[session.jid.resource]
            if not resources:
                del self._users[session.jid.bare]

    def of_user(self, jid: Jid) -> list[XmppSession]:
        """Return the XMPP sessions of a bare JID."""
        return list(self._users.get(jid.bare, {}).values())

    def __iter__(self) -> Iterator[XmppSession]:
        return iter([session for resources in self._users.values() for session in resources.values()])
