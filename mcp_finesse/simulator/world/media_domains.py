"""The configured media routing domains (MRDs) for tasks (guide p.165)."""

from __future__ import annotations

from dataclasses import dataclass

VOICE_ID = "1"


@dataclass(frozen=True, slots=True)
class MediaDomain:
    """A media routing domain.

    Attributes:
        interruptible: whether tasks in other domains interrupt tasks in this domain. Agents can ignore
            interrupts.
        agents: the users who have a skill group in the domain.
        selectors: the script selectors to which tasks of the domain can be transferred.
        start_timeout: seconds within which an offered task must be accepted.
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
"""Media routing domains of the default world."""
