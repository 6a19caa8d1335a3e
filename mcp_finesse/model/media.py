"""Media, the state of an agent in a nonvoice media routing domain (MRD), and the domains (guide p.165 to 185)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from mcp_finesse.model.reason_code import ReasonCode
from mcp_finesse.model.states import AnyMediaState
from mcp_finesse.model.wire import WireModel, id_from_uri


class InterruptAction(StrEnum):
    """The reaction to an interruption by a dialog of another domain (guide p.182)."""

    ACCEPT = "ACCEPT"
    IGNORE = "IGNORE"


class DialogLogoutAction(StrEnum):
    """What happens to the agent's tasks at sign-out (guide p.182)."""

    CLOSE = "CLOSE"
    TRANSFER = "TRANSFER"


class Media(WireModel):
    """An agent's state in a media routing domain. If the agent does not serve the domain, the state is missing.

    Attributes:
        id: the id of the domain. Finesse sends the id in ``id``, in ``mrdId`` or only in the uri.
        max_dialog_limit: the maximum number of concurrent tasks, 1 to 10. ``max_dialog_limit``,
            ``interrupt_action`` and ``dialog_logout_action`` are available only on the node where the agent
            signed in.
        interrupt_action: ``ACCEPT`` or ``IGNORE``. Relevant only for an interruptible domain.
        dialog_logout_action: ``CLOSE`` or ``TRANSFER``.
        routable: whether new tasks are routed to the agent. False stops new tasks while the agent stays READY.
        reason_code_id: the database id of the reason code. -1 if there is no reason code.
        finesse_associated: a field that is available since 12.6(2), like ``channel`` and ``media_class``.
    """

    id: str | None = None
    uri: str | None = None
    mrd_id: str | None = None
    name: str | None = None
    description: str | None = None
    interruptible: bool | None = None
    state: AnyMediaState | None = None
    state_change_time: datetime | None = None
    routable: bool | None = None
    media_connected: bool | None = None
    reason_code_id: int | None = None
    reason_code: ReasonCode | None = None
    max_dialog_limit: int | None = None
    interrupt_action: str | None = None
    dialog_logout_action: str | None = None
    finesse_associated: bool | None = None
    channel: str | None = None
    media_class: str | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Set the id from the uri or ``mrdId``, because in one table of the guide ``id`` is the user's id."""
        known = id_from_uri(values.get("uri")) or values.get("mrd_id")
        if known is not None:
            values["id"] = known
