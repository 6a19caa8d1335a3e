"""The error codes of UCCX (CCX CTI guide): CCX_... and 880xx."""

from __future__ import annotations

from mcp_finesse.model.code_tables.meaning import (
    ASK_ADMINISTRATOR,
    CHECK_NUMBER,
    CHECK_PHONE,
    READ_AGAIN,
    REPORT,
    WAIT_FOR_SERVICE,
    Row,
    table,
)

_INTERNAL = "UCCX has an internal error and lost track of the call or the agent."
_GONE = "The call ended or changed while the request was on its way."

_ROWS: tuple[Row, ...] = (
    (0, "CCX_DEFAULT_ERROR_CODE", "The CTI server reported a general error.", "The cause is unknown.", READ_AGAIN),
    (88001, "", "Unified CM or its telephony interface (JTAPI) has a problem.",
     "The link to Unified CM is down, or a Unified CM user is misconfigured.", WAIT_FOR_SERVICE),
    (88002, "", "A look-up failed.", _GONE, READ_AGAIN),
    (88003, "", "No extension is assigned to the agent.", "The agent's configuration is incomplete.",
     "Ask the administrator to assign an extension for routed calls to the agent."),
    (88004, "", "The agent's device is off.", "The phone is not registered.", CHECK_PHONE),
    (88005, "", "The agent's device is busy.", "The phone is in use.", CHECK_PHONE),
    (88006, "", "There is no contact.", _GONE, READ_AGAIN),
    (88007, "", "The contact is not valid.", _GONE, READ_AGAIN),
    (88008, "", "There is no agent.", _INTERNAL, READ_AGAIN),
    (88009, "", "The agent is not valid.", "The agent is not signed in, or not known.", READ_AGAIN),
    (88010, "", "A value is not valid.", "UCCX does not accept the number or the name.", CHECK_NUMBER),
    (88011, "", "The agent's phone did not respond to the request.", "The phone is slow or "
    "disconnected.", CHECK_PHONE),
    (88012, "", "The call id is missing.", _GONE, READ_AGAIN),
    (88013, "", "There is no call.", _GONE, READ_AGAIN),
    (88014, "", "There is no connection to Unified CM.", "The telephony interface (JTAPI) is down.",
     WAIT_FOR_SERVICE),
    (88015, "", "There is no dialed number.", "The number was empty.", CHECK_NUMBER),
    (88016, "", "The device id is missing.", _INTERNAL, REPORT),
    (88017, "", "There is no connection to the phone.", _INTERNAL, ASK_ADMINISTRATOR),
    (88049, "", "The agent cannot be monitored now.", "The agent is not talking.",
     "Wait until the agent is talking, then try again."),
)  # fmt: skip

CCX = table("ccx", _ROWS)
