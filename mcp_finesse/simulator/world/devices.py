"""The data that a sign-in can contain in addition to the extension: a phone on a shared line, or a mobile agent."""

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
    """The mode in which a mobile agent signs in, and the number to call (guide p.30)."""

    mode: str
    dial_number: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """The body of a LOGIN request. Empty strings stand for absent elements."""

    extension: str
    device_id: str = ""
    mobile: Mobile | None = None


SHARED_LINES = {
    "4523": (
        Device("SEP00AABBCCDD01", 30018, "Cisco 7961"),
        Device("CSFGLUND", 503, "Cisco Unified Client Services Framework"),
    )
}
"""Phones by extension in the default world."""
