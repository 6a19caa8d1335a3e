"""How far the session is, in words that a person and a model understand."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from mcp_finesse.errors import ConfigurationError


class SessionState(StrEnum):
    """The life of a session."""

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
        """Whether the session will not come back by itself."""
        return self in (
            SessionState.REFUSED,
            SessionState.REPLACED,
            SessionState.CLOSED,
            SessionState.NO_AGENT,
        )


def no_agent() -> ConfigurationError:
    """Why a server without an agent does nothing that an agent does."""
    return ConfigurationError(
        "This server has no agent: it can only configure Finesse.",
        advice="To work as an agent, also set FINESSE_USER and FINESSE_PASSWORD.",
    )


class LinkStatus(BaseModel):
    """The Notification Service as this session sees it.

    Attributes:
        transport: how it is reached, such as ``websocket``.
        address: our full JID.
        siblings: other sessions of the same agent that can be seen, such as the desktop's.
        priority: presence priority of this session; at -1 the automatic feeds go to the other sessions alone.
        priority_reason: why.
    """

    model_config = ConfigDict(frozen=True)
    transport: str
    address: str
    connected: bool
    siblings: tuple[str, ...] = ()
    priority: int = 0
    priority_reason: str = ""


class SessionStatus(BaseModel):
    """What ``get_session_status`` tells.

    Attributes:
        detail: one sentence: what is so, and what is being done about it.
        url: the node that is worked on.
        other_url: the node that is moved to when this one fails; None when there is none.
        moves: how often the session moved from one to the other.
        since: when this state began.
        cursor: the place after the newest notification.
        notes: sentences that the user should know, for instance about the Finesse desktop beside us.
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
