"""Media routing domains (MRDs) as configured: kinds of work that is not calls (guide p.165)."""

from __future__ import annotations

from dataclasses import dataclass

VOICE_ID = "1"


@dataclass(frozen=True, slots=True)
class MediaDomain:
    """A media routing domain.

    Attributes:
        interruptible: work in it gives way to work in others, for agents who accept that.
        agents: who has a skill group in it.
        selectors: script selectors to which its tasks can be transferred.
        start_timeout: seconds in which an offered task has to be accepted.
    """

    id: str
    name: str
    description: str
    interruptible: bool = False
    agents: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    start_timeout: float = 30.0


MEDIA_AGENTS = ("1001", "1002", "2001")
MEDIA_DOMAINS = (
    MediaDomain(VOICE_ID, "Cisco_Voice", "Calls"),
    MediaDomain("5001", "Cisco_Chat", "Chat & messages", False, MEDIA_AGENTS, ("chat.sales", "chat.service")),
    MediaDomain("5002", "Cisco_Email", "E-mail", True, MEDIA_AGENTS, ("mail.second",)),
)
"""Of the default world."""
