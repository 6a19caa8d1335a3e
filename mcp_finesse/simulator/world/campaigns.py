"""The configured outbound campaigns, and the values that campaigns set on calls (guide p.132 to 134)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CampaignMode = Literal["PREVIEW", "DIRECT_PREVIEW", "PROGRESSIVE", "PREDICTIVE"]

SHOWN_FIRST = ("PREVIEW", "DIRECT_PREVIEW")
"""Modes in which the agent sees the record and accepts or rejects it before the customer is called."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """An outbound campaign.

    Attributes:
        dialer_port: the ``fromAddress`` of the campaign's reservations.
        preview_seconds: for how many seconds a record is shown.
        blended: whether agents of the campaign also take incoming calls. If so, BAStatus has a prefix.
    """

    name: str
    mode: CampaignMode
    agents: tuple[str, ...]
    dialer_port: str
    preview_seconds: float = 60.0
    blended: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """A record of a dialling list."""

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
"""Campaigns of the default world."""


def reservation_type(mode: CampaignMode, callback: bool, platform: str) -> str:
    """Return the ``callType`` of a reservation. CCX uses OUTBOUND_PREVIEW for Direct Preview (guide p.109)."""
    if mode == "DIRECT_PREVIEW" and platform == "UCCE":
        return "OUTBOUND_DIRECT_PREVIEW"
    return "OUTBOUND_CALLBACK_PREVIEW" if callback else "OUTBOUND_PREVIEW"


def status(campaign: Campaign, reservation: bool, platform: str) -> str:
    """Return the BAStatus of a reservation or of a customer's call. For customers' calls, CCX has a single value."""
    if platform == "UCCX" and not reservation:
        return "OUTBOUND"
    word = f"{campaign.mode}_OUTBOUND{'_RESERVATION' if reservation else ''}"
    return f"BLENDED_{word}" if campaign.blended else word


def status_after(mode: str, call_type: str, platform: str) -> str:
    """Return the BAStatus after a transfer or conference. Empty if it does not change."""
    if platform == "UCCE" or mode in SHOWN_FIRST:
        return ""
    return {"TRANSFER": "TRANSFERRED", "CONFERENCE": "CONFERENCED"}.get(call_type, "")


def variables(campaign: Campaign, customer: Customer, reservation: bool, platform: str) -> dict[str, str]:
    """Return the BA variables, which are read-only for clients (guide p.134)."""
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
