"""Reason codes and wrap-up reasons as configuration objects (guide p.236 to 250)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_finesse.model.admin.content import Content
from mcp_finesse.model.admin.limits import Between, Characters, OneOf, Utf8Bytes
from mcp_finesse.model.limits import WRAP_UP_LABEL_BYTES

CATEGORIES = ("NOT_READY", "LOGOUT")


class ReasonCodeContent(Content):
    """Writable fields of a reason code, which states why an agent is not ready or signed out."""

    category: Annotated[str | None, OneOf(CATEGORIES)] = Field(
        default=None, description="state that the reason explains; cannot be changed later"
    )
    code: Annotated[int | None, Between(1, 65535)] = Field(
        default=None, description="number shown in reports, unique in its category; on UCCX at most 999"
    )
    label: Annotated[str | None, Characters(40)] = Field(
        default=None, description="text shown to agents, unique in its category"
    )
    for_all: bool | None = Field(
        default=None, description="true: for every team; false: only for assigned teams"
    )


class WrapUpReasonContent(Content):
    """Writable fields of a wrap-up reason, which states what a call was about."""

    label: Annotated[str | None, Utf8Bytes(WRAP_UP_LABEL_BYTES)] = Field(
        default=None, description="text shown to agents, unique, at most 39 bytes"
    )
    for_all: bool | None = Field(
        default=None, description="true: for every team; false: only for assigned teams"
    )
