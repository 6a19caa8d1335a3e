"""Limits of Finesse, which are used for validation before sending and are shown to clients."""

from __future__ import annotations

from dataclasses import dataclass

CALL_VARIABLE_BYTES = 40
ECC_VALUE_BYTES = 210
ECC_TOTAL_BYTES = 2000
WRAP_UP_LABEL_BYTES = 39
EXTENSION_CHARACTERS_UCCX = 15
PHONE_BOOK_CONTACTS = 6000
TASKS_AT_A_TIME = 10
PASSWORD_TRIES = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of Finesse as shown to clients.

    Attributes:
        what: the limited item.
        most: the maximum, as text with its unit.
        beyond: what happens if the limit is exceeded.
    """

    what: str
    most: str
    beyond: str


LIMITS = (
    Limit(
        "each of callVariable1 to callVariable10",
        f"{CALL_VARIABLE_BYTES} bytes of UTF-8",
        "this MCP server rejects the request",
    ),
    Limit(
        "one ECC variable (user.NAME, user.NAME[INDEX])",
        f"{ECC_VALUE_BYTES} bytes, or less as configured",
        (
            "this MCP server rejects the request; if the configured length is not known, Finesse truncates "
            "without an error"
        ),
    ),
    Limit(
        "all ECC variables of a request, including names and indexes",
        f"{ECC_TOTAL_BYTES} bytes",
        "this MCP server rejects the request",
    ),
    Limit("label of a wrap-up reason", f"{WRAP_UP_LABEL_BYTES} bytes", "this MCP server rejects the request"),
    Limit("extension to sign in with, UCCX", f"{EXTENSION_CHARACTERS_UCCX} characters", "refused"),
    Limit("contacts of a phone book", f"{PHONE_BOOK_CONTACTS}", "Finesse responds with 416"),
    Limit("concurrent tasks on one media, UCCE", f"{TASKS_AT_A_TIME}", "this MCP server rejects the request"),
    Limit(
        "wrong passwords in a row",
        f"{PASSWORD_TRIES}",
        "Finesse locks the account for 5 minutes. This MCP server ends its session after one rejected password",
    ),
    Limit("concurrent call-control actions on one device", "1", "this MCP server queues the next action"),
    Limit("concurrent actions on one call", "1", "this MCP server queues the next action"),
)
"""The limits relevant for agents and supervisors (guide p.22, 30, 91, 118, 157)."""
