"""The states of a session, and the status that ``get_session_status`` returns."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from mcp_finesse.errors import ConfigurationError


class SessionState(StrEnum):
    """The state of a session.

    ``sign_in_required`` means that Finesse rejected the credentials or their source gave none. The session
    waits until the user corrects the credentials, and then connects without a restart.
    """

    CONNECTING = "connecting"
    READY = "ready"
    DEGRADED = "degraded"
    RECONNECTING = "reconnecting"
    OUT_OF_SERVICE = "out_of_service"
    SIGN_IN_REQUIRED = "sign_in_required"
    REFUSED = "refused"
    REPLACED = "replaced"
    CLOSED = "closed"
    NO_AGENT = "no_agent"

    @property
    def usable(self) -> bool:
        """Whether actions can be sent and their notifications can be received."""
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
    """Return the error for agent functions on an MCP server without an agent."""
    return ConfigurationError(
        "This MCP server has no agent: it can only configure Finesse.",
        advice="To work as an agent, also set FINESSE_USER and FINESSE_PASSWORD.",
    )


class LinkStatus(BaseModel):
    """The status of the connection to the Notification Service.

    Attributes:
        transport: The transport in use, such as ``websocket``.
        address: The full JID of this session.
        siblings: The visible other XMPP sessions of the same agent, such as the session of the Finesse desktop.
        priority: Presence priority of this XMPP session. At -1 the agent's other XMPP sessions receive the
            automatic feeds, and this XMPP session does not.
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
        detail: One sentence that says what happened and how the session reacts.
        url: The node in use.
        other_url: The node to switch to if the node in use fails, or None.
        moves: How often the session switched nodes.
        since: When the current state of the session began.
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
