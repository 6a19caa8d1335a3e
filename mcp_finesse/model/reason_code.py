"""Reason codes (why an agent is not ready or signed out) and wrap-up reasons (what a call was about)."""

from __future__ import annotations

from typing import Any

from mcp_finesse.model.wire import WireModel, number_by_uri


class ReasonCode(WireModel):
    """A reason code (guide p.236).

    Attributes:
        id: the database id, which requests send as ``reasonCodeId``. The database id differs from ``code``.
        category: ``NOT_READY`` or ``LOGOUT``.
        code: the number that reports show, 1 to 65535 on UCCE and 1 to 999 on UCCX.
        label: the text that agents see, up to 40 characters.
        for_all: True for a global reason code, False for a reason code that is assigned to teams.
        system_code: True for a reason code that only the system sets.
    """

    id: int | None = None
    uri: str | None = None
    category: str | None = None
    code: int | None = None
    label: str | None = None
    for_all: bool | None = None
    system_code: bool | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Set a missing id from the uri. Objects in lists have no id."""
        number_by_uri(values)


class WrapUpReason(WireModel):
    """A wrap-up reason (guide p.244). A call contains the label of the wrap-up reason, not the id.

    Attributes:
        id: the database id, from the uri.
        label: the unique text of the wrap-up reason, up to 39 bytes.
        for_all: True for a global wrap-up reason, False for a wrap-up reason that is assigned to teams.
    """

    id: int | None = None
    uri: str | None = None
    label: str | None = None
    for_all: bool | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Set a missing id from the uri. Objects in lists have no id."""
        number_by_uri(values)
