"""Phones that share a line, and agents who are somewhere else: what signing in can say beside the extension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOBILE_MODES = ("CALL_BY_CALL", "NAILED_CONNECTION")
MobileMode = Literal["CALL_BY_CALL", "NAILED_CONNECTION"]


@dataclass(frozen=True, slots=True)
class Device:
    """A phone on a shared line (12.6)."""

    id: str
    type: int
    type_name: str


@dataclass(frozen=True, slots=True)
class Mobile:
    """A mobile agent's sign-in: how, and the number at which the agent is called (guide p.30)."""

    mode: str
    dial_number: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """The body of a LOGIN. Empty texts are elements that were not there."""

    extension: str
    device_id: str = ""
    mobile: Mobile | None = None


SHARED_LINES = {
    "4523": (
        Device("SEP00AABBCCDD01", 30018, "Cisco 7961"),
        Device("CSFGLUND", 503, "Cisco Unified Client Services Framework"),
    )
}
"""Of the default world: extension to its phones."""
