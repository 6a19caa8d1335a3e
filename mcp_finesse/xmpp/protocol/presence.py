"""The presence of Finesse itself, and of the other XMPP sessions of our user."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import KeysView

from mcp_finesse.xmpp.protocol.jid import same_jid, split_jid

FINESSE_USER = "finesse"
"""The XMPP user that publishes Finesse's notifications. Its presence shows that Finesse is available."""

_PRIORITY = re.compile(r"-?[0-9]{1,3}")


MAX_SIBLINGS = 100
"""Maximum number of sessions kept per user; an agent has two or three."""
_MAX_JID = 3071
"""Maximum length of a full JID (RFC 7622 3.1)."""


class PresenceBoard:
    """Tracks the presence of Finesse and of the other XMPP sessions of our user.

    Attributes:
        greeted: whether a presence of Finesse has arrived. The presence may be available or unavailable.
        priorities: the priority of each other available XMPP session of our user, by full JID. At most
            ``MAX_SIBLINGS`` are kept.
        own_full_jid: our full JID, which is excluded from ``priorities``. The bound JID may differ from the JID
            that we requested.
    """

    def __init__(self, own_full_jid: str, domain: str) -> None:
        self.greeted = False
        self.priorities: dict[str, int] = {}
        self.own_full_jid = own_full_jid
        self._own_bare = split_jid(own_full_jid)[0]
        self._finesse = f"{FINESSE_USER}@{domain.lower()}"
        self._finesse_resources: set[str] = set()

    @property
    def siblings(self) -> KeysView[str]:
        """The full JIDs of the other available XMPP sessions of our user, such as that of the Finesse desktop."""
        return self.priorities.keys()

    @property
    def finesse_available(self) -> bool:
        """Whether at least one XMPP session of Finesse's own user is available."""
        return bool(self._finesse_resources)

    def is_finesse(self, jid: str) -> bool:
        """Return whether a JID belongs to Finesse's own user."""
        return split_jid(jid)[0] == self._finesse

    def take(self, presence: ET.Element) -> None:
        """Record a ``<presence/>``. Ignore types other than available and unavailable."""
        sender, kind = presence.get("from", ""), presence.get("type")
        if kind not in (None, "unavailable"):
            return
        bare, resource = split_jid(sender)
        if bare == self._finesse:
            self.greeted = True
            self._note_finesse(resource, available=kind is None)
        elif bare == self._own_bare and resource and not same_jid(sender, self.own_full_jid):
            if kind is None:
                known = sender in self.priorities
                if known or (len(self.priorities) < MAX_SIBLINGS and len(sender) <= _MAX_JID):
                    self.priorities[sender] = _priority(presence)
            else:
                self.priorities.pop(sender, None)

    def _note_finesse(self, resource: str, *, available: bool) -> None:
        # While Finesse restarts, its old resource and its new resource can be present at the same time.
        # Unavailable presence from the bare JID applies to all resources (RFC 6121 4.5.4: the response to a
        # presence probe for an offline contact).
        if available:
            if len(self._finesse_resources) < MAX_SIBLINGS and len(resource) <= _MAX_JID:
                self._finesse_resources.add(resource)
        elif resource:
            self._finesse_resources.discard(resource)
        else:
            self._finesse_resources.clear()


def _priority(presence: ET.Element) -> int:
    """Return the priority of an available presence. 0 if the priority is missing or malformed (RFC 6121 4.7.2.3)."""
    text = (presence.findtext("{*}priority") or "").strip()
    return int(text) if _PRIORITY.fullmatch(text) else 0
