"""Media: an agent on one nonvoice media routing domain (MRD), and the list of the domains (guide p.165 to 185)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from mcp_finesse.model.reason_code import ReasonCode
from mcp_finesse.model.states import AnyMediaState
from mcp_finesse.model.wire import WireModel, id_from_uri, name_by_uri


class InterruptAction(StrEnum):
    """What to do when a dialog of another domain interrupts (guide p.182)."""

    ACCEPT = "ACCEPT"
    IGNORE = "IGNORE"


class DialogLogoutAction(StrEnum):
    """What becomes of the agent's tasks when the agent signs out (guide p.182)."""

    CLOSE = "CLOSE"
    TRANSFER = "TRANSFER"


class MediaDomain(WireModel):
    """A media routing domain as the system has it.

    Attributes:
        id: what requests call the media id; the last part of the uri where there is one.
    """

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    description: str | None = None
    interruptible: bool | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """A domain without id is named by its uri."""
        name_by_uri(values)


class Media(WireModel):
    """An agent on a media routing domain; for an agent who does not serve it only what the domain is.

    Attributes:
        id: of the domain. Finesse sends it in ``id``, in ``mrdId`` or only in the uri.
        max_dialog_limit: how many tasks at a time, 1 to 10; with the two actions known only to the node on which
            the agent signed in.
        interrupt_action: ``ACCEPT`` or ``IGNORE``; means something on an interruptible domain only.
        dialog_logout_action: ``CLOSE`` or ``TRANSFER``.
        routable: whether new tasks come; False stops them without NOT_READY.
        reason_code_id: database id of the reason; -1 where there is none.
        finesse_associated: like ``channel`` and ``media_class`` from 12.6(2) on.
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
        """One table of the guide calls ``id`` the user's: the uri and ``mrdId`` cannot be mistaken."""
        known = id_from_uri(values.get("uri")) or values.get("mrd_id")
        if known is not None:
            values["id"] = known
