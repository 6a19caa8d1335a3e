"""Outbound campaigns as configured, and the words they put on a call (guide p.132 to 134)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CampaignMode = Literal["PREVIEW", "DIRECT_PREVIEW", "PROGRESSIVE", "PREDICTIVE"]

SHOWN_FIRST = ("PREVIEW", "DIRECT_PREVIEW")
"""Modes in which an agent sees the record, and decides, before anybody is called."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign.

    Attributes:
        dialer_port: ``fromAddress`` of its reservations.
        preview_seconds: how long a record is shown.
        blended: its agents take incoming calls too, which shows as a prefix of BAStatus.
    """

    name: str
    mode: CampaignMode
    agents: tuple[str, ...]
    dialer_port: str
    preview_seconds: float = 60.0
    blended: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """A record of a dialling list: whom to call."""

    number: str
    account: str = ""
    name: str = ""
    time_zone: str = "0"
    list_id: str = "5001"


NORTH = ("1001", "1002", "1003")
CAMPAIGNS = (
    Campaign("Renewals", "PREVIEW", NORTH, "6001"),
    Campaign("Welcome", "DIRECT_PREVIEW", NORTH, "6002"),
    Campaign("Survey", "PROGRESSIVE", ("1003", "2001"), "6003"),
    Campaign("News", "PREDICTIVE", ("1003", "2001"), "6004", blended=True),
)
"""Of the default world."""


def reservation_type(mode: CampaignMode, callback: bool, platform: str) -> str:
    """The callType of a reservation; Direct Preview of CCX is announced as OUTBOUND_PREVIEW (guide p.109)."""
    if mode == "DIRECT_PREVIEW" and platform == "UCCE":
        return "OUTBOUND_DIRECT_PREVIEW"
    return "OUTBOUND_CALLBACK_PREVIEW" if callback else "OUTBOUND_PREVIEW"


def status(campaign: Campaign, reservation: bool, platform: str) -> str:
    """BAStatus of a reservation or of the customer's call; CCX has one word for the latter."""
    if platform == "UCCX" and not reservation:
        return "OUTBOUND"
    word = f"{campaign.mode}_OUTBOUND{'_RESERVATION' if reservation else ''}"
    return f"BLENDED_{word}" if campaign.blended else word


def status_after(mode: str, call_type: str, platform: str) -> str:
    """BAStatus that a transfer or conference leaves behind, or an empty text if it stays."""
    if platform == "UCCE" or mode in SHOWN_FIRST:
        return ""
    return {"TRANSFER": "TRANSFERRED", "CONFERENCE": "CONFERENCED"}.get(call_type, "")


def variables(campaign: Campaign, customer: Customer, reservation: bool, platform: str) -> dict[str, str]:
    """The BA variables, which nobody can write (guide p.134)."""
    found = {
        "BACampaign": campaign.name,
        "BAAccountNumber": customer.account,
        "BAResponse": "",
        "BAStatus": status(campaign, reservation, platform),
        "BADialedListID": customer.list_id,
        "BATimeZone": customer.time_zone,
        "BABuddyName": customer.name,
    }
    return found | ({"BACustomerNumber": customer.number} if platform == "UCCX" else {})
