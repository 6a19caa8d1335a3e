"""The row type of the code tables, and advice shared by many rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """The meaning of a code, and advice.

    Attributes:
        code: the number or ErrorType, as written by Finesse.
        constant: the symbolic name. Empty if the code has no symbolic name.
        meaning: the meaning.
        likely_cause: the usual cause.
        what_to_do: the next step for the client that sent the request.
        family: ``cti``, ``ccx``, ``media``, ``http`` or ``reason``.
        label: the label of a reason code as shown by Finesse. A slash separates alternatives. Empty for other
            codes.
        platform: ``UCCE`` or ``UCCX`` for a reason code that exists only on this platform. Otherwise empty.
        unconfirmed: the only source of this meaning, if no other source confirms the meaning. Otherwise empty.
    """

    code: str
    constant: str
    meaning: str
    likely_cause: str
    what_to_do: str
    family: str
    label: str = ""
    platform: str = ""
    unconfirmed: str = ""


Row: TypeAlias = tuple[int | str, str, str, str, str]


def table(family: str, rows: Iterable[Row]) -> tuple[CodeMeaning, ...]:
    """Build the table of a family from rows of code, constant, meaning, likely cause and advice."""
    return tuple(CodeMeaning(str(row[0]), *row[1:], family) for row in rows)


READ_AGAIN = "Read the agent and the calls again, and use an action that their current state allows."
USE_ACTIONS = "Read the call again, and use one of the actions listed for the agent's participant."
CHECK_NUMBER = "Check the number, and write the number as it is dialed on the phone."
CHECK_EXTENSION = "Check the extension: it must be the extension with which the agent is signed in."
CHECK_PHONE = "Check that the phone is registered, on hook and not used by anyone else, then try again."
WAIT_AND_READ = (
    "Wait a few seconds and read the object; repeat the request only if the change is still missing."
)
WAIT_FOR_SERVICE = (
    "Wait until the system is back in service; the administrator can see why it is out of service."
)
REQUEST_LATER = (
    "Request a state that the agent's current state allows; during a call, request the state after the call."
)
SIGN_IN_OR_CHECK = "If the agent is signed out, sign in first. Otherwise check the password."
SIGN_IN_OR_CORRECT = "If the agent is signed out, sign in first. Otherwise check the values."
NAME_THE_VALUE = (
    "Send the value that the error names; NOT_READY and LOGOUT require a reason where reasons are configured."
)
ABOUT_PRESENT_STATE = frozenset(
    {READ_AGAIN, USE_ACTIONS, REQUEST_LATER, SIGN_IN_OR_CHECK, SIGN_IN_OR_CORRECT}
)
"""Advice that only refers to the current state. Such advice is replaced by advice computed from the current state."""
ASK_ADMINISTRATOR = "Report the code to the administrator. The log of the CTI server has the details."
ASK_CONFIGURATION = "Ask the administrator to correct the configuration of the contact center."
REPORT = "Report the error with the time and the request id; repeating the request will not help."
