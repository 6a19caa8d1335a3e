"""The User, an agent or supervisor with state, team and settings (guide p.68 to 72)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.model.reason_code import ReasonCode
from mcp_finesse.model.states import AnyAgentState
from mcp_finesse.model.wire import Wire, WireModel, id_from_uri


class TeamRef(WireModel):
    """A reference to a team, as in a supervisor's User."""

    id: str | None = None
    uri: str | None = None
    name: str | None = None


class Settings(WireModel):
    """Settings that the administrator made for the agent. The REST API can only read these settings.

    Attributes:
        wrap_up_on_incoming: ``REQUIRED``, ``REQUIRED_WITH_WRAP_UP_DATA``, ``OPTIONAL`` or ``NOT_ALLOWED``.
        wrap_up_on_outgoing: wrap-up after outgoing calls, with the same values.
        device_selection: whether the agent selects a device at sign-in (12.6(1)).
    """

    wrap_up_on_incoming: str | None = None
    wrap_up_on_outgoing: str | None = None
    device_selection: str | None = None


class MobileAgent(WireModel):
    """Settings of a mobile agent. Only the node where the agent signed in has them (guide p.33).

    Attributes:
        mode: ``CALL_BY_CALL`` or ``NAILED_CONNECTION``.
        dial_number: the number at which the agent is called.
    """

    mode: str | None = None
    dial_number: str | None = None


class Device(WireModel):
    """A device of a shared line (12.6(1), UCCE)."""

    device_id: str | None = None
    device_type: int | None = None
    device_type_name: str | None = None


class User(WireModel):
    """An agent or supervisor. In a Team, a User is a summary with fewer fields.

    Attributes:
        id: the user id. If ``id`` and ``login_id`` are both known, use ``login_id`` in requests.
        login_id: the peripheral number on UCCE, the user id on UCCX.
        state: the voice state.
        state_change_time: the time of the last state change, in UTC. None until Finesse has observed a state
            change.
        pending_state: the state requested for the end of the call, if any.
        reason_code_id: the database id of the reason code. -1 in three cases: the state has no reason code, the
            agent has just signed in, or a failover lost the reason code.
        extension: the extension of the phone in use. None when signed out.
        roles: the roles of the user, ``Agent`` or ``Supervisor``.
        teams: the teams that a supervisor supervises. ``team_id`` is the agent's own team.
        wrap_up_timer: wrap-up time in seconds.
        media_state: ``BUSY`` during a manual outbound call from NOT_READY, otherwise ``IDLE``. Only UCCX sends
            this field, and only in a Team.
    """

    id: str | None = None
    uri: str | None = None
    login_id: str | None = None
    login_name: str | None = None
    state: AnyAgentState | None = None
    state_change_time: datetime | None = None
    pending_state: AnyAgentState | None = None
    reason_code_id: int | None = None
    reason_code: ReasonCode | None = None
    extension: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    team_id: str | None = None
    team_name: str | None = None
    roles: list[str] = Field(default_factory=list)
    teams: list[TeamRef] = Field(default_factory=list)
    settings: Settings | None = None
    mobile_agent: MobileAgent | None = None
    wrap_up_timer: int | None = None
    media_type: str | None = None
    media_state: str | None = None
    active_device_id: str | None = None
    devices: list[Device] = Field(default_factory=list)
    skill_target_id: int | None = None
    services: list[str] = Field(default_factory=list)
    dialogs_uri: Annotated[str | None, Wire("dialogs")] = None

    @property
    def is_supervisor(self) -> bool:
        """Whether the user has the supervisor role."""
        return any(role.lower() == "supervisor" for role in self.roles)

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Set a missing id from ``loginId`` or the uri. Summaries and some notifications have no ``id``."""
        known = values.get("login_id") or values.get("id") or id_from_uri(values.get("uri"))
        if known is not None:
            values.setdefault("id", known)
