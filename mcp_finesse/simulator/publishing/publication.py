"""The values that pass between the contact centre and the Notification Service."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Publication:
    """One notification on its way to whoever is subscribed.

    Attributes:
        node: pubsub node, e.g. ``/finesse/api/User/1001/Dialogs``.
        xml: the ``<Update>`` document as text, not yet escaped for the wire.
        user_id: the user whose automatic feed this is; ``None`` for a node that is nobody's own
            (SystemInfo, teams, queues).
    """

    node: str
    xml: str
    user_id: str | None = None


class AuthResult(Enum):
    """What became of an id and a password, over REST or XMPP."""

    OK = "ok"
    WRONG = "wrong"
    LOCKED = "locked"
