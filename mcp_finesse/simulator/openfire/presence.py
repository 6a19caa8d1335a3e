"""The presence of users' XMPP sessions, which is reported to the contact center, and the presence of ``finesse``."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire import stanzas
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire.session_registry import SessionRegistry

_PRIORITIES = range(-128, 128)  # RFC 6121 section 4.7.2.3


class PresenceExchange:
    """Handles the presence stanzas of clients and sends presence to sessions.

    Args:
        registry: the sessions.
        finesse: the full JID of Finesse's own XMPP user.
        finesse_is_mute: a function that returns whether to withhold the presence of Finesse's own user now.
        report: a function that is called with ``(user id, True)`` when the first XMPP session of a user becomes
            available. The function is called with ``(user id, False)`` when the last session becomes
            unavailable.
    """

    def __init__(
        self,
        registry: SessionRegistry,
        finesse: str,
        *,
        finesse_is_mute: Callable[[], bool],
        report: Callable[[str, bool], None],
    ) -> None:
        self._registry = registry
        self._finesse = finesse
        self._finesse_is_mute = finesse_is_mute
        self._report = report
        self._finesse_available = True

    def take(self, session: XmppSession, stanza: Element) -> None:
        """Handle a client's presence stanza. Directed presence and subscription requests are ignored."""
        if stanza.get("to") is not None:
            return
        if stanza.get("type") == "unavailable":
            self.leave(session, _children(stanza))
        elif stanza.get("type") is None:
            self._arrive(session, stanza)

    def leave(self, session: XmppSession, status: str = "") -> None:
        """Make an XMPP session unavailable, at its own request or because it has ended."""
        if session.priority is None:
            return
        session.priority = None
        others = self._others(session)
        for other in others:
            other.send(stanzas.presence(str(session.jid), str(other.jid), status, kind="unavailable"))
        if not others:
            self._report(session.user_id, False)

    def set_finesse(self, available: bool) -> None:
        """Change the availability of Finesse's own user, and notify every available XMPP session."""
        self._finesse_available = available
        for session in self._registry:
            if session.priority is not None:
                self._send_finesse(session)

    def _arrive(self, session: XmppSession, stanza: Element) -> None:
        first_presence = session.priority is None
        session.priority = _priority(stanza)
        session.status = _children(stanza)
        others = self._others(session)
        for other in others:
            other.send(stanzas.presence(str(session.jid), str(other.jid), session.status))
        if not first_presence:
            return
        if self._finesse_available:
            self._send_finesse(session)
        # The presence of sibling sessions is sent last, because clients must not rely on getting it before
        # Finesse's presence.
        for other in others:
            session.send(stanzas.presence(str(other.jid), str(session.jid), other.status))
        if not others:
            self._report(session.user_id, True)

    def _send_finesse(self, session: XmppSession) -> None:
        if not self._finesse_is_mute():
            kind = None if self._finesse_available else "unavailable"
            session.send(stanzas.presence(self._finesse, str(session.jid), kind=kind))

    def _others(self, session: XmppSession) -> list[XmppSession]:
        sessions = self._registry.of_user(session.jid)
        return [other for other in sessions if other is not session and other.priority is not None]


def _priority(stanza: Element) -> int:
    text = (stanza.findtext(f"{{{stanzas.CLIENT}}}priority") or "").strip()
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 3):
        return 0
    return int(text) if int(text) in _PRIORITIES else 0


def _children(stanza: Element) -> str:
    return "".join(stanzas.serialize(child, stanzas.CLIENT) for child in stanza)
