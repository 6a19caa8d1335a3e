"""States of a session, and the status that ``get_session_status`` returns."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from mcp_finesse.errors import ConfigurationError


class SessionState(StrEnum):
    """The state of a session."""

    CONNECTING = "connecting"
    READY = "ready"
    DEGRADED = "degraded"
    RECONNECTING = "reconnecting"
    OUT_OF_SERVICE = "out_of_service"
    REFUSED = "refused"
    REPLACED = "replaced"
    CLOSED = "closed"
    NO_AGENT = "no_agent"

    @property
    def usable(self) -> bool:
        """Whether actions can be sent and their events received."""
        return self in (SessionState.READY, SessionState.DEGRADED)

    @property
    def final(self) -> bool:
        """Whether the session will not reconnect automatically."""
        return self in (
            SessionState.REFUSED,
            SessionState.REPLACED,
            SessionState.CLOSED,
            SessionState.NO_AGENT,
        )


def no_agent() -> ConfigurationError:
    """Return the error for agent functions on a server without an agent."""
    return ConfigurationError(
        "This MCP server has no agent: it can only configure Finesse.",
        advice="To work as an agent, also set FINESSE_USER and FINESSE_PASSWORD.",
    )


class LinkStatus(BaseModel):
    """The connection to the Notification Service.

    Attributes:
        transport: The transport in use, such as ``websocket``.
        address: The full JID of this session.
        siblings: Other XMPP sessions of the same agent that are visible, such as the Finesse desktop.
        priority: Presence priority of this session. At -1 Finesse sends automatic feeds only to the other sessions.
        priority_reason: Why this priority was chosen.
    """

    model_config = ConfigDict(frozen=True)
    transport: str
    address: str
    connected: bool
    siblings: tuple[str, ...] = ()
    priority: int = 0
    priority_reason: str = ""


class SessionStatus(BaseModel):
    """The result of ``get_session_status``.

    Attributes:
        detail: One sentence that says what happened and what the session does about it.
        url: The node in use.
        other_url: The node to switch to if the node in use fails, or None.
        moves: How often the session switched nodes.
        since: When this state began.
        cursor: The journal position after the newest notification.
        notes: Sentences for the user, for instance about a Finesse desktop of the same agent.
    """

    model_config = ConfigDict(frozen=True)
    state: SessionState
    detail: str
    since: datetime
    url: str
    other_url: str | None = None
    user_id: str
    agent_state: str | None = None
    extension: str | None = None
    platform: str | None = None
    read_only: bool = False
    link: LinkStatus | None = None
    cursor: str = ""
    reconnects: int = 0
    moves: int = 0
    gaps: int = 0
    notes: tuple[str, ...] = ()
