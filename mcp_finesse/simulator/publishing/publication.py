"""Values exchanged between the contact center and the Notification Service."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Publication:
    """A notification for the subscribers of a pubsub node.

    Attributes:
        node: pubsub node, e.g. ``/finesse/api/User/1001/Dialogs``.
        xml: the ``<Update>`` document as text, not yet escaped.
        user_id: the owner of the feed. ``None`` for shared nodes, such as those of SystemInfo, teams and
            queues.
    """

    node: str
    xml: str
    user_id: str | None = None


class AuthResult(Enum):
    """The result of checking a user id and password that arrived over REST or XMPP."""

    OK = "ok"
    WRONG = "wrong"
    LOCKED = "locked"
